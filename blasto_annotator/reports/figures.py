"""How figures of a review are written, the same in every format."""

from __future__ import annotations

import math

from blasto_annotator.domain.statistics import Share
from blasto_annotator.reports.evidence import Evidence, Figure, percent
from blasto_annotator.reports.evidence_rounds import CHOSEN
from blasto_annotator.reports.review_table import ALL, POOLED, ReviewTable, Row, Section

RESEARCH_USE = (
    "Research use only: not for diagnosis, not for ranking embryos for transfer, "
    "not for any other clinical decision."
)
METHOD = (
    "n counts verdicts. Each cell is a count, its share and the 95 % Wilson interval. Perfect, minor flaws "
    "and implausible are shares of the verdicts that rate realism; wrong class is independent of them and a "
    "share of all verdicts. The intervals take verdicts as independent, which several on one image are not."
)
COLUMNS = (
    ("perfect", "Perfect"),
    ("minor_flaws", "Minor flaws"),
    ("implausible", "Implausible"),
    ("wrong_class", "Wrong class"),
)
"""Field of `Row` and its title."""


def cells(row: Row) -> list[str]:
    """Class, number of verdicts and the four shares of a row, as text."""
    name = "Pooled" if row.class_name == POOLED else row.class_name
    return [name, str(row.verdicts), *(share_text(getattr(row, field)) for field, _ in COLUMNS)]


def share_text(share: Share) -> str:
    """`104 (34.7 %, 29.5–40.2)`; a dash where nothing was counted."""
    if math.isnan(share.value):
        return "–"
    return f"{share.count} ({share.value:.1%}, {100 * share.low:.1f}–{100 * share.high:.1f})".replace(
        "%,", " %,"
    )


def section_title(section: Section) -> str:
    """`Batch 20261121-093000, reviewer Ana`, or what is pooled."""
    batch = "All batches" if section.batch == ALL else f"Batch {section.batch}"
    reviewer = "all reviewers" if section.reviewer == ALL else f"reviewer {section.reviewer}"
    return f"{batch}, {reviewer}"


def tables(section: Section) -> list[tuple[str, tuple[Row, ...]]]:
    """The section's tables with their titles: generated images, and real controls where there were any."""
    both = [("Generated images", section.generated), ("Real controls, mixed in blind", section.real)]
    return [(title, rows) for title, rows in both if rows]


def in_short(table: ReviewTable) -> list[str]:
    """What a reader with one minute should know."""
    several = [s for s in table.sections if s.batch != ALL] if table.whole.batch == ALL else []
    models = [section for section in several if section.generated]
    sentences = [f"{section_title(s)}: {_pooled_words(s.generated[-1])}" for s in models]
    if not models and table.whole.generated:
        sentences = [_pooled_words(table.whole.generated[-1])]
    if table.unfinished:
        sentences.insert(
            0, f"Not finished: {', '.join(table.unfinished)}; the figures are of what was given so far."
        )
    for part in table.evidence:
        sentences += [f"{_asked(part)} {_words(figure)}" for figure in part.figures if figure.told]
        sentences += [f"{_asked(part)} {note}" for note in part.notes if part.title == "Other readers"]
        sentences += part.notes if part.title == CHOSEN else ()
    return sentences


def _asked(part: Evidence) -> str:
    return part.title if part.title.endswith("?") else f"{part.title}:"


def _words(figure: Figure) -> str:
    name = figure.name[0].lower() + figure.name[1:] if figure.name != "HYPE error" else figure.name
    return f"{name} {figure.text}; {figure.n}. {figure.reading}"


def _pooled_words(row: Row) -> str:
    perfect, wrong = row.perfect, row.wrong_class
    if math.isnan(perfect.value):
        return f"{wrong.count} of {wrong.total} generated images were of the wrong class; none was rated."
    return (
        f"Of {perfect.total} verdicts on generated images, {percent(perfect.value)} could not tell the image "
        f"from a real embryo (95 % interval {percent(perfect.low)} to {percent(perfect.high)}), "
        f"{percent(row.implausible.value)} found it implausible, {percent(wrong.value)} of the wrong class."
    )


def facts(table: ReviewTable) -> list[tuple[str, str]]:
    """What the reader must know of the origin: project, batches, models, reviewers, n."""
    models = [_model(table, name) for name in table.batch_names]
    return [
        ("Project", table.project),
        ("Batches and models", "; ".join(models)),
        ("Reviewers", ", ".join(table.reviewers)),
        ("Images with a verdict", str(table.images)),
        ("Written", f"{table.created_utc[:16].replace('T', ' ')} UTC"),
    ]


def _model(table: ReviewTable, name: str) -> str:
    info = next((batch for batch in table.batches if batch.id == name), None)
    if info is None:
        return f"{name} (its folder is gone)"
    run = f"run {info.run}, " if info.run else ""
    return (
        f"{name}: {run}model {info.model[:12]}, {info.resolution} px, {info.per_class} a class, "
        f"truncation {info.truncation:g}, seeds from {info.first_seed}"
    )
