"""The trainings of a round: one, or the rewarded one beside its control."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from blasto_annotator.domain.errors import UserError
from blasto_annotator.rounds.record import Round
from blasto_annotator.rounds.sitting import Sitting
from blasto_annotator.training import runs
from blasto_annotator.training.evaluation import evaluate_run
from blasto_annotator.training.models import start_of
from blasto_annotator.training.plan import retrain_plan, training_set
from blasto_annotator.training.presets import load_preset
from blasto_annotator.training.probe import ANY_DEVICE, describe_trainer
from blasto_annotator.training.process import check_state, follow, record_end, start
from blasto_annotator.training.record import reached_kimg
from blasto_annotator.training.runs import create_run, find_run, new_run
from blasto_annotator.training.snapshots import find_snapshot
from gan.contract.run_folder import RunFolder, RunState


@dataclass(frozen=True)
class Arm:
    """One training of a round; its parts in the record begin with `prefix`."""

    prefix: str = ""
    title: str = ""
    trial: str = ""
    """What its run is called as a side of a trial."""


NOTHING_TO_TUNE = (
    "There is no trained model to start from, and training towards the expert scorer goes on from one: go a "
    "round without it first."
)
_KILLED = (
    "The trainer of run {} was ended from outside at {:.2f} kimg; most often the machine had no memory left. "
    "Close other programs; the round goes on from its newest checkpoint."
)
MAIN = Arm()
REWARDED = Arm("", "with the reward", runs.REWARDED)
CONTROL = Arm("control_", "without it", runs.CONTROL)


def arms_of(current: Round) -> tuple[Arm, ...]:
    """The trainings of a round."""
    return (REWARDED, CONTROL) if current.wish.reward else (MAIN,)


def train(sitting: Sitting, arm: Arm) -> str:
    """Makes the run and trains it to its goal, or looks on where its trainer lives; returns a sentence.

    Raises:
        UserError: it failed, or was stopped.
    """
    current = sitting.current
    name = current.part(f"{arm.prefix}run", lambda: _make_run(sitting, arm))
    run = find_run(sitting.project, name)
    reached = current.part(f"{arm.prefix}kimg", lambda: _to_the_goal(sitting, run))
    return f"Trained to {reached:g} kimg as run {name}."


def evaluate(sitting: Sitting) -> str:
    """Scores every training of the round; returns a sentence."""
    return " ".join(_evaluated(sitting, arm) for arm in arms_of(sitting.current))


def settle_start(sitting: Sitting) -> str:
    """The checkpoint to start from, settled once before anything trains: the control starts there, too.

    Raises:
        UserError: a reward is wished and there is no trained model: the scorer knows such a model's images.
    """
    return str(sitting.current.claim("start", lambda: _start(sitting)))


def evaluation_words(found: Mapping[str, Any]) -> str:
    """The figures of an evaluation, or why there are none."""
    if not found["figures"]:
        return f"Not evaluated: {found['sentence']}"
    text = ", ".join(f"{name.replace('_', ' ')} {value:.3g}" for name, value in found["figures"].items())
    return f"Evaluated with {found['extractor']}: {text}."


def _make_run(sitting: Sitting, arm: Arm) -> str:
    """The run's folder under a name that was settled before: a second sitting finds it."""
    project, current = sitting.project, sitting.current
    images, preset = find_snapshot(project, current.done["snapshot"]), load_preset(current.wish.preset)
    name = str(current.claim(f"{arm.prefix}run", lambda: new_run(project, preset)))
    if not (project.runs / name / "config.json").exists():
        shutil.rmtree(project.runs / name, ignore_errors=True)
        origin = settle_start(sitting)
        trainer = describe_trainer().on(current.wish.device)
        begun_from = project.folder / origin if origin else None
        plan = retrain_plan(project, training_set(images), preset, trainer, current.wish.kimg, begun_from)
        for line in (plan.sentence, *plan.warnings):
            sitting.watch.note(line)
        overrides = _overrides(sitting, arm)
        create_run(
            project,
            images,
            preset,
            current.wish.kimg,
            begun_from,
            current.wish.who,
            overrides,
            name,
            arm.trial,
        )
    else:
        sitting.audit_once("retrain", f"run:{name}", {"snapshot": images.id, "preset": preset.name})
    return name


def _start(sitting: Sitting) -> str:
    project, wish = sitting.project, sitting.current.wish
    classes = find_snapshot(project, sitting.current.done["snapshot"]).classes
    found = start_of(project, wish.start, classes)
    if found is None and wish.reward:
        raise UserError(NOTHING_TO_TUNE)
    if found is None:
        return ""
    return (
        found.relative_to(project.folder).as_posix() if found.is_relative_to(project.folder) else str(found)
    )


def _overrides(sitting: Sitting, arm: Arm) -> dict[str, Any]:
    wish = sitting.current.wish
    found: dict[str, Any] = {"seed": wish.seed}
    if wish.device != ANY_DEVICE:
        found["device"] = wish.device
    if arm is REWARDED:
        found["reward"] = f"../../scorers/{sitting.current.done['scorer']['name']}"
        if wish.reward_weight is not None:
            found["reward_weight"] = wish.reward_weight
    return found


def _to_the_goal(sitting: Sitting, run: RunFolder) -> float:
    """Trains to the goal; a request to stop is handed on until the trainer has saved and ended."""

    def look() -> None:
        if sitting.stopped() and not run.stop.exists():
            run.request_stop()

    state: str = run.state()
    if state != RunState.FINISHED:
        offset = record_end(run)
        process = None if state == RunState.RUNNING else start(run)
        state = follow(run, sitting.watch.event, process, offset, look)
        if state == RunState.INTERRUPTED:
            raise UserError(_KILLED.format(run.path.name, reached_kimg(run)))
        check_state(run, state)
    if state != RunState.FINISHED:
        sitting.stop(f"Its training was saved at {reached_kimg(run):g} kimg.")
    return reached_kimg(run)


def _evaluated(sitting: Sitting, arm: Arm) -> str:
    current = sitting.current
    run = find_run(sitting.project, current.done[f"{arm.prefix}run"])
    found = current.part(f"{arm.prefix}evaluation", lambda: _evaluation(sitting, run))
    words = evaluation_words(found)
    return f"{arm.title.capitalize()}: {words[:1].lower()}{words[1:]}" if arm.title else words


def _evaluation(sitting: Sitting, run: RunFolder) -> dict[str, Any]:
    """Too few frames are no reason to end: the review says more than a figure."""

    def deed() -> dict[str, Any]:
        found = evaluate_run(run, cancelled=sitting.stopped)
        facts = {"file": found.path.name, "extractor": found.extractor, "figures": found.figures}
        return {"sentence": "", **facts}

    return sitting.unless_stopped(deed, {"figures": {}})
