"""States of agreement, audit, accounts, settings and what belongs to no page."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QTabWidget

from blasto_annotator.gui.accounts.pin_dialog import NewPinDialog, PinDialog
from blasto_annotator.gui.accounts.window import GradersWindow
from blasto_annotator.gui.agreement.page import ADJUDICATE, AgreementPage
from blasto_annotator.gui.audit.page import AuditPage
from blasto_annotator.gui.key_editor import KeyEditor
from blasto_annotator.gui.key_sheet import KeySheet
from blasto_annotator.gui.settings_dialog import SettingsDialog
from tests.gui.loop_walk import Walk, on_screen
from tests.gui.pictures.material import cut_end
from tests.gui.pictures.stage import Stage, State


def start(stage: Stage) -> Walk:
    """No project is open."""
    yield stage.window.start_page.isVisible


def chosen(act: str, kind: type[QDialog] = QDialog) -> Any:
    """A dialog that an act of the menus opens."""

    def steps(stage: Stage) -> Walk:
        stage.window.actions_table[act].trigger()
        yield lambda: on_screen(kind)

    return steps


def palette(stage: Stage) -> Walk:
    """The command palette, a few letters typed."""
    stage.press("ctrl+shift+p")
    yield stage.window.palette_box.isVisible
    stage.type_text("plane")


def message(kind: str, words: str) -> Any:
    """The bar under the menus."""

    def steps(stage: Stage) -> Walk:
        stage.window.state.message.emit(kind, words)
        yield stage.window.messages.isVisible

    return steps


def agreement(tab: int, criterion: str = "expansion") -> Any:
    """A view of the Agreement page."""

    def steps(stage: Stage) -> Walk:
        stage.press("ctrl+4")
        page: Any = stage.window.page("agreement")
        assert isinstance(page, AgreementPage)
        yield lambda: page.isVisible() and page.part is not None
        page.choose_criterion(criterion)
        yield lambda: page.part is not None and page.part.result.ratings.criterion == criterion
        page.tabs.setCurrentIndex(tab)
        yield lambda: tab != ADJUDICATE or page.adjudicate.model.current is not None
        yield from stage.rest()

    return steps


def nothing_to_compare(stage: Stage) -> Walk:
    """One grader only."""
    stage.press("ctrl+4")
    yield lambda: stage.window.page("agreement").empty.isVisible()  # type: ignore[attr-defined]


def decided(stage: Stage) -> Walk:
    """A dispute was decided, names are shown."""
    yield from agreement(ADJUDICATE)(stage)
    view: Any = stage.window.page("agreement").adjudicate  # type: ignore[attr-defined]
    first = view.model.current
    while view.model.current is first and first.decision is None:
        asked = view.model.asked
        stage.press("b")
        yield lambda asked=asked: view.model.asked != asked or view.model.current is not first
    stage.press("r")


def audit(words: str = "", *, verify: bool = True, row: bool = False) -> Any:
    """The Audit page with its verdict."""

    def steps(stage: Stage) -> Walk:
        stage.press("ctrl+6")
        page: Any = stage.window.page("audit")
        assert isinstance(page, AuditPage)
        yield lambda: page.isVisible() and page.model.rowCount() > 0
        if verify:
            yield page.verdict.verify.isEnabled
            stage.click(page.verdict.verify)
            yield lambda: "whole trail" in page.verdict.words.text()
        page.filter.words.setText(words)
        yield from stage.rest()
        if row:
            page.table.selectRow(0)
            yield lambda: page.detail.title.text()

    return steps


def tampered(stage: Stage) -> Walk:
    """A row that was changed outside the application is named and shown."""
    stage.press("ctrl+6")
    page: Any = stage.window.page("audit")
    yield page.verdict.there.isVisible
    stage.click(page.verdict.there)
    yield lambda: page.detail.title.text()


def cut_off(stage: Stage) -> Walk:
    """The trail is shorter than it was when this computer last saw it."""
    window, project = stage.window, stage.window.state.project
    assert project is not None
    folder = project.folder
    window.projects.close_quietly()
    yield lambda: window.state.project is None
    cut_end(folder)
    window.projects.open(folder)
    yield lambda: window.state.project is not None
    stage.press("ctrl+6")
    page: Any = window.page("audit")
    yield page.verdict.accept.isVisible


def read_only(stage: Stage) -> Walk:
    """A project on a disk that may not be written."""
    window = stage.window
    disk = stage.work / "window-read-only"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(disk)], check=False, capture_output=True)
    yield disk.is_mount
    folder = Path(shutil.copytree(stage.material.project("lapse"), disk / "Archive 2024"))
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    window.settings.set_text("session/page", "label")
    window.projects.open(folder)
    yield lambda: window.state.project is not None and stage.label.flow.grading.on_screen is not None


def graders(tab: int) -> Any:
    """The window of graders."""

    def steps(stage: Stage) -> Walk:
        yield from chosen("edit.graders", GradersWindow)(stage)
        stage.see(GradersWindow).findChildren(QTabWidget)[0].setCurrentIndex(tab)
        yield from stage.rest()

    return steps


def pin_wrong(stage: Stage) -> Walk:
    """Somebody typed another PIN."""
    stage.window.state.grader_requested.emit("Boris")
    yield lambda: on_screen(PinDialog)
    dialog = stage.see(PinDialog)
    dialog.field.setText("0000")
    stage.click(dialog.go_on)
    yield dialog.answer.isVisible


def pin_new(stage: Stage) -> Walk:
    """A PIN typed twice, not the same."""
    yield from graders(0)(stage)
    dialog = NewPinDialog(stage.see(GradersWindow), "Clara", False)
    dialog.show()
    dialog.first.setText("1414")
    dialog.second.setText("1441")
    stage.click(dialog.save)
    yield lambda: on_screen(NewPinDialog)


def settings(tab: int) -> Any:
    """A tab of the settings."""

    def steps(stage: Stage) -> Walk:
        yield from chosen("edit.settings", SettingsDialog)(stage)
        stage.see(SettingsDialog).findChildren(QTabWidget)[0].setCurrentIndex(tab)
        yield from stage.rest()

    return steps


def key_taken(stage: Stage) -> Walk:
    """A key that another act has."""
    yield from settings(3)(stage)
    editor = stage.see(KeyEditor)
    field = editor.fields["label.search"]
    field.setKeySequence(QKeySequence("Ctrl+I"))
    field.editingFinished.emit()
    yield editor.swaps["label.search"].isVisible
    taken = editor.fields["file.sample"]
    taken.setKeySequence(QKeySequence("A"))
    taken.editingFinished.emit()


STATES = (
    State("start", start, ""),
    State("start-new-project", chosen("file.new"), ""),
    State("window-palette", palette),
    State("window-keys", chosen("help.keys", KeySheet)),
    State("window-scheme", chosen("edit.scheme")),
    State("window-export", chosen("file.export_labels"), "lapse"),
    State("window-about", chosen("help.about")),
    State("window-read-only", read_only, ""),
    State("window-message", message("success", "210 labels written to labels.csv.")),
    State("settings-appearance", settings(0)),
    State("settings-labelling", settings(1)),
    State("settings-training", settings(2)),
    State("settings-keys", settings(3)),
    State("settings-key-taken", key_taken),
    State("graders-accounts", graders(0), "dealt"),
    State("graders-assignments", graders(1), "dealt"),
    State("graders-not-dealt", graders(1), "lapse"),
    State("graders-pin-wrong", pin_wrong, "lapse"),
    State("graders-pin-new", pin_new, "lapse"),
    State("agreement-nothing", nothing_to_compare),
    State("agreement-figures", agreement(0), "panel"),
    State("agreement-figures-group", agreement(0, "group"), "panel"),
    State("agreement-each-two", agreement(1, "icm"), "panel"),
    State("agreement-over-time", agreement(2), "panel"),
    State("agreement-adjudicate", agreement(ADJUDICATE), "panel"),
    State("agreement-decided", decided, "panel"),
    State("agreement-may-not", agreement(ADJUDICATE), "panel", "Boris"),
    State("audit-verified", audit(row=True), "lapse"),
    State("audit-filter-none", audit("zzz", verify=False), "lapse"),
    State("audit-tampered", tampered, "tampered"),
    State("audit-cut-off", cut_off, "lapse"),
)
