"""Gomez et al. 2022, Data in Brief 42:108258: time-lapse videos at seven focal planes.

```
embryo_dataset/<video>/D2013.01.28_S0717_I132_WELL7_RUN1.jpeg     plane 0; some rename it embryo_dataset_F0
embryo_dataset_F15|F30|F45|F-15|F-30|F-45/<video>/...
embryo_dataset_annotations/<video>_phases.csv                     no header: phase,first,last
embryo_dataset_time_elapsed/<video>_timeElapsed.csv               frame_index,time (hours); row 0 has no image
embryo_dataset_grades.csv                                         video_name, TE, ICM
```
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame, RejectedFile
from blasto_annotator.importers.files import NOT_AN_IMAGE, closed_folder, entries, is_image_name
from blasto_annotator.importers.tables import read_rows, read_table

_PLANE_FOLDER = re.compile(r"embryo_dataset(?:_F(-?\d+))?", re.IGNORECASE)
_RUN = re.compile(r".*_RUN(\d+)\.\w+", re.IGNORECASE)
_COPY = re.compile(r"F-?\d+", re.IGNORECASE)
_GRADES = "embryo_dataset_grades.csv"
_NOT_AVAILABLE = ("", "NA")

_Entries = Iterator[ImportedFrame | RejectedFile]


@dataclass(frozen=True)
class Phases:
    """What a video's annotation says, by RUN number."""

    by_run: Mapping[int, str]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class GomezImporter:
    """The tree of the public time-lapse set, with planes, times, phases and the set's own grades."""

    name: str = "gomez"
    title: str = "Gomez et al. 2022, time-lapse at seven focal planes"

    def can_read(self, path: Path) -> str | None:
        """A folder `embryo_dataset` or `embryo_dataset_F15` with videos in it."""
        folders = _plane_folders(path)
        if not any(_videos(folder) for folder in folders.values()):
            return None
        number = len({video for folder in folders.values() for video in _videos(folder)})
        planes = "1 focal plane" if len(folders) == 1 else f"{len(folders)} focal planes"
        names = sorted(folder.name for folder in folders.values())
        videos = "1 video" if number == 1 else f"{number:,} videos"
        return f"{videos} at {planes} in folders named as Gomez et al. name them, such as {names[0]}"

    def read(self, path: Path, options: Mapping[str, Any]) -> _Entries:
        """All planes of all videos, by video."""
        folders = _plane_folders(path)
        if not folders:
            raise UserError(
                f"{path} has no folder embryo_dataset; choose the folder that holds it, or another layout."
            )
        return _read(path, folders)


def _plane_folders(root: Path) -> dict[int, Path]:
    """Focal plane to folder; the root itself where it is such a folder."""
    found: dict[int, Path] = {}
    for entry in entries(root)[0]:
        match = _PLANE_FOLDER.fullmatch(entry.name)
        if match:
            found.setdefault(int(match[1] or 0), Path(entry.path))
    itself = _PLANE_FOLDER.fullmatch(root.name)
    if not found and itself:
        found[int(itself[1] or 0)] = root
    return dict(sorted(found.items()))


def _read(root: Path, folders: Mapping[int, Path]) -> _Entries:
    beside = root.parent if root in folders.values() else root
    grades, problems = _grades(beside / _GRADES)
    yield from problems
    for folder in {root: None, **dict.fromkeys(folders.values())}:
        yield from _strays(root, folder)
    videos = {video for folder in folders.values() for video in _videos(folder)}
    for video in sorted(videos):
        yield from _video(root, beside, folders, video, grades.get(video, ""))


def _videos(folder: Path) -> list[str]:
    """Names of the videos in a plane's folder; none where it may not be read (`_strays` says so)."""
    return [entry.name for entry in entries(folder)[0]] if os.access(folder, os.R_OK | os.X_OK) else []


def _strays(root: Path, folder: Path) -> Iterator[RejectedFile]:
    """Files that lie beside the folders they should lie in, and a folder that may not be read."""
    try:
        files = entries(folder)[1]
    except OSError as error:
        yield RejectedFile(_relative(root, folder), closed_folder(error))
        return
    for file in files:
        if file.name != _GRADES:
            reason = "it lies in no video's folder" if is_image_name(file.name) else NOT_AN_IMAGE
            yield RejectedFile(_relative(root, file.path), reason)


