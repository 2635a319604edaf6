"""Going through embryos of which only few stay at hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from pytestqt.qtbot import QtBot

from blasto_annotator.gui.label import images as decoding
from blasto_annotator.gui.label import navigator as navigating
from blasto_annotator.gui.label.navigator import Loaded, Navigator
from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.imaging.decode import Grey
from blasto_annotator.store import Project
from tests.gui.label.test_label_page import grades, on_screen, project_of, saved, type_keys


def test_embryos_that_are_no_longer_at_hand_are_read_again(
    qtbot: QtBot, label_page: LabelPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigating, "KEPT_FRAMES", 1)
    monkeypatch.setattr(navigating, "KEPT_AT_LEAST", 2)
    navigator = label_page.flow.navigator
    first, second, third = (row.id for row in label_page.embryos.model.embryos)
    type_keys(qtbot, label_page, "4ab")
    saved(qtbot, label_page)
    navigator.open_embryo(third)
    on_screen(qtbot, label_page, "E10", 0)
    qtbot.waitUntil(lambda: navigator.loaded(second) is not None and navigator.loaded(first) is None)
    navigator.open_embryo(first)
    on_screen(qtbot, label_page, "E1", 0)
    assert {place: str(entry.grade) for place, entry in navigator.entries().items()} == {0: "4AB"}
    assert grades(label_page) == ["4AB"]


def test_the_neighbours_are_at_hand_soon(qtbot: QtBot, label_page: LabelPage) -> None:
    navigator = label_page.flow.navigator
    first, second, third = (row.id for row in label_page.embryos.model.embryos)
    navigator.open_embryo(second)
    on_screen(qtbot, label_page, "E2", 0)
    qtbot.waitUntil(lambda: None not in (navigator.loaded(first), navigator.loaded(third)))
    assert navigator.embryo_id == second


def test_what_may_come_next_is_decoded_once_the_frame_that_was_asked_for_is_painted(
    qtbot: QtBot, label_page: LabelPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow, decode = label_page.flow, decoding.decode
    qtbot.waitUntil(lambda: all(flow.images.at_hand(frame) for frame in flow.navigator.wanted()))
    before_it_was_painted: set[Path] = set()

    def noted(path: Path) -> tuple[Grey, str]:
        if flow.turning():
            before_it_was_painted.add(path)
        return decode(path)

    monkeypatch.setattr(decoding, "decode", noted)
    flow.navigator.open_embryo(label_page.embryos.model.embryos[2].id)
    on_screen(qtbot, label_page, "E10", 0)
    qtbot.waitUntil(lambda: all(flow.images.at_hand(frame) for frame in flow.navigator.wanted()))

    frame = flow.navigator.frame
    assert frame is not None
    assert before_it_was_painted == {project_of(label_page).frames.file(frame)}


def test_an_embryo_whose_reading_was_given_up_is_read_where_it_is_wanted_after_all(
    qtbot: QtBot, label_page: LabelPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    second, third = (row.id for row in label_page.embryos.model.embryos[1:])
    may_read, given_up = {second: Event(), third: Event()}, Event()
    read = navigating.load

    def late(project: Project, embryo_id: int, grader: str, wanted: Callable[[], bool]) -> Loaded | None:
        assert may_read[embryo_id].wait(120)
        found = read(project, embryo_id, grader, wanted)
        if found is None:
            given_up.set()
        return found

    monkeypatch.setattr(navigating, "load", late)
    navigator = Navigator(label_page)
    navigator.set_project(project_of(label_page), "Ada")
    navigator.open_embryo(third)
    navigator.open_embryo(second)
    may_read[third].set()
    assert given_up.wait(120)
    navigator.open_embryo(third)
    may_read[second].set()
    qtbot.waitUntil(lambda: navigator.embryo_id == third)
