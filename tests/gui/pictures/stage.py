"""Where the states are played: the real window, brought into one state after another and photographed."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QMimeData, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QCursor, QDropEvent
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from blasto_annotator.gui.settings import Settings
from gan.contract.locking import FileLock
from tests.gui.loop_walk import Person, Walk, active, on_screen
from tests.gui.pictures.material import Material

W = TypeVar("W", bound=QWidget)
PATIENCE_S = 120.0
DISK = "6m"
RESTED = 4
"""Looks at the window, 50 ms apart, for which a state rests before it is photographed."""


class Stage(Person):
    """A person who can also be put before another project, and photographs the whole screen."""

    material: Material
    work: Path
    held: list[FileLock] = []  # noqa: RUF012 - one stage a process
    """Locks that a state holds until its picture is taken."""

    @property
    def label(self) -> Any:
        """The Label page."""
        return self.window.page("label")

    def picture(self, name: str) -> None:
        """The screen as a person sees it, with dialogs and menus."""
        assert self._pictures is not None
        self._pictures.mkdir(parents=True, exist_ok=True)
        self.window.screen().grabWindow(0).save(str(self._pictures / f"{name}.png"))

    def rest(self) -> Walk:
        """Timers have fired and everything is painted."""
        for _ in range(RESTED):
            yield lambda: True

    def saved(self) -> bool:
        """Nothing is on its way to the disk."""
        return bool(self.label.saves.waiting() == 0)

    def shown(self) -> bool:
        """A frame is on screen and its planes are compared."""
        compared = self.label.centre.view.planes.sharpest is not None
        several = self.label.centre.view.planes.isVisible()
        return self.label.flow.grading.on_screen is not None and (compared or not several)

    def go(self, embryo: int, place: int) -> Walk:
        """To the embryo of this number in the list, and its moment."""
        navigator = self.label.flow.navigator
        yield lambda: len(navigator.order) > embryo
        navigator.open_embryo(navigator.order[embryo])
        yield lambda: navigator.embryo_id == navigator.order[embryo]
        navigator.go_to_place(place)
        yield lambda: navigator.place == place and self.shown()

    def see(self, kind: type[W]) -> W:
        """The widget of a kind that is on screen."""
        found = on_screen(kind)
        assert isinstance(found, kind), f"no {kind.__name__} is on screen"
        return found

    def drop(self, *paths: Path) -> None:
        """Files dragged from the desktop."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        action, buttons, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier
        self.window.dropEvent(QDropEvent(QPointF(9, 9), action, data, buttons, keys.NoModifier))


@dataclass(frozen=True)
class State:
    """What is to be seen, and how a person comes there."""

    name: str
    steps: Callable[[Stage], Walk]
    project: str = "fresh"
    """One of the material's; empty for the start page."""
    grader: str = "Ana"
    tree: str = ""
    """One of the material's that is brought in."""
    own_disk: bool = False
    """Whether the project lies on a small disk of its own, which can be filled. Needs the right to mount."""


def perform(stage: Stage, states: Sequence[State]) -> Walk:
    """Every state from a clean window, then its picture. One that is not reached is named and left out."""
    yield lambda: active(stage.window)
    QApplication.setCursorFlashTime(0)
    stage.window.setGeometry(stage.window.screen().geometry())
    screen = stage.window.screen().geometry()
    QCursor.setPos(screen.right() - 2, screen.bottom() - 2)
    stage.saw |= {"reached": [], "missed": []}
    for state in states:
        begun = time.monotonic()
        for ready in _there(stage, state):
            yield lambda ready=ready, begun=begun: ready() or time.monotonic() - begun > PATIENCE_S
            if time.monotonic() - begun > PATIENCE_S:
                stage.saw["missed"].append(state.name)
                break
        else:
            stage.saw["reached"].append(state.name)
        for top in QApplication.topLevelWidgets():
            if isinstance(top, QDialog) and top.isVisible():
                top.activateWindow()
        yield from stage.rest()
        if not state.own_disk:
            stage.picture(state.name)
        yield from _tidy(stage)


def _there(stage: Stage, state: State) -> Walk:
    if state.project:
        yield from _open(stage, state)
    yield from state.steps(stage)
    yield from stage.rest()


def _open(stage: Stage, state: State) -> Walk:
    """A copy of the project that belongs to this state alone."""
    folder = stage.work / state.name / state.project
    folder.parent.mkdir(parents=True)
    if state.own_disk:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder.parent)]
        subprocess.run(mount, check=False, capture_output=True)
    shutil.copytree(stage.material.project(state.project), folder)
    window = stage.window
    window.settings.set_text("session/page", "label")
    window.projects.open(folder)
    yield lambda: window.state.project is not None and window.state.project.folder == folder
    window.state.set_grader(state.grader)
    page, count = stage.label, window.state.project.frames.count() if window.state.project else 0
    yield lambda: page.flow.turning() is False if count else page.empty.isVisible()
    yield lambda: active(window)


def _tidy(stage: Stage) -> Walk:
    """Menus and dialogs closed, the project too, and nothing remembered."""
    while (menu := QApplication.activePopupWidget()) is not None:
        menu.hide()
    for top in QApplication.topLevelWidgets():
        if isinstance(top, QDialog) and top.isVisible():
            top.close()
    while stage.held:
        stage.held.pop().release()
    window = stage.window
    window.messages.hide()
    window.palette_box.hide()
    window.projects.close_quietly()
    yield lambda: window.state.project is None and active(window)
    for place in stage.work.iterdir():
        if place.is_mount():
            subprocess.run(["umount", "--lazy", str(place)], check=True)
    forget(window.settings)


def forget(settings: Settings) -> None:
    """What one state leaves behind is not there in the next."""
    store = QSettings(str(settings.file), QSettings.Format.IniFormat)
    for group in ("label", "session", "keys"):
        store.remove(group)
