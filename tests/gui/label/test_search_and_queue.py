"""Typed filters, saved filters and queues in the real page."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.store import Project
from tests.gui.label.test_label_page import grades, on_screen, press, saved, type_keys, where


def listed(page: LabelPage) -> list[str]:
    return [row.name for row in page.embryos.model.embryos]


def choose_queue(page: LabelPage, name: str) -> None:
    bar = page.embryos.queue
    bar.kinds.setCurrentIndex(bar.kinds.findData(name))


def test_a_typed_filter_lists_embryos_with_a_frame_that_fits(qtbot: QtBot, label_page: LabelPage) -> None:
    type_keys(qtbot, label_page, "4cc")
    saved(qtbot, label_page)
    finder = label_page.embryos.finder
    finder.line.setText("group:poor hpi<105")
    qtbot.waitUntil(lambda: listed(label_page) == ["E1"])
    finder.line.setText("colour:red")
    qtbot.waitUntil(finder.trouble.isVisible)
    assert "no field “colour”" in finder.trouble.text()
    assert listed(label_page) == ["E1"]
    finder.line.setText("")
    qtbot.waitUntil(lambda: listed(label_page) == ["E1", "E2", "E10"])
    assert not finder.trouble.isVisible()


@pytest.mark.qt_log_ignore("This plugin does not support")  # raising and grabbing, off screen
def test_what_is_offered_is_chosen_by_keys_and_the_page_behind_stays(
    qtbot: QtBot, label_page: LabelPage
) -> None:
    field, before = label_page.embryos.finder.line, where(label_page)
    field.setFocus()
    qtbot.keyClicks(field, "e1 hpi>107 is:no")  # type: ignore[no-untyped-call]
    popup = field.completer().popup()
    qtbot.waitUntil(popup.isVisible)
    for _ in range(2):
        qtbot.keyClick(popup, Qt.Key.Key_Down)  # type: ignore[no-untyped-call]
    qtbot.keyClick(popup, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    assert field.text() == "e1 hpi>107 is:noted"
    qtbot.keyClick(field, Qt.Key.Key_Down)  # type: ignore[no-untyped-call]
    assert where(label_page) == before


def test_a_quote_that_hides_the_rest_of_the_filter_is_named(qtbot: QtBot, label_page: LabelPage) -> None:
    finder = label_page.embryos.finder
    finder.line.setText('"E1')
    qtbot.waitUntil(lambda: listed(label_page) == ["E1", "E10"])
    assert not finder.trouble.isVisible()  # it is being typed, and finds what it says
    finder.line.setText('"E1 hpi>105')
    qtbot.waitUntil(lambda: listed(label_page) == [])
    assert "quote before “E1 hpi>105” is not closed" in finder.trouble.text()
    finder.line.setText('"E1" hpi>105')
    qtbot.waitUntil(lambda: listed(label_page) == ["E1", "E10"])
    assert not finder.trouble.isVisible()


def test_another_project_begins_without_the_filter_and_the_sheets_of_the_one_before(
    qtbot: QtBot, window: MainWindow, label_page: LabelPage, fresh_project: Path, tmp_path: Path
) -> None:
    label_page.embryos.finder.line.setText("e2")
    qtbot.waitUntil(lambda: listed(label_page) == ["E2"])
    label_page.flow.toggle_definitions()
    window.projects.open(Path(shutil.copytree(fresh_project, tmp_path / "other")))
    qtbot.waitUntil(lambda: window.state.project is not None and window.state.project.folder.name == "other")
    qtbot.waitUntil(lambda: listed(label_page) == ["E1", "E2", "E10"])
    assert label_page.embryos.finder.line.text() == ""
    assert not label_page.flow.definitions.isVisible()


def test_where_nothing_fits_one_click_shows_everything_again(qtbot: QtBot, label_page: LabelPage) -> None:
    panel = label_page.embryos
    panel.finder.line.setText("hpi>999")
    qtbot.waitUntil(lambda: listed(label_page) == [])
    assert panel.count.text() == "No embryo fits."
    qtbot.mouseClick(panel.everything, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: listed(label_page) == ["E1", "E2", "E10"])
    assert not panel.everything.isVisible()


def test_an_embryo_opens_at_its_first_frame_that_fits(qtbot: QtBot, label_page: LabelPage) -> None:
    label_page.embryos.finder.line.setText("e2 hpi>110")
    qtbot.waitUntil(lambda: listed(label_page) == ["E2"])
    label_page.embryos.embryo_chosen.emit(label_page.embryos.model.embryos[0].id)
    on_screen(qtbot, label_page, "E2", 2)
    assert where(label_page) == ("E2", 2, 0)


def filtered(qtbot: QtBot, page: LabelPage, words: str) -> None:
    """Types a filter and waits until it is in force; then the keys are the frame's."""
    page.embryos.finder.line.setText(words)
    qtbot.waitUntil(lambda: page.flow.list.search == words)
    page.window().activateWindow()
    page.centre.view.setFocus()
    qtbot.waitUntil(page.centre.view.hasFocus)


