"""What lies beside the verdicts: how images were chosen, rounds, the models' scores, the published review."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from blasto_annotator.curation.batches import batch_info
from blasto_annotator.domain.equivalence import difference
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import ItemKind, Realism, Review
from blasto_annotator.domain.statistics import Share, wilson
from blasto_annotator.reports.evidence import (
    Evidence,
    Grid,
    Material,
    by_class,
    is_perfect,
    share_text,
    sitting,
)
from blasto_annotator.reports.published import PUBLISHED, PUBLISHED_NOTE, PublishedRow
from blasto_annotator.reports.quality import RECALL, SOURCES, Quality, quality_of, score_cell
from blasto_annotator.store import Project
from gan.contract.batch_folder import BatchInfo

CHOSEN = "What the shares count"
_TAUGHT = (
    "{} of {} verdicts on generated images come from sessions whose images were chosen to teach the expert "
    "scorer, the least certain ones first, not at random: shares that count them are biased and are not the "
    "generator’s."
)
_ACCEPTED = (
    "Batch {} holds only what the expert scorer {} accepted (at least {:g}): {} of {} tries ({}). Its shares "
    "are those of accepted images, not of all that the model makes."
)
_BY_NINE = (
    "{} of {} verdicts were given by nine, {} of them by one key for the rest of a page: small flaws are "
    "missed more easily than image by image."
)
_ROUND_SCORES = ("frechet_distance", "kernel_distance", "precision", "recall")


def chosen(project: Project, material: Material) -> Evidence | None:
    """Whatever makes a share another thing than the generator's: chosen images, accepted ones, triage."""
    infos = batches_of(project, material.batches)
    generated = [review for review in material.ratings if review.kind is ItemKind.GENERATED]
    notes = (*_taught(generated, material), *map(_accepted, infos), *_triaged(material.ratings))
    kept = tuple(note for note in notes if note)
    return Evidence(CHOSEN, notes=kept) if kept else None


def batches_of(project: Project, names: Iterable[str]) -> list[BatchInfo]:
    """What is known of these batches; those that are gone are left out."""
    found = []
    for name in names:
        try:
            found.append(batch_info(project, name))
        except UserError:  # the facts of the report say that it is gone
            continue
    return found


def rounds(material: Material) -> Evidence | None:
    """Rates from batch to batch."""
    rows = []
    for batch in material.batches:
        own = [r for r in material.rated(ItemKind.GENERATED) if r.batch == batch]
        sittings = {sitting(review) for review in own}
        real = [r for r in material.rated(ItemKind.REAL) if sitting(r) in sittings]
        if own:
            taught = " (chosen to teach)" if any(r.session_id in material.taught for r in own) else ""
            who = ", ".join(sorted({review.reviewer for review in own}))
            shares = (_perfect(own), _perfect(real) if real else "–")
            rows.append((batch + taught, who, str(len(own)), *shares))
    if len(rows) < 2:
        return None
    head = ("Batch", "Readers", "n", "Generated rated perfect", "Real rated perfect")
    note = (
        "Readers differ, and may grow stricter or milder between rounds: read the real frames that they "
        "judged in the same sessions beside the generated ones."
    )
    return Evidence(
        "From round to round", grids=(Grid("Shares with 95 % intervals", head, tuple(rows)),), notes=(note,)
    )


def model_scores(project: Project, material: Material) -> Evidence | None:
    """Distance, precision and recall of each round's model, and recall by class."""
    found: list[tuple[BatchInfo, Quality]] = []
    for info in batches_of(project, material.batches):
        quality = quality_of(project.runs / info.run, info.model) if info.run else None
        if quality is not None:
            found.append((info, quality))
    if not found:
        return None
    features = list(dict.fromkeys(quality.features for _, quality in found))
    notes = [RECALL, SOURCES]
    if len(features) > 1:
        notes.insert(0, f"The rounds were scored with different features ({', '.join(features)}).")
    grids = (_pooled_scores(found), *_class_recall(found))
    return Evidence("The models’ variety and likeness, round by round", grids=grids, notes=tuple(notes))


