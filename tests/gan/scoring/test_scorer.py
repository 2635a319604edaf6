"""The expert scorer: learns a rule from verdicts, says how good it is, and is not used where it is not."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from gan.cli.app import main
from gan.contract.errors import UserError
from gan.contract.scorer_folder import SCORER_FILE, SCORER_NETWORK, ScorerInfo, read_scorer
from gan.scoring.network import ScorerTraining
from gan.scoring.scorer import load_scorer, make_scorer
from gan.scoring.table import read_verdicts
from gan.scoring.validation import folds_by_image, folds_by_round, tasks
from tests.gan.scoring.judged import CLASSES, ring, write_table

pytestmark = pytest.mark.xdist_group("scorer")  # its fixtures are made on one worker

QUICK = ScorerTraining(steps=30, verdicts=32, real=8, real_weight=0.25)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(tmp_path_factory.mktemp("verdicts"), a_round=36, real=24, wrong=0.4)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, table: Path) -> ScorerInfo:
    return make_scorer(read_verdicts(table), tmp_path_factory.mktemp("scorer"), QUICK, repeats=200)


def test_a_rule_is_learned_and_its_error_said_by_image_and_by_round(made: ScorerInfo) -> None:
    assert made.useful
    assert made.facts["counts"]["rounds"] == {"b0": 36, "b1": 36}
    for name in ("by_image", "by_round"):
        said = made.facts[name]["perfect"]
        assert said["auc"]["low"] > 0.5
        assert said["images"] == 72  # no real frame flatters it
        assert said["brier"]["value"] < said["brier_of_share"]
    assert set(made.facts["each_round"]) == {"b0", "b1"}
    assert "AUC by image" in made.sentence
    assert "by round" in made.sentence


def test_a_read_scorer_knows_whole_rings_and_their_class(made: ScorerInfo) -> None:
    scorer = load_scorer(made.path, CLASSES)
    random = np.random.RandomState(50)
    whole = np.stack([ring(random, 12, True) for _ in range(20)])[:, None]
    broken = np.stack([ring(random, 12, False) for _ in range(20)])[:, None]
    large, small = np.zeros(20, np.int64), np.ones(20, np.int64)

    assert scorer.scores(whole, large).perfect.mean() > scorer.scores(broken, large).perfect.mean() + 0.2
    assert (
        scorer.scores(whole, large).right_class.mean() > scorer.scores(whole, small).right_class.mean() + 0.2
    )
    found = scorer.scores(whole, large)
    assert scorer.uses_class
    assert np.allclose(found.both, found.perfect * found.right_class)


def test_the_same_verdicts_and_seed_give_the_same_bytes(
    made: ScorerInfo, table: Path, tmp_path: Path
) -> None:
    torch.manual_seed(99)
    again = make_scorer(read_verdicts(table), tmp_path, QUICK, repeats=200)

    assert again.id == made.id
    for name in (SCORER_FILE, SCORER_NETWORK):
        assert (tmp_path / name).read_bytes() == (made.path / name).read_bytes()


def test_too_few_verdicts_are_said_and_no_network_is_written(tmp_path: Path) -> None:
    few = write_table(tmp_path / "few", rounds=1, a_round=40)

    assert main(["scorer", "--verdicts", str(few), "--out", str(tmp_path / "s")]) == 0

    info = read_scorer(tmp_path / "s")
    assert not info.useful
    assert "40 verdicts" in info.sentence
    assert "needs 60" in info.sentence
    assert not (tmp_path / "s" / SCORER_NETWORK).exists()
    with pytest.raises(UserError, match="cannot be used: 40 verdicts"):
        load_scorer(tmp_path / "s", CLASSES)


def test_an_expert_who_throws_a_coin_teaches_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    coin = write_table(tmp_path, rounds=1, a_round=64, real=8, truthful=False)

    status = main(
        ["scorer", "--verdicts", str(coin), "--out", str(tmp_path / "s"), "--steps", "15", "--json"]
    )

    said = json.loads(capsys.readouterr().out)
    assert status == 0
    assert not said["useful"]
    assert "chance is not excluded" in said["sentence"]
    assert "by_round" not in said
    assert any("one round" in note for note in said["notes"])


def test_where_only_the_class_can_be_told_its_probability_is_used_alone(tmp_path: Path) -> None:
    """Of perfect the expert says the same of all."""
    table = read_verdicts(write_table(tmp_path / "t", rounds=1, a_round=64, real=16, wrong=0.5))
    same = replace(table, perfect=np.ones(len(table), np.int64))

    info = make_scorer(same, tmp_path, QUICK, repeats=200)

    assert info.useful
    assert (info.facts["uses_perfect"], info.facts["uses_class"]) == (False, True)
    assert "p is that of the right class alone" in info.sentence
    found = load_scorer(tmp_path, CLASSES).scores(
        np.stack([ring(np.random.RandomState(1), 12, True)])[:, None], np.array([0])
    )
    assert np.array_equal(found.both, found.right_class)


def test_folds_keep_rounds_and_embryos_whole_and_kinds_spread(table: Path) -> None:
    verdicts = read_verdicts(table)
    by_image, by_round = folds_by_image(verdicts, 5, 0), folds_by_round(verdicts, 5, 0)
    perfect = tasks(verdicts)[0]

    shares = [perfect.truth[by_image[perfect.rows] == fold].mean() for fold in range(5)]
    assert max(shares) - min(shares) < 0.25
    for names, folds in (
        (verdicts.embryos, by_image),
        (verdicts.embryos, by_round),
        (verdicts.batches, by_round),
    ):
        for name in {name for name in names if name}:
            assert len({fold for own, fold in zip(names, folds, strict=True) if own == name}) == 1


def test_a_network_that_was_changed_or_of_other_classes_is_refused(made: ScorerInfo, tmp_path: Path) -> None:
    for name in (SCORER_FILE, SCORER_NETWORK):
        (tmp_path / name).write_bytes((made.path / name).read_bytes())
    content = bytearray((tmp_path / SCORER_NETWORK).read_bytes())
    content[-1] ^= 1
    (tmp_path / SCORER_NETWORK).write_bytes(content)

    with pytest.raises(UserError, match="it was changed"):
        load_scorer(tmp_path, CLASSES)
    with pytest.raises(UserError, match="judges large, small, but the network makes good"):
        load_scorer(made.path, ("good",))
    with pytest.raises(UserError, match="There is no scorer at"):
        load_scorer(tmp_path / "nowhere", CLASSES)


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("perfect", "yes", "0000.png: give a number from 0 to 1"),
        ("sha256", "00", "is not the image that was judged"),
        ("image", "gone.png", "gone.png cannot be read"),
        ("class_name", "huge", "calls class 0 both 'huge' and 'large'"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_its_row(
    table: Path, tmp_path: Path, column: str, value: str, sentence: str
) -> None:
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rows[0][column] = value
    for row in rows:
        row["image"] = str(table.parent / row["image"])
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)

    with pytest.raises(UserError, match=sentence):
        read_verdicts(tmp_path / "t.csv")


def test_a_folder_that_holds_a_scorer_is_not_written_over(
    made: ScorerInfo, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scorer", "--verdicts", str(table), "--out", str(made.path)]) == 1
    assert "holds a scorer already" in capsys.readouterr().err