def test_the_time_line_marks_the_moments_that_fit(qtbot: QtBot, label_page: LabelPage) -> None:
    line = label_page.centre.timeline
    filtered(qtbot, label_page, "hpi>107 is:unlabelled")
    qtbot.waitUntil(lambda: line.fitting == {1, 2})
    assert line.accessibleDescription() == "2 of 3 moments fit the filter"
    press(qtbot, label_page, Qt.Key.Key_F3)
    on_screen(qtbot, label_page, "E1", 1)
    type_keys(qtbot, label_page, "4ab")
    qtbot.waitUntil(lambda: line.fitting == {2})
    filtered(qtbot, label_page, "file:run3")
    qtbot.waitUntil(lambda: line.fitting == {2})
    assert label_page.centre.header.when.toolTip() == "Number 3 in its source (frame:3)"
    filtered(qtbot, label_page, "frame:1..2")
    qtbot.waitUntil(lambda: line.fitting == {0, 1})
    filtered(qtbot, label_page, "e1")  # chooses whole embryos
    qtbot.waitUntil(lambda: line.fitting is None)


def test_enter_behind_a_filter_goes_to_a_frame_that_fits(qtbot: QtBot, label_page: LabelPage) -> None:
    field = label_page.embryos.finder.line
    field.setFocus()
    field.setText("e10 hpi>110")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    on_screen(qtbot, label_page, "E10", 2)
    type_keys(qtbot, label_page, "4ab")  # the keys are the frame's again
    saved(qtbot, label_page)
    assert grades(label_page) == ["4AB"]


