"""`retrain --round`: once round the loop in one command, each part kept as soon as it is done.

A round is a file `rounds/NNNN.json`: what was asked, and what each part came to. The same command goes on
with a round that was interrupted; finished parts are not done again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from blasto_annotator.cli.arguments import operator
from blasto_annotator.cli.console import note
from blasto_annotator.domain.errors import UserError
from blasto_annotator.store import Project
from gan.contract.jsonfile import read_json, write_json

FOLDER = "rounds"
PARTS = ("snapshot", "run", "kimg", "scorer", "evaluation", "batch", "near_copies", "review", "sentence")
REAL_SHARE = 0.2
SEEDS_A_ROUND = 1_000_000
"""Each round's images have seeds of their own."""


@dataclass(frozen=True)
class RoundWish:
    """What a round is begun with."""

    preset: str
    kimg: float | None = None
    snapshot: str = ""
    start: str = ""
    include_perfect: bool = False
    seed: int = 0
    device: str = "auto"
    per_class: int = 50
    accept: float = 0.5
    readers: tuple[str, ...] = ()
    """Who reviews; those who did before, else who asks, where nobody is named."""


@dataclass
class Round:
    """A round under way."""

    path: Path
    wish: RoundWish
    done: dict[str, Any] = field(default_factory=dict)
    """What each part came to, by its name."""

    @property
    def number(self) -> int:
        return int(self.path.stem)

    def part(self, name: str, make: Callable[[], Any]) -> Any:
        """What a part came to; does it where it is not done, and keeps that at once."""
        if name not in self.done:
            self.done[name] = make()
            self.write()
        return self.done[name]

    def write(self) -> None:
        """Writes the file.

        Raises:
            UserError: it cannot be written.
        """
        try:
            self.path.parent.mkdir(exist_ok=True)
            write_json(self.path, {"v": 1, "wish": asdict(self.wish), "done": self.done})
        except OSError as error:
            raise UserError(f"{self.path} cannot be written ({error.strerror}).") from error


def take_up(project: Project, wish: RoundWish, afresh: bool) -> Round:
    """The unfinished round, with what it was begun with; else (or afresh) a new one.

    Raises:
        UserError: a reader is named twice, or the newest round's file is damaged.
    """
    if len(set(wish.readers)) < len(wish.readers) or not all(reader.strip() for reader in wish.readers):
        raise UserError("A reader is named twice or not at all: each reader gets one session.")
    files = sorted((project.folder / FOLDER).glob("[0-9][0-9][0-9][0-9].json"))
    newest = _read(files[-1]) if files else None
    if newest is not None and not afresh and "finished_utc" not in newest.done:
        done = ", ".join(name for name in PARTS if name in newest.done) or "nothing"
        note(f"Round {newest.number} goes on as it was begun; done are {done}.")
        return newest
    number = 1 if newest is None else newest.number + 1
    return Round(project.folder / FOLDER / f"{number:04d}.json", wish)


