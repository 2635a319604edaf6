"""How figures of a review are written, the same in every format."""

from __future__ import annotations

import math
from dataclasses import dataclass

from blasto_annotator.domain.statistics import Share
from blasto_annotator.reports.evidence import WILSON, Evidence, Figure, Grid, percent
from blasto_annotator.reports.evidence_rounds import CHOSEN
from blasto_annotator.reports.references import cited
from blasto_annotator.reports.review_table import ALL, POOLED, ReviewTable, Row, Section

RESEARCH_USE = (
    "Research use only: not for diagnosis, not for ranking embryos for transfer, "
    "not for any other clinical decision."
)
METHOD = (
    "n counts verdicts. Each cell is a count, its share and the 95 % Wilson interval. Perfect, minor flaws "
    "and implausible are shares of the verdicts that rate realism; wrong class is independent of them and a "
    "share of all verdicts. The intervals take verdicts as independent, which several on one image, "
    "or on frames of one embryo, are not."
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


LEFT_OUT = "Left out, since their sessions are not finished and figures would tell their readers:"
"""Before the sessions whose batches a report leaves out."""


@dataclass(frozen=True)
class Told:
    """One line of the first page: what was asked, what came out, and the figure behind it."""

    question: str
    answer: str
    figure: str = ""

    @property
    def text(self) -> str:
        """All of it as one sentence after another."""
        return " ".join(filter(None, (self.question, self.answer, self.figure and f"({self.figure})")))


def in_short(table: ReviewTable) -> list[Told]:
    """What a reader with one minute should know."""
    several = [s for s in table.sections if s.batch != ALL] if table.whole.batch == ALL else []
    models = [section for section in several if section.generated]
    told = [_how_real(f"How real is batch {s.batch}?", s) for s in models]
    if not models and table.whole.generated:
        told = [_how_real("How real are the images?", table.whole)]
    if table.unfinished:
        given = f"{', '.join(table.unfinished)}; the figures are of what was given so far."
        told.insert(0, Told("Not finished:", given))
    if table.left_out:
        told.insert(0, Told(LEFT_OUT, f"{', '.join(table.left_out)}."))
    for part in table.evidence:
        told += [
            Told(_asked(part), figure.reading, _figure(figure)) for figure in part.figures if figure.told
        ]
        told += [Told(_asked(part), note) for note in part.notes if part.title in (CHOSEN, "Other readers")]
    return told


def references(table: ReviewTable) -> Evidence:
    """Every work that a figure, a note or the tables cite, with its formula."""
    parts = [*table.evidence, *table.cards]
    texts = [WILSON, *(figure.source for part in parts for figure in part.figures)]
    texts += [note for part in parts for note in part.notes]
    rows = tuple((work.short, work.full, work.formula) for work in cited(texts))
    return Evidence("Formulas and references", grids=(Grid("", ("Cited as", "Work", "Formula"), rows),))


def _asked(part: Evidence) -> str:
    return part.title if part.title.endswith("?") else f"{part.title}:"


def _figure(figure: Figure) -> str:
    name = figure.name if figure.name.startswith("HYPE") else figure.name[0].lower() + figure.name[1:]
    return f"{name}: {figure.text}; {figure.n}"


def _how_real(question: str, section: Section) -> Told:
    row, perfect = section.generated[-1], section.perfect
    wrong = row.wrong_class
    if perfect is None:
        return Told(question, f"{wrong.count} of {wrong.total} were of the wrong class; none was rated.")
    return Told(
        question,
        f"{percent(perfect.value)} could not be told from a real embryo, {percent(row.implausible.value)} "
        f"were found implausible, {percent(wrong.value)} of the wrong class.",
        f"the first from {percent(perfect.low)} to {percent(perfect.high)}, 95 % interval over "
        f"{'readers and images' if section.reviewer == ALL else 'images'}; {row.perfect.total} verdicts",
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
