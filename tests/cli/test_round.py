"""A whole round by one command, with real children: trainer, scorer, evaluation, generator."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blasto_annotator.curation.scoring import read_scores
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import ItemKind, Realism
from blasto_annotator.store import Project
from blasto_annotator.training import evaluation, generate, scorer
from gan.contract.batch_folder import read_batch
from tests.cli.conftest import Program, label_all
from tests.cli.short_round import short_config, short_scorer
from tests.conftest import end_trainers
from tests.curation import material

ROUND = (
    "--round",
    "--preset",
    "cpu-quick",
    "--kimg",
    0.02,
    "--per-class",
    4,
    "--teach",
    "--reader",
    "Ana",
)


@pytest.fixture
def judged(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project with every frame labelled and 66 verdicts on a batch: bright images are perfect."""
    monkeypatch.setenv("BLASTO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(evaluation, "read_config", short_config)
    monkeypatch.setattr(scorer, "run_gan", short_scorer)
    with Project.open(study) as project:
        label_all(project, tmp_path / "labels.csv")
        with monkeypatch.context() as brighter:
            brighter.setattr(material, "pixels", _pixels)
            items = material.batch(project, "20260101-000000", per_class=22)
        for number, item in enumerate(items):
            realism = Realism.PERFECT if number % 2 else Realism.IMPLAUSIBLE
            material.rate(project, item, realism, reviewer="Ana", name="20260101-000000")
    yield study
    end_trainers(study / "runs")


def _pixels(seed: int, size: int) -> np.ndarray:
    noise = np.random.default_rng(seed).integers(0, 100, (size, size), np.uint8)
    return noise + np.uint8(120 * (seed % 2))


def test_a_round_ends_with_a_review_and_goes_on_where_it_was_left(
    inside: Program, judged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: Any, **__: Any) -> Path:
        raise UserError("The disk is full.")

    with monkeypatch.context() as full:
        full.setattr(generate, "generate_batch", no_room)
        broken = inside("retrain", judged, *ROUND, code=1)
    left = json.loads((judged / "rounds" / "0001.json").read_text("utf-8"))["done"]
    assert broken.err.splitlines()[-1] == "The disk is full."
    assert broken.err.count("The disk is full.") == 1  # though it tried with the scorer and without
    assert list(left) == ["evaluation", "kimg", "run", "scorer", "snapshot"]
    assert left["scorer"]["useful"], left["scorer"]

    done = inside("retrain", judged, "--round", "--reader", "Boris", "--json")

    said = done.json
    assert "goes on as it was begun; done: training set, training, evaluation, expert scorer." in done.err
    assert {name: said[name] for name in left} == left
    assert len(list((judged / "runs").iterdir())) == len(list((judged / "scorers").iterdir())) == 1
    assert said["kimg"] >= 0.02
    evaluated = json.loads((judged / "runs" / said["run"] / "evaluation.json").read_text("utf-8"))
    assert said["evaluation"]["figures"]["kernel_distance"] == pytest.approx(
        evaluated["scores"][0]["values"]["kernel_distance"]
    )
    with Project.open(judged) as project:
        scores = read_scores(project, said["batch"]["id"])
        (session,) = project.reviews.sessions(said["batch"]["id"])
        assert "scorer" in {row.action for row in project.audit.rows()}
    assert (
        len(scores) == said["batch"]["images"] == 4 * 12
    )  # what teaches is looked for among four times as many
    assert "48 images in batch" in done.err
    assert "scored by the expert scorer, none left out" in done.err
    folder = judged / "batches" / said["batch"]["id"]
    info = read_batch(folder)
    assert info.first_seed == 1_000_000
    assert info.scorer == said["batch"]["scorer"]
    generated = {item.sha256 for item in session.items if item.kind is ItemKind.GENERATED}
    assert (session.reviewer, len(generated)) == ("Ana", 12)
    with (folder / "provenance.csv").open(encoding="utf-8", newline="") as file:
        classes = {row["sha256"]: row["class_name"] for row in csv.DictReader(file)}
    for name in set(classes.values()):  # of each class those of which the scorer is least sure
        own = {sha256: abs(p - 0.5) for sha256, p in scores.items() if classes[sha256] == name}
        shown = [unsure for sha256, unsure in own.items() if sha256 in generated]
        assert len(shown) == 4
        assert sorted(own.values())[:4] == sorted(shown)
    assert said["sentence"].startswith(f"Round 1 is ready: run {said['run']} trained to 0.0")
    assert said["sentence"].endswith(f"the review waits for Ana ({len(session.items)} images).")


def test_a_round_is_refused_before_it_begins(inside: Program, judged: Path) -> None:
    twice = inside("retrain", judged, *ROUND, "--reader", "Ana", code=1)
    away = inside("retrain", judged, *ROUND, "--detach", code=1)

    assert "named twice" in twice.sentence
    assert "leave --detach or --round out" in away.sentence
    assert not (judged / "rounds").exists()


def test_a_scorer_of_too_few_verdicts_is_said_and_cannot_choose(inside: Program, study: Path) -> None:
    with Project.open(study) as project:
        for item in material.batch(project):
            material.rate(project, item, Realism.PERFECT)

    done = inside("scorer", study)

    assert "6 verdicts (6 perfect, 0 not) are too few" in done.err
    said = json.loads((Path(done.out.strip()) / "scorer.json").read_text("utf-8"))
    assert (said["useful"], said["counts"]["verdicts"]) == (False, 6)
    with Project.open(study) as project, pytest.raises(UserError, match="cannot be used: 6 verdicts"):
        scorer.choose_scorer(project, "latest", material.CLASSES)
