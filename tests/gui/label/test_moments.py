"""Frames as moments in time with focal planes."""

from __future__ import annotations

import pytest

from blasto_annotator.domain.frames import Frame
from blasto_annotator.gui.label.moments import (
    arrange,
    first_blastocyst,
    phase_bands,
    place_at,
    places_of,
)
from blasto_annotator.gui.label.timeline import runs


def frame(
    number: int,
    *,
    plane: int | None = None,
    index: int | None = None,
    hpi: float | None = None,
    phase: str = "",
) -> Frame:
    return Frame(number, 1, 7, "E", f"{number}.png", plane, index, hpi, phase, "", 8, 8, None)


def test_planes_of_one_time_index_are_one_moment() -> None:
    frames = [
        frame(n, plane=plane, index=index)
        for n, (index, plane) in enumerate([(2, 0), (1, 15), (1, -15), (1, 0)])
    ]
    sequence = arrange(7, frames)
    assert [[f.id for f in moment.frames] for moment in sequence.moments] == [[2, 3, 1], [0]]


def test_planes_without_a_time_are_one_moment() -> None:
    sequence = arrange(7, [frame(1, plane=0), frame(2, plane=15)])
    assert len(sequence.moments) == 1


def test_frames_without_time_and_plane_are_moments_of_their_own() -> None:
    assert len(arrange(7, [frame(1), frame(2)]).moments) == 2


def test_the_nearest_plane_is_shown_where_the_chosen_one_is_missing() -> None:
    moment = arrange(7, [frame(1, plane=-15), frame(2, plane=0)]).moments[0]
    assert moment.at(45).id == 2
    assert moment.at(None).id == 2


def test_the_outermost_plane_is_the_end() -> None:
    moment = arrange(7, [frame(1, plane=-15), frame(2, plane=0)]).moments[0]
    assert moment.beside(moment.frames[1], 1) is moment.frames[1]


def test_a_moment_is_labelled_by_any_of_its_planes() -> None:
    frames = [frame(1, plane=0, index=1), frame(2, plane=15, index=1), frame(3, plane=0, index=2)]
    assert places_of(arrange(7, frames), [2]) == [0]


def test_phases_are_runs_of_moments() -> None:
    moments = arrange(7, [frame(n, index=n, phase=p) for n, p in enumerate(["tM", "tM", "", "tB"])]).moments
    assert phase_bands(moments) == [("tM", 0, 1), ("tB", 3, 3)]


def test_a_frame_that_is_not_there_has_no_place() -> None:
    with pytest.raises(KeyError):
        arrange(7, [frame(1)]).place_of(2)


def test_the_moment_nearest_in_time_is_found() -> None:
    moments = arrange(7, [frame(n, index=n, hpi=100 + 4.0 * n) for n in range(4)]).moments
    assert [place_at(moments, hours) for hours in (0, 105.9, 106.1, 500)] == [0, 1, 2, 3]
    assert place_at(arrange(7, [frame(1, index=1)]).moments, 100) is None


def test_a_blastocyst_begins_with_its_first_full_phase() -> None:
    phases = ["tM", "tSB", "tB", "tEB"]
    assert (
        first_blastocyst(arrange(7, [frame(n, index=n, phase=p) for n, p in enumerate(phases)]).moments) == 2
    )
    assert first_blastocyst(arrange(7, [frame(1, index=1, phase="tM")]).moments) is None


def test_places_that_follow_one_another_are_one_run() -> None:
    assert runs({4, 1, 2, 8, 9}) == [(1, 2), (4, 4), (8, 9)]
    assert runs(()) == []
