"""Every generated image of a report beside the real frames that it is most like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from blasto_annotator.curation.batches import batch_images
from blasto_annotator.curation.near_copies import Nearest, allowed, read_near_copies
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import Review
from blasto_annotator.domain.statistics import wilson
from blasto_annotator.reports.evidence import WILSON, Evidence, share_figure
from blasto_annotator.store import Project

TITLE = "Near copies of training frames"
HOUSE = (
    "The pictures beside the generated ones are real training frames: keep this page inside the laboratory."
)

_READING = (
    "Nearer to a training frame than all but 1 % of frames come to a frame of another embryo: kept out of "
    "training and export until a person decides."
)


@dataclass(frozen=True)
class Beside:
    """A generated image and its neighbours."""

    batch: str
    class_name: str
    found: Nearest
    threshold: float
    """Below it an image is a near copy."""
    searched: int
    """Training frames that were compared."""
    let_pass: bool
    """Whether a person decided that it is no copy."""
    verdicts: tuple[str, ...] = ()
    """What readers said of it, such as `Ana: perfect`."""

    @property
    def generated(self) -> str:
        """Its file, relative to the project's folder."""
        return f"batches/{self.batch}/{self.found.image}"

    @property
    def fate(self) -> str:
        """In words."""
        if not self.found.near_copy:
            return "no near copy"
        return "near copy, let pass by a person" if self.let_pass else "near copy, kept out"


def beside(project: Project, batches: Iterable[str], reviews: Sequence[Review] = ()) -> tuple[Beside, ...]:
    """Images of these batches, nearest first; those of a batch that is gone or was not searched are missing.

    Raises:
        UserError: what a search found is damaged.
    """
    passed = allowed(project)
    said: dict[tuple[str, str], list[str]] = {}
    for review in reviews:
        said.setdefault((review.batch, review.sha256), []).append(_verdict(review))
    rows = []
    for batch in batches:
        classes = _classes(project, batch)
        found = read_near_copies(project, batch) if classes else None
        if found is None:
            continue
        for image in found.images:
            of_image = tuple(sorted(said.get((batch, image.sha256), ())))
            rows.append(
                Beside(
                    batch, classes.get(image.sha256, ""), image, found.threshold, found.searched,
                    image.sha256 in passed, of_image,
                )
            )  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (row.found.distance / max(row.threshold, 1e-9), row.generated)))


def near_evidence(rows: Sequence[Beside]) -> Evidence | None:
    """How many images are near copies; None where no batch was searched."""
    if not rows:
        return None
    marked = [row for row in rows if row.found.near_copy]
    passed = sum(row.let_pass for row in marked)
    figure = share_figure(
        "Near copies",
        wilson(len(marked), len(rows)),
        f"{len(rows)} generated images",
        _READING,
        WILSON,
        told=True,
    )
    searched = max(row.searched for row in rows)
    note = f"Compared with {searched} training frames in eight orientations, moved and zoomed a little."
    if passed:
        note += f" A person looked at {passed} of those marked and let them pass."
    note += " A mark is a reason to look, no proof: of images that copy nothing a few are marked, too."
    return Evidence(TITLE, (figure,), notes=(note,))


def _classes(project: Project, batch: str) -> dict[str, str]:
    try:
        return {image.sha256: image.class_name for image in batch_images(project, batch)}
    except UserError:  # the report says elsewhere that the folder is gone
        return {}


def _verdict(review: Review) -> str:
    verdict = review.verdict
    words = [verdict.realism.value.replace("_", " ")] if verdict and verdict.realism else []
    words += ["wrong class"] if verdict and verdict.wrong_class else []
    return f"{review.reviewer}: {', '.join(words)}"
