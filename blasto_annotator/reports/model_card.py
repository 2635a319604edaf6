"""A model card: what a generator was made from, how good it is, who looked at it, and what it is not for.

Mitchell et al. 2019, Model Cards for Model Reporting. Made from the files of a project alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from blasto_annotator.curation.batches import batch_info, batch_models
from blasto_annotator.curation.blinding import open_sessions
from blasto_annotator.curation.near_copies import read_near_copies
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import ItemKind, Review
from blasto_annotator.domain.statistics import wilson
from blasto_annotator.reports.evidence import Evidence, Grid, is_perfect, is_rated, share_text
from blasto_annotator.reports.quality import (
    RECALL,
    SCORES,
    SOURCES,
    Quality,
    evaluated,
    score_cell,
    score_grid,
)
from blasto_annotator.store import Project
from blasto_annotator.training.models import current_model, read_checkpoint
from gan.contract.events import read_events
from gan.contract.run_folder import RunFolder
from gan.contract.snapshot_folder import read_snapshot

LIMITS = (
    "Generated embryos are synthetic: no patient, no outcome. They show what the training frames show, with "
    "their laboratory's optics, stages and grading habits, and less of its variety. Not for diagnosis, not "
    "for ranking embryos for transfer."
)
_MOST_PARENTS = 20


def model_card(project: Project, checkpoint: Path) -> Evidence:
    """The card of a checkpoint, as a table of facts.

    Raises:
        UserError: it is no checkpoint.
    """
    said = read_checkpoint(checkpoint)
    scores = evaluated(checkpoint.parent.parent, str(said["networks_sha256"]))
    rows = [
        *_origin(project, checkpoint, said),
        *_data(project, said),
        *(_figures(checkpoint, float(said["kimg"])) if scores is None else _scores(scores)),
        *_reviews(project, str(said["networks_sha256"])),
        ("Limits", LIMITS),
    ]
    name = said.get("run") or checkpoint.name
    facts = Grid("Facts", ("", ""), tuple(rows))
    if scores is None:
        return Evidence(f"Model card: {name}", grids=(facts,))
    return Evidence(f"Model card: {name}", grids=(facts, score_grid(scores)), notes=(RECALL, SOURCES))


def _scores(scores: Quality) -> Iterator[tuple[str, str]]:
    """The pooled scores of the model's own evaluation; those by class stand below."""
    n = f"n {scores.pooled.n_generated} generated, {scores.pooled.n_real} real"
    yield "Evaluated", f"{scores.features}, {n}"
    for score in scores.pooled.values:
        if score in SCORES:
            yield scores.title(score), score_cell(scores.pooled, score)


