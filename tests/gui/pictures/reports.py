"""States of the Reports page."""

from __future__ import annotations

from typing import Any

from tests.gui.loop_walk import Walk
from tests.gui.pictures.stage import Stage, State


def page_of(stage: Stage) -> Any:
    """The Reports page."""
    return stage.window.page("reports")


def nothing(stage: Stage) -> Walk:
    """Nobody has reviewed, nothing is trained."""
    stage.press("ctrl+5")
    yield page_of(stage).isVisible


def report(title: str, scroll: float = 0.0) -> Any:
    """An entry of the list whose title begins so."""

    def steps(stage: Stage) -> Walk:
        stage.press("ctrl+5")
        page = page_of(stage)
        yield lambda: page.isVisible() and page.list.count() > 1
        titles = [page.list.item(at).text() for at in range(page.list.count())]
        page.list.setCurrentRow(next(at for at, said in enumerate(titles) if said.startswith(title)))
        yield lambda: page._body.currentWidget() is not None
        yield lambda: page.card is not None or page.table is not None or "wait" in title
        yield from stage.rest()
        bar = getattr(page._body.currentWidget(), "verticalScrollBar", None)
        if bar is not None:
            bar().setValue(round(scroll * bar().maximum()))

    return steps


def waits(stage: Stage) -> Walk:
    """Figures of a batch that somebody is still at."""
    stage.press("ctrl+5")
    page = page_of(stage)
    yield lambda: page.isVisible() and page.list.count() > 1
    page.list.setCurrentRow(0)
    yield lambda: page.table is None and page._body.count() == 1


STATES = (
    State("reports-nothing", nothing),
    State("reports-all", report("All reviews"), "reviewed"),
    State("reports-evidence", report("All reviews", 0.5), "reviewed"),
    State("reports-end", report("All reviews", 1.0), "reviewed"),
    State("reports-model", report("Model 20260501"), "reviewed"),
    State("reports-model-card", report("Model 20260501", 1.0), "reviewed"),
    State("reports-wait", waits, "review paused"),
)