def _video(root: Path, beside: Path, folders: Mapping[int, Path], video: str, remark: str) -> _Entries:
    phase_file = beside / "embryo_dataset_annotations" / f"{video}_phases.csv"
    phases = read_phases(phase_file)
    for problem in phases.problems:
        yield RejectedFile(_relative(beside, phase_file), problem)
    time_file = beside / "embryo_dataset_time_elapsed" / f"{video}_timeElapsed.csv"
    hours, problem = _hours(time_file)
    if problem:
        yield RejectedFile(_relative(beside, time_file), problem)
    for plane, folder in folders.items():
        for found in _plane(root, folder / video):
            if isinstance(found, RejectedFile):
                yield found
                continue
            run, path = found
            phase = phases.by_run.get(run, "")
            couple = video.split("-")[0]
            yield ImportedFrame(path, video, couple, plane, run, hours.get(run), phase, remark)


def _plane(root: Path, folder: Path) -> Iterator[tuple[int, str] | RejectedFile]:
    """RUN numbers and paths of one video at one plane, in the order of time."""
    place = _relative(root, folder)
    if not folder.is_dir():
        return
    try:
        folders, files = entries(folder)
    except OSError as error:
        yield RejectedFile(place, closed_folder(error))
        return
    for inner in folders:
        copy = _COPY.fullmatch(inner.name) is not None
        reason = "a second copy of the video's frames" if copy else "a folder inside a video's folder"
        yield RejectedFile(f"{place}/{inner.name}", f"{reason}: ignored")
    runs: list[tuple[int, str]] = []
    for file in files:
        match = _RUN.fullmatch(file.name) if is_image_name(file.name) else None
        if match:
            runs.append((int(match[1]), f"{place}/{file.name}"))
        else:
            reason = "its name has no RUN number" if is_image_name(file.name) else NOT_AN_IMAGE
            yield RejectedFile(f"{place}/{file.name}", reason)
    yield from sorted(runs)


def read_phases(path: Path) -> Phases:
    """`phase,first,last` lines, ends inclusive. Gaps stay without a phase; of overlapping phases the later
    counts; a phase may end after the last image. An absent file gives no phases and no problem."""
    if not path.exists():
        return Phases({}, ())
    problems: list[str] = []
    spans: list[tuple[int, int, str]] = []
    try:
        for number, cells in read_rows(path):
            if len(cells) >= 3 and cells[0] and cells[1].isdecimal() and cells[2].isdecimal():
                spans.append((int(cells[1]), int(cells[2]), cells[0]))
            else:
                problems.append(f"line {number} is not phase,first,last: left out")
    except UserError as error:
        return Phases({}, (str(error),))
    by_run: dict[int, str] = {}
    for first, last, phase in sorted(spans):
        shared = by_run.keys() & set(range(first, last + 1))
        if shared:
            clash = f"{by_run[min(shared)]} and {phase} overlap at frame {min(shared)}"
            problems.append(f"{clash}: the later phase counts there")
        by_run.update(dict.fromkeys(range(first, last + 1), phase))
    return Phases(by_run, tuple(problems))


def _hours(path: Path) -> tuple[dict[int, float], str]:
    """Hours by RUN number, and what is wrong with the file."""
    if not path.exists():
        return {}, ""
    hours: dict[int, float] = {}
    bad: list[int] = []
    try:
        for number, row in read_table(path, ("frame_index",)):
            try:
                hours[int(row["frame_index"])] = float(row["time"])
            except (ValueError, KeyError):
                bad.append(number)
    except UserError as error:
        return {}, str(error)
    lines = ", ".join(map(str, bad[:5])) + (", ..." if len(bad) > 5 else "")
    return hours, f"lines {lines} hold no frame_index and time: left out" if bad else ""


def _grades(path: Path) -> tuple[dict[str, str], list[RejectedFile]]:
    """The set's own grades as remarks; the literal NA says nothing."""
    if not path.exists():
        return {}, []
    try:
        rows = read_table(path, ("video_name",))
    except UserError as error:
        return {}, [RejectedFile(path.name, str(error))]
    return {row["video_name"]: _remark(row) for _, row in rows}, []


def _remark(row: Mapping[str, str]) -> str:
    found = ((name, row.get(name.lower(), "").strip("\"'")) for name in ("ICM", "TE"))
    return ", ".join(f"{name} {letter}" for name, letter in found if letter not in _NOT_AVAILABLE)


def _relative(root: Path, path: Path | str) -> str:
    return Path(path).relative_to(root).as_posix()
