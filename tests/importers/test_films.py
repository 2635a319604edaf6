"""Videos and stacks: unpacked once, lossless, into the project; the film stays, and bad ones are said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import Frame, ImportReport
from blasto_annotator.imaging.decode import decode_grey
from blasto_annotator.imaging.video import film_frames, probe_film
from blasto_annotator.importers.run import import_source, recognise
from blasto_annotator.store import Project
from tests.importers.trees import frame

Picture = NDArray[np.uint8]


def pictures(count: int, size: int = 64) -> list[Picture]:
    """Smooth pictures, so that a codec keeps them: a bright disc that wanders, a little."""
    found = []
    for number in range(count):
        picture = np.full((size, size), 90, np.uint8)
        cv2.circle(picture, (20 + number * 2, 32), 12, 200, -1)
        found.append(cv2.GaussianBlur(picture, (5, 5), 0))
    return [np.asarray(picture, np.uint8) for picture in found]


def film(path: Path, count: int = 12, codec: str = "MJPG") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), 8.0, (64, 64))
    assert writer.isOpened()
    for picture in pictures(count):
        writer.write(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))
    writer.release()
    return path


def stack(path: Path, pages: Sequence[NDArray[np.generic]], description: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    images = [Image.fromarray(page) for page in pages]
    tags = ImageFileDirectory_v2()
    if description:
        tags[270] = description
    images[0].save(path, save_all=True, append_images=images[1:], tiffinfo=tags)
    return path


def frames_of(project: Project, embryo: str) -> list[Frame]:
    (row,) = [row for row in project.frames.embryos() if row.name == embryo]
    return project.frames.of_embryo(row.id)


def reasons(report: ImportReport) -> dict[str, str]:
    return {rejected.path: rejected.reason for rejected in report.rejected}


@pytest.mark.parametrize(("name", "codec"), [("well 1.avi", "MJPG"), ("ячейка.mp4", "mp4v")])
def test_a_video_becomes_frames_that_the_project_keeps(
    project: Project, tmp_path: Path, name: str, codec: str
) -> None:
    path = film(tmp_path / "films" / name, codec=codec)
    importer, reason = recognise(path.parent)
    assert (importer.name, reason) == ("films", f"1 video, {name}")
    report = import_source(project, path.parent, options={"first_hpi": "100", "frame_hours": "0,5"})
    assert (report.layout, report.added, report.embryos, report.rejected) == ("films", 12, 1, ())
    found = frames_of(project, path.stem)
    assert [(f.index, f.hpi) for f in found[:3]] == [(1, 100.0), (2, 100.5), (3, 101.0)]
    shown = decode_grey(project.frames.file(found[5]))
    assert np.abs(shown.astype(int) - pictures(12)[5]).mean() < 4  # what the codec lost, not what we lost
    assert project.frames.file(found[5]).is_relative_to(project.folder)


def test_a_second_import_decodes_nothing_again(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = film(tmp_path / "films" / "a.avi")
    import_source(project, path.parent)
    monkeypatch.setattr("blasto_annotator.importers.films.film_frames", lambda path: pytest.fail("decoded"))
    again = import_source(project, path.parent)
    assert (again.added, again.known) == (0, 12)
    assert len(project.frames.sources()) == 1


def test_a_stopped_unpacking_goes_on(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = film(tmp_path / "films" / "a.avi")
    written: list[Path] = []

    def full(target: Path, data: bytes) -> None:
        if len(written) == 5:
            raise UserError("The disk is full.")
        written.append(target)
        target.write_bytes(data)

    with monkeypatch.context() as patched:
        patched.setattr("blasto_annotator.importers.films.write_whole", full)
        with pytest.raises(UserError, match="The disk is full"):
            import_source(project, path.parent)
    before = {path: path.stat().st_mtime_ns for path in written}
    report = import_source(project, path.parent)
    assert report.added + report.known == 12
    assert {path: path.stat().st_mtime_ns for path in written} == before


def test_one_film_of_a_folder_and_then_another(project: Project, tmp_path: Path) -> None:
    one, two = film(tmp_path / "films" / "a.avi"), film(tmp_path / "films" / "b.avi", 6)
    assert recognise(one) == (recognise(two)[0], "the file a.avi alone")
    assert import_source(project, one).added == 12
    assert import_source(project, two).added == 6
    assert {row.name: row.frames for row in project.frames.embryos()} == {"a": 12, "b": 6}
    assert len(project.frames.sources()) == 1


def test_bad_films_are_said_and_the_good_go_in(project: Project, tmp_path: Path) -> None:
    root = tmp_path / "films"
    film(root / "good.avi")
    cut = film(root / "cut.avi", 40)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    headless = film(root / "headless.mp4", codec="mp4v")
    headless.write_bytes(headless.read_bytes()[:400])
    (root / "playlist.mp4").write_text("#EXTM3U\nhttp://example.com/film.ts\n")
    (root / "empty.avi").touch()
    (root / "notes.txt").write_text("on Tuesday")
    report = import_source(project, root)
    said = reasons(report)
    assert said["headless.mp4"] == "is truncated, damaged, or of a codec that is not known here"
    assert said["playlist.mp4"] == "holds no film, whatever its name says"
    assert said["empty.avi"] == "is empty"
    assert said["notes.txt"] == "neither a video nor a stack of pages"
    assert "truncated" in said["cut.avi"]
    assert len(frames_of(project, "good")) == 12


def test_a_film_without_a_frame_leaves_no_folder_behind(project: Project, tmp_path: Path) -> None:
    root = tmp_path / "films"
    film(root / "good.avi")
    (root / "broken.mp4").write_bytes(b"no film at all")
    import_source(project, root)
    (kept,) = project.frames.sources()
    assert [place.name for place in kept.root.iterdir()] == ["good.avi"]


def test_a_film_that_changed_is_not_mixed_with_its_former_frames(project: Project, tmp_path: Path) -> None:
    path = film(tmp_path / "films" / "a.avi")
    import_source(project, path.parent)
    film(path, 20)
    report = import_source(project, path.parent)
    assert reasons(report)["a.avi"].startswith("has changed since it was unpacked")
    assert project.frames.count() == 12


def test_an_imagej_stack_has_planes_and_times_of_16_bits(project: Project, tmp_path: Path) -> None:
    pages = [np.full((40, 40), 100 * page, np.uint16) for page in range(1, 15)]
    description = "ImageJ=1.53t\nimages=14\nslices=7\nframes=2\nhyperstack=true\nunit=micron\nspacing=15.0\n"
    path = stack(tmp_path / "stacks" / "E 4.tif", pages, description)
    assert recognise(path.parent)[1] == (
        "1 stack, such as E 4.tif (14 pages: 2 times of 7 planes, 15 µm apart, says ImageJ)"
    )
    report = import_source(project, path.parent)
    assert (report.added, report.planes) == (14, (-45, -30, -15, 0, 15, 30, 45))
    found = frames_of(project, "E 4")
    assert [(f.index, f.plane) for f in found[6:9]] == [(1, 45), (2, -45), (2, -30)]
    with Image.open(project.frames.file(found[8])) as kept:
        assert (kept.mode, np.asarray(kept).max()) == ("I;16", 900)


def test_an_ome_stack_says_its_order_and_its_hours(project: Project, tmp_path: Path) -> None:
    pages = [np.full((40, 40), page * 9, np.uint8) for page in range(6)]
    description = (
        '<?xml version="1.0"?><OME><Image><Pixels DimensionOrder="XYTZC" SizeX="40" SizeY="40" SizeZ="2" '
        'SizeC="1" SizeT="3" PhysicalSizeZ="0.01" PhysicalSizeZUnit="mm" TimeIncrement="20" '
        'TimeIncrementUnit="min"></Pixels></Image></OME>'
    )
    path = stack(tmp_path / "stacks" / "e.ome.tif", pages, description)
    import_source(project, path, options={"first_hpi": 90})
    found = {(f.index, f.plane): f.hpi for f in frames_of(project, "e")}
    assert found.keys() == {(time, plane) for time in (1, 2, 3) for plane in (-10, 0)}
    assert found[3, 0] == pytest.approx(90 + 2 / 3, abs=1e-3)


@pytest.mark.parametrize(("pages", "planes"), [("planes", (-30, -15, 0, 15)), ("times", ())])
def test_pages_that_the_file_does_not_explain_are_what_the_person_says(
    project: Project, tmp_path: Path, pages: str, planes: tuple[int, ...]
) -> None:
    """ImageJ calls any pages slices: without a spacing that says nothing."""
    arrays = [np.full((40, 40), page * 9, np.uint8) for page in range(4)]
    path = stack(tmp_path / "s" / "e.tif", arrays, "ImageJ=1.53t\nimages=4\nslices=4\n")
    assert "the file does not say whether times or planes, so times" in recognise(path.parent)[1]
    report = import_source(project, path.parent, options={"pages": pages, "plane_step": 15})
    assert (report.added, report.planes) == (4, planes)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"pages": "both"}, "pages is “both”; use recognised, times, planes"),
        ({"plane_step": "wide"}, "plane_step is “wide”; write a number"),
        ({"first_hpi": 1000}, "first_hpi is 1000; it must be from 0 to 400"),
        ({"frame_hours": 0.5}, "frame_hours says nothing without first_hpi"),
    ],
)
def test_options_that_mean_nothing_are_refused(
    project: Project, tmp_path: Path, options: dict[str, object], sentence: str
) -> None:
    path = film(tmp_path / "films" / "a.avi")
    with pytest.raises(UserError, match=sentence):
        import_source(project, path.parent, options=options)


def test_a_stack_among_plain_images_is_left_out_and_said(project: Project, tmp_path: Path) -> None:
    """Showing its first page alone would hide the others."""
    for seed in range(3):
        frame(tmp_path / "s" / f"e{seed}_1.png", seed)
    stack(tmp_path / "s" / "e9.tif", [np.zeros((40, 40), np.uint8)] * 5)
    report = import_source(project, tmp_path / "s")
    assert (report.layout, report.added) == ("folder", 3)
    assert reasons(report) == {"e9.tif": "holds 5 pages: import it as a stack (layout films)"}


def test_a_damaged_page_is_named(project: Project, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    pages = [rng.integers(0, 255, (64, 64), np.uint8) for _ in range(4)]
    path = stack(tmp_path / "s" / "e.tif", pages)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) - 3000])
    report = import_source(project, path.parent, "films")
    assert any("damaged" in reason or "truncated" in reason for reason in reasons(report).values())


def test_the_film_reader_gives_every_frame(tmp_path: Path) -> None:
    path = film(tmp_path / "a.avi", 9)
    assert probe_film(path).frames == 9
    assert sum(1 for _ in film_frames(path)) == 9