def published(material: Material) -> Evidence | None:
    """Ours beside the published review."""
    rows: list[tuple[str, ...]] = []
    rated = material.rated(ItemKind.GENERATED)
    for name, own in by_class(rated, material.classes):
        theirs = next((row for row in PUBLISHED if row.class_name == name), None)
        if theirs is not None:
            both = [r for r in material.ratings if r.kind is ItemKind.GENERATED and r.class_name == name]
            rows += _beside(name, own, both, theirs)
    if not rows:
        return None
    head = ("Class", "Verdict", "Here", "Published", "Difference")
    return Evidence(
        "Beside the published review",
        grids=(Grid("Generated images", head, tuple(rows)),),
        notes=(PUBLISHED_NOTE,),
    )


def _taught(generated: Sequence[Review], material: Material) -> list[str]:
    count = sum(review.session_id in material.taught for review in generated)
    return [_TAUGHT.format(count, len(generated))] if count else []


def _accepted(info: BatchInfo) -> str:
    said = info.scorer or {}
    bar, classes = float(said.get("accept", 0)), said.get("classes", {})
    if not bar or not classes:
        return ""
    tries, kept = (sum(int(one[key]) for one in classes.values()) for key in ("tries", "accepted"))
    each = ", ".join(
        f"{name or 'images'} {one['rate']:.0%}".replace("%", " %") for name, one in classes.items()
    )
    return _ACCEPTED.format(info.id, str(said.get("id", ""))[:12], bar, kept, tries, each)


def _triaged(ratings: Sequence[Review]) -> list[str]:
    """Verdicts that were given by nine; `images` is in what is kept of such a look."""
    by_nine = [review for review in ratings if review.seen.view.get("images")]
    rest = sum(bool(review.seen.view.get("rest")) for review in by_nine)
    return [_BY_NINE.format(len(by_nine), len(ratings), rest)] if by_nine else []


def _pooled_scores(found: Sequence[tuple[BatchInfo, Quality]]) -> Grid:
    titles = [{quality.title(name) for _, quality in found} for name in _ROUND_SCORES]
    head = ("Batch", "Run", "Features", "n", *(" / ".join(sorted(title)) for title in titles))
    rows = [
        (
            info.id, info.run, quality.features, str(quality.pooled.n_generated or "–"),
            *(score_cell(quality.pooled, name) for name in _ROUND_SCORES),
        )
        for info, quality in found
    ]  # fmt: skip
    return Grid("All classes pooled", head, tuple(rows))


def _class_recall(found: Sequence[tuple[BatchInfo, Quality]]) -> list[Grid]:
    classes = list(dict.fromkeys(one.name for _, quality in found for one in quality.scores[1:]))
    grids = []
    for name, title in (("recall", "Recall by class"), ("precision", "Precision by class")):
        rows = []
        for info, quality in found:
            known: Mapping[str, str] = {one.name: score_cell(one, name) for one in quality.scores[1:]}
            rows.append((info.id, *(known.get(own, "–") for own in classes)))
        if any(cell != "–" for row in rows for cell in row[1:]):
            grids.append(Grid(title, ("Batch", *classes), tuple(rows)))
    return grids


def _beside(
    name: str, rated: Sequence[Review], every: Sequence[Review], theirs: PublishedRow
) -> list[tuple[str, ...]]:
    """A row a verdict: wrong class is counted among all verdicts, the rest among those on realism."""
    rows = []
    for realism in Realism:
        count = sum(review.verdict is not None and review.verdict.realism is realism for review in rated)
        said = realism.value.replace("_", " ")
        rows.append(_row(name, said, (count, len(rated)), (getattr(theirs, realism.value), theirs.total)))
    wrong = sum(review.verdict is not None and review.verdict.wrong_class for review in every)
    rows.append(_row(name, "wrong class", (wrong, len(every)), (theirs.wrong_class, theirs.total)))
    return rows


def _row(name: str, said: str, here: tuple[int, int], there: tuple[int, int]) -> tuple[str, ...]:
    gap = difference(here, there)
    words = f"{100 * gap.value:+.1f} ({100 * gap.low:+.1f} to {100 * gap.high:+.1f}) points"
    return (name, said, share_text(wilson(*here)), share_text(wilson(*there)), words)


def _perfect(own: Sequence[Review]) -> str:
    share: Share = wilson(sum(map(is_perfect, own)), len(own))
    return share_text(share)
