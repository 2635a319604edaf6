"""Accounts in the window: signing in with and without a PIN, the window of graders, assignments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from blasto_annotator.gui.accounts.pin_dialog import NewPinDialog
from blasto_annotator.gui.accounts.window import GradersWindow
from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.gui.scheme_dialog import SchemeDialog
from blasto_annotator.store import Project


@pytest.fixture
def project(window: MainWindow, open_window: Callable[..., LabelPage], project_folder: Path) -> Project:
    """Open in the window: Ada may adjudicate, Ben has a PIN."""
    with Project.open(project_folder) as closed:
        closed.graders.enter("Ada")
        closed.graders.add("Ben", "Ada", pin="2718")
    open_window(project_folder)
    assert window.state.project is not None
    return window.state.project


def opened(window: MainWindow) -> GradersWindow:
    """The window of graders, not read yet."""
    window.projects.show_graders()
    found = window.findChild(GradersWindow)
    assert found is not None
    return found


@pytest.fixture
def graders(qtbot: QtBot, window: MainWindow, project: Project) -> GradersWindow:
    """The window of graders, read."""
    made = opened(window)
    qtbot.waitUntil(lambda: named(made, QPushButton, "PIN of Ben") is not None)
    return made


def named(parent: QWidget, kind: type[QWidget], name: str) -> QWidget | None:
    """The control with this accessible name."""
    found = [widget for widget in parent.findChildren(kind) if widget.accessibleName() == name]
    return found[-1] if found else None


def press(qtbot: QtBot, widget: QWidget | None) -> None:
    assert widget is not None
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_a_new_name_signs_in_at_once_and_has_an_account(
    qtbot: QtBot, window: MainWindow, project: Project
) -> None:
    window.state.set_grader("")
    page = window.page("label")
    assert isinstance(page, LabelPage)
    page.side.grader.field.setText("Zoë")
    press(qtbot, page.side.grader.start)

    qtbot.waitUntil(lambda: window.state.grader == "Zoë")
    assert project.graders.find("zoë") is not None
    assert window.graders.dialog is None


def test_a_name_with_a_pin_asks_for_it_and_takes_only_the_right_one(
    qtbot: QtBot, window: MainWindow, project: Project
) -> None:
    window.state.grader_requested.emit("ben")
    qtbot.waitUntil(lambda: window.graders.dialog is not None)
    dialog = window.graders.dialog
    assert dialog is not None

    dialog.field.setText("0000")
    press(qtbot, dialog.go_on)
    qtbot.waitUntil(lambda: dialog.answer.isVisible())
    assert dialog.answer.text() == "That is not the PIN of Ben."
    assert "graders pin" in dialog.forgotten.text()
    assert dialog.forgotten.isVisible()
    assert window.state.grader == "Ada"

    dialog.field.setText("2718")
    press(qtbot, dialog.go_on)
    qtbot.waitUntil(lambda: window.state.grader == "Ben")
    assert window.settings.graders()[0] == "Ben"


def test_a_closed_account_is_not_entered(qtbot: QtBot, window: MainWindow, project: Project) -> None:
    project.graders.set_active("Ben", False, "Ada")

    window.state.grader_requested.emit("Ben")

    qtbot.waitUntil(lambda: "account of Ben is closed" in window.messages.sentence)
    assert window.state.grader == "Ada"


def test_accounts_are_added_closed_and_given_rights(
    qtbot: QtBot, graders: GradersWindow, project: Project
) -> None:
    graders.accounts.name.setText("Cleo")
    press(qtbot, graders.accounts.add)
    qtbot.waitUntil(lambda: named(graders, QPushButton, "Close the account of Cleo") is not None)

    box = named(graders, QCheckBox, "Cleo may adjudicate")
    assert isinstance(box, QCheckBox)
    box.click()
    qtbot.waitUntil(lambda: bool((found := project.graders.find("Cleo")) and found.may_adjudicate))
    press(qtbot, named(graders, QPushButton, "Close the account of Cleo"))
    qtbot.waitUntil(lambda: bool((found := project.graders.find("Cleo")) and not found.active))


def test_a_pin_is_typed_twice(qtbot: QtBot, graders: GradersWindow, project: Project) -> None:
    press(qtbot, named(graders, QPushButton, "PIN of Ada"))
    dialog = graders.accounts.findChild(NewPinDialog)
    assert dialog is not None
    dialog.first.setText("3141")
    dialog.second.setText("3142")
    assert dialog.answer.text() == "The two are not the same."
    assert not dialog.save.isEnabled()

    dialog.second.setText("3141")
    press(qtbot, dialog.save)

    qtbot.waitUntil(lambda: bool((found := project.graders.find("Ada")) and found.has_pin))
    project.graders.check_pin("Ada", "3141")


def test_who_may_not_adjudicate_cannot_change_others(
    qtbot: QtBot, window: MainWindow, project: Project
) -> None:
    window.state.set_grader("Ben")
    graders = opened(window)
    qtbot.waitUntil(lambda: named(graders, QPushButton, "Close the account of Ada") is not None)

    others = ("Close the account of Ada", QPushButton), ("Ben may adjudicate", QCheckBox)
    for name, kind in (*others, ("PIN of Ada", QPushButton)):
        widget = named(graders, kind, name)
        assert widget is not None
        assert not widget.isEnabled()
    own = named(graders, QPushButton, "PIN of Ben")
    assert own is not None
    assert own.isEnabled()


def test_nobody_signed_in_sets_no_pin(qtbot: QtBot, window: MainWindow, project: Project) -> None:
    window.state.set_grader("")
    graders = opened(window)
    qtbot.waitUntil(lambda: named(graders, QPushButton, "PIN of Ada") is not None)

    for name in ("PIN of Ada", "PIN of Ben"):
        widget = named(graders, QPushButton, name)
        assert widget is not None
        assert not widget.isEnabled()


def labels(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel)]


def test_embryos_are_dealt_out_and_taken_back(qtbot: QtBot, graders: GradersWindow, project: Project) -> None:
    tab = graders.assignments
    qtbot.waitUntil(tab.deal.isEnabled)
    tab.overlap.setValue(0)
    tab.deal.click()
    qtbot.waitUntil(lambda: len(project.assignments.shares()) == 2)
    qtbot.waitUntil(lambda: tab.answer.text() == "Every embryo is dealt out.")
    assert [share.shared for share in project.assignments.shares()] == [0, 0]
    wanted = [f"0 of {share.moments} (0 %)" for share in project.assignments.shares()]
    qtbot.waitUntil(lambda: [words for words in labels(tab) if words.endswith("(0 %)")] == wanted)

    tab.clear.click()
    qtbot.waitUntil(lambda: project.assignments.plan() is None)


def test_the_share_of_repeats_is_kept(qtbot: QtBot, graders: GradersWindow, project: Project) -> None:
    qtbot.waitUntil(lambda: graders.accounts.share.value() == 5.0)
    graders.accounts.share.setValue(12.5)
    graders.accounts.share.editingFinished.emit()

    qtbot.waitUntil(lambda: project.repeats.share() == 0.125)


@pytest.fixture
def guarded(project: Project) -> Project:
    """Ada's name needs a PIN now, so that she looks after the project."""
    project.graders.set_pin("Ada", "3141", "Ada")
    return project


