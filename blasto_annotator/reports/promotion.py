"""What is known of a model before it is put into use: the blind comparison with the one in use."""

from __future__ import annotations

from pathlib import Path

from blasto_annotator.curation.batches import batch_models
from blasto_annotator.reports.evidence import gather
from blasto_annotator.reports.evidence_questions import comparisons
from blasto_annotator.store import Project
from blasto_annotator.training.models import current_model, read_checkpoint


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
    for pair, figure in comparisons(gather(project)).items():
        if [made_by.get(batch) for batch in pair] == models:
            return f"Rated perfect, new less old: {figure.text}, {figure.n}. {figure.reading}"
    return "Nobody has compared it blind with the model in use (Review page: compared with another batch)."
