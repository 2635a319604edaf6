"""Which reports a project has: one of everything, one a batch, one a reviewer. Without Qt."""

from __future__ import annotations

from dataclasses import dataclass

from blasto_annotator.store import Project


@dataclass(frozen=True)
class ReportEntry:
    """A selection of verdicts that a report is made of."""

    title: str
    verdicts: int
    batch: str | None = None
    reviewer: str | None = None

    @property
    def file_stem(self) -> str:
        """A name for the exported file."""
        return "-".join(filter(None, ["review", self.batch, self.reviewer])).replace(" ", "_")


def list_reports(project: Project) -> list[ReportEntry]:
    """The whole first, then each batch, newest first, then each reviewer; empty where nothing was rated."""
    reviews = project.reviews.current()
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
