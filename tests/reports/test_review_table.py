"""Counting verdicts: against the source's published review (domain.md)."""

from __future__ import annotations

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import ItemKind, Realism, Verdict
from blasto_annotator.domain.statistics import Share
from blasto_annotator.reports.review_table import review_table
from blasto_annotator.store import Project
from tests.reports.conftest import BATCH, SOURCE_COUNTS, item, make_batch


def percent(share: Share) -> tuple[float, float, float]:
    return round(100 * share.value, 1), round(100 * share.low, 1), round(100 * share.high, 1)


def test_the_sources_review_gives_its_published_table(source_review: Project) -> None:
    section = review_table(source_review).whole

    counted = {
        row.class_name: (
            row.perfect.count,
            row.minor_flaws.count,
            row.implausible.count,
            row.wrong_class.count,
        )
        for row in section.generated
    }
    pooled = section.generated[-1]
    assert counted == {**SOURCE_COUNTS, "pooled": (104, 178, 18, 22)}
    assert pooled.verdicts == 300
    assert percent(pooled.perfect) == (34.7, 29.5, 40.2)
    assert percent(pooled.minor_flaws) == (59.3, 53.7, 64.7)
    assert percent(pooled.implausible) == (6.0, 3.8, 9.3)
    assert percent(pooled.wrong_class) == (7.3, 4.9, 10.9)
    assert section.real == ()


def test_the_table_names_batch_model_reviewer_and_n(source_review: Project) -> None:
    table = review_table(source_review)

    assert (table.images, table.reviewers, table.batch_names) == (300, ("Ana",), (BATCH,))
    assert table.batches[0].model == "ab12" * 16
    assert len(table.sections) == 1


def test_wrong_class_alone_counts_for_wrong_class_only(project: Project) -> None:
    rows = [
        (item(0, "good"), Verdict(None, wrong_class=True)),
        (item(1, "good"), Verdict(Realism.PERFECT)),
        (item(2, "good"), Verdict(Realism.PERFECT, wrong_class=True)),
    ]
    project.reviews.import_many(rows, BATCH, "Ana")

    row = review_table(project).whole.generated[0]

    assert (row.verdicts, row.perfect.count, row.perfect.total) == (3, 2, 2)
    assert (row.wrong_class.count, row.wrong_class.total) == (2, 3)


def test_real_controls_stand_beside_and_never_among_the_generated(project: Project) -> None:
    rows = [
        (item(0, "good"), Verdict(Realism.IMPLAUSIBLE, defects=("shape",))),
        (item(1, "good", ItemKind.REAL), Verdict(Realism.MINOR_FLAWS, defects=("mirror",))),
        (item(2, "poor", ItemKind.REAL), Verdict(Realism.PERFECT)),
    ]
    project.reviews.import_many(rows, BATCH, "Ana")

    section = review_table(project).whole

    assert [(row.class_name, row.verdicts) for row in section.generated] == [("good", 1), ("pooled", 1)]
    assert [(row.class_name, row.verdicts) for row in section.real] == [
        ("good", 1),
        ("poor", 1),
        ("pooled", 2),
    ]
    assert section.real[-1].perfect.count == 1
    assert section.defects == (("Angular or egg shape", 1),)  # the real frame's defect is not counted


def test_a_laboratory_s_own_defect_is_counted_by_its_name(project: Project) -> None:
    said = Verdict(Realism.MINOR_FLAWS, defects=("own:bubble",))
    project.reviews.import_many([(item(0, "good"), said)], BATCH, "Ana")

    assert review_table(project).whole.defects == (("bubble", 1),)


def test_several_reviewers_are_pooled_and_each_alone(project: Project) -> None:
    project.reviews.import_many([(item(0, "good"), Verdict(Realism.PERFECT))], BATCH, "Ana")
    project.reviews.import_many([(item(0, "good"), Verdict(Realism.IMPLAUSIBLE))], BATCH, "Ben")

    table = review_table(project)

    assert [section.reviewer for section in table.sections] == ["all", "Ana", "Ben"]
    pooled, ana, ben = (section.generated[-1].perfect for section in table.sections)
    assert [(share.count, share.total) for share in (pooled, ana, ben)] == [(1, 2), (1, 1), (0, 1)]
    assert table.images == 1
    assert len(review_table(project, reviewer="Ben").sections) == 1


def test_several_batches_are_pooled_and_each_alone_the_newest_first(project: Project) -> None:
    for number, batch in enumerate(("20260401-101500", "20260402-101500")):
        make_batch(project, batch)
        rows = [(item(0, "good", salt=batch), Verdict(list(Realism)[number]))]
        project.reviews.import_many(rows, batch, "Ana")

    table = review_table(project)

    assert [section.batch for section in table.sections] == ["all", "20260402-101500", "20260401-101500"]
    assert review_table(project, batch="20260401-101500").whole.generated[-1].perfect.count == 1


def test_a_corrected_or_withdrawn_verdict_no_longer_counts(project: Project) -> None:
    image = item(0, "good")
    project.reviews.record(None, BATCH, image, "Ana", Verdict(Realism.PERFECT))
    project.reviews.record(None, BATCH, image, "Ana", Verdict(Realism.IMPLAUSIBLE), "correction")
    assert review_table(project).whole.generated[-1].perfect.count == 0

    project.reviews.record(None, BATCH, image, "Ana", None, "undo")
    with pytest.raises(UserError, match="No image has been rated"):
        review_table(project)


def test_nothing_rated_is_a_sentence_that_names_what_was_asked(source_review: Project) -> None:
    with pytest.raises(UserError, match="of batch 2020 has been rated by Zoe"):
        review_table(source_review, batch="2020", reviewer="Zoe")


def test_a_class_that_the_scheme_does_not_know_is_still_counted(project: Project) -> None:
    project.reviews.import_many([(item(0, "morula"), Verdict(Realism.PERFECT))], BATCH, "Ana")

    assert [row.class_name for row in review_table(project).whole.generated] == ["morula", "pooled"]
