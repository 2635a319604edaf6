"""Dropping files, labels from a sheet, videos, burned-in text and moved folders, in the window."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from blasto_annotator.gui.accounts.pin_dialog import PinDialog
from blasto_annotator.gui.imports.burned_in import BurnedInDialog
from blasto_annotator.gui.imports.labels import LabelsDialog
from blasto_annotator.gui.imports.window import ImportWindow
from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.importers.locating import missing_sources
from blasto_annotator.importers.run import import_source
from blasto_annotator.store import Project


@pytest.fixture
def opened(open_window: Callable[..., LabelPage], project_folder: Path, window: MainWindow) -> MainWindow:
    open_window(project_folder)
    return window


def dialog(window: MainWindow, kind: type[QDialog]) -> QDialog:
    found = [each for each in window.findChildren(kind) if each.isVisible()]
    assert len(found) == 1
    return found[0]


def drop(window: MainWindow, *paths: Path) -> bool:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, buttons, keys = (
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    entered = QDragEnterEvent(QPoint(9, 9), action, data, buttons, keys)
    window.dragEnterEvent(entered)
    if entered.isAccepted():
        window.dropEvent(QDropEvent(QPointF(9, 9), action, data, buttons, keys))
    return entered.isAccepted()


def film(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 8.0, (64, 64))
    for level in range(6):
        writer.write(np.full((64, 64, 3), 30 * level, np.uint8))
    writer.release()
    return path


def test_a_dropped_folder_is_recognised_in_the_import_window(
    qtbot: QtBot, opened: MainWindow, frames_folder: Path
) -> None:
    assert drop(opened, frames_folder)
    choose = dialog(opened, ImportWindow).choose  # type: ignore[attr-defined]
    qtbot.waitUntil(choose.start.isEnabled)
    assert choose.reason.text().startswith("Recognised: ")


def test_nothing_can_be_dropped_on_the_start_page(window: MainWindow, frames_folder: Path) -> None:
    assert not drop(window, frames_folder)


def test_a_dropped_video_comes_in_with_its_times(qtbot: QtBot, opened: MainWindow, tmp_path: Path) -> None:
    drop(opened, film(tmp_path / "films" / "w7.avi"))
    shown = dialog(opened, ImportWindow)
    choose = shown.choose  # type: ignore[attr-defined]
    qtbot.waitUntil(choose.start.isEnabled)
    assert choose.reason.text() == "Recognised: the file w7.avi alone"
    assert choose.film.isVisible()
    assert not choose.files.isVisible()
    choose.film.fields["first_hpi"].setText("96")
    choose.film.fields["frame_hours"].setText("0,5")
    choose.film.changed.emit()
    qtbot.waitUntil(lambda: choose.table.model().index(1, 4).data() == "96.50")
    choose.start.click()
    qtbot.waitUntil(lambda: shown.report.title.text() == "6 frames imported")  # type: ignore[attr-defined]


def test_copying_is_a_choice_in_the_import_window(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path, frames_folder: Path
) -> None:
    shutil.copytree(frames_folder, tmp_path / "mine")
    drop(opened, tmp_path / "mine")
    shown = dialog(opened, ImportWindow)
    choose = shown.choose  # type: ignore[attr-defined]
    qtbot.waitUntil(choose.start.isEnabled)
    choose.files.setCurrentIndex(1)
    choose.start.click()
    qtbot.waitUntil(lambda: "imported" in shown.report.title.text())  # type: ignore[attr-defined]
    project = opened.state.project
    assert project is not None
    assert (project.folder / "frames" / "mine").is_dir()


def test_a_dropped_table_goes_to_the_labels_with_its_reading_shown(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    table = tmp_path / "Gardner_train_silver.csv"
    first = "E1/RUN1_F0_104.0h.png"
    table.write_text(
        f"Image;EXP_silver;ICM_silver;TE_silver\n{first};3;0;1\nnobody.png;3;0;0\n{first};9;0;0\n"
    )
    drop(opened, table)
    shown = dialog(opened, LabelsDialog)
    assert isinstance(shown, LabelsDialog)
    qtbot.waitUntil(lambda: shown.table.rowCount() == 3)
    assert shown.reason.text().startswith(
        "Table of Kromp et al. 2023: 3 lines; EXP 0 to 4 read as Gardner 1 to 5"
    )
    assert [shown.table.item(line, 2).text() for line in range(2)] == ["4AB", "4AA"]
    assert shown.grader.text() == "Kromp silver"
    shown.grader.clear()
    assert not shown.start.isEnabled()  # whose labels?
    shown.grader.setText("Kromp silver")
    shown.start.click()
    qtbot.waitUntil(shown.problems.isVisible)
    assert shown.words.text() == "1 label imported, 0 skipped, 2 left out."
    assert shown.problems.item(0).text().startswith("Line 3: “nobody.png” is no frame of this project")
    project = opened.state.project
    assert project is not None
    assert [str(label.entry and label.entry.grade) for label in project.labels.current("Kromp silver")] == [
        "4AB"
    ]


def test_a_table_dropped_on_the_import_window_goes_to_the_labels(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    (tmp_path / "grades.csv").write_text("Filename,BE\na.png,1\n")
    opened.projects.sources.import_frames()
    shown = dialog(opened, ImportWindow)
    drop(shown, tmp_path / "grades.csv")  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: dialog(opened, LabelsDialog).table.rowCount() == 1)  # type: ignore[attr-defined]


def test_columns_that_are_not_recognised_are_chosen(qtbot: QtBot, opened: MainWindow, tmp_path: Path) -> None:
    table = tmp_path / "sheet.csv"
    table.write_text("Foto,Stadium,ICM,TE\nE1/RUN1_F0_104.0h.png,4,A,B\n")
    opened.projects.sources.import_labels(table)
    shown = dialog(opened, LabelsDialog)
    assert isinstance(shown, LabelsDialog)
    qtbot.waitUntil(lambda: "has no column" in shown.reason.text())
    for field, title in (("image", "Foto"), ("expansion", "Stadium"), ("icm", "ICM"), ("te", "TE")):
        box = shown.columns[field]
        box.setCurrentText(title)
        box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: shown.table.rowCount() == 1)
    assert shown.table.item(0, 2).text() == "4AB"


def test_the_window_asks_what_digits_mean_and_recognises_the_rest(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    table = tmp_path / "sheet.csv"
    table.write_text("Clinic Nord;;;\n\nFilename;BE;ICM;TE;Notes\nE1/RUN1_F0_104.0h.png;4;1;;vacuoles\n")
    opened.projects.sources.import_labels(table)
    shown = dialog(opened, LabelsDialog)
    assert isinstance(shown, LabelsDialog)
    qtbot.waitUntil(lambda: "say whether 0 or 1 is A" in shown.reason.text())
    assert "--" not in shown.reason.text()
    assert shown.words.text() == "Say at “Cells” what the digits mean."
    assert shown.columns["image"].currentText() == "Filename"
    shown.coding.setCurrentIndex(shown.coding.findData("numbers"))
    shown.coding.activated.emit(shown.coding.currentIndex())
    qtbot.waitUntil(lambda: shown.table.rowCount() == 1)
    assert "titles in line 3" in shown.reason.text()
    assert shown.table.item(0, 2).text() == "4A?"
    shown.grader.setText("Ana")
    shown.start.click()
    qtbot.waitUntil(lambda: "1 label imported" in shown.words.text())
    assert "left out. 1 line without ICM or TE: kept as not assessed" in shown.words.text()
    project = opened.state.project
    assert project is not None
    (label,) = project.labels.current("Ana")
    assert label.entry is not None
    assert label.entry.note == "vacuoles"  # no box names it, and it comes along
    shown.back.click()
    qtbot.waitUntil(lambda: "1 label taken back" in shown.words.text())
    assert project.labels.current("Ana") == []


@pytest.fixture
def guarded(qtbot: QtBot, opened: MainWindow, tmp_path: Path) -> LabelsDialog:
    """A table whose labels are to be Cleo's, who has a PIN; nobody is signed in."""
    project = opened.state.project
    assert project is not None
    project.graders.add("Eva", "chief")
    project.graders.add("Cleo", "chief", pin="2718")
    opened.state.set_grader("")
    table = tmp_path / "sheet.csv"
    table.write_text("image,grade\nE1/RUN1_F0_104.0h.png,4AB\n")
    opened.projects.sources.import_labels(table)
    shown = dialog(opened, LabelsDialog)
    assert isinstance(shown, LabelsDialog)
    qtbot.waitUntil(lambda: shown.table.rowCount() == 1)
    shown.grader.setText("cleo")
    return shown


