"""What leaves with a snapshot's pictures, and what does not: burned-in text, EXIF, names."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from blasto_annotator.curation.options import SnapshotOptions
from blasto_annotator.curation.reviewing import image_of
from blasto_annotator.curation.snapshot import build
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.reviews import ItemKind, ReviewItem, ReviewSession
from blasto_annotator.imaging.burned_in import Box, Masks
from blasto_annotator.imaging.decode import decode_grey
from blasto_annotator.importers.burned_in import confirm, look, masks_for, parse_boxes
from blasto_annotator.importers.run import import_source
from blasto_annotator.store import Project
from tests.curation.material import GRADES, batch

SMALL = SnapshotOptions(size=64, thin_distance=0)
SIDE = 160


def burned(path: Path, seed: int) -> Path:
    """A smooth picture of its own with the same kind of text on each."""
    rng = np.random.default_rng(seed)
    image = cv2.resize(rng.integers(40, 140, (9, 9), np.uint8), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    cv2.putText(image, f"Well {seed % 9 + 1}", (4, 152), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 1, cv2.LINE_AA)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)
    return path


@pytest.fixture
def source(project: Project, tmp_path: Path) -> Path:
    root = tmp_path / "Anna Ivanova 1988"
    for seed in range(24):
        burned(root / f"e{seed:02d}" / "1.png", seed)
    import_source(project, root)
    names = list(GRADES)
    for place, row in enumerate(project.frames.embryos()):
        (frame,) = project.frames.of_embryo(row.id)
        sha256 = project.frames.ensure_hash(frame.id)
        project.labels.record(frame.id, sha256, "anna", LabelEntry(GRADES[names[place % 3]]))
    return root


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_confirmed_text_is_masked_out_of_snapshots_and_the_manifest_says_so(
    project: Project, source: Path
) -> None:
    (found,) = project.frames.sources()
    plain = build(project, SMALL)
    assert {row["prepared"] for row in rows(plain.path)} == {""}
    looked = look(project, found)
    assert looked[0].sentence == "1 area of burned-in text or bars in 24 frames of 24 embryos, 160 × 160 px"
    confirm(project, found, masks_for(looked, "inpaint"), "Ana")
    masked = build(project, SMALL)
    assert masked.id != plain.id
    (box,) = looked[0].boxes
    assert {row["prepared"] for row in rows(masked.path)} == {
        f"inpainted {box.x},{box.y},{box.width},{box.height}"
    }
    for row in rows(masked.path):
        assert (
            decode_grey(masked.path / row["file"]).max() < 200
        )  # the text was 255, the picture is under 140
    assert project.audit.rows()[-2].action == "source.options"
    assert project.audit.verify() is None


def test_cropping_is_another_way_and_a_second_import_keeps_the_choice(project: Project, source: Path) -> None:
    (found,) = project.frames.sources()
    confirm(project, found, Masks("crop", {(SIDE, SIDE): (Box(0, 136, 80, 24),)}))
    import_source(project, source)
    info = build(project, SMALL)
    assert {row["prepared"] for row in rows(info.path)} == {"cropped 0,136,80,24"}
    assert all(decode_grey(info.path / row["file"]).max() < 200 for row in rows(info.path))


def test_a_real_frame_in_a_review_does_not_tell_itself_by_its_text(project: Project, source: Path) -> None:
    (found,) = project.frames.sources()
    confirm(project, found, masks_for(look(project, found), "inpaint"))
    batch(project, size=64)
    frame = project.frames.of_embryo(project.frames.embryos()[0].id)[0]
    sha256 = project.frames.ensure_hash(frame.id)
    item = ReviewItem(0, ItemKind.REAL, sha256, "good", frame.path, frame.id)
    session = ReviewSession(1, "b1", "rita", 1, 0.5, datetime.now(UTC), (item,))
    assert image_of(project, session, item).max() < 200


@pytest.mark.parametrize(
    ("masks", "sentence"),
    [
        (Masks("blur", {}), "There is no way “blur”; use inpaint, crop, leave"),
        (Masks("crop", {(100, 100): (Box(90, 0, 20, 5),)}), "does not lie in a picture of 100 × 100 pixels"),
    ],
)
def test_areas_that_mean_nothing_are_refused(
    project: Project, source: Path, masks: Masks, sentence: str
) -> None:
    (found,) = project.frames.sources()
    with pytest.raises(UserError, match=sentence):
        confirm(project, found, masks)


def test_areas_are_written_as_four_numbers() -> None:
    assert parse_boxes("0,470,120,30; 400,470,100,30") == (Box(0, 470, 120, 30), Box(400, 470, 100, 30))
    with pytest.raises(UserError, match="“0,470,120” is no area; write x,y,width,height"):
        parse_boxes("0,470,120")


def test_too_few_frames_are_said_and_not_guessed(project: Project, tmp_path: Path) -> None:
    for seed in range(5):
        burned(tmp_path / "few" / f"e{seed}" / "1.png", seed)
    import_source(project, tmp_path / "few")
    (looked,) = look(project, project.frames.sources()[0])
    assert (looked.enough, looked.boxes) == (False, ())
    assert looked.sentence.startswith("5 readable frames of 160 × 160 px: 20 are needed to tell")


def test_pictures_leave_without_exif_text_or_names(project: Project, tmp_path: Path) -> None:
    """Makers write patient, device and time into the file; a snapshot's picture has pixels alone."""
    root = tmp_path / "s"
    root.mkdir()
    secrets = (b"EmbryoMaker 9", b"Ivanova", b"2026:03:01")
    for seed in range(12):
        image = Image.fromarray(np.random.default_rng(seed).integers(0, 256, (64, 64), np.uint8))
        if seed % 2:
            exif = Image.Exif()
            exif[0x010F], exif[0x013B], exif[0x0132] = "EmbryoMaker 9", "Ivanova", "2026:03:01 10:00:00"
            image.save(root / f"Ivanova{seed}_1.jpg", exif=exif, comment=b"Ivanova")
        else:
            text = PngInfo()
            text.add_text("Patient", "Ivanova")
            image.save(root / f"Ivanova{seed}_1.png", pnginfo=text, dpi=(300, 300))
    import_source(project, root)
    for row in project.frames.embryos():
        (frame,) = project.frames.of_embryo(row.id)
        sha256 = project.frames.ensure_hash(frame.id)
        project.labels.record(frame.id, sha256, "anna", LabelEntry(GRADES["good"]))
    info = build(project, SMALL)
    pictures = list(info.path.rglob("*.png"))
    assert len(pictures) == 12
    for path in pictures:
        assert not any(secret in path.read_bytes() for secret in secrets)
        assert "Ivanova" not in path.name
        with Image.open(path) as picture:
            assert (picture.info, len(picture.getexif())) == ({}, 0)
    assert "Ivanova" not in json.dumps(json.loads((info.path / "dataset.json").read_text()))
