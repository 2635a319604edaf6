"""What a round will do, said before it is begun."""

from __future__ import annotations

from collections.abc import Sequence

from blasto_annotator.gui.train import words
from blasto_annotator.gui.train.round_model import StepState, StepView
from blasto_annotator.rounds.record import RoundWish, finished_rounds
from blasto_annotator.rounds.steps import (
    CONTROL,
    LOOK_BACK,
    SCORER,
    TRAINING,
    TRAININGS,
    ahead,
    expected_seconds,
    steps_of,
)
from blasto_annotator.store import Project
from blasto_annotator.training.plan import RetrainPlan

NOBODY = "Nobody is named as reader of the review: name somebody under More choices, or train only."


def ahead_steps(
    project: Project,
    wish: RoundWish,
    readers: Sequence[str],
    plan: RetrainPlan | None,
    verdicts: int,
) -> tuple[StepView, ...]:
    """Each step with its sentence, and how long it should take."""
    seconds = dict(expected_seconds(finished_rounds(project, LOOK_BACK), wish))
    if plan is not None and plan.minutes is not None:
        seconds |= dict.fromkeys(TRAININGS, 60 * plan.minutes)
    said = ahead(wish, readers)
    said[SCORER] = f"{words.count(verdicts, 'verdict')} so far. {said[SCORER]}"
    said[TRAINING] = f"{plan.kimg:g} kimg on {plan.device}; stop and resume at any time." if plan else ""
    return tuple(
        StepView(step.name, step.title, StepState.AHEAD, said[step.name], seconds.get(step.name))
        for step in steps_of(wish)
    )


def round_words(
    number: int,
    wish: RoundWish,
    readers: Sequence[str],
    plan: RetrainPlan | None,
    steps: Sequence[StepView],
) -> str:
    """What follows the training, and how long all of it should take."""
    images = f"{wish.per_class} images of each class" + (" by either model" if wish.reward else "")
    who = ", ".join(readers) or "nobody yet"
    control = "trains a control without the reward, " if wish.reward else ""
    said = (
        f"Then round {number} goes on by itself: it {control}measures the model and prepares a blind review "
        f"of {images} for {who}."
    )
    known = [step.expected for step in steps if step.expected is not None]
    if plan is None or plan.minutes is None:
        return said
    if len(known) == len(steps):
        return f"{said} About {words.duration(sum(known))} in all."
    trained = sum(step.expected or 0 for step in steps if step.name in (TRAINING, CONTROL))
    return f"{said} About {words.duration(trained)} of training; a first round shows how long the rest takes."


def times_in_words(steps: Sequence[StepView]) -> dict[str, str]:
    """How long each step should take; empty where it is not known."""
    return {
        step.name: "" if step.expected is None else f"about {words.duration(step.expected)}" for step in steps
    }
