"""How fast a page turns on the Label page: from the key press to the new frame painted, at 500x500.

Run `python benchmarks/page_turn.py` (add `--json` for scripts). Without a display it runs offscreen. A viewer
of Pillow and QLabel, which decodes on the key press, turns the same pages in the same run for comparison.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

if sys.platform == "linux" and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.gui.settings import Settings
from blasto_annotator.gui.theme import apply_theme
from blasto_annotator.importers.run import import_source
from blasto_annotator.store import Project

SIDE, MOMENTS, PLANES = 500, 120, (-45, -30, -15, 0, 15, 30, 45)
PATTERN = r"(?P<embryo>[^/]+)/RUN(?P<frame>\d+)_F(?P<plane>-?\d+)\.jpg"
PACE_MS = 40
"""Between two turns, as a quick person turns them."""
WINDOW = (1280, 720)


def main() -> None:
    """Measures and prints."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--turns", type=int, default=200)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), chosen.turns)
    print(json.dumps(found, indent=1) if chosen.json else table(found))


def measure(folder: Path, turns: int) -> dict[str, dict[str, float]]:
    """Milliseconds by kind of turn."""
    files = draw(folder / "frames")
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")
    with Project.create(folder / "project") as project:
        import_source(project, folder / "frames", "folder", {"pattern": PATTERN})
    window, page = open_page(folder)
    found = {
        "time, at a pace": turn(page, walk(Qt.Key.Key_Right, Qt.Key.Key_Left), turns, PACE_MS),
        "planes, at a pace": turn(page, walk(Qt.Key.Key_Up, Qt.Key.Key_Down), turns, PACE_MS),
        "time, key held": turn(page, walk(Qt.Key.Key_Right, Qt.Key.Key_Left), turns, 0),
        "Pillow and QLabel": bare_viewer(files, turns, PACE_MS),
    }
    window.close()
    app.processEvents()
    base = found["Pillow and QLabel"]["p99"]
    return {name: figures | {"p99_of_bare": figures["p99"] / base} for name, figures in found.items()}


def draw(folder: Path) -> list[Path]:
    """Frames with an embryo's amount of detail: blurred noise and a bright ring."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    ring = 90 * np.exp(-((np.hypot(x, y) - 0.4 * SIDE) ** 2) / 200)
    (folder / "E1").mkdir(parents=True)
    files = []
    for moment in range(1, MOMENTS + 1):
        for plane in PLANES:
            noise = rng.normal(128, 60, (SIDE // 4, SIDE // 4))
            smooth = Image.fromarray(noise.clip(0, 255).astype(np.uint8)).resize(
                (SIDE, SIDE), Image.Resampling.BICUBIC
            )
            pixels = (np.asarray(smooth) * 0.6 + ring).clip(0, 255).astype(np.uint8)
            files.append(folder / "E1" / f"RUN{moment}_F{plane}.jpg")
            Image.fromarray(pixels).save(files[-1], quality=90)
    return files


def open_page(folder: Path) -> tuple[MainWindow, LabelPage]:
    """The window on the project, the first frame on screen."""
    window = MainWindow(Settings(folder / "window.ini"), folder / "window.log")
    window.resize(*WINDOW)
    window.show()
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    window.projects.open(folder / "project")
    until(lambda: window.state.project is not None)
    page = window.page("label")
    assert isinstance(page, LabelPage)
    window.state.set_grader("benchmark")
    until(lambda: page.flow.grading.on_screen is not None)
    QTest.qWait(3000)  # pages that are built in idle time
    window.activateWindow()
    page.centre.view.setFocus()
    return window, page


def walk(there: Qt.Key, back: Qt.Key) -> Callable[[int], Qt.Key]:
    """Six steps there, six back: a grader looks to and fro."""
    return lambda turn: there if (turn // 6) % 2 == 0 else back


def turn(page: LabelPage, key: Callable[[int], Qt.Key], turns: int, pace_ms: int) -> dict[str, float]:
    """Milliseconds from key press to the new frame painted."""
    painted: list[float] = []
    view = page.centre.view
    page.flow.navigator.go_to_place(MOMENTS // 2)
    page.flow.navigator.set_plane(-45)
    QTest.qWait(500)
    view.painted.connect(lambda: painted.append(time.perf_counter()))
    taken = []
    for number in range(turns):
        painted.clear()
        began = time.perf_counter()
        QTest.keyClick(view, key(number))
        until(lambda: bool(painted))
        taken.append(1000 * (painted[0] - began))
        if pace_ms:
            QTest.qWait(pace_ms)
    return figures(taken)


def bare_viewer(files: list[Path], turns: int, pace_ms: int) -> dict[str, float]:
    """The same pages decoded on the key press and shown by a QLabel of the same size."""
    label = QLabel()
    label.resize(660, 560)
    label.show()
    QTest.qWait(200)
    taken = []
    for number in range(turns):
        began = time.perf_counter()
        with Image.open(files[number % len(files)]) as image:
            pixels = np.asarray(image.convert("L"))
        shown = QImage(pixels.tobytes(), SIDE, SIDE, SIDE, QImage.Format.Format_Grayscale8)
        scaled = QPixmap.fromImage(shown).scaled(560, 560, mode=Qt.TransformationMode.SmoothTransformation)
        label.setPixmap(scaled)
        label.repaint()
        taken.append(1000 * (time.perf_counter() - began))
        QTest.qWait(pace_ms)
    label.close()
    return figures(taken)


def figures(taken: list[float]) -> dict[str, float]:
    """Percentiles of milliseconds."""
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return {"p50": cuts[49], "p90": cuts[89], "p99": cuts[98], "max": max(taken)}


def until(done: Callable[[], bool], seconds: float = 60.0) -> None:
    """Runs the event loop until something is so."""
    end = time.perf_counter() + seconds
    while not done():
        QCoreApplication.processEvents()
        if time.perf_counter() > end:
            raise TimeoutError("the window does not answer")


def table(found: dict[str, dict[str, float]]) -> str:
    """The figures as text."""
    head = f"{'milliseconds':<20}{'p50':>8}{'p90':>8}{'p99':>8}{'max':>8}{'p99 / bare':>12}"
    lines = [
        f"{name:<20}{f['p50']:8.1f}{f['p90']:8.1f}{f['p99']:8.1f}{f['max']:8.1f}{f['p99_of_bare']:12.2f}"
        for name, f in found.items()
    ]
    return "\n".join([head, *lines])


if __name__ == "__main__":
    main()