def _origin(project: Project, checkpoint: Path, said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    current = current_model(project)
    used = current is not None and current.resolve() == checkpoint.resolve()
    yield "Model", f"{said['networks_sha256'][:12]}, {said['family']}, {said['resolution']} px"
    yield "In use", "yes" if used else "no"
    yield (
        "Trained",
        f"{float(said['kimg']):g} kimg, {said['created_utc'][:10]}, preset {said.get('preset') or '–'}",
    )
    if _rewarded(said):
        told = f"expert scorer {str(said['reward']['scorer'])[:12]}, weight {said['reward']['weight']:g}"
        yield "Reward", f"{told}: part of the generator’s loss, so this scorer says nothing of this model"
    line = " ← ".join(_line(checkpoint, said))
    yield "Line", line or "from nothing"


def _rewarded(said: Mapping[str, Any]) -> bool:
    """Whether the generator was trained to please an expert scorer; with weight 0 it was only asked."""
    return bool(said.get("reward")) and said["reward"]["weight"] > 0


def _line(checkpoint: Path, said: Mapping[str, Any]) -> Iterator[str]:
    """The runs that it goes back to, newest first."""
    place, known = checkpoint, said
    for _ in range(_MOST_PARENTS):
        parent = known.get("start_from")
        if not parent:
            return
        place = (place.parent.parent / parent).resolve()
        try:
            known = read_checkpoint(place)
        except UserError:
            yield f"{place.name} (gone)"
            return
        rewarded = ", rewarded" if _rewarded(known) else ""
        yield f"{known.get('run') or place.name}, {float(known['kimg']):g} kimg{rewarded}"


def _data(project: Project, said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "Classes", ", ".join(said["classes"]) or "none"
    name = said.get("snapshot")
    if not name:
        yield "Training set", "of another origin than this project’s snapshots"
        return
    folder = next(iter(sorted(project.snapshots.glob(f"{name}*"))), None)
    try:
        counts = read_snapshot(folder).counts if folder is not None else {}
    except (OSError, ValueError, KeyError):
        counts = {}
    each = ", ".join(f"{number} {group}" for group, number in counts.get("train", {}).items())
    yield (
        "Training set",
        f"snapshot {str(name)[:12]}: {each}" if each else f"snapshot {str(name)[:12]} (gone)",
    )


def _figures(checkpoint: Path, kimg: float) -> Iterator[tuple[str, str]]:
    """The newest evaluation at or before the checkpoint."""
    if checkpoint.parent.name != "checkpoints":
        return
    found: dict[str, str] = {}
    run = RunFolder(checkpoint.parent.parent)
    events = read_events(run.events, 0)[0] if run.events.exists() else []
    for event in events:
        if event.kind == "metric" and float(event.fields.get("kimg", 0)) <= kimg + 1e-6:
            n, value = event.fields.get("n"), event.fields.get("value")
            if isinstance(value, (int, float)):
                found[str(event.fields["name"])] = f"{value:.4g} at {event.fields['kimg']:g} kimg, n {n}"
    for name, words in found.items():  # such as `kernel_distance/good`, which is that of one class
        yield name.replace("_", " ").replace("/", ", ").capitalize(), words


def _perfect(project: Project, batch: str, rated: Sequence[Review], read: Sequence[str]) -> str:
    """The share of a batch, and how the batch was made where that decides what the share says."""
    own = [review for review in rated if review.batch == batch]
    info = batch_info(project, batch)
    said = share_text(wilson(sum(map(is_perfect, own)), len(own)))
    made = [f"truncation {info.truncation:g}"] if info.truncation != 1 or len(read) > 1 else []
    made += ["only what an expert scorer accepted"] if (info.scorer or {}).get("accept") else []
    name = f"{batch}: " if len(read) > 1 else ""
    return f"{name}{said}" + (f", {', '.join(made)}" if made else "")


def _reviews(project: Project, model: str) -> Iterator[tuple[str, str]]:
    batches = [name for name, made_by in batch_models(project).items() if made_by == model]
    reviews = [r for name in batches for r in project.reviews.current(name) if r.kind is ItemKind.GENERATED]
    waiting = {one.id: one for one in open_sessions(project) if set(one.batches).intersection(batches)}
    rated = [r for r in reviews if is_rated(r) and r.session_id not in waiting]
    told = ", ".join(one.words for one in waiting.values())
    if told:
        yield "Under way", f"{told}; these verdicts are counted when their session is finished"
    if not rated:
        yield "Reviewed", "by nobody to the end yet" if told else "by nobody yet"
    else:
        who = ", ".join(sorted({r.reviewer for r in rated}))
        read = sorted({r.batch for r in rated})
        yield "Reviewed", f"{len(rated)} verdicts by {who}; batches {', '.join(read)}"
        yield "Rated perfect", "; ".join(_perfect(project, batch, rated, read) for batch in read)
    found = [copies for name in batches if (copies := read_near_copies(project, name)) is not None]
    if found:
        images = sum(len(copies.images) for copies in found)
        yield "Near copies", f"{sum(len(c.suspicious) for c in found)} of {images} generated images"
