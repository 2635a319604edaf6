"""Two readers at one batch in the real window: run as a program, it starts the real `main()`.

`python -m tests.gui.review_walk [PICTURES]` on a display, with the project of the settings. It plans a review
for Ana and Boris, rates as Ana, pauses in the middle and goes on, rates as Boris, and prints what it saw.
"""

from __future__ import annotations

import sys
from itertools import cycle
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QPushButton, QWidget

from tests.gui.loop_walk import Person, Walk, active, play, reveal_button

KEYS = {"Ana": ("1", "2", "d3", "w2"), "Boris": ("2", "1", "3", "1")}


def steps(person: Person) -> Walk:
    """Plan, rate, pause, go on, the other reader, what they were."""
    yield lambda: person.window.state.project and active(person.window)
    person.press("ctrl+2")
    page: Any = person.window.page("review")
    yield lambda: page.isVisible() and page.plan.form.start.isVisible()
    page.plan.form.readers.clear()
    page.plan.form.readers.setFocus()
    person.type_text("Ana, Boris")
    yield lambda: page.plan.form.readers.text() == "Ana, Boris"
    person.picture("plan")
    person.press("Return")
    yield lambda: page.session is not None and page.session.showing
    half = page.session.model.total // 2
    yield from rate(person, page, "Ana", half)
    person.press("Escape")
    yield lambda: page.session is None and page.plan.isVisible() and bool(sessions(page.plan, "Continue"))
    person.picture("paused")
    for reader, button_at in (("Ana", -1), ("Boris", 0)):
        person.click(sessions(page.plan, "Continue")[button_at])
        yield lambda: page.session is not None and page.session.showing
        assert page.session.model.session.reviewer == reader
        yield from rate(person, page, reader, page.session.model.total)
        person.picture(f"rated by {reader}")
        person.click(reveal_button(page.session)[0])
        yield lambda: page.reveal is not None
        person.picture(f"reveal of {reader}")
        page.go_home()
        yield lambda: page.reveal is None and page.plan.isVisible()
    person.press("ctrl+5")
    reports: Any = person.window.page("reports")
    yield lambda: reports.isVisible() and reports.table is not None
    person.saw["questions"] = [part.title for part in reports.table.evidence]
    person.picture("report")


def rate(person: Person, page: Any, reader: str, until: int) -> Walk:
    """Types this reader's keys until so many images have a verdict."""
    view = page.session
    keys = cycle(KEYS[reader])
    while view.model.done < until:
        done = view.model.done
        person.type_text(next(keys))
        yield lambda done=done: view.model.done > done and not view.model.busy and view.showing


def sessions(plan: QWidget, words: str) -> list[QPushButton]:
    """The buttons of the list of sessions, the newest session first."""
    found = plan.findChildren(QPushButton)
    return [made for made in found if made.text().startswith(words) and made.isVisible()]


if __name__ == "__main__":
    sys.exit(play(steps, Path(sys.argv.pop()) if len(sys.argv) > 1 else None))
