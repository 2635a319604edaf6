"""States of the Review page."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from blasto_annotator.curation.review_plan import ReviewPlan
from blasto_annotator.domain.reviews import Mode
from tests.gui.loop_walk import Walk
from tests.gui.pictures.loop_material import NEW, OLD
from tests.gui.pictures.stage import Stage, State
from tests.gui.review_walk import sessions

LEFT = Qt.MouseButton.LeftButton


def page_of(stage: Stage) -> Any:
    """The Review page."""
    return stage.window.page("review")


def home(stage: Stage) -> Walk:
    """The batches and the plan."""
    stage.press("ctrl+2")
    page = page_of(stage)
    yield lambda: page.isVisible() and page.plan.form.start.isVisible()
    page.plan.form.mode.setCurrentIndex(0)
    page.plan.form.other.setCurrentIndex(0)
    if page.plan.form.more.text() == "Fewer choices":
        page.plan.form.more.click()
    stage.window.messages.hide()


def nothing(stage: Stage) -> Walk:
    """No batch yet."""
    stage.press("ctrl+2")
    yield lambda: page_of(stage).isVisible()


def paused(stage: Stage) -> Walk:
    """A session that waits to be continued, and what the next could show."""
    yield from home(stage)
    yield lambda: page_of(stage).plan.form.power


def plan(mode: Mode, *, more: bool = False) -> Any:
    """The plan of a mode."""

    def steps(stage: Stage) -> Walk:
        yield from home(stage)
        form = page_of(stage).plan.form
        form.mode.setCurrentIndex(form.mode.findData(mode.value))
        if more:
            form.more.click()
        if mode is Mode.PAIR:
            form.other.setCurrentIndex(1)
        yield lambda: form.start.isEnabled() and form.power

    return steps


def begun(mode: Mode, **more: Any) -> Any:
    """A session with its first picture."""

    def steps(stage: Stage) -> Walk:
        yield from home(stage)
        batches = (NEW, OLD) if mode is Mode.PAIR else (NEW,)
        share = {Mode.PAIR: 0.0, Mode.CHOICE: 0.5}.get(mode, 0.2)
        made = ReviewPlan(batches, ("Ana",), mode, real_share=share, repeat_share=0, seed=4, **more)
        page_of(stage).start(made)
        yield lambda: page_of(stage).session is not None

    return steps


def rating(stage: Stage) -> Walk:
    """The fourth image, three verdicts given."""
    yield from begun(Mode.RATE)(stage)
    view = page_of(stage).session
    for done, key in enumerate("121"):
        yield lambda: view.showing
        stage.type_text(key)
        yield lambda done=done: view.model.done > done and not view.model.busy
    yield lambda: view.showing


def marked(stage: Stage) -> Walk:
    """Wrong class, two defects and a line of the brush."""
    yield from rating(stage)
    view = page_of(stage).session
    stage.type_text("w")
    yield lambda: view.model.marks.wrong_class
    view.panel.defect_pressed.emit("mirror")
    view.panel.defect_pressed.emit("zona_thickness")
    stage.type_text("r")
    yield lambda: view.image.brush
    target = view.image.target().toRect()
    for act, at in ((QTest.mousePress, 0), (None, 1), (None, 2), (None, 3), (QTest.mouseRelease, 3)):
        place = target.center() + (target.topLeft() - target.center()) * (0.2 + 0.12 * at) / 1.2
        place.setY(place.y() + 20 * at)
        if act is None:
            QTest.mouseMove(view.image, place)
        else:
            act(view.image, LEFT, Qt.KeyboardModifier.NoModifier, place)
        yield lambda: True
    yield lambda: view.model.marks.strokes


def grade_line(stage: Stage) -> Walk:
    """The grade that an image of the wrong class looks like, being typed."""
    yield from rating(stage)
    view = page_of(stage).session
    stage.type_text("w7")
    yield view.panel.grade.hasFocus
    stage.type_text("3bb")
    yield lambda: view.panel.grade.text().upper() == "3BB"


def by_nine(chosen: bool) -> Any:
    """Nine images; or one of them chosen."""

    def steps(stage: Stage) -> Walk:
        yield from begun(Mode.GRID)(stage)
        view = page_of(stage).session
        yield lambda: all(view.pictures.get(at) is not None for at in view.model.page)
        if chosen:
            for key in ("Right", "Right", "3"):
                stage.press(key)
            yield lambda: view.model.done == 1
            stage.press("Right")
            yield lambda: not view.whole

    return steps


def answering(mode: Mode) -> Any:
    """A choice or a pair, one answered."""

    def steps(stage: Stage) -> Walk:
        yield from begun(mode)(stage)
        view = page_of(stage).session
        yield lambda: view.showing
        stage.type_text("1" if mode is Mode.PAIR else next(iter(view._keys)))
        yield lambda: view.model.done == 1 and not view.model.busy and view.showing

    return steps


def timed(seconds: float, *, covered: bool, begin: bool = True) -> Any:
    """A choice under time, before it begins, while the picture is there, and after it was covered."""

    def steps(stage: Stage) -> Walk:
        yield from begun(Mode.CHOICE, seconds=seconds)(stage)
        view = page_of(stage).session
        yield lambda: view.begin_button.isVisible()
        if begin:
            stage.press("Return")
            yield lambda: view.over if covered else view.showing

    return steps


def finished(stage: Stage) -> Walk:
    """Every image has a verdict; what they were is not shown yet."""
    yield from home(stage)
    yield lambda: sessions(page_of(stage).plan, "Look again")
    stage.click(sessions(page_of(stage).plan, "Look again")[0])
    yield lambda: page_of(stage).session is not None and page_of(stage).session.showing


def reveal(stage: Stage, which: int = -1) -> Walk:
    """What they were."""
    yield from home(stage)
    page_of(stage).batches.list.setCurrentRow(0)
    yield lambda: sessions(page_of(stage).plan, "Results")
    stage.click(sessions(page_of(stage).plan, "Results")[which])
    yield lambda: page_of(stage).reveal is not None
    stage.window.messages.hide()


def revealed(which: int = -1, scroll: float = 0.0) -> Any:
    """Results of a session, newest first, scrolled by a share."""

    def steps(stage: Stage) -> Walk:
        yield from reveal(stage, which)
        bar = page_of(stage).reveal._scroll.verticalScrollBar()
        yield from stage.rest()
        bar.setValue(round(scroll * bar.maximum()))
        yield from stage.rest()

    return steps


def near_copy(stage: Stage) -> Walk:
    """The card of images that are near a training frame."""
    yield from reveal(stage)
    view = page_of(stage).reveal
    yield lambda: view.near is not None
    yield from stage.rest()
    view._scroll.verticalScrollBar().setValue(view.near.y() - 12)
    yield from stage.rest()


def nearest(stage: Stage) -> Walk:
    """Every generated image beside its nearest real frames."""
    yield from reveal(stage)
    page_of(stage).reveal.show_nearest()
    yield from stage.rest()
    yield from stage.rest()


STATES = (
    State("review-nothing", nothing),
    *(State(f"review-plan-{mode.value}", plan(mode), "generated") for mode in Mode),
    *(
        State(f"review-plan-{mode.value}-more", plan(mode, more=True), "generated")
        for mode in (Mode.RATE, Mode.CHOICE)
    ),
    State("review-rating", rating, "generated"),
    State("review-marked", marked, "generated"),
    State("review-grade-line", grade_line, "generated"),
    State("review-nine", by_nine(False), "generated"),
    State("review-nine-chosen", by_nine(True), "generated"),
    State("review-choice", answering(Mode.CHOICE), "generated"),
    State("review-timed-waiting", timed(30, covered=False, begin=False), "generated"),
    State("review-timed", timed(30, covered=False), "generated"),
    State("review-timed-covered", timed(0.5, covered=True), "generated"),
    State("review-pair", answering(Mode.PAIR), "generated"),
    State("review-paused", paused, "review paused"),
    State("review-complete", finished, "review finished"),
    State("review-reveal", reveal, "reviewed"),
    State("review-reveal-images", revealed(-1, 1.0), "reviewed"),
    State("review-reveal-pair", revealed(0), "reviewed"),
    State("review-nearest", nearest, "reviewed"),
    State("review-near-copy", near_copy, "reviewed"),
)