def test_keys_go_through_the_frames_that_fit_and_stop_at_the_last(
    qtbot: QtBot, label_page: LabelPage
) -> None:
    filtered(qtbot, label_page, "hpi>107 plane:15 -e2")
    for embryo, place in (("E1", 1), ("E1", 2), ("E10", 1), ("E10", 2)):
        press(qtbot, label_page, Qt.Key.Key_F3)
        on_screen(qtbot, label_page, embryo, place)
        assert where(label_page) == (embryo, place, 15)
    with qtbot.waitSignal(label_page.state.status) as told:
        press(qtbot, label_page, Qt.Key.Key_F3)
    assert told.args == ["This is the last frame that fits the filter."]
    press(qtbot, label_page, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    on_screen(qtbot, label_page, "E10", 1)
    filtered(qtbot, label_page, "")
    with qtbot.waitSignal(label_page.state.status) as told:
        press(qtbot, label_page, Qt.Key.Key_F3)
    assert "No filter is set" in told.args[0]


def test_a_grade_goes_on_to_the_next_frame_that_fits_with_every_key_typed_ahead(
    qtbot: QtBot, label_page: LabelPage
) -> None:
    filtered(qtbot, label_page, "hpi>111")
    press(qtbot, label_page, Qt.Key.Key_F3)
    type_keys(qtbot, label_page, "4ab3bb2cc5aa")  # three embryos fit; the fourth grade has no frame
    saved(qtbot, label_page)
    qtbot.waitUntil(lambda: where(label_page) == ("E10", 2, 0) and not label_page.flow.turning())
    assert grades(label_page) == ["4AB", "3BB", "2CC"]
    assert not label_page.flow.grading.pending


def test_the_next_unlabelled_frame_is_one_that_fits(qtbot: QtBot, label_page: LabelPage) -> None:
    filtered(qtbot, label_page, "hpi:106..109")
    press(qtbot, label_page, Qt.Key.Key_N)
    on_screen(qtbot, label_page, "E1", 1)
    type_keys(qtbot, label_page, "4ab")  # goes on to E2, which is left out
    on_screen(qtbot, label_page, "E2", 1)
    press(qtbot, label_page, Qt.Key.Key_N)
    on_screen(qtbot, label_page, "E10", 1)
    type_keys(qtbot, label_page, "3bb")
    saved(qtbot, label_page)
    press(qtbot, label_page, Qt.Key.Key_N)  # round the list's end, past what has a label
    on_screen(qtbot, label_page, "E2", 1)
    type_keys(qtbot, label_page, "2cc")
    saved(qtbot, label_page)
    with qtbot.waitSignal(label_page.state.status) as told:
        press(qtbot, label_page, Qt.Key.Key_N)
    assert told.args == ["Every moment that fits the filter has your label."]


def test_a_queue_brings_only_frames_that_fit(qtbot: QtBot, label_page: LabelPage) -> None:
    filtered(qtbot, label_page, "-e2")
    label_page.embryos.queue.low.setValue(107.0)
    label_page.embryos.queue.high.setValue(109.0)
    choose_queue(label_page, "one")
    for embryo in ("E10", "E1"):
        on_screen(qtbot, label_page, embryo, 1)
        type_keys(qtbot, label_page, "4ab")
        saved(qtbot, label_page)
    qtbot.waitUntil(lambda: "nothing more that fits" in label_page.embryos.queue.words.text())


def test_a_filter_is_kept_under_a_name_and_forgotten(qtbot: QtBot, label_page: LabelPage) -> None:
    finder = label_page.embryos.finder
    finder.line.setText("is:unlabelled")
    finder.saved.emit("to do", finder.line.text())
    qtbot.waitUntil(lambda: dict(finder.kept) == {"to do": "is:unlabelled"})
    finder.removed.emit("to do")
    qtbot.waitUntil(lambda: not finder.kept)


def test_one_frame_per_embryo_goes_from_embryo_to_embryo(qtbot: QtBot, label_page: LabelPage) -> None:
    label_page.embryos.queue.low.setValue(107.0)
    label_page.embryos.queue.high.setValue(109.0)
    choose_queue(label_page, "one")
    for embryo, grade in (("E2", "4ab"), ("E10", "3bb"), ("E1", "2cc")):
        on_screen(qtbot, label_page, embryo, 1)
        type_keys(qtbot, label_page, grade)
        saved(qtbot, label_page)
    qtbot.waitUntil(lambda: "nothing more" in label_page.embryos.queue.words.text())
    assert sorted(grades(label_page)) == ["2CC", "3BB", "4AB"]


def test_grades_typed_ahead_go_to_the_queues_next_frame(qtbot: QtBot, label_page: LabelPage) -> None:
    label_page.embryos.queue.low.setValue(107.0)
    label_page.embryos.queue.high.setValue(109.0)
    choose_queue(label_page, "one")
    on_screen(qtbot, label_page, "E2", 1)
    type_keys(qtbot, label_page, "4ab3bb")
    saved(qtbot, label_page)
    assert grades(label_page) == ["4AB", "3BB"]


def test_a_queue_without_a_ranking_says_how_to_get_one(qtbot: QtBot, label_page: LabelPage) -> None:
    choose_queue(label_page, "uncertain")
    qtbot.waitUntil(lambda: "not ranked yet" in label_page.embryos.queue.words.text())
    label_page.flow.queue.rank()
    qtbot.waitUntil(lambda: "Too few labels" in label_page.embryos.queue.words.text())


def test_disputed_frames_come_first_without_showing_what_was_said(
    qtbot: QtBot, open_window: Callable[..., LabelPage], project_folder: Path
) -> None:
    with Project.open(project_folder) as project:
        frame = project.frames.of_embryo(project.frames.embryos()[1].id)[4]
        sha256 = project.frames.ensure_hash(frame.id)
        for grader, grade in (("Eve", "4AA"), ("Ben", "3CC")):
            project.labels.record(frame.id, sha256, grader, LabelEntry(parse_grade(grade)))
    page = open_window(project_folder)
    choose_queue(page, "disagreement")
    on_screen(qtbot, page, "E2", 1)
    assert where(page) == ("E2", 1, 0)
    assert page.flow.grading.entry is None
    assert not page.side.grade.history.isVisible()
    press(qtbot, page, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: "nothing more" in page.embryos.queue.words.text())
