"""`generate --scorer`: what is accepted, what that costs, and who may judge whose pictures."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from blasto_annotator.store import Project
from blasto_annotator.training.generate import accepted_sentences
from blasto_annotator.training.process import follow, start
from blasto_annotator.training.runs import create_run
from gan.contract.batch_folder import read_batch
from gan.contract.jsonfile import read_json, write_json
from gan.contract.run_folder import RunState
from gan.contract.scorer_folder import SCORER_FILE, SCORES_FILE
from tests.cli.conftest import Program
from tests.gan.scoring.half import write_half_scorer
from tests.training.conftest import CLASSES, write_snapshot
from tests.training.presets import TINY

pytestmark = pytest.mark.xdist_group("generate scored")  # its fixtures are made on one worker

NAME = "20260101-120000"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a trained run and a scorer that calls about half of its pictures perfect."""
    folder = tmp_path_factory.mktemp("made") / "study"
    with Project.create(folder) as project:
        run = create_run(project, write_snapshot(project), TINY, kimg=0.04)
        assert follow(run, lambda event: None, start(run)) is RunState.FINISHED
    (folder / "scorers" / NAME).mkdir(parents=True)
    write_half_scorer(folder / "scorers" / NAME, run.path, CLASSES)
    return folder


@pytest.fixture
def study(made: Path, tmp_path: Path) -> Path:
    """The same, this test's own."""
    return Path(shutil.copytree(made, tmp_path / "study"))


def change_scorer(study: Path, **facts: object) -> None:
    file = study / "scorers" / NAME / SCORER_FILE
    write_json(file, {**read_json(file), **facts})


def test_the_rate_of_acceptance_is_said_and_the_batch_searched_for_near_copies(
    inside: Program, study: Path
) -> None:
    said = inside("generate", study, "--run", "latest", "--per-class", 4, "--scorer", "latest", "--json")

    facts = said.json
    folder = Path(facts["batch"])
    with (folder / SCORES_FILE).open(encoding="utf-8", newline="") as file:
        scores = [float(row["p"]) for row in csv.DictReader(file)]
    assert len(scores) == facts["images"] == 4 * len(CLASSES)
    assert min(scores) >= 0.5
    assert facts["scorer"]["accept"] == 0.5
    each = facts["scorer"]["classes"]
    assert all(each[name]["rate"] == pytest.approx(4 / each[name]["tries"]) for name in CLASSES)
    assert sum(one["tries"] for one in each.values()) > facts["images"]  # some were refused
    told = accepted_sentences(read_batch(folder))  # what a person reads instead
    rates = [f"{name}: 4 accepted of {one['tries']} ({one['rate']:.1%})." for name, one in each.items()]
    assert told == rates
    near = json.loads((folder / "near_copies.json").read_text())
    assert facts["near_copies"] == sum(image["near_copy"] for image in near["images"])
    assert len(near["images"]) == facts["images"]
    with Project.open(study) as project:
        act = project.audit.rows(1, newest_first=True)[0]
    assert (act.action, json.loads(act.after)["accept"]) == ("generate", 0.5)


def test_where_nothing_is_accepted_nothing_is_left(inside: Program, study: Path) -> None:
    done = inside(
        "generate", study, "--run", "latest", "--per-class", 2, "--scorer", "latest", "--accept", 1, code=1
    )

    assert "reached 1" in done.sentence
    assert list((study / "batches").iterdir()) == []


def test_a_scorer_that_is_not_useful_is_not_used(inside: Program, study: Path) -> None:
    change_scorer(study, useful=False, sentence="No better than chance on 40 verdicts.")

    for name in ("latest", NAME):
        done = inside("generate", study, "--run", "latest", "--per-class", 2, "--scorer", name, code=1)
        assert "cannot be used: No better than chance on 40 verdicts." in done.sentence


def test_a_scorer_of_other_classes_is_refused_with_both(inside: Program, study: Path) -> None:
    change_scorer(study, classes=["large", "small"])

    done = inside("generate", study, "--run", "latest", "--per-class", 2, "--scorer", "latest", code=1)

    assert "learned the classes large, small, but the model has good, average, poor" in done.sentence


def test_a_scorer_that_is_not_there_is_said(inside: Program, study: Path) -> None:
    done = inside("generate", study, "--run", "latest", "--per-class", 2, "--scorer", "nobody", code=1)

    assert "no scorer nobody" in done.sentence
