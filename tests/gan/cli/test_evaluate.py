"""`evaluate` from data set and network to figures, for people and for scripts."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan.contract.batch_folder import PROVENANCE_FILE
from gan.contract.run_folder import RunFolder
from gan.contract.snapshot_folder import MANIFEST_COLUMNS
from gan.training.networks import open_network
from tests.gan.cli.conftest import Answer, Command
from tests.gan.datasets import CLASSES, write_data

QUICK = ("--features", "encoder", "--encoder-steps", 2, "--repeats", 4, "--device", "cpu")
"""The figures are of no use, but every part of the way is gone."""


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty images in three classes."""
    return write_data(tmp_path_factory.mktemp("real"), 30)


def figures(answer: Answer) -> dict[str, Any]:
    """The printed JSON."""
    assert (answer.status, answer.errors) == (0, "")
    value: dict[str, Any] = json.loads(answer.out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    return value


def test_a_network_is_scored_per_class_and_pooled_with_all_that_pins_it(
    gan: Command, trained: RunFolder, real: Path, tmp_path: Path
) -> None:
    out = tmp_path / "scores.json"

    answer = gan(
        "evaluate",
        "--data",
        real,
        "--network",
        trained.path,
        "--per-class",
        8,
        *QUICK,
        "--json",
        "--out",
        out,
    )

    found = figures(answer)
    assert found == json.loads(out.read_text())
    assert [(score["name"], score["n_real"], score["n_generated"]) for score in found["scores"]] == [
        ("all", 30, 24), ("good", 10, 8), ("average", 10, 8), ("poor", 10, 8),
    ]  # fmt: skip
    pooled = found["scores"][0]["values"]
    assert {"frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage"} <= set(
        pooled
    )
    assert "class_fidelity" in pooled
    assert "fid" not in json.dumps(pooled).lower().replace("fidelity", "")  # not Inception: not called FID
    low, high = found["scores"][0]["intervals"]["frechet_distance"]
    assert low <= high
    assert found["generated"] == open_network(trained.path, "cpu").description["networks_sha256"]
    assert (found["extractor"]["name"], len(found["extractor"]["hash"])) == ("in-domain encoder", 64)
    again = gan("evaluate", "--data", real, "--network", trained.path, "--per-class", 8, *QUICK, "--json")
    assert figures(again) == found


def test_people_get_a_table(gan: Command, trained: RunFolder, real: Path) -> None:
    answer = gan("evaluate", "--data", real, "--network", trained.path, "--per-class", 6, *QUICK)

    assert answer.status == 0
    assert "in-domain encoder" in answer.out
    assert "frechet distance" in answer.out
    assert "near copies of real images" in answer.out


def test_a_batch_scores_as_the_images_in_it(
    gan: Command, trained: RunFolder, real: Path, tmp_path: Path
) -> None:
    batch = tmp_path / "batch"
    assert gan("generate", "--network", trained.path, "--per-class", 6, "--batch-dir", batch).status == 0
    with (batch / PROVENANCE_FILE).open(newline="") as file:
        labels = [int(row["class_index"]) for row in csv.DictReader(file)]

    found = figures(gan("evaluate", "--data", real, "--images", batch, *QUICK, "--json"))

    assert found["generated"] == str(batch)
    assert [score["n_generated"] for score in found["scores"]] == [18, *(labels.count(i) for i in range(3))]


def test_copies_of_real_images_are_found(gan: Command, real: Path) -> None:
    found = figures(gan("evaluate", "--data", real, "--images", real, *QUICK, "--json"))

    assert len(found["near_copies"]) == 30
    assert found["scores"][0]["values"]["frechet_distance"] == pytest.approx(0.0, abs=1e-4)


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    """Images of the split train, one of them generated, and six of the split val."""
    folder, names = write_data(tmp_path / "snapshot", 30), []
    for number in range(30):
        origin, split = ("generated" if number == 0 else "real"), ("val" if number >= 24 else "train")
        row = dict.fromkeys(MANIFEST_COLUMNS, "")
        named = {"file": f"00000/img{number:08d}.png", "origin": origin, "split": split}
        names.append({**row, **named, "class_index": str(number % 3), "embryo": f"E{number // 3}"})
    with (folder / "manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, MANIFEST_COLUMNS)
        writer.writeheader()
        writer.writerows(names)
    counts = {"train": dict.fromkeys(CLASSES, 8)}
    said = {"id": "s", "size": 32, "classes": list(CLASSES), "counts": counts}
    (folder / "snapshot.json").write_text(json.dumps(said))
    return folder


def test_a_snapshot_gives_its_real_images_by_split_and_its_embryos(
    gan: Command, trained: RunFolder, snapshot: Path
) -> None:
    def pooled(split: str) -> tuple[int, int, int]:
        command = ("evaluate", "--data", snapshot, "--network", trained.path, "--per-class", 6)
        score = figures(gan(*command, *QUICK, "--split", split, "--json"))["scores"][0]
        return score["n_real"], score["embryos"], score["n_generated"]

    assert pooled("all") == (29, 10, 17)  # 9, 10 and 10 real images: 5, 6 and 6 of six generated ones each
    assert pooled("train") == (23, 8, 17)
    for arguments, sentence in {
        ("--split", "test"): "has no real image in the split test: choose another",
        ("--split", "tests"): "There is no split 'tests': choose one of train, val, test and all",
    }.items():
        answer = gan("evaluate", "--data", snapshot, "--network", trained.path, *QUICK, *arguments)
        assert (answer.status, answer.out) == (1, "")
        assert sentence in answer.errors


def test_what_cannot_be_scored_is_a_sentence(
    gan: Command, trained: RunFolder, real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # no Inception weights of this user's
    other = write_data(tmp_path / "other", 9)
    (other / "dataset.json").write_text((other / "dataset.json").read_text().replace("good", "best"))
    few = write_data(tmp_path / "few", 5)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "batch.json").write_text("{}")
    network = ("--network", trained.path)

    for arguments, sentence in [
        (("--data", real, *network, "--features", "inception"), "The Inception weights are not here: fetch"),
        (("--data", real, *network, "--inception", "x.pth"), "There is no Inception weights file at x.pth"),
        (("--data", real, "--images", other, *QUICK), "has the classes best, average, poor"),
        (("--data", real, *network, *QUICK, "--seed", 2**32 - 9), "not enough seeds"),
        (("--data", few, *network, *QUICK), "needs at least eight real images, not 5: import and label"),
        (("--data", tmp_path / "absent", *network, *QUICK), "There is no data set at"),
        (("--data", real, "--network", tmp_path, *QUICK), "neither a checkpoint nor a run with one"),
        (
            ("--data", real, "--images", tmp_path / "broken", *QUICK),
            "cannot be read ('id'): generate it again",
        ),
        (("--data", real, "--images", real, *QUICK, "--out", tmp_path), "cannot be written"),
    ]:
        answer = gan("evaluate", *arguments)
        assert (answer.status, answer.out) == (1, ""), arguments
        assert sentence in answer.errors
        assert len(answer.errors.splitlines()) == 1


def test_wrong_usage_is_status_2(gan: Command, real: Path) -> None:
    one_of_two = gan("evaluate", "--data", real)
    both = gan("evaluate", "--data", real, "--network", "a", "--images", "b")
    useless = gan("evaluate", "--data", real, "--images", "b", "--features", "encoder", "--inception", "x")

    assert (one_of_two.status, both.status, useless.status) == (2, 2, 2)
    assert "one of --network and --images" in one_of_two.errors


def test_images_without_classes_are_scored_as_one(gan: Command, real: Path, tmp_path: Path) -> None:
    plain = write_data(tmp_path / "plain", 12, labels=False)

    found = figures(gan("evaluate", "--data", real, "--images", plain, *QUICK, "--json"))

    assert [score["name"] for score in found["scores"]] == ["all"]
    assert "class_fidelity" not in found["scores"][0]["values"]
    assert np.isfinite(found["scores"][0]["values"]["kernel_distance"])
