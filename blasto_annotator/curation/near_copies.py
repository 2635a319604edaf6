"""Near copies: a generated image too like a real one is a privacy leak. Found, marked, and kept out.

Every generated image is compared with every real image that ever stood in a training split here, in eight
orientations, moved and zoomed a little. It is a near copy when it comes closer than frames of different
embryos come to one another (all but the closest hundredth of them): those are no copies, so a greater
closeness is suspicious.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

from blasto_annotator.curation.batches import BatchImage, batch_images, batch_info
from blasto_annotator.curation.items import REAL
from blasto_annotator.domain.errors import UserError
from blasto_annotator.imaging.decode import decode_grey
from blasto_annotator.imaging.likeness import Details, Match, detail, nearest_of_each
from blasto_annotator.store import Project
from gan.contract.jsonfile import read_json, write_json
from gan.contract.snapshot_folder import SPLITS

FILE = "near_copies.json"
ALLOWED = "near_copies.allowed"
"""Project setting: SHA-256 of the images that a person looked at and let pass, as JSON."""
QUANTILE = 0.01
METHOD = 3
SAME = 0.02
"""Frames of two embryos that come nearer than this are taken for one picture."""
_ONE_SIGMA = NormalDist().cdf(1)
LEAST_EMBRYOS = 2
COMPARED = 300
"""Training frames, spread over all, that say how near frames of different embryos come; or a few more."""
NEIGHBOURS = 3
"""Embryos of which the nearest frame is kept for each generated image."""


@dataclass(frozen=True)
class Neighbour:
    """A real image that a generated one is like."""

    real: str
    """Its file, relative to the project's folder."""
    embryo: str
    distance: float
    view: int = 0
    """How it is turned where it is most alike: see `imaging.likeness.turned_image`."""


@dataclass(frozen=True)
class Nearest:
    """A generated image and the real ones that it is most like."""

    image: str
    """Relative to the batch."""
    sha256: str
    real: str
    """The real image's file, relative to the project's folder."""
    embryo: str
    distance: float
    near_copy: bool
    view: int = 0
    further: tuple[Neighbour, ...] = ()
    """The nearest frame of each of the next nearest embryos."""

    @property
    def neighbours(self) -> tuple[Neighbour, ...]:
        """All that is known to be near, nearest first, each of another embryo."""
        return (Neighbour(self.real, self.embryo, self.distance, self.view), *self.further)


@dataclass(frozen=True)
class NearCopies:
    """What the search in one batch found."""

    batch: str
    threshold: float
    """Below it an image is a near copy."""
    searched: int
    """Real images that were compared."""
    images: tuple[Nearest, ...]
    """Nearest first."""
    method: int = 1
    """How was searched; earlier versions missed copies that are moved or zoomed, or trusted every name."""
    same: tuple[tuple[str, str], ...] = ()
    """Embryos whose training frames are the same picture: perhaps one embryo under two names."""

    @property
    def suspicious(self) -> tuple[Nearest, ...]:
        return tuple(image for image in self.images if image.near_copy)


def find_near_copies(project: Project, batch: str) -> NearCopies | None:
    """Searches a batch and keeps what was found beside it; None without real images of two embryos.

    Raises:
        UserError: no such batch, or an image that cannot be read.
    """
    trained = list(_trained(project))
    embryos = [embryo for _, embryo in trained]
    if len(set(embryos)) < LEAST_EMBRYOS:
        return None
    real = np.stack([detail(decode_grey(path)) for path, _ in trained])
    threshold, same = _between_embryos(real, embryos)
    folder = project.batches / batch
    images = batch_images(project, batch)
    generated = np.stack([detail(decode_grey(folder / image.image)) for image in images])
    matches = nearest_of_each(generated, real, embryos, NEIGHBOURS)
    found = [
        _nearest(image, [_neighbour(project, trained, match) for match in own], threshold)
        for image, own in zip(images, matches, strict=True)
    ]
    found.sort(key=lambda one: one.distance)
    result = NearCopies(batch, round(threshold, 6), len(trained), tuple(found), METHOD, same)
    write_json(folder / FILE, {"v": 1, **asdict(result)})
    return result


def read_near_copies(project: Project, batch: str) -> NearCopies | None:
    """What an earlier search found; None where there was none.

    Raises:
        UserError: no such batch, or its file is damaged.
    """
    batch_info(project, batch)
    path = project.batches / batch / FILE
    if not path.exists():
        return None
    try:
        said = read_json(path)
        images = tuple(_read(row) for row in said["images"])
        method = int(said.get("method", 1))
        same = tuple((str(first), str(second)) for first, second in said.get("same", ()))
        found = (said["batch"], float(said["threshold"]), int(said["searched"]), images, method, same)
        return NearCopies(*found)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} is damaged ({error}): search the batch for near copies again.") from error


