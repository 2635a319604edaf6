"""N: what is typed after it belongs to the frame that comes; the list's end says what is left."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from blasto_annotator.gui.label.flow import NOT_SAVED
from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow
from tests.gui.label.test_label_page import GRADES, on_screen, press, project_of, rows, saved, type_keys

CONTROL = Qt.KeyboardModifier.ControlModifier


def by_place(page: LabelPage) -> dict[tuple[str, int], str]:
    """Embryo and moment to the grade that stands."""
    found = [(project_of(page).frames.get(label.frame_id), label.entry) for label in rows(page)]
    return {(frame.embryo, frame.index - 1): str(entry.grade) for frame, entry in found if entry is not None}


def test_keys_right_after_it_wait_for_the_frame_that_comes(qtbot: QtBot, label_page: LabelPage) -> None:
    type_keys(qtbot, label_page, "4ab3bb")
    saved(qtbot, label_page)
    press(qtbot, label_page, Qt.Key.Key_Home)
    on_screen(qtbot, label_page, "E1", 0)

    type_keys(qtbot, label_page, "n2cc")
    qtbot.waitUntil(lambda: len(rows(label_page)) == 3)

    assert by_place(label_page) == {("E1", 0): "4AB", ("E1", 1): "3BB", ("E1", 2): "2CC"}


def test_pressed_while_a_grade_is_being_saved_it_takes_the_keys_along(
    qtbot: QtBot, label_page: LabelPage
) -> None:
    type_keys(qtbot, label_page, "4abn2cc")
    qtbot.waitUntil(lambda: len(rows(label_page)) == 2)

    assert by_place(label_page) == {("E1", 0): "4AB", ("E1", 2): "2CC"}


def test_where_nothing_is_left_the_frame_stays_and_keys_for_another_are_dropped(
    qtbot: QtBot, label_page: LabelPage
) -> None:
    type_keys(qtbot, label_page, "".join(GRADES))
    qtbot.waitUntil(lambda: len(rows(label_page)) == len(GRADES))
    before = by_place(label_page)

    with qtbot.waitSignal(label_page.state.message) as told:
        type_keys(qtbot, label_page, "n1")
    assert told.args == ["success", "Every moment has your label."]
    on_screen(qtbot, label_page, "E10", 2)

    assert by_place(label_page) == before
    assert not label_page.flow.grading.pending


def test_it_waits_for_nothing_that_cannot_be_saved(
    qtbot: QtBot, label_page: LabelPage, project_folder: Path
) -> None:
    away = project_folder.rename(project_folder.with_name("moved"))
    type_keys(qtbot, label_page, "4abn3")
    qtbot.waitUntil(label_page.saves.failed)
    on_screen(qtbot, label_page, "E1", 1)
    assert not label_page.flow.grading.pending
    with qtbot.waitSignal(label_page.state.status) as told:
        type_keys(qtbot, label_page, "n")
    assert told.args == [NOT_SAVED]
    away.rename(project_folder)
    label_page.saves.retry()
    saved(qtbot, label_page)
    assert by_place(label_page) == {("E1", 0): "4AB"}


def test_the_end_of_the_list_says_how_many_are_left(qtbot: QtBot, label_page: LabelPage) -> None:
    said: list[str] = []
    label_page.state.status.connect(said.append)
    last = label_page.embryos.model.embryos[-1].id
    label_page.flow.navigator.open_embryo(last, last=True)
    on_screen(qtbot, label_page, "E10", 2)

    type_keys(qtbot, label_page, "4ab")
    qtbot.waitUntil(lambda: bool(said))
    left = "8 moments have no label of yours yet: Next unlabelled (N) goes there."
    assert said == [f"That was the last frame of the list. {left}"]
    type_keys(qtbot, label_page, "n")
    on_screen(qtbot, label_page, "E1", 0)


def test_the_end_of_the_list_says_that_nothing_is_left(qtbot: QtBot, label_page: LabelPage) -> None:
    said: list[str] = []
    label_page.state.status.connect(said.append)
    type_keys(qtbot, label_page, "".join(GRADES))
    qtbot.waitUntil(lambda: bool(said))
    assert said == ["That was the last frame of the list: every moment has your label."]


def test_a_flag_that_is_not_saved_is_called_one(
    qtbot: QtBot, window: MainWindow, label_page: LabelPage, project_folder: Path
) -> None:
    away = project_folder.rename(project_folder.with_name("moved"))
    label_page.flow.grading.flag("look again", raised=True)
    qtbot.waitUntil(label_page.saves.failed)
    assert window.status.saved.text() == "1 flag is not saved"
    type_keys(qtbot, label_page, "4ab")
    qtbot.waitUntil(lambda: window.status.saved.text() == "2 entries are not saved")
    away.rename(project_folder)
    label_page.saves.retry()
    saved(qtbot, label_page)


def test_names_of_earlier_sessions_are_reached_by_tab(
    qtbot: QtBot, window: MainWindow, label_page: LabelPage
) -> None:
    for name in ("Ben", "Ana"):
        window.settings.remember_grader(name)
    window.state.set_grader("")
    panel = label_page.side.grader
    qtbot.waitUntil(panel.field.isVisible)
    with qtbot.waitSignal(label_page.state.status) as told:
        label_page.flow.saving.redo()
    assert told.args == ["Say who you are first."]
    panel.field.setFocus()
    reached = []
    for _ in range(2):
        press(qtbot, label_page, Qt.Key.Key_Tab)
        focused = window.focusWidget()
        reached.append(getattr(focused, "text", str)())
    assert reached == ["Ana", "Ben"]
    with qtbot.waitSignal(panel.named) as named:
        press(qtbot, label_page, Qt.Key.Key_Space)
    assert named.args == ["Ben"]