def walk_round(project: Project, current: Round) -> dict[str, Any]:
    """Does what is left of a round; returns what every part came to, and a sentence.

    Raises:
        UserError: a part could not be done, or the training was stopped; the same command goes on from there.
    """
    snapshot = current.part("snapshot", lambda: _snapshot(project, current.wish))
    run = current.part("run", lambda: _run(project, current.wish, snapshot))
    current.part("kimg", lambda: _train(project, run))
    current.part("scorer", lambda: _scorer(project))
    current.part("evaluation", lambda: _evaluate(project, run))
    batch = current.part("batch", lambda: _batch(project, current, run))
    current.part("near_copies", lambda: _near_copies(project, batch["id"]))
    current.part("review", lambda: _review(project, current.wish, batch["id"]))
    current.part("sentence", lambda: _sentence(current))
    current.part("finished_utc", lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    return {"round": current.number, **current.done}


def _read(path: Path) -> Round:
    try:
        said = read_json(path)
        known = {f.name for f in fields(RoundWish)}
        wish = {name: value for name, value in said["wish"].items() if name in known}
        wish["readers"] = tuple(wish.get("readers", ()))
        return Round(path, RoundWish(**wish), dict(said["done"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path} is damaged ({error}): remove it to begin a new round.") from error


def _snapshot(project: Project, wish: RoundWish) -> str:
    from blasto_annotator.cli.snapshots import counts_sentence
    from blasto_annotator.cli.training import choose_snapshot
    from blasto_annotator.training.presets import load_preset

    built = choose_snapshot(project, wish.snapshot, load_preset(wish.preset), wish.include_perfect)
    note(counts_sentence(built))
    return built.id


def _run(project: Project, wish: RoundWish, snapshot: str) -> str:
    from blasto_annotator.cli.training import find_snapshot, make_plan
    from blasto_annotator.training.presets import load_preset
    from blasto_annotator.training.probe import describe_trainer
    from blasto_annotator.training.runs import create_run

    images, preset = find_snapshot(project, snapshot), load_preset(wish.preset)
    plan = make_plan(project, images, preset, describe_trainer().on(wish.device), wish.kimg, wish.start)
    for line in (plan.sentence, *plan.warnings):
        note(line)
    overrides = {"seed": wish.seed, **({} if wish.device == "auto" else {"device": wish.device})}
    return create_run(project, images, preset, wish.kimg, plan.start_from, operator(), overrides).path.name


def _train(project: Project, name: str) -> float:
    """Trains to the goal, or looks on where another terminal does; returns the kimg reached."""
    from blasto_annotator.cli.following import look_on
    from blasto_annotator.cli.training import check_state, train
    from blasto_annotator.training.record import reached_kimg
    from blasto_annotator.training.runs import find_run
    from gan.contract.run_folder import RunState

    run = find_run(project, name)
    state: str = run.state()
    if state == RunState.RUNNING:
        state = check_state(run, look_on(run))
    elif state != RunState.FINISHED:
        state = train(run, detach=False)
    if state != RunState.FINISHED:
        raise UserError(
            f"The round waits: run {name} was left at {reached_kimg(run):g} kimg. “retrain --round” goes on."
        )
    return reached_kimg(run)


def _scorer(project: Project) -> dict[str, Any]:
    from blasto_annotator.cli.scorers import learn

    try:
        info = learn(project)
    except UserError as error:  # no verdict yet, or images gone: the round does without
        note(f"No expert scorer: {error}")
        return {"name": "", "useful": False, "sentence": str(error)}
    note(f"Expert scorer: {info.sentence}")
    return {"name": info.path.name, "useful": info.useful, "sentence": info.sentence}


def _evaluate(project: Project, name: str) -> dict[str, Any]:
    from blasto_annotator.training.evaluation import evaluate_run
    from blasto_annotator.training.runs import find_run

    try:
        found = evaluate_run(find_run(project, name))
    except UserError as error:  # too few frames: the review says more than a figure
        note(f"Not evaluated: {error}")
        return {"sentence": str(error), "figures": {}}
    text = ", ".join(f"{name.replace('_', ' ')} {value:.3g}" for name, value in found.figures.items())
    note(f"Evaluated with {found.extractor}: {text}.")
    return {"sentence": "", "file": found.path.name, "extractor": found.extractor, "figures": found.figures}


def _batch(project: Project, current: Round, run: str) -> dict[str, Any]:
    from blasto_annotator.cli.generation import accepted_sentences
    from gan.contract.batch_folder import read_batch

    folder = _generated(project, current, run)
    info = read_batch(folder)
    for sentence in accepted_sentences(info):
        note(sentence)
    images = sum(1 for _ in folder.glob("images/*.png"))
    return {"id": info.id, "images": images, "scorer": info.scorer}


def _generated(project: Project, current: Round, run: str) -> Path:
    """By the scorer where it is of use; where nothing reaches the bar, all images with their scores."""
    from blasto_annotator.cli.generation import bar_for
    from blasto_annotator.training.generate import generate_batch
    from blasto_annotator.training.runs import find_run

    wish, scorer, path = current.wish, current.done["scorer"], find_run(project, run).path
    first = current.number * SEEDS_A_ROUND
    bars = [wish.accept, 0.0] if scorer["useful"] else []
    for accept in bars:
        try:
            bar = bar_for(project, str(path), scorer["name"], accept)
            return generate_batch(project, path, wish.per_class, first, who=operator(), bar=bar)
        except UserError as error:
            note(str(error))
    return generate_batch(project, path, wish.per_class, first, who=operator())


def _near_copies(project: Project, batch: str) -> int | None:
    from blasto_annotator.curation.near_copies import find_near_copies

    found = find_near_copies(project, batch)
    return None if found is None else len(found.suspicious)


def _review(project: Project, wish: RoundWish, batch: str) -> list[dict[str, Any]]:
    """A blind session for each reader, with real frames where there are any of held-out embryos."""
    from blasto_annotator.curation.review_plan import ReviewPlan, plan_review

    readers = wish.readers or _readers(project)
    try:
        sessions = plan_review(project, ReviewPlan((batch,), readers, real_share=REAL_SHARE))
    except UserError as error:
        note(f"Planned without real frames: {error}")
        sessions = plan_review(project, ReviewPlan((batch,), readers))
    return [{"session": s.id, "reader": s.reviewer, "images": len(s.items)} for s in sessions]


def _readers(project: Project) -> tuple[str, ...]:
    known = sorted({review.reviewer for review in project.reviews.current()})
    return tuple(known) or (operator(),)


def _sentence(current: Round) -> str:
    done = current.done
    readers = ", ".join(f"{one['reader']} ({one['images']} images)" for one in done["review"])
    copies = f", {done['near_copies']} of them near copies" if done["near_copies"] else ""
    by = " by the expert scorer" if done["batch"]["scorer"] else ""
    return (
        f"Round {current.number} is ready: run {done['run']} trained to {done['kimg']:g} kimg on snapshot "
        f"{done['snapshot']}; {done['batch']['images']} images generated{by} as batch {done['batch']['id']}"
        f"{copies}; the review waits for {readers}."
    )
