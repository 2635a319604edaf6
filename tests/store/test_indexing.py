"""An import in batches: what is kept beside embryos stays true, whatever order frames come in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from blasto_annotator.domain.frames import ImportedFrame
from blasto_annotator.store import Project
from blasto_annotator.store.indexing import BATCH
from tests.store.conftest import by_hand

PHASES = ("", "tM", "tB")


def timed(number: int, embryo: str) -> ImportedFrame:
    """A frame with a phase, hours where its number is no multiple of five, planes and a remark."""
    hpi = None if number % 5 == 0 else 90.0 + number / 100
    phase, remark = PHASES[number % 3], "3AB" if number % 4 == 0 else ""
    return ImportedFrame(f"{embryo}/{number}.png", embryo, "", 15 * (number % 2), number, hpi, phase, remark)


def kept(project: Project) -> dict[str, tuple[int, int, Any]]:
    """What is stored beside each embryo, whatever the order inside."""
    rows = by_hand(project, "SELECT name, frames, moments, summary FROM embryo WHERE frames > 0")
    return {str(name): (frames, moments, _sorted(summary)) for name, frames, moments, summary in rows}  # type: ignore[misc]


def _sorted(summary: Any) -> dict[str, list[str]]:
    said = json.loads(summary) if isinstance(summary, str) else summary
    return {key: sorted(map(repr, values)) for key, values in said.items()}


def spanned(frames: list[ImportedFrame]) -> dict[str, tuple[int, int, Any]]:
    """The same, worked out from the frames."""
    found, by_embryo = {}, attrgetter("embryo")
    for name, group in groupby(sorted(frames, key=by_embryo), by_embryo):
        own = list(group)
        spans = []
        for phase in {frame.phase for frame in own}:
            hours = [frame.hpi for frame in own if frame.phase == phase and frame.hpi is not None]
            spans.append([phase, min(hours, default=None), max(hours, default=None)])
        planes, remarks = [*{frame.plane for frame in own}], [*{frame.remark for frame in own}]
        numbers = [frame.index for frame in own if frame.index is not None]
        ends = [min(numbers, default=None), max(numbers, default=None)]
        said = _sorted({"spans": spans, "planes": planes, "remarks": remarks, "numbers": ends})
        found[name] = (len(own), len({frame.index for frame in own}), said)
    return found


@pytest.mark.parametrize("embryos", [7, 700])
def test_what_is_kept_beside_embryos_is_what_their_frames_say(
    project: Project, tmp_path: Path, embryos: int
) -> None:
    frames = [timed(n, f"E{n * embryos // (2 * BATCH + 100)}") for n in range(2 * BATCH + 100)]
    scattered = [timed(n, f"S{n % 3}") for n in range(BATCH)]
    source = project.frames.add_source(tmp_path, "folder")

    project.frames.add(source, [*frames, *scattered, *(timed(BATCH + n, "E0") for n in range(3))])

    assert kept(project) == spanned([*frames, *scattered, *(timed(BATCH + n, "E0") for n in range(3))])


def test_a_path_that_comes_twice_is_one_frame_however_far_apart(project: Project, tmp_path: Path) -> None:
    frames = [timed(n, f"E{n // 1000}") for n in range(BATCH + 10)]
    again = frames[0]._replace(phase="tEB", hpi=1.5)
    source = project.frames.add_source(tmp_path, "folder")

    assert project.frames.add(source, [*frames, again]) == (len(frames), 1)

    assert kept(project) == spanned([again, *frames[1:]])
    assert project.frames.by_path(again.path)[0].phase == "tEB"


def test_two_seats_may_import_the_same_source_at_once(project: Project, tmp_path: Path) -> None:
    frames = [timed(n, f"E{n // 4000}") for n in range(2 * BATCH)]
    source = project.frames.add_source(tmp_path, "folder")

    def while_another_imports() -> Iterator[ImportedFrame]:
        yield from frames[: BATCH + 5]
        with Project.open(project.folder) as other:
            other.frames.add(source, [timed(9_999_999, "E1"), *frames[BATCH + 3 : BATCH + 20]])
        yield from frames[BATCH + 5 :]

    added = project.frames.add(source, while_another_imports())

    assert added == (2 * BATCH - 17, 17)
    assert kept(project) == spanned([*frames, timed(9_999_999, "E1")])


def test_an_import_that_broke_off_left_whole_batches_and_goes_on(project: Project, tmp_path: Path) -> None:
    frames = [timed(n, f"E{n // 3000}") for n in range(2 * BATCH)]
    source = project.frames.add_source(tmp_path, "folder")

    def breaks_off() -> Iterator[ImportedFrame]:
        yield from frames[: BATCH + 100]
        raise OSError("the drive is gone")

    with pytest.raises(OSError, match="drive is gone"):
        project.frames.add(source, breaks_off())
    assert kept(project) == spanned(frames[:BATCH])

    assert project.frames.add(source, frames) == (BATCH, BATCH)
    assert kept(project) == spanned(frames)