def ensure_searched(project: Project, batches: Iterable[str]) -> frozenset[str]:
    """Searches those of these batches that nobody searched yet, or only an earlier version did.

    Returns the batches of which nobody can say whether they hold copies: they cannot be read, or there are
    training frames of a single embryo only. Where nothing was trained on, nothing was copied.
    """
    unknown = set()
    for batch in batches:
        try:
            known = read_near_copies(project, batch)
            if known is None or known.method < METHOD:
                known = find_near_copies(project, batch)
        except UserError:  # its images stay out, and the reason says so
            known = None
        if known is None and next(_trained(project), None) is not None:
            unknown.add(batch)
    return frozenset(unknown)


def kept_out(project: Project) -> frozenset[str]:
    """SHA-256 of every near copy that no person has let pass: it must not train and not leave the house."""
    found = {
        image.sha256
        for folder in project.batches.glob("*/batch.json")
        if (result := read_near_copies(project, folder.parent.name)) is not None
        for image in result.suspicious
    }
    return frozenset(found - allowed(project))


def allowed(project: Project) -> frozenset[str]:
    """SHA-256 of the images that a person let pass."""
    return frozenset(json.loads(project.setting(ALLOWED, "[]")))


def decide(project: Project, images: Sequence[Nearest], let_pass: bool, who: str, why: str = "") -> None:
    """A person decides on marked images; the audit trail keeps who, and beside which real image."""
    known = set(allowed(project))
    for image in images:
        (known.add if let_pass else known.discard)(image.sha256)
        action = "near_copy.allow" if let_pass else "near_copy.refuse"
        said = {"sha256": image.sha256, "real": image.real, "distance": image.distance}
        project.audit.append(who, action, f"image:{image.image}", None, said, why)
    project.set_setting(ALLOWED, json.dumps(sorted(known)))


def _between_embryos(real: Details, embryos: Sequence[str]) -> tuple[float, tuple[tuple[str, str], ...]]:
    """The threshold, and the embryos that show the same picture: perhaps one under two names.

    The threshold is the closeness that one in a hundred frames reaches towards a frame of another embryo. As
    an embryo under two names would draw that to nothing, it is at least where the hundredth would lie by the
    median and the upper half alone (of a log-normal distribution), which such frames hardly move.
    """
    step = max(1, len(real) // COMPARED)
    chosen, whose = real[::step], list(embryos)[::step]
    nearest = [own[0] for own in nearest_of_each(chosen, real, embryos, 1, own=whose)]
    distances = np.array([match.distance for match in nearest])
    logs = np.log(np.maximum(distances, 1e-6))
    median, upper = np.quantile(logs, [0.5, _ONE_SIGMA])
    floor = float(np.exp(median + NormalDist().inv_cdf(QUANTILE) * (upper - median)))
    same = {
        (min(name, embryos[match.place]), max(name, embryos[match.place]))
        for name, match in zip(whose, nearest, strict=True)
        if match.distance < SAME
    }
    return max(float(np.quantile(distances, QUANTILE)), floor), tuple(sorted(same))


def _nearest(image: BatchImage, neighbours: Sequence[Neighbour], threshold: float) -> Nearest:
    first, *further = neighbours
    return Nearest(
        image.image, image.sha256, first.real, first.embryo, first.distance,
        near_copy=first.distance < threshold, view=first.view, further=tuple(further),
    )  # fmt: skip


def _neighbour(project: Project, trained: Sequence[tuple[Path, str]], match: Match) -> Neighbour:
    path, embryo = trained[match.place]
    real = path.relative_to(project.folder).as_posix()
    return Neighbour(real, embryo, round(match.distance, 6), match.view)


def _read(row: Mapping[str, Any]) -> Nearest:
    """A search of an earlier version kept one neighbour."""
    known = {name: row[name] for name in Nearest.__dataclass_fields__ if name in row and name != "further"}
    return Nearest(**known, further=tuple(Neighbour(**one) for one in row.get("further", ())))


def _trained(project: Project) -> Iterator[tuple[Path, str]]:
    """Real images of any training split of this project, each content once, with their embryo."""
    known: set[str] = set()
    for manifest in sorted(project.snapshots.glob("*/manifest.csv")):
        with manifest.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                fresh = row["origin"] == REAL and row["split"] == SPLITS[0] and row["sha256"] not in known
                if fresh:
                    known.add(row["sha256"])
                    yield manifest.parent / row["file"], row["embryo"]
