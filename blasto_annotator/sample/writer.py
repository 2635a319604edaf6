"""Writes drawn sequences as a folder in the layout of the public time-lapse set (Gomez et al. 2022).

The folder can be imported like a laboratory's own; `truth.csv` holds the known grades in the columns of
`blasto-annotator labels import`.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from blasto_annotator.domain.grades import Grade
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.sample.cohort import SampleEmbryo, SampleSpec, sample_embryos
from blasto_annotator.sample.draw import draw_stack
from blasto_annotator.sample.embryo import grade_at, phase_at
from blasto_annotator.sample.jpeg import NOTICE, write_frame
from blasto_annotator.store.schemes import DEFAULT_SCHEME, load_scheme

Progress = Callable[[int, int], None]
"""Called with the number of frames written and to write."""

TRUTH_COLUMNS = (
    "image", "sha256", "embryo", "plane", "hpi", "expansion", "icm", "te",
    "group", "gradable", "reason", "grader", "time_utc",
)  # fmt: skip

_PHASE_ROWS = Iterable[tuple[str, int, int]]


@dataclass(frozen=True)
class DrawnFrame:
    """One file of the sample with its truth."""

    path: str
    """Relative to the sample's folder, with forward slashes."""
    sha256: str
    video: str
    plane: int
    hpi: float
    grade: Grade | None
    """None before blastulation."""


@dataclass(frozen=True)
class Sample:
    """A written sample."""

    folder: Path
    truth: Path
    """CSV file of the known grades."""
    embryos: tuple[SampleEmbryo, ...]
    frames: tuple[DrawnFrame, ...]


def write_gomez_tree(
    folder: Path, spec: SampleSpec | None = None, progress: Progress | None = None, threads: int = 2
) -> Sample:
    """Draws a sample into a folder, which is made if it does not exist.

    Args:
        folder: receives `embryo_dataset*`, the tables and `truth.csv`.
        spec: what to draw; the same specification gives the same bytes.
        progress: called after every written moment; an exception that it raises stops the drawing.
        threads: how many moments are drawn at a time.
    """
    spec = spec or SampleSpec()
    embryos = sample_embryos(spec)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "DRAWN.txt").write_text(f"Every picture here is {NOTICE}.\n", encoding="utf-8")
    frames: list[DrawnFrame] = []
    total = len(embryos) * spec.moments * len(spec.planes)
    for written in _draw_all(folder, embryos, spec, threads):
        frames += written
        if progress is not None:
            progress(len(frames), total)
    _write_tables(folder, embryos)
    truth = folder / "truth.csv"
    _write_truth(truth, frames, load_scheme(DEFAULT_SCHEME))
    return Sample(folder, truth, tuple(embryos), tuple(frames))


def _draw_all(
    folder: Path, embryos: list[SampleEmbryo], spec: SampleSpec, threads: int
) -> Iterator[list[DrawnFrame]]:
    """The frames of each moment in order, drawn a few moments at a time."""
    moments = [(embryo, run) for embryo in embryos for run in range(1, spec.moments + 1)]
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(lambda moment: _draw_moment(folder, moment[0], moment[1], spec), moments)


def _draw_moment(folder: Path, embryo: SampleEmbryo, run: int, spec: SampleSpec) -> list[DrawnFrame]:
    hpi = embryo.hours[run - 1]
    grade = grade_at(embryo.plan, hpi)
    drawn = []
    for plane, pixels in zip(spec.planes, draw_stack(embryo.plan, hpi, spec.planes, spec.size), strict=True):
        path = folder / _plane_folder(plane) / embryo.video / _file_name(embryo, run)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_frame(path, pixels)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        name = path.relative_to(folder).as_posix()
        drawn.append(DrawnFrame(name, digest, embryo.video, plane, hpi, grade))
    return drawn


def _plane_folder(plane: int) -> str:
    return f"embryo_dataset_F{plane}" if plane else "embryo_dataset"


def _file_name(embryo: SampleEmbryo, run: int) -> str:
    return f"D2024.01.08_S{embryo.plan.seed % 10_000:04d}_I000_WELL{embryo.well}_RUN{run}.jpeg"


def _write_tables(folder: Path, embryos: list[SampleEmbryo]) -> None:
    for embryo in embryos:
        times = [("frame_index", "time"), (0, round(embryo.hours[0] - 0.33, 2))]
        _write_csv(
            folder / "embryo_dataset_time_elapsed" / f"{embryo.video}_timeElapsed.csv",
            [*times, *enumerate(embryo.hours, start=1)],
        )
        _write_csv(folder / "embryo_dataset_annotations" / f"{embryo.video}_phases.csv", _phases(embryo))
    grades = [(embryo.video, embryo.plan.te, embryo.plan.icm) for embryo in embryos]
    _write_csv(folder / "embryo_dataset_grades.csv", [("video_name", "TE", "ICM"), *grades])


def _phases(embryo: SampleEmbryo) -> _PHASE_ROWS:
    """Runs of equal phase: name, first and last RUN number."""
    runs = [(phase_at(embryo.plan, hour), run) for run, hour in enumerate(embryo.hours, start=1)]
    for phase, group in groupby(runs, key=lambda pair: pair[0]):
        numbers = [run for _, run in group]
        yield phase, numbers[0], numbers[-1]


def _write_truth(path: Path, frames: list[DrawnFrame], scheme: Scheme) -> None:
    _write_csv(path, [TRUTH_COLUMNS, *(_truth_row(frame, scheme) for frame in frames)])


def _truth_row(frame: DrawnFrame, scheme: Scheme) -> tuple[object, ...]:
    place = (frame.path, frame.sha256, frame.video, frame.plane, frame.hpi)
    if frame.grade is None:
        return (*place, "", "", "", "", "no", "not a blastocyst", "drawn", "")
    group = scheme.group_of(frame.grade)
    letters = (frame.grade.icm or "", frame.grade.te or "")
    return (*place, frame.grade.expansion, *letters, group.name if group else "", "yes", "", "drawn", "")


def _write_csv(path: Path, rows: Iterable[Iterable[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
