"""What is known of a model before it is put into use: the blind comparison with the one in use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from blasto_annotator.curation.batches import batch_models
from blasto_annotator.curation.blinding import open_sessions
from blasto_annotator.domain.errors import UserError
from blasto_annotator.reports.evidence import Figure, contests, gather
from blasto_annotator.reports.evidence_release import comparison
from blasto_annotator.store import Project
from blasto_annotator.training.models import current_model, find_checkpoint, newest_trial, read_checkpoint


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
    found = _compared(project, current, checkpoint)
    if found is None:
        return (
            "Nobody has compared it blind with the model in use (Review page: compared with another batch)."
        )
    said = found.figure
    return f"Rated perfect, this model less the one in use: {said.text}, {said.n}. {said.reading}"


def newest_choice(project: Project) -> Path:
    """The newest run's model; of a trial of the reward the side that readers prefer.

    Raises:
        UserError: there is no run, or its trial is not decided.
    """
    trial = newest_trial(project)
    if trial is None:
        return find_checkpoint(project, "latest")
    control, rewarded = (
        find_checkpoint(project, str(row.folder.path)) for row in (trial.control, trial.rewarded)
    )
    found = _compared(project, control, rewarded)
    if found is not None and found.decided:
        return rewarded if found.figure.value.low > 0 else control
    said = "nobody has judged both to the end yet" if found is None else found.figure.reading.rstrip(".")
    raise UserError(
        f"The newest training was a trial of the reward, and which side is better is not known ({said}): "
        f"name the one that you choose, {trial.rewarded.name} (with the reward) or {trial.control.name} "
        "(without)."
    )


@dataclass(frozen=True)
class _Compared:
    """A blind comparison of two models."""

    figure: Figure
    """The newer less the older."""
    alike: bool
    """Whether their batches were made alike, so that the figure is one of the models."""

    @property
    def decided(self) -> bool:
        """Whether it says which is better."""
        return self.alike and (self.figure.value.low > 0 or self.figure.value.high < 0)


def _compared(project: Project, old: Path, new: Path) -> _Compared | None:
    """The newest blind comparison of two models that its readers have finished: `new` less `old`."""
    models = [str(read_checkpoint(path)["networks_sha256"]) for path in (old, new)]
    made_by = batch_models(project)
    waiting = {one.id for one in open_sessions(project)}
    finished = [session for session in project.reviews.sessions() if session.id not in waiting]
    material = replace(gather(project), contests=contests(project, finished))
    for pair in sorted(material.contests, reverse=True):
        for older, newer in (pair, pair[::-1]):
            figure = comparison(material, older, newer)
            if figure is not None and [made_by.get(older), made_by.get(newer)] == models:
                return _Compared(figure, pair not in material.unlike)
    return None
