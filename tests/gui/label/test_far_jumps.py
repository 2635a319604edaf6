"""Going through embryos of which only few stay at hand."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from blasto_annotator.gui.label import navigator as navigating
from blasto_annotator.gui.label.page import LabelPage
from tests.gui.label.test_label_page import grades, on_screen, saved, type_keys


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
