"""What is known of a model before it is put into use: the blind comparison with the one in use."""

from __future__ import annotations

from pathlib import Path

from blasto_annotator.curation.batches import batch_models
from blasto_annotator.reports.evidence import gather
from blasto_annotator.reports.evidence_release import comparison
from blasto_annotator.store import Project
from blasto_annotator.training.models import current_model, read_checkpoint


def promote(project: Project, checkpoint: Path, who: str, why: str) -> str:
    """Puts a model into use; the audit trail keeps why, and how it compared with the one before.

    Returns how it compared.

    Raises:
        UserError: it is no checkpoint, or nothing could be saved.
    """
    known = promotion_words(project, checkpoint)
    project.models.promote(checkpoint, who, f"{why}. {known}" if why else known)
    return known


def promotion_words(project: Project, checkpoint: Path) -> str:
    """The difference with its interval, or that nobody has compared the two.

    Raises:
        UserError: it is no checkpoint.
    """
    current = current_model(project)
    if current is None:
        return "No model was in use to compare it with."
    if current.resolve() == checkpoint.resolve():
        return "It is in use already."
    models = [str(read_checkpoint(path)["networks_sha256"]) for path in (current, checkpoint)]
    made_by = batch_models(project)
    material = gather(project)
    for pair in sorted(material.contests, reverse=True):
        for old, new in (pair, pair[::-1]):
            figure = comparison(material, old, new)
            if figure is not None and [made_by.get(old), made_by.get(new)] == models:
                gap = f"{figure.text}, {figure.n}. {figure.reading}"
                return f"Rated perfect, this model less the one in use: {gap}"
    return "Nobody has compared it blind with the model in use (Review page: compared with another batch)."
