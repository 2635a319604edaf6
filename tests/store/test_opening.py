"""Making and opening projects, and every way in which that is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.store import Project, engines, migrate
from tests.quick_disk import CONFIGURE
from tests.store.conftest import CHECKOUT, by_hand

ENTRY = LabelEntry(parse_grade("4AB"))


@pytest.fixture
def project(file_project: Project) -> Project:
    """These tests are about the file."""
    return file_project


def test_a_new_project_is_what_was_asked_for_and_stays_so(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", "Clinic “Ж”", "gardner-9", sample=True) as made:
        assert made.snapshots.is_dir()
        assert made.runs.is_dir()
        assert made.batches.is_dir()
        assert made.cache.is_dir()

    with Project.open(tmp_path / "p") as opened:
        assert (opened.id, opened.name) == (made.id, "Clinic “Ж”")
        assert opened.scheme.name == "gardner-9"
        assert opened.is_sample
        assert opened.folder == made.folder


def test_a_project_takes_its_folder_s_name_and_the_default_scheme(tmp_path: Path) -> None:
    with Project.create(tmp_path / "my embryos") as made:
        assert (made.name, made.scheme.name, made.is_sample) == ("my embryos", "gardner-3group", False)


def test_a_relative_folder_keeps_working_when_the_working_folder_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Project.create(Path("p")) as made:
        monkeypatch.chdir("/")
        made.set_setting("key", "value")
        assert made.setting("key") == "value"


def test_settings_are_kept(project: Project) -> None:
    assert project.setting("grader", "nobody") == "nobody"
    project.set_setting("grader", "ann")
    project.set_setting("grader", "Åse")

    with Project.open(project.folder) as again:
        assert again.setting("grader") == "Åse"


def test_writes_are_synchronous_and_logged_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_configure_sqlite", CONFIGURE)
    with Project.create(tmp_path / "p") as project, project._db.reading() as session:
        connection = session.connection()
        pragmas = ("journal_mode", "synchronous", "foreign_keys")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]

    assert found == ["wal", 2, 1]  # 2 is FULL: https://sqlite.org/pragma.html#pragma_synchronous


def test_a_place_that_is_taken_is_refused(tmp_path: Path) -> None:
    Project.create(tmp_path / "p").close()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.doc").write_text("x")
    (tmp_path / "file").write_text("x")

    for name, words in (("p", "holds a project already"), ("full", "not empty"), ("file", "is a file")):
        with pytest.raises(UserError, match=words) as caught:
            Project.create(tmp_path / name)
        assert str(tmp_path / name) in str(caught.value)
    assert (tmp_path / "full" / "thesis.doc").read_text() == "x"


def test_an_unknown_scheme_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="gardner-3group"):
        Project.create(tmp_path / "p", scheme="my own")

    assert not (tmp_path / "p").exists()


def test_a_folder_without_a_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no folder"):
        Project.open(tmp_path / "gone")
    with pytest.raises(UserError, match="holds no project"):
        Project.open(tmp_path)


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _overwrite_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\x00garbage" * 4)


def _overwrite_middle(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))


def _empty(path: Path) -> None:
    os.truncate(path, 0)


def _replace_by_text(path: Path) -> None:
    path.write_text("these are my notes\n" * 500)


@pytest.mark.parametrize(
    "damage", [_truncate, _overwrite_header, _overwrite_middle, _empty, _replace_by_text]
)
def test_a_damaged_database_is_refused_and_left_as_it_is(
    filled: Project, damage: Callable[[Path], None]
) -> None:
    filled.close()
    database = filled.folder / "project.db"
    damage(database)
    before = database.read_bytes()

    with pytest.raises(UserError, match="damaged") as caught:
        Project.open(filled.folder)

    assert str(database) in str(caught.value)
    assert "backup" in str(caught.value)
    assert database.read_bytes() == before


def test_one_damaged_page_of_labels_is_found_on_opening(filled: Project) -> None:
    rows = [(1, f"{number:064x}", ENTRY) for number in range(500)]
    filled.labels.import_many(rows, "ann")
    filled.close()
    database = filled.folder / "project.db"
    content = database.read_bytes()
    page = content.index(f"{250:064x}".encode()) // 4096 * 4096
    database.write_bytes(content[:page] + b"\xff" * 4096 + content[page + 4096 :])

    with pytest.raises(UserError, match="damaged"):
        Project.open(filled.folder)


def test_a_deleted_cache_comes_back(project: Project) -> None:
    project.close()
    project.cache.rmdir()

    with Project.open(project.folder) as again:
        assert again.cache.is_dir()


def test_the_newest_copy_beside_a_damaged_database_is_named(filled: Project) -> None:
    filled.close()
    database = filled.folder / "project.db"
    shutil.copy(database, filled.folder / "project.db.bak-0001")
    _empty(database)

    with pytest.raises(UserError, match=r"project\.db\.bak-0001"):
        Project.open(filled.folder)


def test_damage_found_while_working_is_said(filled: Project) -> None:
    filled.close()
    with Project.open(filled.folder) as opened:
        _overwrite_middle(filled.folder / "project.db")
        with pytest.raises(UserError, match="damaged"):
            opened.frames.embryos()


def test_a_database_of_something_else_is_refused(project: Project) -> None:
    project.close()
    by_hand(project, "DROP TABLE alembic_version")

    with pytest.raises(UserError, match="holds no project"):
        Project.open(project.folder)


def test_a_project_from_a_newer_version_is_refused_unchanged(project: Project) -> None:
    project.close()
    by_hand(project, "UPDATE alembic_version SET version_num = '9999'")
    before = (project.folder / "project.db").read_bytes()

    with pytest.raises(UserError, match="newer version") as caught:
        Project.open(project.folder)

    assert str(project.folder) in str(caught.value)
    assert (project.folder / "project.db").read_bytes() == before


def test_a_second_window_is_refused_until_the_first_closes(project: Project) -> None:
    project.hold_window()
    project.hold_window()
    with Project.open(project.folder) as second:
        with pytest.raises(UserError, match="another window"):
            second.hold_window()
        project.close()
        second.hold_window()


def test_a_window_that_was_killed_leaves_no_lock(project: Project) -> None:
    code = "import sys, pathlib; from blasto_annotator.store import Project; "
    code += (
        "Project.open(pathlib.Path(sys.argv[1])).hold_window(); print('held', flush=True); sys.stdin.read()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(project.folder)],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(UserError, match="another window"):
            project.hold_window()
        child.kill()
    project.hold_window()


def _move(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


def _replace(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))
    Project.create(folder).close()


def _remove_the_database(folder: Path) -> None:
    (folder / "project.db").unlink()


@pytest.mark.parametrize("vanish", [shutil.rmtree, _move, _replace, _remove_the_database])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not let an open project be moved")
def test_a_project_that_vanished_while_open_refuses_every_write(
    filled: Project, vanish: Callable[[Path], None]
) -> None:
    frame = filled.frames.embryos()[0].id
    vanish(filled.folder)

    for write in (
        lambda: filled.labels.record(frame, "a" * 64, "ann", ENTRY),
        lambda: filled.set_setting("a", "b"),
        lambda: filled.frames.add_source(filled.folder / "x", "folder"),
        lambda: filled.audit.append("ann", "snapshot", "snapshot:1"),
        filled.check_present,
    ):
        with pytest.raises(UserError, match="moved, deleted or replaced") as caught:
            write()
        assert str(filled.folder) in str(caught.value)


def test_a_project_moved_and_put_back_goes_on(filled: Project) -> None:
    away = filled.folder.with_name("away")
    filled.folder.rename(away)
    with pytest.raises(UserError, match="moved"):
        filled.check_present()
    away.rename(filled.folder)

    filled.labels.record(1, "a" * 64, "ann", ENTRY)

    assert len(filled.labels.current()) == 1


@pytest.fixture
def read_only_disk(small_disk: Path) -> Path:
    """A disk with a project and an empty folder, mounted again as read-only."""
    Project.create(small_disk / "project").close()
    (small_disk / "empty").mkdir()
    remount(small_disk, "ro")
    return small_disk


def remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


def test_a_folder_that_may_not_be_written_is_refused(read_only_disk: Path) -> None:
    with pytest.raises(UserError, match="cannot be written") as caught:
        Project.open(read_only_disk / "project")
    assert str(read_only_disk / "project") in str(caught.value)

    with pytest.raises(UserError, match="choose a folder that you may write"):
        Project.create(read_only_disk / "empty")


def test_a_project_that_may_not_be_written_is_looked_at(small_disk: Path) -> None:
    for name in ("a.png", "b.png"):
        (small_disk / name).write_bytes(name.encode())
    with Project.create(small_disk / "project") as made:
        source = made.frames.add_source(small_disk, "folder")
        made.frames.add(source, [ImportedFrame(name, name) for name in ("a.png", "b.png")])
        made.labels.record(1, made.frames.ensure_hash(1), "ann", ENTRY)
    remount(small_disk, "ro")
    with Project.open(small_disk / "project", or_read=True) as project:
        assert project.read_only
        project.hold_window()
        assert [label.entry for label in project.labels.current()] == [ENTRY]
        assert project.frames.ensure_hash(2)  # read, and not stored
        assert project.frames.get(2).sha256 is None
        assert project.audit.verify() is None
        with pytest.raises(UserError, match="open for reading only, so nothing was saved: copy the folder"):
            project.labels.record(2, "a" * 64, "ann", ENTRY)
        with pytest.raises(UserError, match="open for reading only"):
            project.choose_scheme("gardner-9", "ann")
    assert sorted(path.name for path in (small_disk / "project").glob("project.db*")) == ["project.db"]


def test_a_project_that_was_not_closed_is_not_read_as_an_archive(small_disk: Path) -> None:
    Project.create(small_disk / "project").close()
    (small_disk / "project" / "project.db-wal").write_bytes(b"entries")
    remount(small_disk, "ro")
    with pytest.raises(UserError, match="holds entries that are not in it yet"):
        Project.open(small_disk / "project", or_read=True)


def test_an_archive_of_another_version_is_refused(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Project.create(small_disk / "project").close()
    remount(small_disk, "ro")
    monkeypatch.setattr(migrate.check_readable, "__defaults__", ("9999", migrate.MIGRATIONS))
    with pytest.raises(UserError, match="made by an older version and cannot be written"):
        Project.open(small_disk / "project", or_read=True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_permissions_of_others_are_respected(project: Project) -> None:
    project.close()
    project.folder.chmod(0o555)
    try:
        with pytest.raises(UserError, match="permissions"):
            Project.open(project.folder)
    finally:
        project.folder.chmod(0o755)
