"""The whole loop on real frames by the command line: import, label, snapshot, retrain, generate, review.

The frames are STORK's (98 files, 14 embryos, 7 focal planes). Its letters are read from the file names as a
laboratory's script would do; a minus after a letter is left out, because Gardner has none. Its digit is
probably not Gardner's expansion (domain.md), so this script writes expansion 3 for all.
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from gan.contract.batch_folder import PROVENANCE_FILE
from gan.contract.checkpoint import describe_checkpoint
from gan.contract.snapshot_folder import read_snapshot
from tests.cli.conftest import Program, program  # noqa: F401 (a fixture)

NAME = re.compile(r"_[1-6]([A-C])-?([A-C])-?\.jpg$")
KIMG = 0.16
"""Enough to train, save and draw from; not to learn."""


@pytest.fixture
def stork(shared_data: Path) -> Path:
    """The folder of real frames."""
    folder = shared_data / "stork"
    if not folder.is_dir():
        pytest.skip("STORK's frames are absent from ../shared/data")
    return folder


def write_labels(stork: Path, file: Path) -> int:
    """Each frame's letters from its name; returns how many were read."""
    rows = []
    for path in sorted(stork.rglob("*.jpg")):
        letters = NAME.search(path.name)
        if letters:
            rows.append((path.relative_to(stork).as_posix(), 3, letters[1], letters[2]))
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([("image", "expansion", "icm", "te"), *rows])
    return len(rows)


def write_verdicts(batch: Path, file: Path) -> list[dict[str, str]]:
    """A script's verdicts: of each class one perfect, the rest with minor flaws, one of the wrong class."""
    with (batch / PROVENANCE_FILE).open(encoding="utf-8", newline="") as opened:
        images = list(csv.DictReader(opened))
    rows, seen = [], dict[str, int]()
    for image in images:
        place = seen[image["class_name"]] = seen.get(image["class_name"], -1) + 1
        realism, wrong = ("perfect", "no") if place == 0 else ("minor_flaws", "yes" if place == 1 else "no")
        defects = "" if place == 0 else "zona_thickness;cell_borders"
        rows.append((image["image"], realism, wrong, defects, ""))
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerows([("image", "realism", "wrong_class", "defects", "looks_like"), *rows])
    return images


def test_the_loop_once_round_on_real_frames(stork: Path, tmp_path: Path, program: Program) -> None:  # noqa: F811
    study, table = tmp_path / "study", tmp_path / "labels.csv"
    program("new", study)
    first = program("import", study, stork, "--json").json
    again = program("import", study, stork, "--json").json
    labelled = write_labels(stork, table)
    labels = program("labels", "import", study, table, "--grader", "script", "--json").json
    assert (first["layout"], first["added"], first["embryos"], len(first["planes"])) == ("stork", 98, 14, 7)
    assert (again["added"], again["known"]) == (0, 98)
    assert (labels["imported"], labels["problems"], labelled) == (98, [], 98)

    lines = program("snapshot", study, "--size", "32").out.splitlines()
    snapshot = program("snapshot", study, "--size", "32", "--json").json
    assert [snapshot["id"], snapshot["folder"]] == lines
    train = snapshot["counts"]["train"]

    trained = program("retrain", study, "--preset", "cpu-quick", "--kimg", KIMG, "--json")
    run = trained.json
    assert f"{sum(train.values())} real images (good {train['good']}" in trained.err
    assert "starting from scratch" in trained.err
    assert (run["state"], run["snapshot"]) == ("finished", snapshot["id"])
    assert describe_checkpoint(Path(run["checkpoint"]))["snapshot"] == snapshot["id"]

    batch = Path(program("generate", study, "--run", "latest", "--per-class", 8).out.strip())
    images = write_verdicts(batch, tmp_path / "verdicts.csv")
    reviews = program(
        "reviews", "import", study, tmp_path / "verdicts.csv", "--reviewer", "script", "--json"
    ).json
    assert (len(images), reviews["imported"]) == (24, 24)

    report = program("report", "review", study, "--out", tmp_path / "report.html", "--json").json
    pooled = report["sections"][0]["generated"][-1]
    assert (pooled["n"], pooled["perfect"]["count"], pooled["wrong_class"]["count"]) == (24, 3, 3)
    assert run["name"] in (tmp_path / "report.html").read_text(encoding="utf-8")

    second = program("snapshot", study, "--size", "32", "--include-perfect", "--json").json
    grown = {name: second["counts"]["train"][name] - count for name, count in train.items()}
    assert second["id"] != snapshot["id"]
    assert sum(grown.values()) == sum(
        1 for count in train.values() if count
    )  # a perfect one of each known class
    assert {split: second["counts"][split] for split in ("val", "test")} == {
        split: snapshot["counts"][split] for split in ("val", "test")
    }
    next_round = program(
        "retrain", study, "--preset", "cpu-quick", "--kimg", 0.02, "--include-perfect", "--json"
    )
    assert f"starting from run {run['name']}'s model" in next_round.err
    assert next_round.json["snapshot"] == second["id"]
    assert read_snapshot(Path(second["folder"])).id == second["id"]
    facts = json.loads(program("info", study, "--json").out)
    assert (facts["frames"], facts["labels"], len(facts["runs"]), facts["reviews"]) == (98, 98, 2, 24)
