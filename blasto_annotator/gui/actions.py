"""The key table as Qt actions, bound to what the window and its pages can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenuBar, QWidget

from blasto_annotator.gui.icons import icon
from blasto_annotator.gui.keys import KEYS, MENUS, SUBMENUS, Key
from blasto_annotator.gui.settings import KEYBOARD_LAYOUT, KEYS_BY_PLACE, Settings
from blasto_annotator.gui.typed import hides_shortcut, learn_layout, printed, read_keys, sequence_by_place

Handler = Callable[[], object]


@runtime_checkable
class HasCommands(Protocol):
    """A page that carries out some of the table's acts."""

    def commands(self) -> Mapping[str, Handler]: ...


class Actions(QObject):
    """One QAction for each act of the table that has a menu."""

    renamed = Signal()
    """Acts have other keys, or their keys are called otherwise."""

    def __init__(self, window: QWidget, settings: Settings) -> None:
        super().__init__(window)
        self._window = window
        self._settings = settings
        read_keys(by_place=settings.flag(KEYS_BY_PLACE, False), layout=settings.text(KEYBOARD_LAYOUT))
        self._made = {key.id: self._make(key) for key in KEYS if key.menu}

    def __getitem__(self, key_id: str) -> QAction:
        return self._made[key_id]

    def all(self) -> list[tuple[Key, QAction]]:
        """Every act with its action, in the table's order."""
        return [(key, self._made[key.id]) for key in KEYS if key.id in self._made]

    def bind(self, handlers: Mapping[str, Handler]) -> None:
        """Connects acts to handlers."""
        for key_id, handler in handlers.items():
            self._made[key_id].triggered.connect(lambda _=False, call=handler: call())

    def bind_page(self, page: QWidget) -> None:
        """Connects the acts that a page can do; their keys work while the focus is in it."""
        if not isinstance(page, HasCommands):
            return
        handlers = page.commands()
        self.bind(handlers)
        page.addActions([self._made[key_id] for key_id in handlers])

    def show_page(self, name: str) -> None:
        """Enables what works on this page; an empty name is the start page."""
        for key, action in self.all():
            if key.page:
                action.setEnabled(key.page == name)

    def press(self, event: QKeyEvent) -> bool:
        """Does the act of the key at this place, where the layout writes no Latin letter or digit there.

        Qt finds shortcuts by what a key writes: on a Russian keyboard Ctrl+Z would be nothing.
        """
        sequence = sequence_by_place(event)
        for _, action in self.all() if sequence else ():
            if action.isEnabled() and QKeySequence(sequence) in action.shortcuts():
                action.trigger()
                return True
        return False

    def keeps(self, event: QKeyEvent) -> bool:
        """Whether a key must not be taken for the shortcut that Qt finds; learns the keyboard on the way."""
        layout = learn_layout(event)
        if layout:
            self._settings.set_text(KEYBOARD_LAYOUT, layout)
            self.renamed.emit()
        return hides_shortcut(event)

    def count_by_place(self, on: bool) -> None:
        """Letters count by their place on the keyboard from now on, or as they are printed."""
        self._settings.set_flag(KEYS_BY_PLACE, on)
        read_keys(by_place=on, layout=self._settings.text(KEYBOARD_LAYOUT))
        self.renamed.emit()

    def name_of(self, key_id: str) -> str:
        """What the key of an act says, as this system writes it; empty where it has none."""
        key = next(key for key in KEYS if key.id == key_id)
        return next((native(chosen) for chosen in shortcut_texts(key, self._settings)), "")

    def fill_menus(self, bar: QMenuBar) -> None:
        """Builds the menus from the table."""
        for title in MENUS:
            menu = bar.addMenu(f"&{title}")
            listed = [(key, action) for key, action in self.all() if key.menu == title]
            for number, (group, members) in enumerate(groupby(listed, key=lambda item: item[0].group)):
                if number:
                    menu.addSeparator()
                place = menu
                if group in SUBMENUS:
                    title_of_it, icon_name = SUBMENUS[group]
                    place = menu.addMenu(icon(icon_name), title_of_it)
                place.addActions([action for _, action in members])

    def apply_shortcuts(self) -> None:
        """Reads the user's keys again."""
        for key, action in self.all():
            action.setShortcuts([QKeySequence(text) for text in shortcut_texts(key, self._settings)])
        self.renamed.emit()

    def _make(self, key: Key) -> QAction:
        action = QAction(key.title, self._window)
        action.setObjectName(key.id)
        if key.icon:
            action.setIcon(icon(key.icon))
        action.setShortcuts([QKeySequence(text) for text in shortcut_texts(key, self._settings)])
        if key.page:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.setEnabled(False)
        else:
            self._window.addAction(action)
        return action


def shortcut_texts(key: Key, settings: Settings) -> tuple[str, ...]:
    """The keys of an act: the user's where chosen, else the table's."""
    chosen = settings.shortcut(key.id)
    return key.keys if chosen is None else tuple(filter(None, [chosen]))


def native(portable: str) -> str:
    """A key's name as this system writes it, by what the key says."""
    arrows = {"Up": "↑", "Down": "↓", "Left": "←", "Right": "→"}
    written = QKeySequence(portable).toString(QKeySequence.SequenceFormat.NativeText)
    head, plus, last = written.rpartition("+")
    if not last:
        return written
    return f"{head}{plus}{arrows.get(last, last if head else printed(last))}"
