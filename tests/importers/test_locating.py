"""A moved source is found again by names and content, and other images are never taken for it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import Source
from blasto_annotator.domain.grades import Grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.importers.locating import find_source, locate, missing_sources, source_named
from blasto_annotator.importers.run import import_source
from blasto_annotator.store import Project
from tests.importers.trees import frame


@pytest.fixture
def source(project: Project, tmp_path: Path) -> Source:
    for seed in range(60):
        frame(tmp_path / "old place" / "stills" / f"e{seed // 2}" / f"{seed % 2}.png", seed)
    import_source(project, tmp_path / "old place" / "stills")
    (found,) = project.frames.sources()
    return found


@pytest.mark.parametrize("chosen", ["new place/stills", "new place", "."])
def test_the_folder_is_found_in_under_and_near_the_chosen_one(
    project: Project, source: Source, tmp_path: Path, chosen: str
) -> None:
    shutil.move(tmp_path / "old place", tmp_path / "new place")
    assert missing_sources(project) == [source]
    found = locate(project, source, tmp_path / chosen, "Ana")
    assert found.root == tmp_path / "new place" / "stills"
    assert found.sentence == "32 of 60 frames compared have the same content, 28 more the same size"
    assert missing_sources(project) == []
    first = project.frames.of_embryo(project.frames.embryos()[0].id)[0]
    assert project.frames.file(first).is_file()
    row = project.audit.rows()[-1]
    assert (row.who, row.action, row.subject) == ("Ana", "source.locate", f"source:{source.id}")
    assert project.audit.verify() is None


def test_a_renamed_folder_is_found_among_others(project: Project, source: Source, tmp_path: Path) -> None:
    shutil.move(tmp_path / "old place" / "stills", tmp_path / "archive" / "2026" / "renamed")
    frame(tmp_path / "archive" / "2025" / "e0" / "9.png", 5)
    assert (
        find_source(project, source, tmp_path / "archive").root == tmp_path / "archive" / "2026" / "renamed"
    )


def test_other_images_under_the_same_names_are_refused(
    project: Project, source: Source, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(source.root, other)
    for number in range(60):
        frame(other / f"e{number // 2}" / f"{number % 2}.png", 1000 + number)
    shutil.rmtree(source.root)
    with pytest.raises(
        UserError, match=r"holds other images under the names of “stills”: e\d+/\d\.png has ano"
    ):
        locate(project, source, other)
    assert project.frames.sources() == [source]


def test_one_graded_image_that_differs_is_enough_to_refuse(
    project: Project, source: Source, tmp_path: Path
) -> None:
    (graded,) = project.frames.by_path("e7/1.png")
    project.labels.record(
        graded.id, project.frames.ensure_hash(graded.id), "Ana", LabelEntry(Grade(4, "A", "B"))
    )
    shutil.move(source.root, tmp_path / "new")
    path = tmp_path / "new" / "e7" / "1.png"
    data = bytearray(path.read_bytes())
    data[-20] ^= 1  # of the same size
    path.write_bytes(bytes(data))
    with pytest.raises(UserError, match=r"e7/1\.png has another content"):
        locate(project, source, tmp_path / "new")


def test_missing_frames_are_said_and_accepted_on_request(
    project: Project, source: Source, tmp_path: Path
) -> None:
    shutil.move(source.root, tmp_path / "new")
    found = find_source(project, source, tmp_path / "new")
    assert found.missing == ()
    for path in sorted((tmp_path / "new").rglob("*.png"))[:10]:
        path.unlink()
    with pytest.raises(UserError, match="lacks 10 of 60 frames of “stills”, such as"):
        locate(project, source, tmp_path / "new")
    assert len(locate(project, source, tmp_path / "new", partial=True).missing) == 10


def test_a_folder_without_them_is_refused(project: Project, source: Source, tmp_path: Path) -> None:
    empty = tmp_path / "elsewhere" / "deep"
    empty.mkdir(parents=True)
    shutil.move(tmp_path / "old place", tmp_path / "far" / "away")
    with pytest.raises(
        UserError, match=r"“stills” is not in .*deep: it has no e\d+/\d\.png; choose the folder"
    ):
        find_source(project, source, empty)


def test_two_sources_cannot_share_a_folder(project: Project, source: Source, tmp_path: Path) -> None:
    shutil.copytree(source.root, tmp_path / "twin")
    import_source(project, tmp_path / "twin")
    with pytest.raises(UserError, match="is the folder of the source “twin” already"):
        locate(project, source, tmp_path / "twin")


def test_a_copied_time_does_not_matter(project: Project, source: Source, tmp_path: Path) -> None:
    shutil.move(source.root, tmp_path / "new")
    for path in (tmp_path / "new").rglob("*.png"):
        os.utime(path, (1, 1))
    assert locate(project, source, tmp_path / "new").missing == ()


def test_sources_are_named_by_name_number_or_folder(project: Project, source: Source, tmp_path: Path) -> None:
    assert source_named(project, "stills") == source_named(project, str(source.id)) == source
    assert source_named(project, str(source.root)) == source
    with pytest.raises(
        UserError, match="No source is called “still”; give the number of one of these: 1 “stills”"
    ):
        source_named(project, "still")
