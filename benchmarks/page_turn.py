"""How fast a page turns on the Label page: from the key press to the new frame painted, at 500x500.

Run `python benchmarks/page_turn.py` (add `--json` for scripts; set QT_SCALE_FACTOR=2 for a fine display).
Without a display it runs offscreen. A viewer of Pillow and QLabel, which decodes on the key press, turns the
same pages in the same run for comparison. Pages turned at a pace were read ahead, along time and along the
focal planes; “not read ahead” goes to moments far away, whose frames are decoded on the key press as the bare
viewer's are. The held key comes 60 times a second, over frames of which none is decoded when it begins.
Targets: the 99th percentile at a pace under 16.7 ms, one refresh of a display, and 60 frames a second under a
held key.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
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

from event_loop import rest, until
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QImage, QKeyEvent, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from blasto_annotator.app import spare_the_collector
from blasto_annotator.domain.frames import Frame
from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.gui.settings import Settings
from blasto_annotator.gui.theme import apply_theme
from blasto_annotator.importers.run import import_source
from blasto_annotator.store import Project

SIDE, MOMENTS, PLANES = 500, 120, (-45, -30, -15, 0, 15, 30, 45)
PATTERN = r"(?P<embryo>[^/]+)/RUN(?P<frame>\d+)_F(?P<plane>-?\d+)\.jpg"
KEYS_A_SECOND = 60
PACE_MS = 40
"""Between two turns, as a quick person turns them."""
WINDOW = (1280, 720)
REFRESH_MS = 1000 / 60
FAR = 23
"""Moments from one page that was not read ahead to the next: more than are decoded ahead."""


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
        "time, without pause": turn(page, walk(Qt.Key.Key_Right, Qt.Key.Key_Left), turns, 0),
    }
    found["not read ahead"] = go_far(page, turns)
    rate = hold(page)
    found["Pillow and QLabel"] = bare_viewer(files, turns, PACE_MS)
    window.close()
    app.processEvents()
    base = found["Pillow and QLabel"]["p99"]
    ratios = {
        n: {"p99_of_bare": f["p99"] / base, "p99_of_refresh": f["p99"] / REFRESH_MS} for n, f in found.items()
    }
    return {name: f | ratios[name] for name, f in found.items()} | {"key held": rate}


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
    settled: list[bool] = []
    window.settled.connect(spare_the_collector)
    window.settled.connect(lambda: settled.append(True))
    window.resize(*WINDOW)
    window.show()
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    window.projects.open(folder / "project")
    until(lambda: window.state.project is not None)
    page = window.page("label")
    assert isinstance(page, LabelPage)
    window.state.set_grader("benchmark")
    until(lambda: page.flow.grading.on_screen is not None and bool(settled))
    rest(1000)
    window.activateWindow()
    page.centre.view.setFocus()
    return window, page


def walk(there: Qt.Key, back: Qt.Key) -> Callable[[int], Qt.Key]:
    """Six steps there, six back: a grader looks to and fro."""
    return lambda turn: there if (turn // 6) % 2 == 0 else back


def turn(page: LabelPage, key: Callable[[int], Qt.Key], turns: int, pace_ms: int) -> dict[str, float]:
    """Milliseconds from key press to the new frame painted."""
    page.flow.navigator.go_to_place(MOMENTS // 2)
    page.flow.navigator.set_plane(-45)
    rest(500)
    view = page.centre.view
    return timed(page, lambda number: QTest.keyClick(view, key(number)), turns, pace_ms)


def go_far(page: LabelPage, turns: int) -> dict[str, float]:
    """Milliseconds to a moment far away, no frame of which is decoded."""
    navigator = page.flow.navigator

    def go(number: int) -> None:
        navigator.go_to_place((navigator.place + FAR) % MOMENTS)

    def forget() -> None:
        page.flow.images.set_files(file_of(page))

    return timed(page, go, turns, PACE_MS, forget)


def timed(
    page: LabelPage,
    act: Callable[[int], object],
    turns: int,
    pace_ms: int,
    before: Callable[[], None] = lambda: None,
) -> dict[str, float]:
    """Milliseconds from each act to the new frame painted."""
    painted: list[float] = []
    link = page.centre.view.painted.connect(lambda: painted.append(time.perf_counter()))
    taken, worked = [], []
    for number in range(turns):
        before()
        painted.clear()
        began, busy = time.perf_counter(), time.thread_time()
        act(number)
        until(lambda: bool(painted))
        taken.append(1000 * (painted[0] - began))
        worked.append(1000 * (time.thread_time() - busy))
        if pace_ms:
            rest(pace_ms)
    page.centre.view.disconnect(link)
    return figures(taken, worked)


def file_of(page: LabelPage) -> Callable[[Frame], Path] | None:
    """How the page finds a frame's file."""
    project = page.state.project
    return project.frames.file if project is not None else None


