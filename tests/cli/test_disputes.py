"""`disputes`: what graders dispute, and decisions from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from blasto_annotator.store import Project
from tests.cli.conftest import Program

SAID = {"Ada": ("4AB", "3BB"), "Ben": ("4BB", "4BB"), "Cy": ("4BB", "3BB")}


@pytest.fixture
def disputed(inside: Program, study: Path, tmp_path: Path) -> Path:
    """Three graders who make two groups of the first embryo, and one of the second."""
    for grader, grades in SAID.items():
        rows = [f"e{n}_0_1.png,{grade[0]},{grade[1]},{grade[2]}" for n, grade in enumerate(grades)]
        table = tmp_path / f"{grader}.csv"
        table.write_text("\n".join(["image,expansion,icm,te", *rows]))
        inside("labels", "import", study, table, "--grader", grader)
    return study


def test_a_dispute_is_listed_and_decided_by_what_is_asked_alone(inside: Program, disputed: Path) -> None:
    (found,) = inside("disputes", "list", disputed, "--json").json["disputes"]
    assert (found["asked"], found["decided"]) == ("icm", None)
    assert [grade["outcome"] for grade in found["grades"]] == ["good", "average", "average"]
    assert "good 1, average 2  asked: ICM" in inside("disputes", "list", disputed).out
    decide = ("disputes", "decide", disputed, found["frame"], "--who", "Eva")

    assert "give --icm with one of A, B, C" in inside(*decide, code=1).sentence
    assert "--te is not asked" in inside(*decide, "--icm", "A", "--te", "C", code=1).sentence
    made = inside(*decide, "--icm", "a", "--json").json

    assert (made["grade"], made["asked"]) == ("4AB", ["icm"])
    assert inside("disputes", "list", disputed).out == ""
    assert "4AB by Eva" in inside("disputes", "list", disputed, "--decided").out
    with Project.open(disputed) as project:
        assert [row.adjudicator for row in project.adjudications.current()] == ["Eva"]
        assert project.audit.verify() is None


def test_a_frame_that_nobody_disputes_is_named(inside: Program, disputed: Path) -> None:
    said = inside("disputes", "decide", disputed, 9999, "--who", "Eva", "--icm", "A", code=1).sentence
    assert "Frame 9999 is in no dispute" in said