def test_labels_go_under_a_name_with_a_pin_only_with_it(
    qtbot: QtBot, opened: MainWindow, guarded: LabelsDialog
) -> None:
    project = opened.state.project
    assert project is not None
    guarded.start.click()
    qtbot.waitUntil(lambda: guarded.findChild(PinDialog) is not None)
    asked = guarded.findChild(PinDialog)
    assert asked is not None
    for pin in ("0000", "2718"):
        assert project.labels.current() == []
        asked.field.setText(pin)
        asked.go_on.click()
        if pin == "0000":
            qtbot.waitUntil(asked.answer.isVisible)

    qtbot.waitUntil(lambda: "1 label imported" in guarded.words.text())
    assert [label.grader for label in project.labels.current()] == ["Cleo"]
    assert project.audit.rows()[-1].who == "Cleo"


def test_a_pin_that_is_not_given_imports_nothing(
    qtbot: QtBot, opened: MainWindow, guarded: LabelsDialog
) -> None:
    guarded.start.click()
    qtbot.waitUntil(lambda: guarded.findChild(PinDialog) is not None)
    asked = guarded.findChild(PinDialog)
    assert asked is not None
    asked.close()

    qtbot.waitUntil(guarded.start.isEnabled)
    project = opened.state.project
    assert project is not None
    assert project.labels.current() == []


