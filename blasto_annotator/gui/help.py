"""The Help menu and the settings dialog's door."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog

from blasto_annotator import __version__
from blasto_annotator.gui.crash import open_folder
from blasto_annotator.gui.icons import pixmap
from blasto_annotator.gui.settings import Settings
from blasto_annotator.gui.theme import current_theme
from blasto_annotator.gui.widgets.basics import button, column, row, text

if TYPE_CHECKING:
    from blasto_annotator.gui.main_window import MainWindow

RESEARCH_USE = "For research use only. Not for clinical decisions or for ranking embryos for transfer."


class HelpActions:
    """Opens the sheets that explain and set up the window."""

    def __init__(self, window: MainWindow, settings: Settings, log_file: Path) -> None:
        self._window = window
        self._settings = settings
        self._log_file = log_file

    def commands(self) -> dict[str, Callable[[], object]]:
        """What the menus call."""
        return {
            "help.keys": self.show_keys,
            "help.log": lambda: open_folder(self._log_file.parent),
            "help.about": self.show_about,
            "edit.settings": self.show_settings,
        }

    def show_keys(self) -> None:
        """The sheet of every key."""
        from blasto_annotator.gui.key_sheet import KeySheet

        KeySheet(self._window, self._settings).show()

    def show_settings(self) -> None:
        """The settings dialog."""
        from blasto_annotator.gui.settings_dialog import SettingsDialog

        SettingsDialog(self._window, self._settings).show()

    def show_about(self) -> None:
        """Name, version, licence, and what the program is not for."""
        dialog = QDialog(self._window)
        dialog.setWindowTitle("About")
        picture = text("")
        picture.setPixmap(pixmap("embryo", 56, current_theme().accent, dialog.devicePixelRatioF()))
        words = column(
            text("Blasto Annotator", "heading"),
            text(f"Version {__version__} · Apache-2.0", "muted"),
            text("Label, curate and generate images of human blastocysts.", wrap=True),
            text(RESEARCH_USE, "warning", wrap=True),
        )
        close = button("Close", dialog.close, role="primary")
        head = row(picture, words, gap=20)
        head.setStretch(1, 1)
        dialog.setLayout(column(head, row(None, close), gap=16, margin=24))
        dialog.setFixedWidth(480)
        dialog.show()