def test_where_somebody_looks_after_the_accounts_the_others_only_look(
    qtbot: QtBot, window: MainWindow, guarded: Project
) -> None:
    window.state.set_grader("Ben")
    graders = opened(window)
    accounts, assignments = graders.accounts, graders.assignments
    qtbot.waitUntil(lambda: accounts.words.text().startswith("Ada adds accounts here."))
    qtbot.waitUntil(lambda: "sign in as Ada" in assignments.answer.text())
    for widget in (accounts.name, accounts.add, accounts.share, assignments.deal, assignments.overlap):
        assert not widget.isEnabled()

    window.state.set_grader("Ada")
    qtbot.waitUntil(accounts.add.isEnabled)
    qtbot.waitUntil(assignments.deal.isEnabled)


def test_who_administers_without_a_pin_is_named(qtbot: QtBot, window: MainWindow, guarded: Project) -> None:
    guarded.graders.add("Eve", "Ada", may_adjudicate=True)
    graders = opened(window)
    words = graders.accounts.words
    qtbot.waitUntil(lambda: "Eve may change everything here and has no PIN" in words.text())


def test_a_mistyped_name_is_said_and_makes_no_account(
    qtbot: QtBot, window: MainWindow, guarded: Project
) -> None:
    window.state.grader_requested.emit("Adda")
    qtbot.waitUntil(lambda: "ask Ada to add it" in window.messages.sentence)
    assert window.state.grader == "Ada"
    assert guarded.graders.find("Adda") is None


def test_a_scheme_that_may_not_be_chosen_leaves_the_one_in_force_chosen(
    qtbot: QtBot, window: MainWindow, guarded: Project
) -> None:
    window.state.set_grader("Ben")
    window.actions_table["edit.scheme"].trigger()
    dialog = window.findChild(SchemeDialog)
    assert dialog is not None
    dialog.choices["gardner-9"].click()
    qtbot.waitUntil(lambda: "sign in as Ada" in window.messages.sentence)
    assert dialog.choices["gardner-3group"].isChecked()
    assert guarded.scheme.name == "gardner-3group"
