"""A bug is loud: a dialog with what happened and where the log lies. The window stays usable."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from blasto_annotator.gui.background import report_error
from blasto_annotator.gui.widgets.basics import button, column, row, text


class CrashDialog(QDialog):
    """Non-modal, so that an entry on screen can still be saved."""

    def __init__(self, parent: QWidget | None, error: BaseException, log_file: Path) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.details = "".join(traceback.format_exception(error))
        heading = text("The program made a mistake, not you", "heading")
        sentence = text(
            f"What was shown as saved is saved. Send the log to whoever looks after this program: {log_file}",
            wrap=True,
        )
        sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        view = QPlainTextEdit(self.details)
        view.setReadOnly(True)
        view.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        view.setMinimumSize(620, 220)
        copy = button("Copy the details", lambda: QGuiApplication.clipboard().setText(self.details))
        folder = button("Open the log folder", lambda: open_folder(log_file.parent))
        close = button("Go on working", self.close, role="primary")
        self.setLayout(column(heading, sentence, view, row(copy, folder, None, close), gap=12, margin=20))


def show_crash(parent: QWidget | None, error: BaseException, log_file: Path) -> None:
    """Shows the dialog; a second fault while it is open does not stack another."""
    if parent is not None and parent.findChild(CrashDialog) is not None:
        return
    CrashDialog(parent, error, log_file).show()


def install_excepthook() -> None:
    """Sends what no one caught to the window, so that nothing is swallowed in a slot."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, Exception):
            report_error(None, error)
        else:
            sys.__excepthook__(kind, error, trace)

    sys.excepthook = hook


def open_folder(folder: Path) -> None:
    """Opens a folder in the desktop's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
