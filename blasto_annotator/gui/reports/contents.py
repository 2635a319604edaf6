"""Which reports a project has: reviews (everything, a batch, a reviewer) and models. Without Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from blasto_annotator.store import Project
from blasto_annotator.training.models import current_model
from blasto_annotator.training.record import newest_checkpoint
from blasto_annotator.training.runs import list_runs


@dataclass(frozen=True)
class ReportEntry:
    """A selection of verdicts that a report is made of."""

    title: str
    verdicts: int
    batch: str | None = None
    reviewer: str | None = None
    model: Path | None = None
    """A checkpoint: the report is its card."""

    @property
    def file_stem(self) -> str:
        """A name for the exported file."""
        if self.model is not None:
            return f"model-{self.model.parent.parent.name}"
        return "-".join(filter(None, ["review", self.batch, self.reviewer])).replace(" ", "_")

    @property
    def details(self) -> str:
        """The second line of the list."""
        if self.model is None:
            return f"{self.verdicts} verdicts"
        return f"{float(self.model.name.removeprefix('kimg-')):g} kimg"


def list_models(project: Project) -> list[ReportEntry]:
    """The newest checkpoint of every run, and every one that was in use; the one in use first."""
    current = current_model(project)
    newest = [newest_checkpoint(row.folder) for row in list_runs(project)]
    promoted = [project.folder / promotion.checkpoint for promotion in project.models.history()]
    found: dict[Path, str] = {}
    for path in (current, *newest, *promoted):
        if path is not None and path.is_dir():
            used = current is not None and path.resolve() == current.resolve()
            title = f"Model {path.parent.parent.name}"
            found.setdefault(path.resolve(), f"{title}, in use" if used else title)
    return [ReportEntry(title, 0, model=path) for path, title in found.items()]


def list_reports(project: Project) -> list[ReportEntry]:
    """The whole first, then each batch, newest first, then each reviewer; empty where nothing was judged."""
    reviews = [*project.reviews.current(), *project.reviews.answers()]
    if not reviews:
        return []
    batches = sorted({review.batch for review in reviews}, reverse=True)
    reviewers = sorted({review.reviewer for review in reviews})
    found = [ReportEntry("All reviews", len(reviews))]
    for name in batches:
        found.append(ReportEntry(f"Batch {name}", sum(1 for r in reviews if r.batch == name), batch=name))
    for name in reviewers if len(reviewers) > 1 else []:
        count = sum(1 for review in reviews if review.reviewer == name)
        found.append(ReportEntry(f"Reviewer {name}", count, reviewer=name))
    return found
