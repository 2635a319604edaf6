"""Plain folders, patterns, presets, and what is wrong with files in them."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportReport
from blasto_annotator.importers.patterns import compile_pattern, load_preset, preset_names
from blasto_annotator.importers.registry import IMPORTERS
from blasto_annotator.importers.run import ImportCancelled, import_source, recognise, remarks_on
from blasto_annotator.store import Project
from tests.importers.trees import frame, run_name


def reasons(report: ImportReport) -> dict[str, str]:
    return {rejected.path: rejected.reason for rejected in report.rejected}


def embryos(project: Project) -> dict[str, int]:
    return {row.name: row.frames for row in project.frames.embryos()}


def test_stork_is_recognised_and_its_grade_kept_as_a_remark(project: Project, shared_data: Path) -> None:
    report = import_source(project, shared_data / "stork")
    assert (report.layout, report.added, report.known, report.embryos) == ("stork", 98, 0, 14)
    assert report.planes == (-45, -30, -15, 0, 15, 30, 45)
    assert {r.path for r in report.rejected} == {"LICENSE", "README.upstream.md", "SOURCE.txt", "labels.csv"}
    (one,) = project.frames.by_path("Images/train/good/34107362_-15_3AA-.jpg")
    assert (one.embryo, one.plane, one.remark, one.width) == ("34107362", -15, "3AA-", 500)
    assert project.labels.current() == []


def test_a_second_import_adds_nothing(project: Project, shared_data: Path) -> None:
    import_source(project, shared_data / "stork")
    again = import_source(project, shared_data / "stork")
    assert (again.added, again.known) == (0, 98)
    assert (project.frames.count(), len(project.frames.sources())) == (98, 1)


def test_new_files_join_on_the_next_import(project: Project, tmp_path: Path) -> None:
    root = tmp_path / "stills"
    frame(root / "a_1.jpg", 1)
    import_source(project, root)
    frame(root / "a_2.jpg", 2)
    again = import_source(project, root)
    assert (again.added, again.known) == (1, 1)


def test_an_incubator_export_is_read_by_slide_well_and_plane(project: Project, tmp_path: Path) -> None:
    root = tmp_path / "export"
    for seed, (well, plane) in enumerate([("01", -15), ("01", 0), ("02", 0)]):
        frame(root / f"D2012_01_01_S0001_I313_Иванова/WELL{well}/F{plane}/001.jpg", seed)
    report = import_source(project, root)
    assert (report.layout, report.added, report.planes) == ("incubator", 3, (-15, 0))
    slide = "D2012_01_01_S0001_I313_Иванова"
    assert embryos(project) == {f"{slide} WELL01": 2, f"{slide} WELL02": 1}
    assert {row.couple for row in project.frames.embryos()} == {"Иванова"}


def test_the_slide_itself_can_be_the_root(project: Project, tmp_path: Path) -> None:
    slide = tmp_path / "D2012_01_01_S0001_I313_name"
    frame(slide / "WELL01/F15/007.jpg", 1)
    assert import_source(project, slide).layout == "incubator"
    assert embryos(project) == {"D2012_01_01_S0001_I313_name WELL01": 1}


def test_time_lapse_names_without_the_data_sets_folders(project: Project, tmp_path: Path) -> None:
    root = tmp_path / "videos"
    for run in (1, 2, 10):
        frame(root / "AA83-7" / run_name(run), run)
    assert import_source(project, root).layout == "timelapse"
    (row,) = project.frames.embryos()
    assert (row.name, row.couple) == ("AA83-7", "AA83")
    assert [f.index for f in project.frames.of_embryo(row.id)] == [1, 2, 10]


def test_numbered_images_in_folders_called_as_classes_are_embryos_of_their_own(
    project: Project, tmp_path: Path
) -> None:
    root = tmp_path / "stages"
    names = [f"{stage}/{number:05d}.png" for stage in ("Blastocyst", "Morula") for number in (1, 2)]
    for seed, name in enumerate(names):
        frame(root / name, seed)
    report = import_source(project, root)
    assert (report.layout, report.added, report.embryos) == ("stills", 4, 4)
    assert "folders called as classes (“Blastocyst”, “Morula”)" in report.reason
    assert embryos(project) == dict.fromkeys((name.removesuffix(".png") for name in names), 1)
    (one,) = project.frames.by_path(names[0])
    assert (one.remark, one.index) == ("Blastocyst", None)


@pytest.mark.parametrize(
    ("names", "layout"),
    [
        (["good/img_1.png", "poor/img_1.png", "poor/img_2.png"], "stills"),
        (["train/3AA/001.png", "test/4BB/001.png"], "stills"),
        (["good/emb1_001.png", "good/emb1_002.png", "poor/emb2_001.png"], "folder"),
        (["emb1/Blastocyst/001.png", "emb1/Morula/001.png"], "folder"),
        (["Morula 7/001.png", "Anna/001.png"], "folder"),
    ],
)
def test_folders_that_tell_embryos_are_no_classes(tmp_path: Path, names: list[str], layout: str) -> None:
    for seed, name in enumerate(names):
        frame(tmp_path / "s" / name, seed)
    assert recognise(tmp_path / "s")[0].name == layout


def test_many_images_under_a_mere_word_are_remarked_on(project: Project, tmp_path: Path) -> None:
    root = tmp_path / "s"
    for number in range(20):
        frame(root / "vitrified" / f"{number:03d}.png", number)
        frame(root / "fresh" / f"{number:03d}.png", 50 + number)
    report = import_source(project, root)
    (remark,) = report.remarks
    assert "read as 2 embryos: “fresh” (20 images), “vitrified” (20 images)" in remark
    assert "layout “stills”" in remark
    assert remarks_on(root, "stills", {}) == ()
    (root / "fresh").rename(root / "E12")
    assert remarks_on(root, "folder", {}) == ()


def test_a_folder_inside_a_source_brings_no_frame_twice(project: Project, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    for seed, name in enumerate(("Images/a.png", "Images/b.png", "other/c.png")):
        frame(whole / name, seed)
    import_source(project, whole / "Images")
    above = import_source(project, whole)
    assert (above.added, project.frames.count()) == (1, 3)
    assert reasons(above) == {
        f"Images/{name}.png": "is a frame of the source “Images” already" for name in ("a", "b")
    }
    frame(whole / "other" / "d.png", 7)
    inside = import_source(project, whole / "other")
    assert reasons(inside) == {"c.png": "is a frame of the source “whole” already"}
    assert (inside.added, project.frames.count()) == (1, 4)
    again = import_source(project, whole)
    assert (again.added, again.known) == (0, 1)
    assert "other/d.png" in reasons(again)


def test_a_link_to_nothing_is_in_the_report(project: Project, tmp_path: Path) -> None:
    root = tmp_path / "s"
    frame(root / "in" / "a.png", 1)
    (root / "in" / "b.png").symlink_to(tmp_path / "gone.png")
    report = import_source(project, root)
    assert report.added == 1
    assert reasons(report) == {"in/b.png": "is a link to a file that is not there, or no file at all"}


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_cut_tiff_is_said_to_be_truncated(project: Project, tmp_path: Path) -> None:
    root = tmp_path / "s"
    frame(root / "a.png", 1)
    exif = Image.Exif()
    exif[0x010F] = "microscope"
    whole = io.BytesIO()
    Image.fromarray(np.zeros((64, 64), np.uint8)).save(whole, format="TIFF", exif=exif)
    for number, length in enumerate((20, 60, 130, 1000)):
        (root / f"cut{number}.tif").write_bytes(whole.getvalue()[:length])
    said = reasons(import_source(project, root))
    truncated = "is truncated: the file ends before the picture does"
    assert said == {f"cut{number}.tif": truncated for number in range(4)}


def test_a_pattern_names_embryo_plane_frame_hpi_and_grade(project: Project, tmp_path: Path) -> None:
    root = tmp_path / "mine"
    frame(root / "E7 t012 z-30 116,5h 4AB.png", 1)
    frame(root / "something else.png", 2)
    pattern = r"E(?P<embryo>\d+) t(?P<frame>\d+) z(?P<plane>-?\d+) (?P<hpi>[\d,]+)h (?P<grade>\w+)\.png"
    report = import_source(project, root, options={"pattern": pattern})
    assert (report.layout, report.added) == ("folder", 1)
    assert reasons(report) == {"something else.png": "its name does not fit the pattern of this layout"}
    (one,) = project.frames.by_path("E7 t012 z-30 116,5h 4AB.png")
    assert (one.embryo, one.index, one.plane, one.hpi, one.remark) == ("7", 12, -30, 116.5, "4AB")


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("(?P<embryo>", "is no regular expression"),
        (r"(\d+)\.jpg", r"has no group \(\?P<embryo>"),
        (r"(?P<embryo>\d+)_(?P<patient>\w+)", "unknown group patient"),
    ],
)
def test_a_bad_pattern_is_refused_with_a_sentence(
    project: Project, tmp_path: Path, pattern: str, sentence: str
) -> None:
    frame(tmp_path / "s" / "a.png", 1)
    with pytest.raises(UserError, match=sentence):
        import_source(project, tmp_path / "s", options={"pattern": pattern})
    assert project.frames.sources() == []


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["e1/001.png", "e1/002.png", "e2/001.png"], {"e1": 2, "e2": 1}),
        (["emb1_001.png", "emb1_002.png", "emb2_001.png"], {"emb1": 2, "emb2": 1}),
        (["0175_05.png", "0175_06.png", "571_02.png"], {"0175": 2, "571": 1}),
        (["train/good/эмбрион 1.png", "train/good/o'brien.png"], {"эмбрион": 1, "o'brien": 1}),
        (["001.png", "002.png"], {"plain": 2}),
    ],
)
def test_plain_names_become_embryos(
    project: Project, tmp_path: Path, names: list[str], expected: dict[str, int]
) -> None:
    root = tmp_path / "plain"
    for seed, name in enumerate(names):
        frame(root / name, seed)
    assert import_source(project, root).layout == "folder"
    assert embryos(project) == expected


def test_every_bad_file_is_listed_with_its_reason_and_the_rest_goes_in(
    project: Project, tmp_path: Path
) -> None:
    root = tmp_path / "Клиника 'А' \"1\""
    good = frame(root / "хороший эмбрион.jpg", 1)
    cut = frame(root / "cut.jpg", 2)
    cut.write_bytes(cut.read_bytes()[:600])
    (root / "renamed.jpg").write_text("this is a letter to the patient, not a picture")
    (root / "empty.png").touch()
    shutil.copy(good, root / "ян copy.jpg")
    frame(root / "dot.png", 3, size=1)
    Image.fromarray(np.full((64, 64), 3000, np.uint16)).save(root / "deep.tif")
    (root / "table.xlsx").write_bytes(b"PK\x03\x04 grades")
    (root / ".DS_Store").write_bytes(b"litter")
    report = import_source(project, root)
    assert report.added == 2
    assert embryos(project) == {"deep": 1, "хороший эмбрион": 1}
    said = reasons(report)
    assert said.pop("cut.jpg").startswith("is truncated")
    assert said == {
        "renamed.jpg": "is named .jpg but holds text, not an image",
        "empty.png": "is empty",
        "ян copy.jpg": "duplicate of хороший эмбрион.jpg",
        "dot.png": "is 1 × 1 pixels: too small, under 32 px",
        "table.xlsx": "not an image file",
    }


def test_three_copies_name_the_first_and_hard_links_are_no_copies(project: Project, tmp_path: Path) -> None:
    root = tmp_path / "s"
    first = frame(root / "a.png", 1)
    shutil.copy(first, root / "b.png")
    shutil.copy(first, root / "c.png")
    os.link(first, root / "d.png")
    report = import_source(project, root)
    assert report.added == 2
    assert reasons(report) == {"b.png": "duplicate of a.png", "c.png": "duplicate of a.png"}


def test_copies_are_kept_on_request(project: Project, tmp_path: Path) -> None:
    first = frame(tmp_path / "s" / "a.png", 1)
    shutil.copy(first, tmp_path / "s" / "b.png")
    assert import_source(project, tmp_path / "s", options={"duplicates": "keep"}).added == 2


def test_files_that_only_end_alike_are_no_copies(project: Project, tmp_path: Path) -> None:
    root = tmp_path / "s"
    for seed in range(3):
        pixels = np.full((300, 300), 128, np.uint8)
        pixels[:20, :20] = np.random.default_rng(seed).integers(0, 256, (20, 20), np.uint8)
        root.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(root / f"{seed}.bmp")
    assert import_source(project, root).added == 3


@pytest.mark.parametrize("content", [None, "hidden"])
def test_an_empty_folder_is_refused(project: Project, tmp_path: Path, content: str | None) -> None:
    root = tmp_path / "empty"
    root.mkdir()
    if content:
        (root / ".hidden").write_text(content)
    with pytest.raises(UserError, match=r"empty holds no images; choose the folder that holds the frames"):
        import_source(project, root)
    assert project.frames.sources() == []


def test_a_missing_folder_and_a_file_are_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="gone is not there"):
        import_source(project, tmp_path / "gone")
    file = tmp_path / "one.txt"
    file.write_text("a letter")
    with pytest.raises(UserError, match=r"“one\.txt” is a file; choose the folder"):
        import_source(project, file)


def test_a_closed_folder_is_refused(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests may run as root, whom no permission stops: the system's answer is given by hand."""
    root = tmp_path / "closed"
    root.mkdir()

    def refuse(path: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(UserError, match=r"closed may not be read \(no permission\); ask"):
        recognise(root)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_closed_subfolder_is_listed_and_the_rest_goes_in(project: Project, tmp_path: Path) -> None:
    frame(tmp_path / "s" / "open" / "1.png", 1)
    closed = frame(tmp_path / "s" / "closed" / "1.png", 2).parent
    closed.chmod(0)
    report = import_source(project, tmp_path / "s")
    closed.chmod(0o700)
    assert report.added == 1
    assert reasons(report) == {"closed/": "the folder may not be read (no permission)"}


def test_linked_folders_are_followed_once(project: Project, tmp_path: Path) -> None:
    frame(tmp_path / "s" / "e1" / "1.png", 1)
    (tmp_path / "s" / "e1" / "circle").symlink_to(tmp_path / "s", target_is_directory=True)
    assert import_source(project, tmp_path / "s").added == 1


def test_progress_is_told_and_a_stop_keeps_what_was_read(project: Project, tmp_path: Path) -> None:
    for seed in range(120):
        frame(tmp_path / "s" / f"e_{seed}.png", seed)
    told: list[tuple[int, int | None]] = []
    with pytest.raises(ImportCancelled, match="stopped after 100 files; import it again to go on"):
        import_source(
            project,
            tmp_path / "s",
            progress=lambda d, n: told.append((d, n)),
            cancelled=lambda: len(told) == 1,
        )
    assert told == [(50, None)]
    report = import_source(project, tmp_path / "s", progress=lambda d, n: told.append((d, n)))
    assert told[-1] == (120, 120)
    assert report.added + report.known == 120


def test_an_unknown_layout_lists_the_known(project: Project, tmp_path: Path) -> None:
    frame(tmp_path / "s" / "a.png", 1)
    with pytest.raises(UserError, match="no layout “stroke”; use one of gomez, kromp, saeedi"):
        import_source(project, tmp_path / "s", layout="stroke")


def test_every_shipped_preset_reads_its_own_example() -> None:
    for name in preset_names():
        preset = load_preset(name)
        assert compile_pattern(preset.pattern).fullmatch(preset.example), name
        assert name in {importer.name for importer in IMPORTERS}
