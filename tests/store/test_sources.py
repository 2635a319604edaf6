"""Sources after their import: another place, other options, what is known of their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame, Source
from blasto_annotator.store import Project


@pytest.fixture
def source(project: Project, tmp_path: Path) -> Source:
    made = project.frames.add_source(tmp_path / "stills", "folder")
    project.frames.add(made, [ImportedFrame(f"e{n}/1.png", f"e{n}", size=100 + n) for n in range(30)])
    ids = [number for number, _ in project.frames.paths(made.id)]
    project.frames.set_hashes([(number, f"{number:064x}") for number in ids[:10]])
    return made


def test_paths_come_in_the_order_of_their_numbers(project: Project, source: Source) -> None:
    found = list(project.frames.paths())
    assert found == sorted(found)
    assert found == list(project.frames.paths(source.id))
    assert [path for _, path in found][:2] == ["e0/1.png", "e1/1.png"]


def test_known_files_are_the_same_each_time(project: Project, source: Source) -> None:
    hashed, sized = project.frames.known_files(source.id, 5, 100)
    assert len(hashed) == 5
    assert all(file.sha256 for file in hashed)
    assert {file.path for file in sized} == {f"e{n}/1.png" for n in range(10, 30)}
    assert {file.size for file in sized} == set(range(110, 130))
    assert project.frames.known_files(source.id, 5, 100) == (hashed, sized)


def test_a_move_and_other_options_are_audited(project: Project, source: Source, tmp_path: Path) -> None:
    moved = project.frames.move_source(source.id, tmp_path / "new", "Ana", "5 of 5 the same")
    changed = project.frames.set_source_options(source.id, {"burned_in": {"way": "crop", "sizes": []}}, "Ana")
    project.frames.set_source_options(source.id, changed.options, "Ana")  # nothing new
    assert (moved.root, project.frames.sources()) == (tmp_path / "new", [changed])
    acts = [(row.who, row.action, row.why) for row in project.audit.rows()[-2:]]
    assert acts == [("Ana", "source.locate", "5 of 5 the same"), ("Ana", "source.options", "")]
    assert project.audit.verify() is None


def test_a_root_inside_the_project_is_relative(project: Project, source: Source) -> None:
    moved = project.frames.move_source(source.id, project.folder / "frames" / "stills")
    assert moved.root == (project.folder / "frames" / "stills").resolve()
    assert project.audit.rows()[-1].after is not None
    assert "frames/stills" in str(project.audit.rows()[-1].after)


def test_another_sources_folder_is_refused(project: Project, source: Source, tmp_path: Path) -> None:
    project.frames.add_source(tmp_path / "twin", "folder")
    with pytest.raises(UserError, match="is the folder of the source “twin” already"):
        project.frames.move_source(source.id, tmp_path / "twin")
    assert project.frames.sources()[0] == source
