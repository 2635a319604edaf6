"""New projects on a server and joined ones, and signed exports, through the window's dialogs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from blasto_annotator.curation.signing import verify
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.gui.export_dialog import FORMS, ExportDialog
from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.gui.new_project import JOIN, SERVER, NewProjectDialog
from tests.postgresql import Server


def ask_new(window: MainWindow, place: Path) -> NewProjectDialog:
    window.settings.set_text("session/place", str(place))
    window.projects.ask_new()
    return window.findChildren(NewProjectDialog)[-1]  # an earlier one may wait to be deleted


def test_a_project_is_made_on_a_server_and_joined_by_another_folder(
    qtbot: QtBot, window: MainWindow, postgresql: Server, tmp_path: Path
) -> None:
    database = postgresql.new_database()
    dialog = ask_new(window, tmp_path)
    dialog.name.setText("seat 1")
    dialog.kept.setCurrentIndex(SERVER)
    dialog.database.setText(database)
    dialog._create.click()
    qtbot.waitUntil(lambda: window.state.project is not None)
    first = window.state.project
    assert first is not None
    assert first.location.url is not None

    dialog = ask_new(window, tmp_path)
    dialog.name.setText("seat 2")
    dialog.kept.setCurrentIndex(JOIN)
    dialog.database.setText(database)
    dialog._create.click()
    qtbot.waitUntil(lambda: window.state.project not in (None, first))
    second = window.state.project
    assert second is not None
    assert (second.id, second.folder) == (first.id, tmp_path / "seat 2")


def test_an_address_is_looked_at_while_it_is_typed(window: MainWindow, tmp_path: Path) -> None:
    dialog = ask_new(window, tmp_path)
    dialog.kept.setCurrentIndex(SERVER)
    assert not dialog._create.isEnabled()

    dialog.database.setText("postgresql://ana@lab")
    assert "names no database" in dialog._where.text()
    dialog.database.setText("postgresql://ana@lab/embryos")
    assert dialog._create.isEnabled()

    dialog.kept.setCurrentIndex(JOIN)
    assert not dialog.scheme.isVisible()
    assert dialog._create.text() == "Join project"
    dialog.close()


def test_labels_are_exported_into_a_signed_folder(
    qtbot: QtBot, window: MainWindow, label_page: LabelPage, tmp_path: Path
) -> None:
    project = window.state.project
    assert project is not None
    frame = project.frames.of_embryo(project.frames.embryos()[0].id)[0]
    project.labels.record(
        frame.id, project.frames.ensure_hash(frame.id), "Ada", LabelEntry(parse_grade("4AB"))
    )
    window.projects.export_labels()
    dialog = window.findChild(ExportDialog)
    assert dialog is not None

    dialog.form.setCurrentIndex(next(at for at, form in enumerate(FORMS) if form[1] == "coco"))
    dialog.target.setText(str(tmp_path / "out"))
    dialog.export.click()

    qtbot.waitUntil(lambda: "signed with" in window.messages.sentence)
    signed = verify(tmp_path / "out")
    assert signed.manifest["pseudonyms"] is True
    assert signed.fingerprint in window.messages.sentence


def test_a_plain_file_needs_no_key(
    qtbot: QtBot,
    window: MainWindow,
    open_window: Callable[..., LabelPage],
    project_folder: Path,
    tmp_path: Path,
) -> None:
    open_window(project_folder)
    window.projects.export_labels()
    dialog = window.findChild(ExportDialog)
    assert dialog is not None
    dialog.target.setText(str(tmp_path / "labels.csv"))
    assert not dialog.hidden.isVisible()
    dialog.export.click()

    qtbot.waitUntil((tmp_path / "labels.csv").exists)
    assert not list(project_folder.glob("*.pem"))
