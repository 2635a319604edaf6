"""Walks a round: every part is kept as soon as it is done, so that the same call goes on from there."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from blasto_annotator.curation.snapshot import build
from blasto_annotator.domain.errors import UserError
from blasto_annotator.rounds.arms import CONTROL, arms_of, evaluate, settle_start, train
from blasto_annotator.rounds.images import make_batches, plan_sessions, scorer_words
from blasto_annotator.rounds.learning import learn
from blasto_annotator.rounds.record import (
    FINISHED,
    FOLDER,
    LOCK,
    Round,
    RoundWish,
    begin,
    check_wish,
    newest_round,
    now_utc,
)
from blasto_annotator.rounds.sitting import Sitting
from blasto_annotator.rounds.steps import STEPS, Step, steps_of
from blasto_annotator.rounds.watch import RoundStopped, Watch
from blasto_annotator.store import Project
from blasto_annotator.training.presets import load_preset
from blasto_annotator.training.scorer import new_scorer
from blasto_annotator.training.snapshots import counts_sentence, find_snapshot
from gan.contract.locking import AlreadyLockedError, FileLock, is_locked
from gan.contract.scorer_folder import SCORER_FILE, read_scorer


def unfinished(project: Project) -> Round | None:
    """The round that waits to be gone on with; None where the newest is finished or was left.

    Raises:
        UserError: the newest round's record is damaged.
    """
    newest = newest_round(project)
    return None if newest is None or newest.finished or newest.left else newest


def walk_round(project: Project, current: Round, watch: Watch) -> dict[str, Any]:
    """Does what is left of a round; returns what every part came to, and a sentence.

    Raises:
        UserError: a step could not be done, or somebody stopped it; the same call goes on from there.
    """
    with _alone(project, current):
        sitting = Sitting(project, current, watch)
        for step in steps_of(current.wish):
            if step.name not in current.said:
                _take(sitting, step)
        current.part("sentence", lambda: round_sentence(current))
        current.part(FINISHED, now_utc)
    return {"round": current.number, **current.done}


def round_sentence(current: Round) -> str:
    """What a finished round came to."""
    done, said = current.done, []
    for arm in arms_of(current):
        said.append(
            f"run {done[f'{arm.prefix}run']} trained to {done[f'{arm.prefix}kimg']:g} kimg"
            + (f" {arm.title}" if arm.title else "")
        )
    training = f"{' and '.join(said)} on snapshot {done['snapshot']}"
    waits = f"the review waits for {_readers(current)}"
    return f"Round {current.number} is ready: {training}; {_images(current)}; {waits}."


def _images(current: Round) -> str:
    made = [current.done[f"{arm.prefix}batch"] for arm in arms_of(current)]
    copies = sum(current.done[f"{arm.prefix}near_copies"] or 0 for arm in arms_of(current))
    which = " and ".join(one["id"] for one in made)
    text = f"{sum(one['images'] for one in made)} images generated as batch {which}{scorer_words(made[0])}"
    return text + (f", {copies} of them near copies" if copies else "")


def _readers(current: Round) -> str:
    return ", ".join(f"{one['reader']} ({one['images']} images)" for one in current.done["review"])


def _take(sitting: Sitting, step: Step) -> None:
    """One step, timed; how it ended is kept either way."""
    current, begun = sitting.current, time.monotonic()
    current.step, current.trouble = step.name, {}
    current.write()
    sitting.progress.say(step.doing)
    try:
        if sitting.stopped():
            sitting.stop()
        said = _DEEDS[step.name](sitting)
    except UserError as error:
        raise _ended_early(sitting, error, begun) from error
    current.said[step.name] = said
    _add_seconds(current, begun)
    current.write()
    sitting.watch.note(said)


def _ended_early(sitting: Sitting, error: UserError, begun: float) -> UserError:
    """Keeps why the sitting ended, and says it."""
    current = sitting.current
    stopped = sitting.stopped() or isinstance(error, RoundStopped)
    if stopped and not isinstance(error, RoundStopped):
        told = f"Round {current.number} was stopped while {STEPS[current.step].doing.lower()}."
        error = RoundStopped(f"{told} Nothing is lost: it goes on from there.")
    current.trouble = {"stopped": stopped, "sentence": str(error)}
    _add_seconds(current, begun)
    current.write()
    return error


def _add_seconds(current: Round, begun: float) -> None:
    current.seconds[current.step] = current.seconds.get(current.step, 0.0) + time.monotonic() - begun


def _snapshot(sitting: Sitting) -> str:
    project, current = sitting.project, sitting.current

    def make() -> str:
        wish = current.wish
        if wish.snapshot:
            return find_snapshot(project, wish.snapshot).id
        options = wish.options(load_preset(wish.preset).resolution)

        def tell(done: int, total: int) -> None:
            sitting.progress.say("Writing the training set", done, total)

        return build(project, options, who=wish.who, progress=tell, cancelled=sitting.stopped).id

    return counts_sentence(find_snapshot(project, current.part("snapshot", make)))


def _scorer(sitting: Sitting) -> str:
    current = sitting.current
    if current.wish.reward:
        settle_start(sitting)  # known to be there before anything is learned
    nothing = {"name": "", "useful": False}
    found = current.part("scorer", lambda: sitting.unless_stopped(lambda: _learn(sitting), nothing))
    if current.wish.reward and not found["useful"]:
        for kept in (current.done, current.claims):  # with more verdicts another may be of use
            kept.pop("scorer", None)
        raise UserError(f"There is no useful expert scorer to train towards. {found['sentence']}")
    return (
        f"Expert scorer: {found['sentence']}" if found["name"] else f"No expert scorer: {found['sentence']}"
    )


def _learn(sitting: Sitting) -> dict[str, Any]:
    """The scorer under a name that was settled before; what is left of one that was cut short goes."""
    project, current = sitting.project, sitting.current
    folder = project.folder / "scorers" / str(current.claim("scorer", lambda: new_scorer(project).name))
    if (folder / SCORER_FILE).exists():
        info = read_scorer(folder)
        sitting.audit_once("scorer", f"scorer:{folder.name}", {"id": info.id, "useful": info.useful})
    else:
        shutil.rmtree(folder, ignore_errors=True)
        info = learn(project, current.wish.who, sitting.watch.note, sitting.stopped, folder)
    return {"name": info.path.name, "useful": info.useful, "sentence": info.sentence}


_DEEDS: Mapping[str, Callable[[Sitting], str]] = {
    "snapshot": _snapshot,
    "training": lambda sitting: train(sitting, arms_of(sitting.current)[0]),
    "control": lambda sitting: train(sitting, CONTROL),
    "evaluation": evaluate,
    "scorer": _scorer,
    "batch": make_batches,
    "review": plan_sessions,
}


@contextmanager
def _alone(project: Project, current: Round) -> Iterator[None]:
    """One process walks; an old request to stop is forgotten before the lock says that somebody does."""
    path = project.folder / FOLDER / LOCK
    try:
        if not is_locked(path):
            current.stop.unlink(missing_ok=True)
        lock = FileLock(path, patience=1.0)
    except AlreadyLockedError as error:
        raise UserError(
            f"Round {current.number} is under way in another window or terminal: it goes on there."
        ) from error
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}): check the permissions.") from error
    try:
        yield
    finally:
        current.progress.unlink(missing_ok=True)
        lock.release()


def take_up(project: Project, wish: RoundWish, afresh: bool) -> tuple[Round, bool]:
    """The round that waits, with what it was begun with, else (or afresh) a new one; whether it waited.

    Raises:
        UserError: the wish cannot be, or the newest round's record is damaged.
    """
    check_wish(wish)
    waiting = None if afresh else unfinished(project)
    return (begin(project, wish, afresh), False) if waiting is None else (waiting, True)
