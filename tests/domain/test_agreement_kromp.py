"""The figures of the field: raw grades of the Kromp et al. (2023) graders, where they lie beside the project.

The reference gives mean pairwise accuracy, kappa, quadratic weighted kappa, ordinal alpha and AC1 of the
seven kept graders: annotators 0, 1, 2, 5, 7 and 8 (over the criteria right in half of the cases or more,
against the Gardner expert: the authors' own rule) and the Gardner expert. Letters count where the grader's
own expansion is 3 or more: the set defines none below (one grader wrote some), and only so do the figures of
the letters come out to their last digit. Means of pairs hold pairs with 20 shared images or more.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from blasto_annotator.domain.agreement import agreement
from blasto_annotator.domain.raters import Ratings, make_ratings
from blasto_annotator.domain.raters_scales import scale_findings
from blasto_annotator.reports.agreement import Looks, agreement_report
from blasto_annotator.reports.agreement_tables import looks_of_tables
from blasto_annotator.store.schemes import load_scheme

FOLDER = Path(__file__).resolve().parents[3] / "shared/data/kromp_annotations/upstream/annotations"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the Kromp grades are not in {FOLDER}")

CRITERIA = {"expansion": "12345", "icm": "ABC", "te": "ABC"}
ANNOTATORS = tuple(str(number) for number in range(11))
KEPT = ("0", "1", "2", "5", "7", "8", "expert")
FIELD = {
    "expansion": (0.64, 0.48, 0.78, 0.79, 0.65),
    "icm": (0.60, 0.27, 0.40, 0.40, 0.50),
    "te": (0.65, 0.43, 0.65, 0.62, 0.46),
}
FIGURES = ("mean_percent", "mean_kappa", "mean_weighted_kappa", "alpha_ordinal", "ac1")


def grades(name: str, column: int, scale: str) -> dict[str, str | None]:
    with (FOLDER / f"{name}.csv").open(newline="") as file:
        rows = [(row[0], row[column].strip()) for row in csv.reader(file)]
    return {image: scale[int(cell)] if cell and int(cell) < len(scale) else None for image, cell in rows}


def ratings_of(criterion: str) -> Ratings:
    scale, column = CRITERIA[criterion], 1 + list(CRITERIA).index(criterion)
    files = {name: f"Annotator_{name}" for name in ANNOTATORS} | {"expert": "Gardner_Expert"}
    said = {name: grades(file, column, scale) for name, file in files.items()}
    return make_ratings(criterion, list(scale), True, said)


@pytest.fixture(scope="module")
def looks() -> Looks:
    """The kept graders' tables, read as `agreement --from-csv --letters-from 3` reads them."""
    files = [FOLDER / f"Annotator_{number}.csv" for number in KEPT[:-1]] + [FOLDER / "Gardner_Expert.csv"]
    return looks_of_tables(files, replace(load_scheme("gardner-3group"), letters_from=3), "Kromp")


@pytest.mark.parametrize("criterion", CRITERIA)
def test_the_kept_graders_give_the_figures_of_the_field_to_their_last_digit(
    looks: Looks, criterion: str
) -> None:
    (part,) = agreement_report(looks, (criterion,), resamples=0, min_shared=20).criteria

    found = [round(part.result.figures[name].value, 2) for name in FIGURES]

    assert found == list(FIELD[criterion])


def test_without_that_rule_only_the_figures_of_the_letters_move() -> None:
    """What a project's own scheme, which reads letters from expansion 2 on, makes of the same tables."""
    for criterion, slack in (("expansion", 0.0075), ("icm", 0.025), ("te", 0.025)):
        figures = agreement(ratings_of(criterion).of(KEPT), 0).figures
        assert [figures[name].value for name in FIGURES] == pytest.approx(FIELD[criterion], abs=slack)


def test_the_reversed_grader_and_the_two_offset_ones_are_found_on_the_expansion_scale() -> None:
    found = scale_findings(ratings_of("expansion").of(ANNOTATORS))

    assert [(f.grader, f.step) for f in found] == [("4", 0), ("3", -1), ("9", 1)]
    assert found[0].weighted_kappa == pytest.approx(-0.73, abs=0.015)
    assert found[0].mended_kappa == pytest.approx(0.74, abs=0.015)
