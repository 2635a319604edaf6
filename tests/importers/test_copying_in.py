"""Copies that the project keeps: whole, durable, resumable, never written over, movable with the project."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.importers.keeping import RESERVE
from blasto_annotator.importers.run import ImportCancelled, import_source
from blasto_annotator.store import Project
from tests.conftest import fill_disk
from tests.importers.trees import frame, gomez

if TYPE_CHECKING:
    from tests.postgresql import Server

COPY = {"files": "copy"}


@pytest.fixture
def stills(tmp_path: Path) -> Path:
    root = tmp_path / "stills 'А'"
    for seed in range(6):
        frame(root / f"e{seed}" / "1.png", seed)
    return root


def files(project: Project) -> dict[str, bytes]:
    found = {}
    for row in project.frames.embryos():
        for one in project.frames.of_embryo(row.id):
            found[one.path] = project.frames.file(one).read_bytes()
    return found


def test_the_copies_are_what_the_project_shows_and_the_originals_may_go(
    project: Project, stills: Path
) -> None:
    before = {path.relative_to(stills).as_posix(): path.read_bytes() for path in stills.rglob("*.png")}
    report = import_source(project, stills, options=COPY)
    assert (report.added, report.source) == (6, stills.name)
    shutil.rmtree(stills)
    assert files(project) == before
    assert not list(project.folder.rglob("*.part"))


def test_the_project_can_be_moved_with_its_copies(tmp_path: Path, stills: Path) -> None:
    with Project.create(tmp_path / "here") as project:
        import_source(project, stills, options=COPY)
    shutil.move(tmp_path / "here", tmp_path / "there")
    with Project.open(tmp_path / "there") as project:
        assert len(files(project)) == 6


def test_planes_times_and_phases_come_with_a_copied_tree(project: Project, tmp_path: Path) -> None:
    report = import_source(project, gomez(tmp_path / "Gomez", runs=3), options=COPY)
    assert (report.layout, report.added, report.planes) == ("gomez", 12, (-15, 0))
    (source,) = project.frames.sources()
    assert source.root == project.folder.resolve() / "frames" / "Gomez"
    assert source.options["original"] == str(tmp_path / "Gomez")


def test_another_import_goes_on_with_the_copies_without_being_told(project: Project, stills: Path) -> None:
    import_source(project, stills, options=COPY)
    frame(stills / "e9" / "1.png", 99)
    again = import_source(project, stills)
    assert (again.added, again.known) == (1, 6)
    assert len(project.frames.sources()) == 1
    assert "e9/1.png" in files(project)


def test_a_changed_original_is_said_and_the_copy_stays(project: Project, stills: Path) -> None:
    import_source(project, stills, options=COPY)
    before = files(project)
    frame(stills / "e0" / "1.png", 1000)
    (rejected,) = import_source(project, stills).rejected
    assert rejected.path == "e0/1.png"
    assert rejected.reason.startswith("has changed since the project took its copy: the copy stays")
    assert files(project) == before


def test_two_folders_of_one_name_do_not_mix(project: Project, tmp_path: Path) -> None:
    for seed, place in enumerate(("left", "right")):
        frame(tmp_path / place / "stills" / "e" / "1.png", seed)
        import_source(project, tmp_path / place / "stills", options=COPY)
    assert [source.root.name for source in project.frames.sources()] == ["stills", "stills 2"]
    assert project.frames.count() == 2


def test_one_source_is_either_copied_or_left(project: Project, stills: Path) -> None:
    import_source(project, stills)
    with pytest.raises(UserError, match="was imported before with its files left where they are"):
        import_source(project, stills, options=COPY)


def test_an_option_that_means_nothing_is_refused(project: Project, stills: Path) -> None:
    with pytest.raises(UserError, match="files is “move”; use stay or copy"):
        import_source(project, stills, options={"files": "move"})


def test_a_full_disk_keeps_what_is_whole_and_the_import_goes_on(small_disk: Path, tmp_path: Path) -> None:
    root = tmp_path / "stills"
    for seed in range(20):
        frame(root / f"e{seed:02d}" / "1.png", seed, size=256)
    with Project.create(small_disk / "study") as project:
        filler = fill_disk(small_disk)
        os.truncate(filler, filler.stat().st_size - 600_000 - RESERVE)
        with pytest.raises(UserError, match=r"is full\. .* free some space and import again"):
            import_source(project, root, options=COPY)
        kept = list((project.folder / "frames").rglob("*.png"))
        assert 0 < len(kept) < 20
        assert all(path.stat().st_size == (root / path.parent.name / "1.png").stat().st_size for path in kept)
        assert not list(project.folder.rglob("*.part"))
        filler.unlink()
        report = import_source(project, root, options=COPY)
        assert report.added + report.known == 20
        assert len(files(project)) == 20


def test_a_stop_keeps_every_frame_that_was_read(project: Project, tmp_path: Path) -> None:
    root = tmp_path / "s"
    for seed in range(120):
        frame(root / f"e_{seed}.png", seed)
    told: list[int] = []
    with pytest.raises(ImportCancelled):
        import_source(
            project,
            root,
            options=COPY,
            progress=lambda d, n: told.append(d),
            cancelled=lambda: len(told) == 1,
        )
    assert project.frames.count() == 99  # the hundredth file found the stop


def test_a_project_on_a_server_keeps_no_copies(postgresql: Server, tmp_path: Path, stills: Path) -> None:
    """They would lie in one seat's folder, where the others do not see them."""
    with Project.create(tmp_path / "seat", database=postgresql.new_database()) as project:
        with pytest.raises(UserError, match="on a server: copies in this seat's folder are out of the other"):
            import_source(project, stills, options=COPY)
        assert import_source(project, stills).added == 6
        assert not (project.folder / "frames").exists()