def test_who_adjudicates_imports_for_others_and_the_trail_says_so(
    qtbot: QtBot, opened: MainWindow, guarded: LabelsDialog
) -> None:
    project = opened.state.project
    assert project is not None
    opened.state.set_grader("Eva")
    guarded.start.click()

    qtbot.waitUntil(lambda: "1 label imported" in guarded.words.text())
    newest = project.audit.rows()[-1]
    assert (newest.who, newest.why) == ("Eva", "import for Cleo")


@pytest.fixture
def burned(tmp_path: Path) -> Path:
    """A project whose source has text in its pictures."""
    folder = tmp_path / "stills"
    folder.mkdir()
    for number in range(20):
        noise = np.random.default_rng(number).integers(60, 140, (7, 7), np.uint8)
        image = cv2.resize(noise, (128, 128), interpolation=cv2.INTER_CUBIC)
        cv2.putText(image, "Well 3", (4, 122), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 1, cv2.LINE_AA)
        cv2.imwrite(str(folder / f"e{number}_1.png"), image)
    with Project.create(tmp_path / "burned") as project:
        import_source(project, folder)
    return tmp_path / "burned"


def test_burned_in_text_is_shown_corrected_and_confirmed(
    qtbot: QtBot, open_window: Callable[..., LabelPage], burned: Path, window: MainWindow
) -> None:
    open_window(burned)
    window.projects.sources.burned_in()
    shown = dialog(window, BurnedInDialog)
    assert isinstance(shown, BurnedInDialog)
    qtbot.waitUntil(shown.confirm.isEnabled)
    assert shown.words.text().startswith("1 area of burned-in text or bars in 20 frames of 20 embryos")
    (found,) = shown.view.boxes
    qtbot.waitUntil(lambda: not shown.view._image.isNull())
    middle = shown.view.rect().center()
    QTest.mousePress(shown.view, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(shown.view, middle + QPoint(60, 40))
    QTest.mouseRelease(shown.view, Qt.MouseButton.LeftButton, pos=middle + QPoint(60, 40))
    assert len(shown.view.boxes) == 2
    QTest.keyClick(shown.view, Qt.Key.Key_Delete)
    assert shown.view.boxes == [found]
    shown.way.setCurrentIndex(1)
    shown.confirm.click()
    project = window.state.project
    assert project is not None
    qtbot.waitUntil(lambda: "burned_in" in project.frames.sources()[0].options)
    stored = project.frames.sources()[0].options["burned_in"]
    assert stored["way"] == "crop"
    assert stored["sizes"][0]["boxes"] == [[found.x, found.y, found.width, found.height]]


def test_a_moved_folder_is_said_on_opening_and_found_again(
    qtbot: QtBot, burned: Path, window: MainWindow, tmp_path: Path
) -> None:
    shutil.move(tmp_path / "stills", tmp_path / "elsewhere")
    window.projects.open(burned)
    qtbot.waitUntil(lambda: "“stills” are not in" in window.messages.sentence)
    project = window.state.project
    assert project is not None
    (source,) = project.frames.sources()
    (tmp_path / "wrong").mkdir()
    window.projects.sources.locate_in(source, tmp_path / "wrong" / "..")
    qtbot.waitUntil(lambda: project.frames.sources()[0].root == tmp_path / "elsewhere")
    qtbot.waitUntil(lambda: "is found: 20 of 20 frames compared" in window.messages.sentence)


def test_a_folder_that_goes_while_the_window_is_open_is_said_once(
    qtbot: QtBot, burned: Path, window: MainWindow, tmp_path: Path
) -> None:
    window.projects.open(burned)
    qtbot.waitUntil(lambda: window.state.project is not None)
    shutil.move(tmp_path / "stills", tmp_path / "elsewhere")
    window.projects.check_present()
    qtbot.waitUntil(lambda: "“stills” are not in" in window.messages.sentence)
    window.messages.hide()
    project = window.state.project
    assert project is not None
    window.projects.sources.say_missing(missing_sources(project))
    assert not window.messages.isVisible()


def test_other_images_are_refused_with_another_try(
    qtbot: QtBot, open_window: Callable[..., LabelPage], burned: Path, window: MainWindow, tmp_path: Path
) -> None:
    open_window(burned)
    project = window.state.project
    assert project is not None
    (source,) = project.frames.sources()
    shutil.copytree(source.root, tmp_path / "far" / "other" / "stills")
    for path in (tmp_path / "far" / "other" / "stills").iterdir():
        cv2.imwrite(str(path), np.random.default_rng(len(path.name)).integers(0, 255, (64, 64), np.uint8))
    window.projects.sources.locate_in(source, tmp_path / "far" / "other")
    qtbot.waitUntil(lambda: "holds other images under the names" in window.messages.sentence)
    assert window.messages.kind == "error"
    assert project.frames.sources() == [source]
