"""States of the Label page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from blasto_annotator.gui.label.pace import BREAK_MINUTES
from tests.conftest import fill_disk
from tests.gui.loop_walk import Walk
from tests.gui.pictures.stage import Stage, State

SECOND, LAST = 1, 9
"""Places of moments in an embryo."""


def as_it_opens(stage: Stage) -> Walk:
    """What is there after opening."""
    yield lambda: True


def unlabelled(stage: Stage) -> Walk:
    """A frame, nothing typed."""
    yield from stage.go(0, 6)


def half_typed(stage: Stage) -> Walk:
    """Expansion and ICM, not yet TE."""
    yield from stage.go(1, 4)
    stage.type_text("4a")
    yield lambda: stage.label.flow.grading.pending.icm == "A"


def graded(stage: Stage) -> Walk:
    """A grade that was just saved, on screen again."""
    yield from stage.go(0, 6)
    stage.type_text("4ab")
    yield lambda: stage.label.flow.navigator.place == 7 and stage.saved()
    stage.press("Left")
    yield lambda: stage.label.flow.grading.entry is not None and stage.shown()


def moved_on(stage: Stage) -> Walk:
    """The moment after a grade: the page has turned, the status bar says what is saved."""
    yield from stage.go(0, 6)
    stage.type_text("4ab")
    yield lambda: stage.label.flow.navigator.place == 7 and stage.saved() and stage.shown()


def rule(stage: Stage) -> Walk:
    """Letters typed after an expansion that has none."""
    yield from stage.go(0, SECOND)
    stage.type_text("1")
    yield lambda: stage.label.flow.navigator.place == SECOND + 1 and stage.saved() and stage.shown()
    stage.type_text("a")
    yield stage.label.side.grade.hint.isVisible


def reasons(stage: Stage) -> Walk:
    """Why a frame is not gradable."""
    yield from stage.go(0, 6)
    stage.type_text("x")
    yield stage.label.side.grade.reasons.isVisible


def note(stage: Stage) -> Walk:
    """A note is being written."""
    yield from stage.go(1, 8)
    stage.type_text("m")
    yield stage.label.side.grade.note.hasFocus
    stage.type_text(", debris at the rim")
    yield lambda: stage.label.side.grade.note.text().endswith("rim")


def pressed(key: str, embryo: int = 0, place: int = 6) -> Any:
    """A state that one key opens."""

    def steps(stage: Stage) -> Walk:
        yield from stage.go(embryo, place)
        stage.press(key)
        yield from stage.rest()

    return steps


def fused(stage: Stage) -> Walk:
    """Extended focus."""
    yield from stage.go(0, 6)
    stage.press("o")
    yield lambda: stage.label.centre.view.badge.startswith("Extended focus")


def flags(stage: Stage) -> Walk:
    """The menu of flags over a frame that carries two."""
    yield from stage.go(0, 8)
    yield stage.label.side.grade.history.isVisible
    stage.type_text("l")
    yield from stage.rest()


def history(stage: Stage) -> Walk:
    """A frame with own labels, colleagues' labels and flags."""
    yield from stage.go(0, 8)
    yield stage.label.side.grade.history.isVisible


def offer(stage: Stage) -> Walk:
    """Frames that look the same are offered the grade."""
    yield from stage.go(0, 0)
    stage.type_text("4ab")
    yield lambda: stage.label.flow.navigator.place == 1 and stage.saved()
    stage.press("Left")
    yield lambda: stage.label.flow.navigator.place == 0 and stage.label.flow.grading.entry is not None
    stage.type_text("u")
    yield stage.label.side.alike.isVisible


def inherited(stage: Stage) -> Walk:
    """A frame whose grade was given to its neighbour."""
    yield from offer(stage)
    stage.type_text("u")
    yield lambda: not stage.label.side.alike.isVisible() and stage.saved()
    stage.press("Right")
    yield stage.label.side.grade.history.isVisible


def repeat(stage: Stage) -> Walk:
    """An image that comes back, turned; it must look like any other."""
    flow = stage.label.flow
    yield lambda: any(flow.images.at_hand(frame) for frame in flow.repeats.wanted())
    stage.type_text("3bb")
    yield lambda: flow.grading.on_screen is not None and flow.grading.on_screen.repeat is not None


def unreadable(stage: Stage) -> Walk:
    """A frame whose file is damaged."""
    yield lambda: bool(stage.label.centre.view.words)


def search(words: str, embryos: int | None = None) -> Any:
    """Words in the filter, as they are typed."""

    def steps(stage: Stage) -> Walk:
        yield from stage.go(0, 6)
        stage.press("ctrl+f")
        yield stage.label.embryos.search.hasFocus
        stage.type_text(words)
        yield lambda: stage.label.embryos.search.text() == words
        panel = stage.label.embryos
        yield (
            lambda: embryos is None or len(panel.model.embryos) == embryos or panel.finder.trouble.isVisible()
        )

    return steps


