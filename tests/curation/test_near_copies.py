"""Near copies of training frames are found in any orientation, kept out, and let pass by a person only."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blasto_annotator.curation.near_copies import (
    NearCopies,
    allowed,
    decide,
    find_near_copies,
    kept_out,
    read_near_copies,
)
from blasto_annotator.curation.selection import SnapshotOptions, preview
from blasto_annotator.curation.snapshot import build
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import Realism
from blasto_annotator.imaging.decode import decode_grey
from blasto_annotator.imaging.likeness import detail, nearest_of_each, turned_image
from blasto_annotator.store import Project
from gan.contract.batch_folder import PROVENANCE_FILE
from tests.curation.material import batch, labelled, rate


@pytest.fixture
def trained(project: Project, tmp_path: Path) -> Project:
    """A snapshot of 30 embryos, and a batch of pictures that are like none of them."""
    labelled(project, tmp_path / "s", {"good": 10, "average": 10, "poor": 10}, frames=2)
    build(project, SnapshotOptions(size=32, thin_distance=0))
    batch(project, per_class=4, first_seed=7000)
    return project


def plant(
    project: Project, image: str, turn: int, mirrored: bool, noise: float = 4.0, name: str = "b1"
) -> None:
    """Puts a training picture, turned, mirrored and a little noisy, in the place of a generated one."""
    source = next(project.snapshots.glob("*/train/**/*.png"))
    pixels = np.asarray(Image.open(source), np.float32)
    pixels = np.rot90(pixels[:, ::-1] if mirrored else pixels, turn)
    pixels = pixels + np.random.default_rng(1).normal(0, noise, pixels.shape)
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(project.batches / name / image)


def searched(project: Project) -> NearCopies:
    found = find_near_copies(project, "b1")
    assert found is not None
    return found


def test_pictures_of_their_own_are_no_copies(trained: Project) -> None:
    found = searched(trained)

    assert found.suspicious == ()
    assert (found.searched, len(found.images)) == (42, 12)
    assert read_near_copies(trained, "b1") == found


def test_an_embryo_under_two_names_does_not_switch_the_guard_off(trained: Project) -> None:
    """Its frames are the same pictures, of other bytes: they would draw the threshold to nothing."""
    before = searched(trained).threshold
    manifest = next(trained.snapshots.glob("*/manifest.csv"))
    head, *rows = manifest.read_text(encoding="utf-8").splitlines()
    place = {name: at for at, name in enumerate(head.split(","))}
    first = next(row.split(",") for row in rows if ",train," in row)
    twin = list(first)
    twin[place["file"]] = "train/twin.png"
    twin[place["embryo"]], twin[place["sha256"]] = "another name", "e" * 64
    shutil.copy(manifest.parent / first[place["file"]], manifest.parent / "train/twin.png")
    manifest.write_text("\n".join([head, *rows, ",".join(twin)]) + "\n", encoding="utf-8")
    plant(trained, read_near_copies(trained, "b1").images[0].image, turn=1, mirrored=False)  # type: ignore[union-attr]

    found = searched(trained)

    assert found.threshold > before / 2
    assert found.same == (tuple(sorted((first[place["embryo"]], "another name"))),)
    assert len(found.suspicious) == 1
    assert read_near_copies(trained, "b1") == found


def blobs(number: int, side: int = 96) -> np.ndarray:
    """A picture of soft blobs: noise would not show what a shift does."""
    coarse = np.random.default_rng(number).normal(128, 50, (9, 9)).clip(0, 255).astype(np.uint8)
    return _resized(coarse, side)


EDITS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "cropped to 95 %": lambda image: _resized(image[2:-3, 2:-3]),
    "cropped to 88 %": lambda image: _resized(image[6:-6, 6:-6]),
    "moved by 4 %": lambda image: np.roll(image, (4, -4), (0, 1)),
    "moved by 8 % and mirrored": lambda image: np.roll(image, 8, 1)[:, ::-1],
    "zoomed out": lambda image: np.pad(_resized(image, 84), 6, mode="edge"),
    "turned by 5 degrees": lambda image: np.asarray(
        Image.fromarray(image).rotate(5, Image.Resampling.BICUBIC)
    ),
    "negative": lambda image: 255 - image,
    "brighter": lambda image: np.clip(image * 0.7 + 70.0, 0, 255).astype(np.uint8),
}


def _resized(image: np.ndarray, side: int = 96) -> np.ndarray:
    return np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC))


@pytest.fixture(scope="module")
def cohort() -> np.ndarray:
    """Thirty pictures as the search sees them."""
    return np.stack([detail(blobs(number)) for number in range(30)])


@pytest.mark.parametrize("edit", EDITS)
def test_a_copy_that_was_moved_zoomed_or_toned_is_nearer_than_any_other_embryo(
    cohort: np.ndarray, edit: str
) -> None:
    names = [str(number) for number in range(len(cohort))]
    apart = [own[0].distance for own in nearest_of_each(cohort, cohort, names, 1, own=names)]
    copies = np.stack([detail(np.ascontiguousarray(EDITS[edit](blobs(number)))) for number in (3, 8, 14)])

    found = nearest_of_each(copies, cohort, names, 3)

    assert [own[0].place for own in found] == [3, 8, 14]
    assert max(own[0].distance for own in found) < min(apart)


def test_a_batch_that_nobody_searched_is_searched_before_it_may_train(trained: Project) -> None:
    items = batch(trained, "b2", per_class=1, first_seed=9000)
    plant(trained, items[0].image, 1, True, name="b2")
    copied = hashlib.sha256((trained.batches / "b2" / items[0].image).read_bytes()).hexdigest()
    listed = trained.batches / "b2" / PROVENANCE_FILE
    listed.write_text(listed.read_text().replace(items[0].sha256, copied))
    rate(trained, replace(items[0], sha256=copied), Realism.PERFECT, name="b2")
    rate(trained, items[1], Realism.PERFECT, name="b2")
    assert read_near_copies(trained, "b2") is None

    seen = preview(trained, SnapshotOptions(size=32, thin_distance=0, include_generated=True))

    assert seen.left_out["near copy of a real frame, which nobody has let pass"] == 1
    assert sum(seen.generated.values()) == 1
    assert read_near_copies(trained, "b2") is not None


def test_what_cannot_be_searched_does_not_train(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 1, "average": 1, "poor": 1}, frames=4)
    made = build(project, SnapshotOptions(size=32, thin_distance=0))
    manifest = next(project.snapshots.glob("*/manifest.csv"))
    lines = manifest.read_text().splitlines()
    one = [line for line in lines[1:] if ",train," in line][:1]  # as if a single embryo had been trained on
    manifest.write_text("\n".join([lines[0], *one]) + "\n")
    (item, *_) = batch(project, "b2", per_class=1)
    rate(project, item, Realism.PERFECT, name="b2")

    seen = preview(project, SnapshotOptions(size=32, thin_distance=0, include_generated=True))

    assert made
    assert seen.left_out["generated image that could not be searched for near copies"] == 1


@pytest.mark.parametrize(("turn", "mirrored"), [(0, False), (1, False), (2, True), (3, True)])
def test_a_turned_and_mirrored_copy_is_found(trained: Project, turn: int, mirrored: bool) -> None:
    plant(trained, "images/00003.png", turn, mirrored)

    (copy,) = searched(trained).suspicious

    assert copy.image == "images/00003.png"
    assert (trained.folder / copy.real).exists()
    assert copy.embryo
    real = turned_image(decode_grey(trained.folder / copy.real), copy.view).astype(float)
    made = decode_grey(trained.batches / "b1" / copy.image).astype(float)
    assert np.abs(real - made).mean() < 8  # turned as it matches


def test_every_image_is_kept_with_the_nearest_frames_of_three_embryos(trained: Project) -> None:
    found = searched(trained)

    for image in found.images:
        near = image.neighbours
        assert len({one.embryo for one in near}) == 3
        assert [one.distance for one in near] == sorted(one.distance for one in near)
        made = detail(decode_grey(trained.batches / "b1" / image.image))
        for one in near:
            real = detail(decode_grey(trained.folder / one.real))
            (again,) = nearest_of_each(made[None], real[None], ["it"], 1)
            assert one.distance == pytest.approx(again[0].distance, abs=1e-5)


def test_what_an_earlier_version_found_is_still_read(trained: Project) -> None:
    found = searched(trained)
    path = trained.batches / "b1" / "near_copies.json"
    said = json.loads(path.read_text())
    for row in said["images"]:
        del row["view"], row["further"]
    path.write_text(json.dumps(said))

    old = read_near_copies(trained, "b1")

    assert old is not None
    assert [one.distance for one in old.images] == [one.distance for one in found.images]
    assert all(len(one.neighbours) == 1 for one in old.images)


def test_a_copy_trains_only_after_a_person_let_it_pass(trained: Project, tmp_path: Path) -> None:
    item = batch(trained, "b2", per_class=1, first_seed=9000)[0]
    rate(trained, item, Realism.PERFECT, name="b2")
    options = SnapshotOptions(size=32, thin_distance=0, include_generated=True)
    before = preview(trained, options).groups
    mark(trained, item.sha256, item.image)

    assert kept_out(trained) == {item.sha256}
    refused = preview(trained, options)
    assert refused.left_out["near copy of a real frame, which nobody has let pass"] == 1

    result = read_near_copies(trained, "b2")
    assert result is not None
    decide(trained, result.suspicious, let_pass=True, who="Ana", why="another embryo")

    assert kept_out(trained) == frozenset()
    assert allowed(trained) == {item.sha256}
    assert preview(trained, options).groups == before
    told = trained.audit.rows()[-1]
    assert (told.who, told.action, told.why) == ("Ana", "near_copy.allow", "another embryo")
    decide(trained, result.suspicious, let_pass=False, who="Ana")
    assert kept_out(trained) == {item.sha256}


def test_without_training_frames_there_is_nothing_to_compare_with(project: Project) -> None:
    batch(project)

    assert find_near_copies(project, "b1") is None
    assert read_near_copies(project, "b1") is None


def test_a_damaged_result_is_said(trained: Project) -> None:
    (trained.batches / "b1" / "near_copies.json").write_text("{")

    with pytest.raises(UserError, match="search the batch for near copies again"):
        read_near_copies(trained, "b1")


def mark(project: Project, sha256: str, image: str) -> None:
    """A search's result in which one image is marked."""
    found = find_near_copies(project, "b2")
    assert found is not None
    path = project.batches / "b2" / "near_copies.json"
    one = f'"image": "{image}"'
    text = path.read_text()
    start = text.index(one)
    place = text.index('"near_copy": false', start)
    path.write_text(text[:place] + '"near_copy": true' + text[place + len('"near_copy": false') :])
    assert sha256 in path.read_text()