def hold(page: LabelPage) -> dict[str, float]:
    """A held arrow key from the first moment on: frames shown a second, and how long it runs on."""
    view = page.centre.view
    page.flow.navigator.go_to_place(0)
    rest(500)
    page.flow.images.set_files(file_of(page))
    painted: list[float] = []
    link = view.painted.connect(lambda: painted.append(time.perf_counter()))
    began, dropped, presses = time.perf_counter(), 0, MOMENTS - 20
    for number in range(presses):
        due = began + number / KEYS_A_SECOND
        until(lambda due=due: time.perf_counter() >= due)  # type: ignore[misc]
        if repeat_key(page):
            dropped += 1
    ended = time.perf_counter()
    until(lambda: not page.flow.turning())
    view.disconnect(link)
    shown = sum(moment <= ended for moment in painted)
    lag = 1000 * max(painted[-1] - ended, 0.0)
    return {"shown_per_s": shown / (ended - began), "dropped": dropped / presses, "lag_ms": lag}


def repeat_key(page: LabelPage) -> bool:
    """One repetition of the held key, as the system sends it; True where the page dropped it."""
    view = page.centre.view
    right, plain = Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier
    asked = QKeyEvent(QEvent.Type.ShortcutOverride, right, plain, "", autorep=True)
    asked.ignore()
    QApplication.sendEvent(view, asked)
    if not asked.isAccepted():
        QTest.keyClick(view, right)
    return asked.isAccepted()


def bare_viewer(files: list[Path], turns: int, pace_ms: int) -> dict[str, float]:
    """The same pages decoded on the key press and shown by a QLabel of the same size."""
    label = QLabel()
    label.resize(660, 560)
    label.show()
    rest(200)
    taken, worked = [], []
    for number in range(turns):
        began, busy = time.perf_counter(), time.thread_time()
        with Image.open(files[number % len(files)]) as image:
            pixels = np.asarray(image.convert("L"))
        shown = QImage(pixels.tobytes(), SIDE, SIDE, SIDE, QImage.Format.Format_Grayscale8)
        scaled = QPixmap.fromImage(shown).scaled(560, 560, mode=Qt.TransformationMode.SmoothTransformation)
        label.setPixmap(scaled)
        label.repaint()
        taken.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.thread_time() - busy))
        rest(pace_ms)
    label.close()
    return figures(taken, worked)


def figures(taken: list[float], worked: list[float]) -> dict[str, float]:
    """Percentiles of milliseconds; work is the window thread's own time, whatever else the machine does."""
    cuts, own = (statistics.quantiles(ms, n=100, method="inclusive") for ms in (taken, worked))
    return {"p50": cuts[49], "p90": cuts[89], "p99": cuts[98], "max": max(taken), "work_p99": own[98]}


def table(found: dict[str, dict[str, float]]) -> str:
    """The figures as text."""
    columns = {
        "p50": 8,
        "p90": 8,
        "p99": 8,
        "max": 8,
        "work_p99": 10,
        "p99_of_bare": 13,
        "p99_of_refresh": 16,
    }
    titles = (column.replace("_of_", " / ").replace("_", " ") for column in columns)
    wide = columns.values()
    head = f"{'milliseconds':<20}" + "".join(f"{t:>{w}}" for t, w in zip(titles, wide, strict=True))
    lines = [
        f"{name:<20}" + "".join(f"{f[column]:{w}.{2 if w > 10 else 1}f}" for column, w in columns.items())
        for name, f in found.items()
        if "p50" in f
    ]
    held = found["key held"]
    last = (
        f"key held, {KEYS_A_SECOND} a second: {held['shown_per_s']:.0f} frames shown a second, "
        f"{held['dropped']:.0%} of the repetitions dropped, {held['lag_ms']:.0f} ms of lag when it is let go"
    )
    return "\n".join([machine(), head, *lines, last])


def machine() -> str:
    """What it runs on, and how busy that is."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    scale = os.environ.get("QT_SCALE_FACTOR", "1")
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, load {load:.1f}, scale {scale}"


if __name__ == "__main__":
    main()
