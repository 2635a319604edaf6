"""A project of the public time-lapse set's size: 704 videos at seven planes, 2.4 million frames.

Run `python benchmarks/large_project.py` (add `--json` for scripts, `--frames 240000` for a tenth, `--keep
FOLDER` to keep tree and project and use them again). The frames are hard links to a few drawn files: what is
measured is listing, indexing, the project in the real window, searching and jumping, not the disk's reading
speed. More than half of the embryos carry labels when the window opens. Without a display the window runs
offscreen, in a process of its own whose memory is told. The work seconds are processor time: what other
programs hardly change.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

if sys.platform == "linux" and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import cv2
from event_loop import rest, until
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from blasto_annotator.app import spare_the_collector
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.gui.settings import Settings
from blasto_annotator.gui.theme import apply_theme
from blasto_annotator.importers.run import import_source
from blasto_annotator.sample.draw import draw_frame
from blasto_annotator.sample.embryo import plan_embryo
from blasto_annotator.store import Project

FRAMES, VIDEOS, PLANES = 2_400_000, 704, (0, 15, 30, 45, -15, -30, -45)
FILES, EMBRYOS, SIDE = 64, 8, 500
"""Files that are drawn: a file system allows a file some 65,000 names."""
JUMPS = 40
LABELLED, LABELS_EACH = 400, 5
"""Embryos that carry labels, and how many."""
TERMS = (
    *("hpi>110", "hpi:114..118", "phase:tB hpi>100", "plane:15", "-phase:tHB", "source:tree hpi<40"),
    *("is:unlabelled", "is:unlabelled hpi>110", "is:unlabelled phase:tB", "-group:good hpi>110"),
    *("is:labelled", "is:labelled hpi>110", "group:good", "grade:4AB", "-is:labelled"),
)
"""Filters that are typed; all but two ask for times, phases or labels of frames."""
GRADER = "benchmark"
PHASES = ("tPB2", "tPNa", "tPNf", "t2", "t3", "t4", "t5", "t8", "t9+", "tM", "tSB", "tB", "tEB", "tHB")
TARGETS = {
    "indexed_per_second": (20_000, "at least"),
    "open_to_first_frame_s": (2.0, "at most"),
    "filter_ms": (200, "at most"),
    "jump_ms": (100, "at most"),
    "window_memory_mb": (500, "at most"),
}


def main() -> None:
    """Builds what is missing, measures, prints."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--json", action="store_true")
    options.add_argument("--frames", type=int, default=FRAMES)
    options.add_argument("--keep", type=Path)
    options.add_argument("--window", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.window is not None:
        print(json.dumps(window_figures(chosen.window)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.keep or Path(temporary)
        found = {"machine": machine(), **indexing_figures(folder, chosen.frames), **in_own_process(folder)}
    print(json.dumps(found, indent=1) if chosen.json else table(found))


def indexing_figures(folder: Path, frames: int) -> dict[str, float]:
    """Makes tree and project where they are not there yet, and times listing and indexing."""
    tree, project_folder = folder / "tree", folder / "project"
    made = not tree.exists()
    made_s = timed(lambda: make_tree(tree, frames)) if made else 0.0
    count = 0

    def listing() -> None:
        nonlocal count
        count = sum(name.endswith(".jpeg") for _, _, names in os.walk(tree) for name in names)

    listing()  # the kernel's cache is warm for both
    listed_s = timed(listing)
    found = {"frames": float(count), "made_tree_s": made_s, "listed_s": listed_s}
    if not project_folder.exists():
        busy = time.process_time()
        with Project.create(project_folder) as project:
            taken = timed(lambda: import_source(project, tree, "gomez", {"duplicates": "keep"}))
        found |= {"indexed_s": taken, "indexed_work_s": time.process_time() - busy}
        found["indexed_per_second"] = count / max(taken - listed_s, 1e-9)
        found["indexed_per_work_second"] = count / max(found["indexed_work_s"], 1e-9)
    label_some(project_folder)
    (folder / "indexing.json").write_text(json.dumps(found))
    return found


def label_some(folder: Path) -> None:
    """Grades some moments of many embryos, unless that was done before."""
    chance, entry = random.Random(7), LabelEntry(parse_grade("4AB"))
    with Project.open(folder) as project:
        embryos = project.frames.embryos()
        if project.labels.current(GRADER):
            return
        rows: list[tuple[int, str, LabelEntry]] = []
        for embryo in chance.sample(embryos, min(LABELLED, len(embryos))):
            frames = project.frames.of_embryo(embryo.id)
            some = chance.sample(frames, min(LABELS_EACH, len(frames)))
            rows += [(frame.id, f"{frame.id:064x}", entry) for frame in some]
        project.labels.import_many(rows, GRADER)


def make_tree(tree: Path, frames: int) -> None:
    """The layout of Gomez et al. 2022; every frame is a further name of one of a few files."""
    source = tree.parent / "drawn"
    source.mkdir(parents=True, exist_ok=True)
    files = draw(source)
    moments = -(-frames // (VIDEOS * len(PLANES)))
    made = 0
    for number in range(VIDEOS):
        name = name_of(number)
        annotate(tree, name, moments)
        for plane in PLANES:
            folder = tree / (f"embryo_dataset_F{plane}" if plane else "embryo_dataset") / name
            folder.mkdir(parents=True)
            stem = f"{folder}/D2013.01.28_S{number:04d}_I132_WELL7_RUN"
            for run in range(1, min(moments, frames - made) + 1):
                os.link(files[(run + number) % FILES], f"{stem}{run}.jpeg")
            made += min(moments, frames - made)


def name_of(number: int) -> str:
    """A video's name, made like the set's: the code before the dash is the couple's."""
    return f"A{chr(65 + number % 26)}{10 + number % 89}-{number}"


def annotate(tree: Path, name: str, moments: int) -> None:
    """Phases and times of one video."""
    phases, times = tree / "embryo_dataset_annotations", tree / "embryo_dataset_time_elapsed"
    for folder in (phases, times):
        folder.mkdir(parents=True, exist_ok=True)
    each = max(moments // len(PHASES), 1)
    lines = [f"{phase},{1 + each * n},{each * (n + 1)}" for n, phase in enumerate(PHASES)]
    (phases / f"{name}_phases.csv").write_text("\n".join(lines) + "\n")
    rows = [f"{run},{20 + 0.25 * run:.2f}" for run in range(moments + 1)]
    (times / f"{name}_timeElapsed.csv").write_text("frame_index,time\n" + "\n".join(rows) + "\n")


def draw(folder: Path) -> list[str]:
    """Drawn embryos as JPEGs of the set's size, each stored in several qualities: files of their own."""
    files = []
    for number in range(EMBRYOS):
        frame = draw_frame(plan_embryo(number, "A", "B"), 100.0 + number, 0.0, SIDE)
        for quality in range(90, 90 + FILES // EMBRYOS):
            files.append(str(folder / f"{number}_{quality}.jpeg"))
            cv2.imwrite(files[-1], frame, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return files


def in_own_process(folder: Path) -> dict[str, float]:
    """The figures of the window, from a process that has done nothing else."""
    command = [sys.executable, __file__, "--window", str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def window_figures(folder: Path) -> dict[str, float]:
    """Opens the project in the real window, searches and jumps."""
    app = QApplication([])
    apply_theme(app, "dark")
    with tempfile.TemporaryDirectory() as temporary:
        window = MainWindow(Settings(Path(temporary) / "window.ini"), Path(temporary) / "window.log")
        settled: list[bool] = []
        window.first_painted.connect(spare_the_collector)
        window.settled.connect(spare_the_collector)
        window.settled.connect(lambda: settled.append(True))
        window.resize(1280, 720)
        window.show()
        QTest.qWaitForWindowExposed(window)
        rest(1500)  # pages that are built in idle time
        began, busy = time.perf_counter(), time.process_time()
        window.projects.open(folder / "project")
        until(lambda: window.state.project is not None)
        page = window.page("label")
        assert isinstance(page, LabelPage)
        window.state.set_grader(GRADER)
        until(lambda: page.flow.grading.on_screen is not None and not page.flow.turning())
        found = {"open_to_first_frame_s": time.perf_counter() - began}
        found["open_work_s"] = time.process_time() - busy
        until(lambda: bool(settled))
        rest(500)
        found |= search_figures(page) | jump_figures(page)
        found["window_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        window.close()
        page.flow.images.stop()
        app.processEvents()
    return found


def search_figures(page: LabelPage) -> dict[str, float]:
    """From the last letter typed to the list that fits; the pause that waits for a next letter included."""
    names = [name_of(number * 57 + 11).partition("-")[0] for number in range(12)]
    by_name = [searched(page, name) for name in names]
    by_term = [searched(page, term) for term in TERMS]
    page.embryos.search.setText("")
    rest(600)
    every = by_name + by_term
    worst = {"filter_ms": max(every), "filter_name_ms": max(by_name), "filter_term_ms": max(by_term)}
    return worst | {"filter_median_ms": statistics.median(every)}


def searched(page: LabelPage, words: str) -> float:
    """Milliseconds from the last letter to the new list, when nothing was searched for before."""
    if page.embryos.search.text():
        typed(page, "")
    rest(400)
    taken = typed(page, words)
    if words.isalnum() and not all(words in row.name for row in page.embryos.model.embryos):
        raise RuntimeError(f"the list does not fit {words}")
    return taken


def typed(page: LabelPage, words: str) -> float:
    """Milliseconds until the list is another."""
    shown: list[float] = []
    link = page.embryos.model.modelReset.connect(lambda: shown.append(time.perf_counter()))
    began = time.perf_counter()
    page.embryos.search.setText(words)
    until(lambda: bool(shown))
    page.embryos.model.disconnect(link)
    return 1000 * (shown[0] - began)


def jump_figures(page: LabelPage) -> dict[str, float]:
    """From the wish for an embryo to its frame painted, for embryos all over the list."""
    taken, worked = [], []
    chance = random.Random(3)
    for _ in range(JUMPS):
        embryo = chance.choice([row.id for row in page.embryos.model.embryos])
        began, busy = time.perf_counter(), time.process_time()
        page.flow.navigator.open_embryo(embryo)
        until(partial(shows, page, embryo))
        taken.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - busy))
        rest(150)
    cuts = statistics.quantiles(taken, n=20, method="inclusive")
    median, work = statistics.median(taken), statistics.median(worked)
    return {"jump_ms": cuts[-1], "jump_median_ms": median, "jump_max_ms": max(taken), "jump_work_ms": work}


def shows(page: LabelPage, embryo: int) -> bool:
    """Whether a frame of the embryo is painted."""
    return page.flow.navigator.embryo_id == embryo and not page.flow.turning()


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def machine() -> str:
    """What it ran on, and how busy that was."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, load {load:.1f} before the run"


def table(found: dict[str, object]) -> str:
    """The figures as text, each with its target and how it stands to it."""
    lines = [f"{'machine':<24}{found['machine']}"]
    for name, value in found.items():
        if not isinstance(value, float):
            continue
        line = f"{name:<24}{value:14,.2f}"
        if name in TARGETS:
            goal, way = TARGETS[name]
            line += f"   {way} {goal:,g}; ratio {value / goal:.2f}"
        lines.append(line)
    return "\n".join(lines)


if __name__ == "__main__":
    main()
