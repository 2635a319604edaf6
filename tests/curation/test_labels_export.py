"""Signed exports of labels: every form as its readers expect, no names under codes, every change found."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blasto_annotator.curation.labels_export import ExportOptions, ExportReport, export_labels
from blasto_annotator.curation.signing import KEY, verify
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.store import Project

SECRETS = ("Schmidt", "Anna Grader", "Ben Grader", "Familie", "Notiz", "GPS maker")


@pytest.fixture
def graded(project: Project, tmp_path: Path) -> Project:
    """Four images with EXIF; three graded by two people, who differ on one; the fourth not gradable."""
    rng, folder = np.random.default_rng(3), tmp_path / "Schmidt"
    folder.mkdir()
    exif = Image.Exif()
    exif[0x010F] = "GPS maker"
    frames = []
    for number in range(4):
        pixels = rng.integers(0, 255, (32, 40), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"Schmidt_{number}.jpg", exif=exif, quality=95)
        name = f"Schmidt_{number}.jpg"
        frames.append(ImportedFrame(name, f"Schmidt {number}", "Familie", 0, 1, 110.5, width=40, height=32))
    source = project.frames.add_source(folder, "folder")
    project.frames.add(source, frames)
    said = {"Anna Grader": ("4AB", "3BB", "2CC", None), "Ben Grader": ("4AA", "3BB", "4AA", None)}
    for grader, grades in said.items():
        for number, grade in enumerate(grades, 1):
            entry = LabelEntry(parse_grade(grade), note="Notiz") if grade else LabelEntry(None, "empty well")
            project.labels.record(number, project.frames.ensure_hash(number), grader, entry)
    return project


@pytest.fixture
def export(graded: Project, tmp_path: Path) -> Callable[..., ExportReport]:
    """Exports into a folder called by the format."""

    def run(form: str, *, name: str = "", **options: object) -> ExportReport:
        chosen = ExportOptions(form, **options)  # type: ignore[arg-type]
        return export_labels(graded, tmp_path / (name or form), chosen, "chief")

    return run


def everything(folder: Path) -> bytes:
    names = " ".join(path.name for path in folder.rglob("*")).encode()
    return names + b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_table_has_a_line_a_label(export: Callable[..., ExportReport]) -> None:
    report = export("csv", pseudonyms=False)

    with (report.folder / "labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == report.labels == 8
    one = next(row for row in rows if row["path"] == "Schmidt_0.jpg" and row["grader"] == "Anna Grader")
    assert (one["expansion"], one["icm"], one["te"], one["group"]) == ("4", "A", "B", "good")
    assert (one["embryo"], one["couple"], one["hpi"], one["gradable"]) == (
        "Schmidt 0", "Familie", "110.5", "yes",
    )  # fmt: skip
    assert [row["reason"] for row in rows if row["gradable"] == "no"] == ["empty well"] * 2


def test_json_carries_the_scheme(export: Callable[..., ExportReport]) -> None:
    content = json.loads((export("json").folder / "labels.json").read_text())

    assert content["scheme"]["name"] == "gardner-3group"
    assert len(content["labels"]) == 8
    assert content["labels"][0]["plane"] == 0


def test_coco_names_images_annotations_and_categories(export: Callable[..., ExportReport]) -> None:
    report = export("coco")

    content = json.loads((report.folder / "annotations.json").read_text())
    images = {image["id"]: image for image in content["images"]}
    categories = {category["id"]: category["name"] for category in content["categories"]}
    assert (len(images), len(content["annotations"]), report.left_out) == (3, 6, 2)
    for annotation in content["annotations"]:
        image = images[annotation["image_id"]]
        with Image.open(report.folder / image["file_name"]) as opened:
            assert opened.size == (image["width"], image["height"])
            assert opened.info == {}
        assert categories[annotation["category_id"]] == annotation["attributes"]["group"]


def test_imagenet_puts_each_image_where_most_graders_did(export: Callable[..., ExportReport]) -> None:
    report = export("imagenet")

    found = {
        folder.name: len(list(folder.iterdir())) for folder in report.folder.iterdir() if folder.is_dir()
    }
    assert found == {"good": 1, "average": 1, "poor": 0}
    assert (report.images, report.left_out) == (2, 2)  # one image is split, one was not gradable


@pytest.mark.parametrize("form", ["csv", "json", "coco", "imagenet"])
def test_no_name_note_path_or_exif_goes_out_under_codes(
    export: Callable[..., ExportReport], form: str
) -> None:
    content = everything(export(form).folder)

    assert not [word for word in SECRETS if word.encode() in content]


def test_codes_are_the_same_each_time_and_other_in_another_project(
    graded: Project, export: Callable[..., ExportReport]
) -> None:
    first = (export("csv", name="one").folder / "labels.csv").read_bytes()
    assert (export("csv", name="two").folder / "labels.csv").read_bytes() == first

    (graded.folder / KEY).unlink()

    other = (export("csv", name="three").folder / "labels.csv").read_bytes()
    assert len(other) == len(first)
    assert other != first


def test_a_signed_folder_verifies_and_the_key_is_in_the_trail(
    graded: Project, export: Callable[..., ExportReport]
) -> None:
    report = export("coco")

    signed = verify(report.folder, report.fingerprint)

    assert signed.fingerprint == report.fingerprint
    assert signed.manifest["audit"]["hash"] in {row.hash for row in graded.audit.rows()}
    told = {row.action: row for row in graded.audit.rows()}
    assert report.fingerprint in told["key.make"].after
    assert json.loads(told["labels.export"].after)["labels"] == 6
    assert (graded.folder / KEY).stat().st_mode & 0o077 == 0


def _edit_a_label(folder: Path) -> None:
    path = folder / "labels.csv"
    path.write_text(path.read_text().replace("good", "poor", 1))


def _edit_the_manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"csv"', '"CSV"'))


def _add_a_file(folder: Path) -> None:
    (folder / "more.csv").write_text("x")


def _remove_a_file(folder: Path) -> None:
    (folder / "README.txt").unlink()


def _remove_the_signature(folder: Path) -> None:
    (folder / "signature.json").unlink()


def _garble_the_signature(folder: Path) -> None:
    (folder / "signature.json").write_text("{}")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_edit_a_label, "labels.csv in the export .* was changed"),
        (_edit_the_manifest, "does not fit its manifest"),
        (_add_a_file, "more.csv was added"),
        (_remove_a_file, "README.txt is missing"),
        (_remove_the_signature, "no signed export"),
        (_garble_the_signature, "no signed export"),
    ],
)
def test_every_change_is_found(
    export: Callable[..., ExportReport], change: Callable[[Path], None], words: str
) -> None:
    folder = export("csv").folder
    change(folder)

    with pytest.raises(UserError, match=words):
        verify(folder)


def test_a_forged_export_has_another_key(
    graded: Project, export: Callable[..., ExportReport], tmp_path: Path
) -> None:
    real = export("csv", name="real")
    (graded.folder / KEY).unlink()
    forged = export("csv", name="forged")

    with pytest.raises(UserError, match="was signed with the key"):
        verify(forged.folder, real.fingerprint)


def test_a_failed_export_leaves_nothing(
    graded: Project, export: Callable[..., ExportReport], tmp_path: Path
) -> None:
    shutil.copy(tmp_path / "Schmidt" / "Schmidt_1.jpg", tmp_path / "Schmidt" / "Schmidt_0.jpg")

    with pytest.raises(UserError, match="changed after it was graded"):
        export("coco")

    assert not [path for path in tmp_path.iterdir() if "coco" in path.name]
    assert "labels.export" not in [row.action for row in graded.audit.rows()]


def test_a_taken_folder_and_an_unknown_form_are_refused(
    export: Callable[..., ExportReport], tmp_path: Path
) -> None:
    (tmp_path / "csv").mkdir()
    (tmp_path / "csv" / "thesis.doc").write_text("x")

    with pytest.raises(UserError, match="not empty"):
        export("csv")
    with pytest.raises(UserError, match="csv, json, coco, imagenet"):
        export("xml")
