"""Labelling by keys on a real project, in a real page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import Label, LabelEntry
from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.store import Project
from tests.conftest import fill_disk
from tests.gui.conftest import draw_time_lapse, make_project

GRADES = ("4AB", "3BB", "2CC", "1", "5AA", "6BA", "4CB", "3AC", "2BC")


def type_keys(qtbot: QtBot, page: LabelPage, keys: str) -> None:
    """Types into whatever has the focus, as a keyboard does; then every key has met its frame."""
    for key in keys:
        qtbot.keyClicks(QApplication.focusWidget() or page, key)  # type: ignore[no-untyped-call]
    met(qtbot, page)


def met(qtbot: QtBot, page: LabelPage) -> None:
    """A frame is on screen, or why there is none is said, and no key waits for one."""
    grading = page.flow.grading
    qtbot.waitUntil(
        lambda: bool(grading.obstacle) or (grading.on_screen is not None and not grading.typed_ahead)
    )


def press(qtbot: QtBot, page: LabelPage, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    target = QApplication.focusWidget() or page
    qtbot.keyClick(target, key, modifier or Qt.KeyboardModifier.NoModifier)  # type: ignore[no-untyped-call]
    met(qtbot, page)


def saved(qtbot: QtBot, page: LabelPage) -> None:
    """Whatever was typed has met its frame and is stored."""
    qtbot.waitUntil(lambda: page.saves.waiting() == 0 and not page.flow.grading.typed_ahead)


def project_of(page: LabelPage) -> Project:
    project = page.state.project
    assert project is not None
    return project


def rows(page: LabelPage, grader: str = "Ada") -> list[Label]:
    return project_of(page).labels.current(grader)


def grades(page: LabelPage) -> list[str]:
    return [str(label.entry.grade) for label in rows(page) if label.entry is not None]


def where(page: LabelPage) -> tuple[str, int, int | None]:
    frame = page.flow.navigator.frame
    assert frame is not None
    return frame.embryo, page.flow.navigator.place, frame.plane


def on_screen(qtbot: QtBot, page: LabelPage, embryo: str, place: int) -> None:
    def there() -> bool:
        shown = page.flow.grading.on_screen
        return shown is not None and where(page)[:2] == (embryo, place)

    qtbot.waitUntil(there)


def test_a_typed_grade_is_saved_as_typed_and_the_page_moves_on(qtbot: QtBot, label_page: LabelPage) -> None:
    assert where(label_page) == ("E1", 0, 0)
    type_keys(qtbot, label_page, "4ab")
    assert where(label_page) == ("E1", 1, 0)
    saved(qtbot, label_page)
    assert grades(label_page) == ["4AB"]


def test_grades_typed_without_waiting_go_each_to_its_own_frame(qtbot: QtBot, label_page: LabelPage) -> None:
    type_keys(qtbot, label_page, "".join(GRADES))
    qtbot.waitUntil(lambda: len(rows(label_page)) == len(GRADES))
    frames = project_of(label_page).frames
    order = [
        (frame.embryo, frame.index) for frame in (frames.get(label.frame_id) for label in rows(label_page))
    ]
    assert grades(label_page) == list(GRADES)
    assert order == [(embryo, index) for embryo in ("E1", "E2", "E10") for index in (1, 2, 3)]


def test_the_label_belongs_to_the_content_that_was_on_screen(qtbot: QtBot, label_page: LabelPage) -> None:
    type_keys(qtbot, label_page, "4ab")
    saved(qtbot, label_page)
    label = rows(label_page)[0]
    assert label.sha256 == project_of(label_page).frames.ensure_hash(label.frame_id)


def test_the_saved_state_is_shown_after_the_commit(
    qtbot: QtBot, window: MainWindow, label_page: LabelPage
) -> None:
    at_that_time: list[int] = []
    window.state.saved.connect(lambda _: at_that_time.append(len(rows(label_page))))
    type_keys(qtbot, label_page, "4ab")
    saved(qtbot, label_page)
    assert at_that_time == [1]
    assert window.status.saved.text() == "Saved: 4AB · E1 · 104.0 h"


def test_the_group_is_shown_at_once_with_its_reason(qtbot: QtBot, label_page: LabelPage) -> None:
    type_keys(qtbot, label_page, "4ab")
    press(qtbot, label_page, Qt.Key.Key_Left)
    display = label_page.side.grade.display
    assert display.badge.group is not None
    assert display.badge.group.name == "good"
    assert display.reason.text() == "ICM A, TE B is good."


def test_pending_characters_are_shown_and_taken_back(qtbot: QtBot, label_page: LabelPage) -> None:
    type_keys(qtbot, label_page, "4a")
    assert str(label_page.flow.grading.pending) == "4A·"
    assert "4A" in label_page.side.grade.display.cells.accessibleName()
    press(qtbot, label_page, Qt.Key.Key_Backspace)
    assert str(label_page.flow.grading.pending) == "4··"
    press(qtbot, label_page, Qt.Key.Key_Escape)
    assert not label_page.flow.grading.pending
    assert rows(label_page) == []


def test_a_half_typed_grade_waits_for_its_frame(qtbot: QtBot, label_page: LabelPage) -> None:
    type_keys(qtbot, label_page, "4a")
    press(qtbot, label_page, Qt.Key.Key_Right)
    on_screen(qtbot, label_page, "E1", 1)
    assert not label_page.flow.grading.pending
    press(qtbot, label_page, Qt.Key.Key_Left)
    on_screen(qtbot, label_page, "E1", 0)
    assert str(label_page.flow.grading.pending) == "4A·"


def test_clicked_parts_make_a_grade_in_any_order(qtbot: QtBot, label_page: LabelPage) -> None:
    for part in (("te", "B"), ("expansion", 4), ("icm", "A")):
        label_page.side.grade.buttons[part].click()
    saved(qtbot, label_page)
    assert grades(label_page) == ["4AB"]


def test_not_gradable_takes_a_reason_by_its_digit(qtbot: QtBot, label_page: LabelPage) -> None:
    type_keys(qtbot, label_page, "x")
    assert label_page.side.grade.reasons.isVisible()
    type_keys(qtbot, label_page, "2")
    saved(qtbot, label_page)
    entry = rows(label_page)[0].entry
    assert entry is not None
    assert (entry.gradable, entry.reason) == (False, "empty well")
    assert where(label_page)[:2] == ("E1", 1)


def test_undo_goes_to_the_frame_and_adds_a_row(qtbot: QtBot, label_page: LabelPage) -> None:
    type_keys(qtbot, label_page, "4ab3bb2cc")
    on_screen(qtbot, label_page, "E2", 0)
    press(qtbot, label_page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    on_screen(qtbot, label_page, "E1", 2)
    saved(qtbot, label_page)
    assert grades(label_page) == ["4AB", "3BB"]
    shown = label_page.flow.grading.on_screen
    assert shown is not None
    history = project_of(label_page).labels.history(shown.sha256)
    assert [(label.entry is None, label.why) for label in history] == [(False, ""), (True, "undo")]


def test_redo_puts_the_label_back(qtbot: QtBot, label_page: LabelPage) -> None:
    type_keys(qtbot, label_page, "4ab3bb")
    for _ in range(2):
        press(qtbot, label_page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    press(qtbot, label_page, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    saved(qtbot, label_page)
    assert grades(label_page) == ["4AB"]
    assert where(label_page)[:2] == ("E1", 0)


def test_a_correction_is_one_more_row_and_undo_brings_the_first_back(
    qtbot: QtBot, label_page: LabelPage
) -> None:
    type_keys(qtbot, label_page, "4ab")
    press(qtbot, label_page, Qt.Key.Key_Left)
    type_keys(qtbot, label_page, "4bb")
    saved(qtbot, label_page)
    assert grades(label_page) == ["4BB"]
    assert rows(label_page)[0].why == "correction"
    label_page.undo()
    saved(qtbot, label_page)
    assert grades(label_page) == ["4AB"]


def test_wheel_and_arrows_move_through_planes_and_time(qtbot: QtBot, label_page: LabelPage) -> None:
    press(qtbot, label_page, Qt.Key.Key_Up)
    assert where(label_page) == ("E1", 0, 15)
    press(qtbot, label_page, Qt.Key.Key_Right)
    assert where(label_page) == ("E1", 1, 15)
    view = label_page.centre.view
    wheel = QWheelEvent(
        QPointF(20, 20), view.mapToGlobal(QPointF(20, 20)), QPoint(), QPoint(0, -120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, wheel)
    assert where(label_page) == ("E1", 1, 0)


def test_a_label_on_another_plane_of_the_moment_is_mentioned(qtbot: QtBot, label_page: LabelPage) -> None:
    type_keys(qtbot, label_page, "4ab")
    saved(qtbot, label_page)
    press(qtbot, label_page, Qt.Key.Key_Left)
    press(qtbot, label_page, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: "on plane 0 µm: 4AB" in label_page.side.grade.display.reason.text())
    type_keys(qtbot, label_page, "3bb")
    saved(qtbot, label_page)
    assert sorted(grades(label_page)) == ["3BB", "4AB"]


def test_what_another_grader_said_is_not_shown(
    qtbot: QtBot, open_window: Callable[..., LabelPage], project_folder: Path
) -> None:
    with Project.open(project_folder) as project:
        frame = project.frames.of_embryo(project.frames.embryos()[0].id)[1]
        sha256 = project.frames.ensure_hash(frame.id)
        project.labels.record(frame.id, sha256, "Eve", LabelEntry(parse_grade("4AA")))
    page = open_window(project_folder)
    on_screen(qtbot, page, "E1", 0)
    assert page.flow.grading.entry is None
    assert page.flow.navigator.entries() == {}
    assert not page.side.grade.history.isVisible()


def test_a_note_is_kept_with_the_label(qtbot: QtBot, label_page: LabelPage) -> None:
    type_keys(qtbot, label_page, "m")
    type_keys(qtbot, label_page, "debris 4ab")
    press(qtbot, label_page, Qt.Key.Key_Return)
    type_keys(qtbot, label_page, "4ab")
    saved(qtbot, label_page)
    entry = rows(label_page)[0].entry
    assert entry is not None
    assert (str(entry.grade), entry.note) == ("4AB", "debris 4ab")


def test_a_key_that_is_held_down_grades_one_frame_only(qtbot: QtBot, label_page: LabelPage) -> None:
    view = label_page.centre.view
    for repeated in (False, True, True, True):
        event = QKeyEvent(
            QEvent.Type.KeyPress, Qt.Key.Key_1, Qt.KeyboardModifier.NoModifier, "1", autorep=repeated
        )
        QApplication.sendEvent(view, event)
    saved(qtbot, label_page)
    assert grades(label_page) == ["1"]


def test_another_grader_sees_nothing_of_the_one_before(qtbot: QtBot, label_page: LabelPage) -> None:
    type_keys(qtbot, label_page, "4ab3b")
    saved(qtbot, label_page)
    label_page.state.set_grader("Eve")
    on_screen(qtbot, label_page, "E1", 1)
    assert not label_page.flow.grading.pending
    press(qtbot, label_page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    press(qtbot, label_page, Qt.Key.Key_Left)
    on_screen(qtbot, label_page, "E1", 0)
    assert label_page.flow.grading.entry is None
    assert grades(label_page) == ["4AB"]


def test_a_button_that_tab_went_to_is_pressed_by_space(qtbot: QtBot, label_page: LabelPage) -> None:
    clahe = label_page.side.picture.clahe
    clahe.setFocus(Qt.FocusReason.TabFocusReason)
    press(qtbot, label_page, Qt.Key.Key_Space)
    assert clahe.isChecked()
    assert not label_page.centre.player.playing


def test_who_grades_before_saying_who_is_told_and_enter_takes_a_name(
    qtbot: QtBot, label_page: LabelPage
) -> None:
    asked = label_page.side.grader
    label_page.state.set_grader("")
    qtbot.waitUntil(lambda: asked.isVisible() and label_page.flow.grading.on_screen is not None)
    asked.show_names(["Eve"])

    for key in (Qt.Key.Key_4, Qt.Key.Key_A, Qt.Key.Key_B):
        qtbot.keyClick(label_page, key)  # type: ignore[no-untyped-call]
    assert asked.first.isVisible()
    (name,) = (made for made in asked.findChildren(QPushButton) if made.text() == "Eve")
    qtbot.keyClick(name, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]

    qtbot.waitUntil(lambda: label_page.state.grader == "Eve")
    assert label_page.side.grade.isVisible()


def test_what_was_on_screen_is_stored_with_the_label(qtbot: QtBot, label_page: LabelPage) -> None:
    press(qtbot, label_page, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    type_keys(qtbot, label_page, "i")
    type_keys(qtbot, label_page, "4ab")
    saved(qtbot, label_page)
    entry = rows(label_page)[0].entry
    assert entry is not None
    assert (entry.view["invert"], entry.view["brightness"], entry.view["plane"]) == (True, 0.05, 0)


def test_inverting_shows_the_inverse(qtbot: QtBot, label_page: LabelPage) -> None:
    view = label_page.centre.view
    before = view.image
    assert before is not None
    value = before.pixelColor(3, 4).red()
    type_keys(qtbot, label_page, "i")
    qtbot.waitUntil(lambda: view.image is not None and view.image.pixelColor(3, 4).red() == 255 - value)


def test_next_unlabelled_skips_what_has_a_label(qtbot: QtBot, label_page: LabelPage) -> None:
    type_keys(qtbot, label_page, "4ab3bb")
    press(qtbot, label_page, Qt.Key.Key_Home)
    type_keys(qtbot, label_page, "n")
    on_screen(qtbot, label_page, "E1", 2)


@pytest.mark.qt_log_ignore("This plugin does not support")  # raising and grabbing, off screen
def test_letters_in_the_search_field_are_no_grades(qtbot: QtBot, label_page: LabelPage) -> None:
    press(qtbot, label_page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    type_keys(qtbot, label_page, "e2")
    model = label_page.embryos.model
    qtbot.waitUntil(lambda: [row.name for row in model.embryos] == ["E2"])
    assert not label_page.flow.grading.pending


def test_a_damaged_frame_says_so_and_takes_no_grade(
    qtbot: QtBot, open_window: Callable[..., LabelPage], tmp_path: Path
) -> None:
    frames = draw_time_lapse(tmp_path / "frames")
    project_folder = make_project(tmp_path / "cohort", frames)
    file = frames / "E1" / "RUN2_F0_108.0h.png"
    file.write_bytes(file.read_bytes()[:200])
    page = open_window(project_folder)
    press(qtbot, page, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: "RUN2_F0_108.0h.png" in page.centre.view.words)
    type_keys(qtbot, page, "4ab")
    assert where(page)[:2] == ("E1", 1)
    press(qtbot, page, Qt.Key.Key_Right)
    type_keys(qtbot, page, "3bb")
    qtbot.waitUntil(lambda: grades(page) == ["3BB"])


def test_a_full_disk_keeps_the_entry_on_screen_until_it_is_saved(
    qtbot: QtBot, open_window: Callable[..., LabelPage], small_disk: Path, tmp_path: Path
) -> None:
    folder = make_project(small_disk / "cohort", draw_time_lapse(tmp_path / "frames"))
    page = open_window(folder)
    filler = fill_disk(small_disk)
    type_keys(qtbot, page, "4ab3bb")
    qtbot.waitUntil(lambda: page.side.notice.isVisible())
    assert page.side.notice.title.text() == "Not saved: 4AB · E1 · 104.0 h"
    assert where(page)[:2] == ("E1", 2)
    page.side.notice.show_frame.emit()
    on_screen(qtbot, page, "E1", 0)
    assert page.side.grade.buttons[("icm", "A")].isChecked()
    assert rows(page) == []
    filler.unlink()
    page.side.notice.again.click()
    qtbot.waitUntil(lambda: grades(page) == ["4AB", "3BB"])
    assert not page.side.notice.isVisible()


def test_an_entry_that_is_given_up_leaves_the_frame_unlabelled_and_the_rest_is_saved(
    qtbot: QtBot, open_window: Callable[..., LabelPage], small_disk: Path, tmp_path: Path
) -> None:
    folder = make_project(small_disk / "cohort", draw_time_lapse(tmp_path / "frames"))
    page = open_window(folder)
    filler = fill_disk(small_disk)
    type_keys(qtbot, page, "4ab3bb")
    qtbot.waitUntil(lambda: page.side.notice.isVisible())
    filler.unlink()
    page.side.notice.give_up.emit()
    qtbot.waitUntil(lambda: grades(page) == ["3BB"])
    press(qtbot, page, Qt.Key.Key_Home)
    on_screen(qtbot, page, "E1", 0)
    assert page.flow.grading.entry is None


def test_the_project_moved_while_open_is_said_and_nothing_is_lost(
    qtbot: QtBot, label_page: LabelPage, project_folder: Path
) -> None:
    away = project_folder.rename(project_folder.with_name("moved"))
    type_keys(qtbot, label_page, "4ab")
    qtbot.waitUntil(lambda: label_page.side.notice.isVisible())
    assert str(project_folder) in label_page.side.notice.sentence.text()
    away.rename(project_folder)
    label_page.side.notice.again.click()
    qtbot.waitUntil(lambda: grades(label_page) == ["4AB"])


def test_playing_moves_through_time_and_ends_at_the_last_moment(qtbot: QtBot, label_page: LabelPage) -> None:
    label_page.centre.player.set_speed(30)
    press(qtbot, label_page, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not label_page.centre.player.playing)
    assert where(label_page)[1] == 2
