"""The newest round as the window shows it, read without Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from blasto_annotator.domain.errors import UserError
from blasto_annotator.rounds.record import Round, RoundState, finished_rounds, newest_round
from blasto_annotator.rounds.steps import (
    BATCH,
    EVALUATION,
    LOOK_BACK,
    REVIEW,
    SCORER,
    STEPS,
    TRAININGS,
    Step,
    ahead,
    expected_seconds,
    steps_of,
)
from blasto_annotator.rounds.watch import read_progress
from blasto_annotator.store import Project
from blasto_annotator.training.record import reached_kimg
from gan.contract.run_folder import RunFolder


class StepState(StrEnum):
    """Where a step stands."""

    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"
    PAUSED = "paused"  # where a round was stopped or cut short
    FAILED = "failed"


@dataclass(frozen=True)
class StepView:
    """A step of a round."""

    name: str
    title: str
    state: StepState
    sentence: str
    """What it came to; before that, what it will do."""
    expected: float | None
    """Seconds that it took in earlier rounds."""
    outcome: str = ""
    """In two words, where it is done otherwise than usual."""


@dataclass(frozen=True)
class WaitingReview:
    """A session that the round prepared."""

    session: int
    reader: str
    images: int


@dataclass(frozen=True)
class RoundView:
    """A round as it stands."""

    path: Path
    number: int
    state: RoundState
    steps: tuple[StepView, ...]
    words: str = ""
    """What the step under way does."""
    done: int = 0
    total: int = 0
    sentence: str = ""
    """Why it ended early, or what it came to."""
    run: Path | None = None
    """The training under way, or the newest."""
    batch: str = ""
    """The images that wait for review."""
    reviews: tuple[WaitingReview, ...] = ()
    begun: bool = False
    """Whether a reader has given the first answer."""

    @property
    def step(self) -> StepView | None:
        """The step under way, or where it ended."""
        here = (StepState.NOW, StepState.PAUSED, StepState.FAILED)
        return next((step for step in self.steps if step.state in here), None)

    @property
    def training(self) -> bool:
        """Whether the generator is being trained now."""
        return self.step is not None and self.step.name in TRAININGS

    @property
    def seconds_after(self) -> float | None:
        """Seconds that the steps to come took in earlier rounds; None where one of them is not known."""
        to_come = [step.expected for step in self.steps if step.state is StepState.AHEAD]
        known = [seconds for seconds in to_come if seconds is not None]
        return sum(known) if len(known) == len(to_come) else None


def read_round_view(project: Project) -> RoundView | None:
    """The newest round; None before the first and where it was left for another.

    Raises:
        UserError: its record is damaged.
    """
    current = newest_round(project)
    if current is None or current.left:
        return None
    state = current.state()
    progress = read_progress(current) if state is RoundState.RUNNING else {}
    reviews = tuple(
        WaitingReview(one["session"], one["reader"], one["images"]) for one in current.done.get("review", ())
    )
    return RoundView(
        path=current.path,
        number=current.number,
        state=state,
        steps=_steps(project, current, state),
        words=str(progress.get("words", "")),
        done=int(progress.get("done", 0)),
        total=int(progress.get("total", 0)),
        sentence=_sentence(project, current, state),
        run=_run(project, current),
        batch=str(current.done.get("batch", {}).get("id", "")),
        reviews=reviews,
        begun=state is RoundState.READY and _is_begun(project, reviews),
    )


def _steps(project: Project, current: Round, state: RoundState) -> tuple[StepView, ...]:
    expected = expected_seconds(finished_rounds(project, LOOK_BACK), current.wish)
    coming = ahead(current.wish, current.claims.get("readers", current.wish.readers))
    return tuple(
        StepView(
            name=step.name,
            title=step.title,
            state=_state_of(step, current, state),
            sentence=current.said.get(step.name) or coming.get(step.name, step.doing),
            expected=expected.get(step.name),
            outcome=_outcome(step, current),
        )
        for step in steps_of(current.wish)
    )


def _outcome(step: Step, current: Round) -> str:
    """A step that the round could do without."""
    if step.name == SCORER and not current.done.get(SCORER, {}).get("useful", True):
        return "not used"
    if step.name == EVALUATION and not current.done.get(EVALUATION, {}).get("figures", True):
        return "not possible"
    return ""


def _state_of(step: Step, current: Round, state: RoundState) -> StepState:
    if state is RoundState.READY or step.name in current.said:
        return StepState.DONE
    first = next(known.name for known in steps_of(current.wish) if known.name not in current.said)
    if step.name != first:
        return StepState.AHEAD
    if state is RoundState.RUNNING:
        return StepState.NOW
    return StepState.FAILED if state is RoundState.FAILED else StepState.PAUSED


def _sentence(project: Project, current: Round, state: RoundState) -> str:
    if state is RoundState.READY:
        told = (current.said.get(BATCH, ""), current.said.get(REVIEW, ""))
        return " ".join(filter(None, told)) or str(current.done.get("sentence", ""))
    if state is RoundState.INTERRUPTED and not current.step:
        return "The round is about to begin."
    if state is RoundState.INTERRUPTED:
        return _cut_short(project, current)
    return str(current.trouble.get("sentence", ""))


def _cut_short(project: Project, current: Round) -> str:
    doing = STEPS[current.step].doing.lower()
    run, trained = _run(project, current), current.step in TRAININGS
    at = f" at {reached_kimg(RunFolder(run)):.2f} kimg" if trained and run is not None else ""
    return (
        f"The round was cut short while {doing}{at}: the machine went off, or it was killed. "
        "Nothing that was done is lost; Resume goes on from there."
    )


def _run(project: Project, current: Round) -> Path | None:
    """The control's once it has one."""
    name = current.done.get("control_run") or current.done.get("run")
    return project.runs / name if name else None


def _is_begun(project: Project, reviews: tuple[WaitingReview, ...]) -> bool:
    try:
        return any(project.reviews.of_session(one.session) for one in reviews)
    except UserError:  # a server that does not answer: the bar says so elsewhere
        return False
