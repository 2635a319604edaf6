"""A scorer as a reward: its gradient, that it sees what a file would show, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from gan.contract.config import RunConfig
from gan.contract.errors import UserError
from gan.contract.jsonfile import write_json
from gan.contract.scorer_folder import SCORER_FILE, SCORER_HALVES
from gan.data.pictures import to_pixels
from gan.scoring.calibration import Platt
from gan.scoring.halves import Half
from gan.scoring.network import ScorerNetwork
from gan.scoring.reward import ScorerReward, scorer_reward
from gan.scoring.scorer import Scorer
from tests.gan.datasets import CLASSES
from tests.gan.drawn import frames

CPU = torch.device("cpu")
CONFIG = RunConfig("data", 32, CLASSES, reward="scorer", reward_weight=0.5, start_from="run")


def half(seed: int, slope: float) -> Half:
    """A network that has learned nothing, for it is the arithmetic that counts."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = ScorerNetwork(len(CLASSES)).eval().requires_grad_(False)
    return Half(network, Platt(slope, 0.2), Platt(-2 * slope, -0.1))


def reward(*uses: bool) -> ScorerReward:
    return ScorerReward(half(0, 9.0), half(1, 5.0), *(uses or (True, True)), "id", 0.5)


def images(count: int = 3, channels: int = 1, spread: float = 0.3) -> torch.Tensor:
    return spread * torch.randn(count, channels, 32, 32, generator=torch.Generator().manual_seed(2))


def one_hot(count: int = 3) -> torch.Tensor:
    return F.one_hot(torch.arange(count) % len(CLASSES), len(CLASSES)).float()


@pytest.mark.parametrize("uses", [(True, True), (True, False), (False, True)])
def test_the_gradient_is_that_of_finite_differences(uses: tuple[bool, bool]) -> None:
    judge, point = reward(*uses).judge, images().requires_grad_(True)
    log_p, kept_out = judge(point, one_hot())
    (gradient,) = torch.autograd.grad(log_p.sum(), point)
    step = 0.02 * gradient / gradient.norm()

    ahead, behind = (judge(point.detach() + sign * step, one_hot())[0].sum() for sign in (1, -1))

    assert float((ahead - behind) / 0.04) == pytest.approx(float(gradient.norm()), rel=0.01)
    assert not kept_out.requires_grad


def test_nothing_is_to_be_gained_beyond_black_and_white() -> None:
    point = images(spread=2.0).requires_grad_(True)

    (gradient,) = torch.autograd.grad(reward().judge(point, one_hot())[0].sum(), point)

    outside = point.abs() > 1
    assert bool(outside.any())
    assert not gradient[outside].any()
    assert bool((gradient[~outside] != 0).any())


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("uses", [(True, True), (True, False), (False, True)])
def test_it_says_of_an_image_what_the_scorer_says_of_its_file(uses: tuple[bool, bool], channels: int) -> None:
    made, whose = images(8, channels), reward(*uses)

    log_p, kept_out = whose.judge(made, one_hot(8))

    pixels, labels = to_pixels(made.numpy()), np.arange(8) % len(CLASSES)
    for part, found in ((whose.used, log_p.exp()), (whose.kept_out, kept_out)):
        asked = Scorer(part.network, part.perfect, part.right_class, *uses, None)  # type: ignore[arg-type]
        assert found.numpy() == pytest.approx(asked.scores(pixels, labels).both, abs=0.02)
    assert float(kept_out.std()) > 0.02  # not one and the same for all


def test_a_scorer_that_fits_is_frozen_and_tells_which_it_is(sharp_scorer: Path) -> None:
    found = scorer_reward(CONFIG, sharp_scorer, CPU)

    said = json.loads((sharp_scorer / SCORER_FILE).read_text())
    assert found.facts == {"scorer": said["id"], "weight": 0.5}
    for part in (found.used, found.kept_out):
        assert not any(parameter.requires_grad for parameter in part.network.parameters())
        assert not part.network.training


def test_halves_are_of_other_verdicts_and_each_is_tested_on_the_others(sharp_scorer: Path) -> None:
    halves = json.loads((sharp_scorer / SCORER_FILE).read_text())["halves"]

    used, kept_out = halves["used"], halves["kept_out"]
    assert used["verdicts"] + kept_out["verdicts"] == len(frames())
    assert used["perfect"]["images"] == kept_out["verdicts"]
    assert kept_out["perfect"]["images"] == used["verdicts"]
    assert min(one["perfect"]["auc"]["low"] for one in (used, kept_out)) > 0.5


def told_otherwise(sharp_scorer: Path, folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """A copy that says something else of itself."""
    said = json.loads((sharp_scorer / SCORER_FILE).read_text())
    change(said)
    write_json(folder / SCORER_FILE, said)
    (folder / SCORER_HALVES).write_bytes((sharp_scorer / SCORER_HALVES).read_bytes())
    return folder


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda said: said.update(useful=False, sentence="Too few."), "cannot be used: Too few."),
        (lambda said: said.update(classes=["a", "b"]), "judges a, b, but the network makes good"),
        (lambda said: said.update(sizes=[64]), "knows generated images of 64x64, but this run makes 32x32"),
        (lambda said: said.pop("halves"), "older version and cannot reward: train it again"),
        (
            lambda said: said["halves"]["kept_out"]["perfect"]["auc"].update(low=0.49),
            "chance is not excluded",
        ),
        (lambda said: said["halves"]["used"].update(perfect=None), "chance is not excluded"),
        (lambda said: said["halves"].update(sha256="0"), "scorer-halves.safetensors was changed"),
    ],
)
def test_a_scorer_that_cannot_serve_is_refused_with_the_reason(
    sharp_scorer: Path, tmp_path: Path, change: Callable[[dict[str, Any]], object], sentence: str
) -> None:
    other = told_otherwise(sharp_scorer, tmp_path, change)

    with pytest.raises(UserError, match=sentence):
        scorer_reward(CONFIG, other, CPU)


def test_no_scorer_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"There is no scorer at .*nowhere: name a folder"):
        scorer_reward(CONFIG, tmp_path / "nowhere", CPU)
