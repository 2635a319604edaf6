"""Near copies of training frames are found in any orientation, kept out, and let pass by a person only."""

from __future__ import annotations

import json
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
from blasto_annotator.imaging.likeness import turned, turned_image, vector
from blasto_annotator.store import Project
from tests.curation.material import batch, labelled, rate


@pytest.fixture
def trained(project: Project, tmp_path: Path) -> Project:
    """A snapshot of 30 embryos, and a batch of pictures that are like none of them."""
    labelled(project, tmp_path / "s", {"good": 10, "average": 10, "poor": 10}, frames=2)
    build(project, SnapshotOptions(size=32, thin_distance=0))
    batch(project, per_class=4, first_seed=7000)
    return project


def plant(project: Project, image: str, turn: int, mirrored: bool, noise: float = 4.0) -> None:
    """Puts a training picture, turned, mirrored and a little noisy, in the place of a generated one."""
    source = next(project.snapshots.glob("*/train/**/*.png"))
    pixels = np.asarray(Image.open(source), np.float32)
    pixels = np.rot90(pixels[:, ::-1] if mirrored else pixels, turn)
    pixels = pixels + np.random.default_rng(1).normal(0, noise, pixels.shape)
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(project.batches / "b1" / image)


def searched(project: Project) -> NearCopies:
    found = find_near_copies(project, "b1")
    assert found is not None
    return found


def test_pictures_of_their_own_are_no_copies(trained: Project) -> None:
    found = searched(trained)

    assert found.suspicious == ()
    assert (found.searched, len(found.images)) == (42, 12)
    assert read_near_copies(trained, "b1") == found


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
    frames = {path: vector(decode_grey(path)) for path in trained.snapshots.glob("*/train/**/*.png")}

    for image in found.images:
        near = image.neighbours
        assert len({one.embryo for one in near}) == 3
        assert [one.distance for one in near] == sorted(one.distance for one in near)
        made = vector(decode_grey(trained.batches / "b1" / image.image))
        own = {path: 1 - float((turned(vec[None])[:, 0] @ made).max()) for path, vec in frames.items()}
        for one in near:
            assert one.distance == pytest.approx(own[trained.folder / one.real], abs=1e-5)
        assert near[0].distance == pytest.approx(min(own.values()), abs=1e-5)


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
