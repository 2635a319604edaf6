"""Rejection at sampling: only what the scorer accepts is kept, and what that cost is said."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from gan.cli.gathering import generated_files
from gan.contract.batch_folder import PROVENANCE_FILE, read_batch
from gan.contract.run_folder import RunFolder
from gan.contract.scorer_folder import SCORE_COLUMNS, SCORER_NETWORK, SCORES_FILE
from gan.scoring.scorer import load_scorer
from tests.gan.cli.conftest import Answer, Command
from tests.gan.datasets import CLASSES
from tests.gan.scoring.half import write_half_scorer


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory, trained: RunFolder) -> Path:
    """A scorer that calls about half of this network's pictures perfect."""
    return write_half_scorer(tmp_path_factory.mktemp("scorer"), trained.path, CLASSES)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_batch_holds_what_was_accepted_and_says_at_what_rate(
    gan: Command, trained: RunFolder, scorer: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "batch"
    done = gan(
        "generate", "--network", trained.path, "--per-class", 5, "--seed", 100, "--batch-dir", folder,
        "--scorer", scorer, "--accept", 0.5, "--device", "cpu", "--json",
    )  # fmt: skip

    assert done.status == 0, done.errors
    info, scores, provenance = read_batch(folder), rows(folder / SCORES_FILE), rows(folder / PROVENANCE_FILE)
    assert info.scorer == json.loads(done.out)["scorer"]
    assert info.scorer is not None
    assert info.scorer["id"] == hashlib.sha256((scorer / SCORER_NETWORK).read_bytes()).hexdigest()
    assert tuple(scores[0]) == SCORE_COLUMNS
    assert [row["sha256"] for row in scores] == [row["sha256"] for row in provenance]
    images = generated_files(folder).images
    p = load_scorer(scorer, CLASSES).scores(images.pixels, images.labels).both
    assert np.allclose(p, [float(row["p"]) for row in scores], atol=1e-5)
    assert p.min() >= 0.5
    for name in CLASSES:
        said = info.scorer["classes"][name]
        seeds = [int(row["seed"]) for row in provenance if row["class_name"] == name]
        assert said["accepted"] == len(seeds) == 5
        assert {(seed - 100) % 3 for seed in seeds} == {CLASSES.index(name)}
        assert max(seeds) == 100 + CLASSES.index(name) + 3 * (said["tries"] - 1)
        assert said["rate"] == pytest.approx(5 / said["tries"])
        assert f"{name}: 5 of {said['tries']} accepted" in done.errors
    assert sum(found["tries"] for found in info.scorer["classes"].values()) > 15  # some were refused


def test_a_bar_that_few_reach_is_bounded_and_said(
    gan: Command, trained: RunFolder, scorer: Path, tmp_path: Path
) -> None:
    def ask(accept: float, folder: str) -> Answer:
        return gan(
            "generate", "--network", trained.path, "--per-class", 8, "--batch-dir", tmp_path / folder,
            "--scorer", scorer, "--accept", accept, "--most-tries", 1, "--device", "cpu",
        )  # fmt: skip

    short, none = ask(0.5, "short"), ask(1.0, "none")

    assert (short.status, none.status) == (0, 1)
    assert "Fewer than 8 pictures reached 0.5" in short.errors
    assert len(rows(tmp_path / "short" / SCORES_FILE)) < 24
    assert "None of 24 pictures reached 1 (the best 0." in none.errors
    assert not (tmp_path / "none").exists()


def test_a_bar_of_nothing_scores_every_picture(
    gan: Command, trained: RunFolder, scorer: Path, tmp_path: Path
) -> None:
    done = gan(
        "generate", "--network", trained.path, "--per-class", 4, "--batch-dir", tmp_path / "b",
        "--class", "poor", "--scorer", scorer, "--accept", 0, "--device", "cpu",
    )  # fmt: skip

    assert done.status == 0
    found = rows(tmp_path / "b" / SCORES_FILE)
    assert len(found) == 4
    assert min(float(row["p"]) for row in found) < 0.5


@pytest.mark.parametrize("words", [("--seeds", "0-3"), ("--per-class", 2, "--noise-mode", "random")])
def test_a_scorer_needs_a_number_and_pictures_that_come_again(
    gan: Command, trained: RunFolder, scorer: Path, tmp_path: Path, words: tuple[object, ...]
) -> None:
    done = gan("generate", "--network", trained.path, "--scorer", scorer, "--out", tmp_path / "o", *words)

    assert done.status == 2
    assert "--per-class" in done.errors
