"""`reviews plan` and `reviews defects` as a person types them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from blasto_annotator.curation.review_plan import ReviewPlan, plan_review
from blasto_annotator.domain.reviews import Realism, Verdict
from blasto_annotator.store import Project
from tests.cli.conftest import Program
from tests.curation.material import batch, labelled

PERFECT = Verdict(Realism.PERFECT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Project.create(tmp_path / "study") as project:
        labelled(project, tmp_path / "s", {"good": 6, "average": 6, "poor": 6})
        batch(project, per_class=6)
        return project.folder


def test_a_session_for_each_reader_is_planned_and_its_power_is_said(inside: Program, folder: Path) -> None:
    done = inside(
        *("reviews", "plan", str(folder), "--reader", "Ana", "--reader", "Boris", "--mode", "choice"),
        *("--real-share", "0.5", "--seconds", "5", "--seed", "3", "--json"),
    )

    said = done.json
    assert [row["reader"] for row in said["sessions"]] == ["Ana", "Boris"]
    assert (said["generated"], said["real"]) == (18, 18)
    assert "Schuirmann" in said["power"][0]
    with Project.open(folder) as project:
        assert [session.plan["seconds"] for session in project.reviews.sessions()] == [5.0, 5.0]


def test_a_trial_says_what_a_review_can_show_and_what_is_missing_and_plans_nothing(
    inside: Program, folder: Path
) -> None:
    trial = ("reviews", "plan", str(folder), "--reader", "Ana", "--dry-run", "--real-share", "0.75", "--json")

    said = inside(*trial).json

    assert (said["sessions"], said["generated"], said["real"]) == ([], 18, 54)
    assert not any("real frames were found" in words for words in said["power"])
    less = inside(*trial[:-2], "0.9", "--json").json
    assert less["power"][-1].startswith("Only 54 of 162 real frames were found")
    with Project.open(folder) as project:
        assert project.reviews.sessions() == []


def test_a_choice_is_half_real_by_default(inside: Program, folder: Path) -> None:
    said = inside("reviews", "plan", str(folder), "--reader", "Ana", "--mode", "choice", "--json").json

    assert (said["generated"], said["real"]) == (18, 18)


def test_a_mode_that_is_none_is_refused_with_those_there_are(inside: Program, folder: Path) -> None:
    done = inside("reviews", "plan", str(folder), "--reader", "Ana", "--mode", "guess", code=1)

    assert "single, grid, choice, pair" in done.sentence


def test_own_defects_are_named_and_taken_away(inside: Program, folder: Path) -> None:
    inside("reviews", "defects", str(folder), "A bubble", "Scratches")
    assert inside("reviews", "defects", str(folder)).out.splitlines() == ["A bubble", "Scratches"]

    inside("reviews", "defects", str(folder), "--clear")
    assert inside("reviews", "defects", str(folder), "--json").json == {"defects": []}


def test_a_report_and_an_export_wait_for_whoever_has_images_to_judge_yet(
    inside: Program, folder: Path, tmp_path: Path
) -> None:
    with Project.open(folder) as project:
        finished = {"b1": ("Ana", "Boris")}
        batch(project, "b2", per_class=2, first_seed=5000)
        for name, readers in {**finished, "b2": ("Ana",)}.items():
            for session in plan_review(project, ReviewPlan((name,), readers, repeat_share=0)):
                for item in session.items:
                    project.reviews.record(session.id, name, item, session.reviewer, PERFECT)
        boris = project.reviews.sessions()[1]
        project.reviews.record(boris.id, "b1", boris.items[3], "Boris", None)  # taken back: one is missing
    file = tmp_path / "verdicts.csv"

    whole = inside("report", "review", folder, "--json")
    refused = inside("report", "review", folder, "--batch", "b1", code=1).sentence
    exported = inside("reviews", "export", folder, file, "--json").json

    assert (whole.json["batch_names"], whole.json["left_out"]) == (["b2"], ["Boris 17 of 18"])
    assert {section["batch"] for section in whole.json["sections"]} == {"b2"}
    assert "Left out" in whole.err
    assert "Boris 17 of 18" in whole.err
    assert "wait: sessions are not finished (Boris 17 of 18)" in refused
    assert (exported["exported"], exported["waiting"]) == (6, 35)
    with file.open(encoding="utf-8", newline="") as table:
        assert {row["batch"] for row in csv.DictReader(table)} == {"b2"}
