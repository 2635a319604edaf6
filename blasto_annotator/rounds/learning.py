"""The expert scorer is trained on all verdicts that stand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from blasto_annotator.curation.scoring import write_verdict_table
from blasto_annotator.store import Project
from blasto_annotator.training.scorer import new_scorer, train_scorer
from gan.contract.scorer_folder import VERDICT_FILE, ScorerInfo


def learn(
    project: Project,
    who: str = "",
    note: Callable[[str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    folder: Path | None = None,
) -> ScorerInfo:
    """Writes the table of verdicts and trains on it, in `folder` or in one whose name sorts by time.

    Raises:
        UserError: nothing was judged yet, cancelled, or the trainer ended with a sentence.
    """
    folder = folder or new_scorer(project)
    table = write_verdict_table(project, folder / VERDICT_FILE)
    if table.left_out and note is not None:
        note(f"{table.left_out} judged images are gone, changed or of other classes: they are left out.")
    return train_scorer(project, folder, who, cancelled=cancelled)
