"""The composition root of the window: settings, log, what happens to errors, and the window itself."""

from __future__ import annotations

import gc
import logging
import signal
import sys
import time
from collections.abc import Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path

from platformdirs import user_log_path
from PySide6.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from blasto_annotator import __version__
from blasto_annotator.gui.crash import install_excepthook
from blasto_annotator.gui.icons import icon
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.gui.settings import Settings
from blasto_annotator.gui.theme import apply_theme

log = logging.getLogger(__name__)
LOG_BYTES = 2_000_000
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def run(arguments: Sequence[str] = ()) -> int:
    """Opens the window, on the project folder given as the first argument where there is one."""
    started = time.perf_counter()
    app = QApplication([sys.argv[0], *arguments])
    app.setApplicationName("blasto-annotator")
    app.setApplicationDisplayName("Blasto Annotator")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("blasto-annotator")
    settings = Settings()
    log_file = start_log()
    install_excepthook()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    theme = apply_theme(app, settings.theme, settings.text_scale)
    app.setWindowIcon(icon("embryo", theme.accent))
    window = MainWindow(settings, log_file)
    window.first_painted.connect(lambda: log.info("window painted %.3f s after start", _since(started)))
    window.first_painted.connect(spare_the_collector)
    window.settled.connect(spare_the_collector)
    window.show()
    QTimer.singleShot(0, lambda: _open_first(window, settings, arguments))
    code = app.exec()
    log.info("closed")
    return code


def spare_the_collector() -> None:
    """What stands now stays: the garbage collector need not walk through it again.

    Walking through modules and widgets takes it a tenth of a second, during which no key is answered. And it
    looks less often: an embryo's thousands of frames come at once, and none of them is rubbish.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def start_log() -> Path:
    """Starts the log file and returns its path. Qt's messages go there too."""
    folder = user_log_path("blasto-annotator")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "window.log"
    handler = RotatingFileHandler(file, maxBytes=LOG_BYTES, backupCount=3, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    log.info("version %s, Python %s", __version__, sys.version.split()[0])
    qInstallMessageHandler(_log_qt)
    return file


def _log_qt(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logging.getLogger("qt").log(_LEVELS[kind], "%s", message)


def _open_first(window: MainWindow, settings: Settings, arguments: Sequence[str]) -> None:
    """The project named, else the one of the last session."""
    last = settings.text("session/project")
    if arguments:
        window.projects.open(Path(arguments[0]).absolute())
    elif last and settings.flag("session/reopen", True) and Path(last).is_dir():
        window.projects.open(Path(last))


def _since(started: float) -> float:
    return time.perf_counter() - started
