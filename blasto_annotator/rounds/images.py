"""What a round gives the reviewers: batches, their near copies, and planned sessions."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from blasto_annotator.curation.near_copies import find_near_copies
from blasto_annotator.curation.review_plan import REAL_SHARE, ReviewPlan, plan_review
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import ReviewSession
from blasto_annotator.rounds.arms import CONTROL, Arm, arms_of
from blasto_annotator.rounds.sitting import Sitting
from blasto_annotator.rounds.steps import TEACH_FROM, readers_of
from blasto_annotator.training import generate
from blasto_annotator.training.generate import Bar, accepted_sentences, by_scorer, new_batch
from blasto_annotator.training.runs import find_run
from blasto_annotator.training.scorer import bar_for
from gan.contract.batch_folder import BatchInfo, read_batch

SEEDS_A_ROUND = 1_000_000
"""Each round's images have seeds of their own."""


def make_batches(sitting: Sitting) -> str:
    """A batch of every training of the round, searched for near copies; returns a sentence."""
    return " ".join(_made(sitting, arm) for arm in arms_of(sitting.current))


def plan_sessions(sitting: Sitting) -> str:
    """A blind session for each reader; returns a sentence."""
    found = sitting.current.part("review", lambda: _sessions(sitting))
    readers = ", ".join(f"{one['reader']} ({one['images']} images)" for one in found)
    return f"The review waits for {readers}."


def _made(sitting: Sitting, arm: Arm) -> str:
    current = sitting.current
    batch = current.part(f"{arm.prefix}batch", lambda: _batch(sitting, arm))
    sitting.progress.say("Comparing them with every training frame")
    copies = current.part(f"{arm.prefix}near_copies", lambda: _near_copies(sitting, batch["id"]))
    by = scorer_words(batch)
    text = " ".join(filter(None, [f"{batch['images']} images in batch {batch['id']}{by}", arm.title]))
    return text + (f", {copies} of them near copies." if copies else ".")


def scorer_words(batch: Mapping[str, Any]) -> str:
    """What the scorer did with the images of a batch, to be put behind them."""
    if not batch["scorer"]:
        return ""
    chosen = by_scorer(batch["scorer"])
    return " chosen by the expert scorer" if chosen else " scored by the expert scorer, none left out"


def _batch(sitting: Sitting, arm: Arm) -> dict[str, Any]:
    info = _generated(sitting, arm)
    for sentence in accepted_sentences(info):
        sitting.watch.note(sentence)
    folder = sitting.project.batches / info.id
    return {"id": info.id, "images": sum(1 for _ in folder.glob("images/*.png")), "scorer": info.scorer}


def _generated(sitting: Sitting, arm: Arm) -> BatchInfo:
    """The batch under a name that was settled before; what is left of one that was cut short goes."""
    project, current, name = sitting.project, sitting.current, f"{arm.prefix}batch"
    folder = project.batches / str(current.claim(name, lambda: new_batch(project)))
    if (folder / "batch.json").exists():
        info = read_batch(folder)
        sitting.audit_once("generate", f"batch:{info.id}", {"run": info.run, "per_class": info.per_class})
        return info
    if folder.exists():  # its generator died; one that is still dying must not write into the next
        current.claims[name] = new_batch(project)
        current.write()
        shutil.rmtree(folder, ignore_errors=True)
    _generate(sitting, arm, str(current.claims[name]))
    return read_batch(project.batches / current.claims[name])


def _generate(sitting: Sitting, arm: Arm, name: str) -> None:
    """By the scorer where it is of use; where nothing reaches the bar, all images with their scores."""
    wish, run = sitting.current.wish, find_run(sitting.project, sitting.current.done[f"{arm.prefix}run"]).path
    per_class = wish.per_class * (TEACH_FROM if _teaches(sitting) else 1)

    def make(bar: Bar | None) -> None:
        generate.generate_batch(
            sitting.project, run, per_class, _first_seed(sitting, arm), who=wish.who, bar=bar,
            progress=lambda done, total: sitting.progress.say("Generating images", done, total),
            cancelled=sitting.stopped, name=name,
        )  # fmt: skip

    said: list[str] = []
    for accept in (*_bars(sitting), None):
        try:
            make(None if accept is None else _bar(sitting, run, accept))
            break
        except UserError as error:
            if sitting.stopped() or accept is None:
                raise
            said.append(str(error))
    for sentence in dict.fromkeys(said):  # why it had to do with less; what fails in the end is said there
        sitting.watch.note(sentence)


def _first_seed(sitting: Sitting, arm: Arm) -> int:
    """Of images of its own: the models of a trial come from one another and would make twins of a seed."""
    first = sitting.current.number * SEEDS_A_ROUND
    return first + SEEDS_A_ROUND // 2 if arm is CONTROL else first


def _bar(sitting: Sitting, run: Path, accept: float) -> Bar | None:
    return bar_for(sitting.project, str(run), sitting.current.done["scorer"]["name"], accept)


def _bars(sitting: Sitting) -> list[float]:
    """What the scorer asks of an image, strictest first; 0 only notes. A comparison is never filtered."""
    wish = sitting.current.wish
    if wish.reward or not sitting.current.done["scorer"]["useful"]:
        return []
    return [0.0] if wish.teach else [wish.accept, 0.0]


def _teaches(sitting: Sitting) -> bool:
    """Whether the scorer can say which images teach it most."""
    return sitting.current.wish.teach and bool(sitting.current.done["scorer"]["useful"])


def _near_copies(sitting: Sitting, batch: str) -> int | None:
    found = find_near_copies(sitting.project, batch)
    return None if found is None else len(found.suspicious)


def _sessions(sitting: Sitting) -> list[dict[str, Any]]:
    """Real frames are mixed in where there are any of held-out embryos."""
    current, project = sitting.current, sitting.project
    batches = tuple(current.done[f"{arm.prefix}batch"]["id"] for arm in arms_of(current))
    scored = bool(current.done[f"{arms_of(current)[0].prefix}batch"]["scorer"])
    teach = _teaches(sitting) and scored
    plan = ReviewPlan(
        batches,
        readers=tuple(current.claim("readers", lambda: list(readers_of(project, current.wish)))),
        per_class=current.wish.per_class if teach else None,
        teach=teach,
        real_share=REAL_SHARE,
        seed=int(current.claim("review_seed", lambda: secrets.randbelow(2**31))),
    )
    try:
        sessions = plan_review(project, plan, _known(sitting, batches[0]))
    except UserError as error:
        sessions = plan_review(project, replace(plan, real_share=0.0), _known(sitting, batches[0]))
        sitting.watch.note(f"Planned without real frames: {error}")
    return [{"session": s.id, "reader": s.reviewer, "images": len(s.items)} for s in sessions]


def _known(sitting: Sitting, batch: str) -> list[ReviewSession]:
    """Sessions that an earlier sitting lived to store."""
    return sitting.project.reviews.sessions(batch)
