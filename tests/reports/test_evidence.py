"""What reviews prove: the questions on a project with two readers, and on what a single one said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from blasto_annotator.curation.review_plan import ReviewPlan, plan_review
from blasto_annotator.domain.detection import Answers, sensitivity
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.labels import Label
from blasto_annotator.domain.reviews import (
    Answer,
    ItemKind,
    Mode,
    Realism,
    ReviewItem,
    Seen,
    Verdict,
    role_of,
)
from blasto_annotator.domain.statistics import wilson
from blasto_annotator.reports.evidence import Evidence, gather
from blasto_annotator.reports.evidence_questions import evidence
from blasto_annotator.reports.over_readers import Read, telling
from blasto_annotator.reports.review_table import review_table
from blasto_annotator.reports.review_writers import write_report
from blasto_annotator.store import Project
from tests.curation.material import GRADES, label, labelled
from tests.curation.material import batch as generated_batch
from tests.reports.conftest import BATCH, FLAWED, NEWER, PERFECT, item, make_batch, rate_mixed


def found(project: Project, title: str) -> Evidence:
    return next(part for part in evidence(project) if part.title == title)


def values(part: Evidence) -> dict[str, float]:
    return {figure.name: figure.value.value for figure in part.figures}


def rate(project: Project, reader: str, kind: ItemKind, perfect: int, total: int) -> None:
    rows = [(item(n, "good", kind), PERFECT if n < perfect else FLAWED) for n in range(total)]
    project.reviews.import_many(rows, BATCH, reader)


def test_real_controls_stand_beside_the_generated(project: Project) -> None:
    rate(project, "Ann", ItemKind.GENERATED, 30, 100)
    rate(project, "Ann", ItemKind.REAL, 40, 50)

    part = found(project, "Beside real frames, mixed in blind")

    assert values(part)["False alarms"] == pytest.approx(0.2)
    assert values(part)["Perfect, generated less real"] == pytest.approx(-0.5)
    assert values(part)["d′ of “not perfect”"] == pytest.approx(1.34, abs=0.03)
    assert "told from real ones better than by chance" in part.figures[2].reading


def test_a_class_without_real_frames_stays_out_of_what_is_beside_them(project: Project) -> None:
    rate(project, "Ann", ItemKind.GENERATED, 30, 100)
    rate(project, "Ann", ItemKind.REAL, 40, 50)
    alone = values(found(project, "Beside real frames, mixed in blind"))
    project.reviews.import_many([(item(n, "poor"), FLAWED) for n in range(100)], BATCH, "Ann")

    part = found(project, "Beside real frames, mixed in blind")

    assert values(part) == alone
    assert part.notes[0].startswith("Generated images of poor are left out here")


def test_a_choice_gives_hype_error_d_prime_and_equivalence_at_the_planned_margin(project: Project) -> None:
    answer(project, "Ann", hits=50, generated=100, alarms=50, real=100)

    part = found(project, "Real or generated?")

    assert values(part)["HYPE error"] == 0.5
    assert values(part)["d′"] == pytest.approx(0)
    assert "at this margin readers cannot tell" in part.figures[-1].reading
    assert part.figures[-1].name == "Equivalent to chance within ±15.0 %"
    assert part.grids[0].rows == (("Ann", "200", "50.0 % (43.2 to 56.8)", "0.00", "2.0 s"),)


def test_who_says_the_same_of_everything_proves_nothing(project: Project) -> None:
    answer(project, "Ann", hits=200, generated=200, alarms=200, real=200)

    part = found(project, "Real or generated?")

    assert values(part)["HYPE error"] == 0.5
    assert part.figures[-1].reading.startswith("Not shown: right answers lie at chance, but nearly all")


def test_what_was_read_without_real_frames_does_not_stand_beside_them(project: Project) -> None:
    """Ann rates a mix; Bob, and Ann on another day, rate batches without real frames."""
    mixed = [item(n, "good") for n in range(24)] + [item(n, "good", ItemKind.REAL) for n in range(6)]
    placed = [replace(shown, position=n) for n, shown in enumerate(mixed)]
    session = project.reviews.start(BATCH, "Ann", placed, 1, 0.2)
    for shown in session.items:
        project.reviews.record(session.id, BATCH, shown, "Ann", PERFECT)
    for reader in ("Ann", "Bob"):
        others = [(item(n, "good", salt=reader), FLAWED) for n in range(48)]
        project.reviews.import_many(others, NEWER, reader)

    part = found(project, "Beside real frames, mixed in blind")

    assert values(part)["Perfect, generated less real"] == 0
    assert part.figures[1].n == "24 generated, 6 real"


def test_few_answers_prove_no_equivalence(project: Project) -> None:
    answer(project, "Ann", hits=5, generated=10, alarms=5, real=10)

    assert "no proof that readers can tell" in found(project, "Real or generated?").figures[-1].reading


def test_a_reader_who_spots_some_is_never_said_to_be_unable_to_tell(project: Project) -> None:
    """Three in eight spotted, no false alarm, four times as many generated images as real ones."""
    answer(project, "Ann", hits=75, generated=198, alarms=0, real=50)

    part = found(project, "Real or generated?")

    assert values(part)["HYPE error"] == pytest.approx((123 / 198 + 0) / 2)
    assert values(part)["Generated taken for real"] == pytest.approx(123 / 198)
    assert "told from real ones better than by chance" in part.figures[3].reading
    assert "Not shown to lie within 15.0 % of chance" in part.figures[-1].reading


def test_a_small_difference_within_the_margin_is_still_said_to_be_one(project: Project) -> None:
    answer(project, "Ann", hits=136, generated=200, alarms=100, real=200)

    assert (
        "there is a difference (d′), smaller than this margin"
        in found(project, "Real or generated?").figures[-1].reading
    )


def test_readers_who_differ_widen_every_interval(project: Project) -> None:
    answer(project, "Ann", hits=50, generated=100, alarms=50, real=100)
    alone = found(project, "Real or generated?").figures[0].value
    answer(project, "Bob", hits=95, generated=100, alarms=5, real=100)

    both = found(project, "Real or generated?").figures[0]

    assert both.value.value == pytest.approx((0.5 + 0.05) / 2)
    assert both.value.high - both.value.low > 2 * (alone.high - alone.low)
    assert "over readers and images" in both.source


@pytest.mark.parametrize("turned_round", [False, True])
def test_pairs_count_for_the_newer_batch_whichever_was_named_first(
    project: Project, turned_round: bool
) -> None:
    compare(project, "Ann", BATCH, "b2", preferred=8)
    if turned_round:
        compare(project, "Bob", "b2", BATCH, preferred=8)

    part = found(project, "Which of two looks more real?")

    assert values(part) == {f"b2 preferred to {BATCH}": 0.8}
    assert ("p 0.109" in part.figures[0].reading) is not turned_round  # scipy: binomtest(8, 10).pvalue


def test_pairs_of_other_models_stand_apart(project: Project) -> None:
    compare(project, "Ann", BATCH, "b2", preferred=8)
    compare(project, "Ann", BATCH, "b3", preferred=3)

    part = found(project, "Which of two looks more real?")

    assert values(part) == {f"b2 preferred to {BATCH}": 0.8, f"b3 preferred to {BATCH}": 0.3}


def compare(project: Project, reader: str, first: str, second: str, preferred: int) -> None:
    """Ten pairs of two batches; the image that is not of BATCH is preferred in so many."""
    items: list[ReviewItem] = []
    for number in range(10):
        pair = [replace(item(number, "good", salt=name), batch=name) for name in (first, second)]
        for side in pair if number % 2 else pair[::-1]:
            items.append(replace(side, position=len(items), role=role_of(Mode.PAIR)))
    session = project.reviews.start(first, reader, items, 1, 0.0, Mode.PAIR, {"batches": [first, second]})
    for left in session.items[::2]:
        wanted = left.position < 2 * preferred
        chosen = Answer.LEFT if (left.batch != BATCH) == wanted else Answer.RIGHT
        project.reviews.record(session.id, left.batch, left, reader, Verdict(None, answer=chosen))


def test_two_models_mixed_blind_decide_a_release(project: Project) -> None:
    make_batch(project, BATCH)
    make_batch(project, NEWER)
    rate_mixed(project, "Ann", BATCH, NEWER, (20, 45))

    part = found(project, "Is the new model better?")

    assert part.figures[0].name == f"Perfect, {NEWER} less {BATCH}"
    assert part.figures[0].value.value == pytest.approx(25 / 60)
    assert part.figures[0].value.low > 0
    assert "promotion has evidence" in part.figures[0].reading
    assert next(p.title for p in evidence(project, batch=BATCH)) == "Is the new model better?"


def test_ratings_outside_the_mix_or_of_one_model_only_decide_nothing(project: Project) -> None:
    """One reader rates the old, another the new, each alone; a mix is planned and left at the old ones."""
    for batch in (BATCH, NEWER):
        make_batch(project, batch)
    project.reviews.import_many([(item(n, "good"), FLAWED) for n in range(24)], BATCH, "Ann")
    project.reviews.import_many([(item(n, "good", salt="x"), PERFECT) for n in range(24)], NEWER, "Bob")
    rate_mixed(project, "Cid", BATCH, NEWER, (20, 45), until=60)

    assert "Is the new model better?" not in {part.title for part in evidence(project)}


def test_a_release_covers_other_readers(project: Project) -> None:
    rate_mixed(project, "Ann", BATCH, NEWER, (20, 45))
    alone = found(project, "Is the new model better?").figures[0].value
    rate_mixed(project, "Bob", NEWER, BATCH, (20, 22))

    both = found(project, "Is the new model better?").figures[0]

    assert both.value.value == pytest.approx((25 / 60 - 2 / 60) / 2)
    assert both.value.low < 0 < both.value.high
    assert both.value.high - both.value.low > alone.high - alone.low
    assert "Not decided" in both.reading


def test_several_readers_get_an_interval_over_readers_and_their_agreement(project: Project) -> None:
    rate(project, "Ann", ItemKind.GENERATED, 20, 60)
    rate(project, "Bob", ItemKind.GENERATED, 40, 60)

    part = found(project, "Other readers")

    assert values(part)["Perfect, over readers and images"] == pytest.approx(0.5)
    assert values(part)["Independent verdicts"] < 120
    assert {"Quadratic weighted kappa, mean of pairs", "Gwet’s AC1"} <= set(values(part))
    assert part.notes[0].startswith("2 readers: an interval over so few readers is too narrow")


def test_a_single_reader_is_said_to_be_one(source_review: Project) -> None:
    assert found(source_review, "Other readers").notes == (
        "One reader: nothing here says how another would judge.",
    )


def test_repeats_say_how_steady_a_reader_is(project: Project) -> None:
    shown = [item(n, "good") for n in range(4)]
    again = [replace(i, position=4 + n, role=role_of(Mode.RATE, repeat=True)) for n, i in enumerate(shown)]
    session = project.reviews.start(BATCH, "Ann", [*shown, *again], 1, 0.0)
    for place, said in enumerate([PERFECT] * 5 + [FLAWED] * 3):
        project.reviews.record(session.id, BATCH, session.items[place], "Ann", said)

    assert values(found(project, "Readers with themselves")) == {
        "Same realism again": 0.25,
        "Quadratic weighted kappa, first look with second": 0.0,  # all agreement is that of chance
    }


def test_defects_are_counted_by_class_and_own_ones_are_named(project: Project) -> None:
    own = Verdict(Realism.IMPLAUSIBLE, defects=("own:bubble", "mirror"))
    project.reviews.import_many([(item(0, "good"), own), (item(0, "poor"), FLAWED)], BATCH, "Ann")

    grid = found(project, "Defects by class").grids[0]

    assert grid.head == ("Defect", "good", "poor", "All")
    assert grid.rows == (
        ("Mirror symmetry", "1 of 1", "1 of 1", "2 of 2"),
        ("bubble", "1 of 1", "0 of 1", "1 of 2"),
    )


def test_the_published_review_beside_itself_differs_by_nothing(source_review: Project) -> None:
    part = found(source_review, "Beside the published review")

    rows = part.grids[0].rows
    assert [row[0] for row in rows[::4]] == ["good", "average", "poor"]
    assert [row[1] for row in rows[:4]] == ["perfect", "minor flaws", "implausible", "wrong class"]
    assert all(row[2] == row[3] and row[4].startswith("+0.0 (") for row in rows)
    assert "48" in part.notes[0]
    assert not [p for p in evidence(source_review, beside_published=False) if p.title == part.title]


def test_rounds_are_laid_side_by_side(project: Project) -> None:
    rate(project, "Ann", ItemKind.GENERATED, 3, 10)
    later = [(item(n, "good", salt="x"), PERFECT) for n in range(4)]
    project.reviews.import_many(later, "20260501-101500", "Ann")

    rows = found(project, "From round to round").grids[0].rows

    assert [row[:3] for row in rows] == [(BATCH, "Ann", "10"), ("20260501-101500", "Ann", "4")]


@pytest.mark.usefixtures("qapp")
def test_a_pdf_has_a_page_for_the_manager_and_more_for_the_reviewer(
    source_review: Project, tmp_path: Path
) -> None:
    file = tmp_path / "review.pdf"

    write_report(review_table(source_review), file)

    data = file.read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.count(b"/Type /Page\n") >= 2
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.usefixtures("qapp")
def test_a_pdf_that_cannot_be_written_is_said(source_review: Project, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere.review\.pdf cannot be written"):
        write_report(review_table(source_review), tmp_path / "nowhere" / "review.pdf")


def test_a_report_needs_no_ratings_where_there_are_answers(project: Project) -> None:
    make_batch(project, BATCH)
    answer(project, "Ann", hits=6, generated=10, alarms=5, real=10)

    table = review_table(project)

    assert [part.title for part in table.evidence] == ["Real or generated?"]
    assert table.whole.generated == ()


def answer(project: Project, reader: str, hits: int, generated: int, alarms: int, real: int) -> None:
    items: list[ReviewItem] = [item(n, "good") for n in range(generated)]
    items += [item(n, "good", ItemKind.REAL) for n in range(real)]
    placed = [replace(i, position=n, role=role_of(Mode.CHOICE)) for n, i in enumerate(items)]
    session = project.reviews.start(BATCH, reader, placed, 1, 0.5, Mode.CHOICE, {"margin": 0.15})
    for shown in session.items:
        number = shown.position if shown.kind is ItemKind.GENERATED else shown.position - generated
        called = number < (hits if shown.kind is ItemKind.GENERATED else alarms)
        said = Verdict(None, answer=Answer.GENERATED if called else Answer.REAL)
        project.reviews.record(session.id, BATCH, shown, reader, said, seen=Seen(2.0))


def test_readers_who_differ_widen_d_prime_and_the_criterion(project: Project) -> None:
    answer(project, "Ann", hits=50, generated=100, alarms=50, real=100)
    answer(project, "Bob", hits=95, generated=100, alarms=5, real=100)

    part = found(project, "Real or generated?")

    both = next(figure for figure in part.figures if figure.name == "d′")
    closed = sensitivity(Answers(145, 200, 55, 200))
    assert both.value.value == closed.value
    assert both.value.low < 0.2 < closed.low  # Ann is at 0, Bob above 3
    assert "over readers and images" in both.source


def test_the_interval_of_d_prime_is_that_of_a_crossed_bootstrap(project: Project) -> None:
    """The definition, written out: readers and images drawn, every crossing taken."""
    rng = np.random.default_rng(5)
    called = [rng.random((2, 40)) < np.array([[0.8], [0.5]]), rng.random((2, 30)) < np.array([[0.2], [0.4]])]
    total = 140
    drawn = []
    for _ in range(2000):
        who = rng.integers(0, 2, 2)
        shares = [k[np.ix_(who, rng.integers(0, k.shape[1], k.shape[1]))].mean() for k in called]
        z = [norm.ppf((share + 1 / total) / (1 + 2 / total)) for share in shares]
        drawn.append(z[0] - z[1])
    low, high = np.quantile(drawn, [0.025, 0.975])

    answers = Answers(int(called[0].sum()), 80, int(called[1].sum()), 60)
    dprime, _ = telling(answers, [Read.each_alone(k.astype(float)) for k in called])

    closed = sensitivity(answers)
    assert dprime.low == pytest.approx(min(low, closed.low), abs=0.08)
    assert dprime.high == pytest.approx(max(high, closed.high), abs=0.08)


def test_images_of_the_wrong_class_are_told_by_what_they_look_like(project: Project) -> None:
    said = [
        Verdict(Realism.PERFECT, wrong_class=True, looks_like="poor"),
        Verdict(None, wrong_class=True, looks_like="4CC"),
        Verdict(None, wrong_class=True),
        PERFECT,
    ]
    project.reviews.import_many([(item(n, "good"), one) for n, one in enumerate(said)], BATCH, "Ann")

    grid = found(project, "What do images of the wrong class look like?").grids[0]

    assert grid.head == (
        "Made as",
        "Wrong class",
        "Looks good",
        "Looks average",
        "Looks poor",
        "Not said",
        "Grades",
    )
    assert grid.rows == (("good", "3 of 4", "–", "0", "2", "1", "4CC"),)


def test_real_frames_that_a_reader_had_graded_are_told(project: Project, tmp_path: Path) -> None:
    ids = labelled(project, tmp_path / "s", {"good": 4}, frames=1)  # graded by anna
    generated_batch(project, "b1", per_class=4)
    plan = ReviewPlan(("b1",), ("anna", "Bob"), real_share=0.5, repeat_share=0, seed=1)
    for session in plan_review(project, plan):
        for shown in session.items:
            project.reviews.record(session.id, "b1", shown, session.reviewer, PERFECT)

    notes = found(project, "Beside real frames, mixed in blind").notes

    assert len(ids) == 4
    assert any(note.startswith("4 of 8 verdicts on real frames are of embryos") for note in notes)


def test_what_a_reader_had_met_is_looked_up_once_however_many_the_sessions(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = labelled(project, tmp_path / "s", {"good": 6}, frames=1)
    generated_batch(project, "b1", per_class=2)
    shown = []
    for seed in (1, 2, 3):
        plan = ReviewPlan(("b1",), ("Bob",), real_share=0.5, repeat_share=0, seed=seed)
        (session,) = plan_review(project, plan)
        for seen in session.items:
            project.reviews.record(session.id, "b1", seen, "Bob", PERFECT)
        shown.append({seen.sha256 for seen in session.items if seen.kind is ItemKind.REAL})
        for frame in ids.values() if seed == 1 else ():  # what comes later was graded before
            label(project, frame, GRADES["good"], "Bob")
    asked: list[str | None] = []
    current = project.labels.current

    def counted(grader: str | None = None) -> list[Label]:
        asked.append(grader)
        return current(grader)

    monkeypatch.setattr(project.labels, "current", counted)

    found = gather(project)

    assert found.met["Bob"] == (shown[1] | shown[2]) - shown[0]
    assert found.met["Bob"]
    assert asked == ["Bob"]


def test_frames_of_one_embryo_are_no_independent_controls(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 5}, frames=4)
    generated_batch(project, "b1", per_class=20)
    plan = ReviewPlan(("b1",), ("Bob",), real_share=0.5, repeat_share=0, seed=1)
    (session,) = plan_review(project, plan)
    embryos = {frame.id: frame.embryo_id for frame in project.frames.many(range(1, 21)).values()}
    for seen in session.items:  # of two embryos every frame is called flawed
        flawed = seen.frame_id is not None and embryos[seen.frame_id] in (1, 2)
        project.reviews.record(session.id, "b1", seen, "Bob", FLAWED if flawed else PERFECT)

    part = found(project, "Beside real frames, mixed in blind")

    alarms = next(figure for figure in part.figures if figure.name == "False alarms")
    by_frame = wilson(8, 20)
    assert alarms.value.value == by_frame.value == 0.4
    assert alarms.value.low == 0 < by_frame.low  # five embryos: none of the two is drawn now and then
    assert alarms.value.high > by_frame.high
    assert "over embryos where wider: Field and Welsh 2007" in alarms.source
    assert any(note.startswith("The 20 real frames show 5 embryos.") for note in part.notes)
    assert any("5 embryos are few" in note for note in part.notes)
