"""Labelling in the real window: commit times, keys lost at twenty grades a second, a timed session, kills.

`python -m benchmarks.labelling [--kills N]`: prints figures and ratios; needs Xvfb, xdotool. A label counts
as lost where the window's log says that it is saved and the disk does not hold it.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path

from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.store import Project
from tests.gui.real_window import RealWindow, display
from tests.gui.sessions import GRADER, acknowledged, grades, kill_in_a_session, make_cohort, stored

COMMITS = 500
FRAMES = 100
PER_SECOND = 20


def main() -> None:
    """Runs the parts and prints one line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=0, help="sessions that end by SIGKILL")
    chosen = parser.parse_args()
    cores = os.cpu_count()
    print(
        f"{platform.machine()}, {cores} cores, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}"
    )
    with tempfile.TemporaryDirectory() as place, display() as screen:
        commits(Path(place) / "commits")
        session(Path(place) / "session", screen)
        if chosen.kills:
            kills(Path(place) / "kills", screen, chosen.kills)


def commits(place: Path) -> None:
    """How long a label takes from the call to the acknowledged commit, beside a bare synced write."""
    with Project.open(make_cohort(place, 5, 100)) as project:
        frames = [f for row in project.frames.embryos() for f in project.frames.of_embryo(row.id)]
        taken = []
        for number in range(COMMITS):
            start = time.perf_counter()
            entry = LabelEntry(parse_grade("4AB"))
            project.labels.record(frames[number].id, f"{number:064x}", GRADER, entry)
            taken.append(time.perf_counter() - start)
    bare = synced_writes(place / "bare")
    p50, p99 = quantiles(taken)
    print(
        f"commit of a label: p50 {p50:.1f} ms, p99 {p99:.1f} ms, "
        f"{p50 / quantiles(bare)[0]:.1f} times a bare synced write of 1 KiB (p50 {quantiles(bare)[0]:.1f} ms)"
    )


def synced_writes(file: Path) -> list[float]:
    """Times of appending and syncing 1 KiB."""
    taken = []
    with file.open("ab", buffering=0) as out:
        for _ in range(COMMITS):
            start = time.perf_counter()
            out.write(b"x" * 1024)
            os.fsync(out.fileno())
            taken.append(time.perf_counter() - start)
    return taken


def session(place: Path, screen: str) -> None:
    """A hundred frames by scripted keys, twenty grades a second, through the real window."""
    folder = make_cohort(place, 4, FRAMES // 4)
    window = RealWindow(place / "places", screen, folder).start()
    window.wait_for("listed")
    window.focus()
    window.grade_as(GRADER)
    typed = grades(random.Random(3), FRAMES)
    keys = "".join(typed)
    start = time.perf_counter()
    window.type_text(keys.lower(), delay_ms=round(1000 / PER_SECOND / 3))
    sent = time.perf_counter() - start
    window.wait_for(" row ", FRAMES)
    told = acknowledged(window)
    spread = [stamp(line) for line in window.log() if " row " in line]
    window.close()
    with Project.open(folder) as project:
        as_typed = sum(a == b for a, b in zip(told.values(), typed, strict=True))
        kept = stored(project) == told
        whole = project.audit.verify() is None
    took = (spread[-1] - spread[0]).total_seconds()
    repeats = sum(kind == "repeat" for kind, _ in told)
    print(
        f"session: {FRAMES} grades ({len(keys)} keys) sent in {sent:.1f} s, saved within {took:.1f} s; "
        f"as typed {as_typed} of {FRAMES} (of them {repeats} silent repeats); "
        f"on disk as acknowledged {kept}; audit trail whole {whole}"
    )


def kills(place: Path, screen: str, count: int) -> None:
    """Sessions that end by SIGKILL at a random moment, on one project after another."""
    chance = random.Random(4)
    folder = make_cohort(place, 2, 30)
    told = lost = broken = idle = 0
    for number in range(1, count + 1):
        done = kill_in_a_session(place / "places", screen, folder, chance)
        told += done.acknowledged
        lost += done.lost
        broken += not done.whole
        idle += done.acknowledged == 0
        if number % 20 == 0:
            print(f"  {number} kills: {told} acknowledged, {lost} lost, {broken} broken chains", flush=True)
    print(
        f"kills: {count} sessions ended by SIGKILL, {told} grades acknowledged "
        f"({idle} sessions before the first), {lost} of them lost, {broken} broken audit trails"
    )


def quantiles(taken: list[float]) -> tuple[float, float]:
    """(median, 99th percentile) in milliseconds."""
    cuts = statistics.quantiles(taken, n=100)
    return 1000 * cuts[49], 1000 * cuts[98]


def stamp(line: str) -> datetime:
    """When a log line was written."""
    return datetime.strptime(line[:23], "%Y-%m-%d %H:%M:%S,%f").astimezone()


if __name__ == "__main__":
    main()