def filtered(stage: Stage) -> Walk:
    """A filter stands, its words are no longer typed at, and a frame that fits was graded."""
    yield from search("group:good", 2)(stage)
    stage.press("Return")
    yield lambda: not stage.label.embryos.search.hasFocus() and stage.shown()
    stage.type_text("4aa")
    yield stage.saved
    yield stage.shown


def filters(stage: Stage) -> Walk:
    """The menu of usual and saved filters."""
    yield from stage.go(0, 6)
    finder = stage.label.embryos.finder
    yield lambda: finder.kept and finder.values
    finder.open_menu()


def queue(name: str) -> Any:
    """The queue in another order."""

    def steps(stage: Stage) -> Walk:
        yield from stage.go(0, 6)
        kinds = stage.label.embryos.queue.kinds
        kinds.setCurrentIndex(kinds.findData(name))
        yield from stage.rest()

    return steps


def queues(stage: Stage) -> Walk:
    """The list of orders, open."""
    yield from stage.go(0, 6)
    stage.label.embryos.queue.kinds.showPopup()


def break_time(stage: Stage) -> Walk:
    """Grading has gone on for long: the one grade that is typed is the last of many."""
    yield from stage.go(0, 0)
    pace = stage.label.flow.pace._pace
    now = datetime.now(UTC).timestamp()
    for ago in range(BREAK_MINUTES * 60 + 30, 0, -6):
        pace.graded(now - ago)
    stage.type_text("1")
    yield lambda: "without a pause" in stage.label.side.pace.text() and stage.saved()


def disk_full(stage: Stage) -> Walk:
    """A grade that could not be saved."""
    yield from stage.go(0, 6)
    project = stage.window.state.project
    assert project is not None
    yield project.folder.parent.is_mount  # never fill a disk that is not the state's own
    filler = fill_disk(project.folder)
    stage.type_text("4ab")
    yield stage.label.side.notice.isVisible
    stage.label.side.notice.show_frame.emit()
    yield lambda: stage.label.flow.navigator.place == 6 and stage.shown()
    yield from stage.rest()
    stage.picture("label-disk-full")
    filler.unlink()
    stage.click(stage.label.side.notice.again)
    yield lambda: stage.saved() and not stage.label.side.notice.isVisible()


def hour(stage: Stage) -> Walk:
    """An hour to go to."""
    yield from stage.go(0, 6)
    stage.type_text("g")
    yield stage.label.centre.go_to.field.isVisible
    stage.type_text("116.5")


def playing(stage: Stage) -> Walk:
    """The embryo plays."""
    yield from stage.go(0, 0)
    stage.label.centre.player.set_speed(1)
    stage.press("space")
    yield lambda: stage.label.flow.navigator.place == 2


def adjusted(stage: Stage) -> Walk:
    """Zoomed in, brighter, inverted."""
    yield from stage.go(0, 6)
    for key in ("plus", "plus", "plus", "shift+Up", "shift+Right", "shift+Right", "i"):
        stage.press(key)
    yield stage.label.side.picture.invert.isChecked


STATES = (
    State("label-empty-project", as_it_opens, "empty"),
    State("label-who-grades", as_it_opens, grader=""),
    State("label-unlabelled", unlabelled),
    State("label-half-typed", half_typed, "lapse"),
    State("label-graded", graded),
    State("label-saved-and-on", moved_on),
    State("label-rule", rule),
    State("label-not-gradable", reasons),
    State("label-note", note, "lapse"),
    State("label-definitions", pressed("h")),
    State("label-all-planes", pressed("p")),
    State("label-extended-focus", fused),
    State("label-sharpest", pressed("s")),
    State("label-flags", flags, "lapse"),
    State("label-history", history, "lapse"),
    State("label-alike", offer, "still"),
    State("label-inherited", inherited, "still"),
    State("label-repeat", repeat, "returning"),
    State("label-unreadable", unreadable, "unreadable"),
    State("label-filter-completions", search("hpi>110 ph"), "lapse"),
    State("label-filtered", filtered, "lapse"),
    State("label-filter-none", search("group:poor hpi>300", 0), "lapse"),
    State("label-filter-wrong", search("hpi>>x", 0), "lapse"),
    State("label-filter-menu", filters, "lapse"),
    State("label-queues", queues, "lapse"),
    State("label-queue-uncertain", queue("uncertain"), "lapse"),
    State("label-queue-balance", queue("balance"), "lapse"),
    State("label-break", break_time),
    State("label-disk-full", disk_full, own_disk=True),
    State("label-hour", hour),
    State("label-playing", playing),
    State("label-adjusted", adjusted),
)
