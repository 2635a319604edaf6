"""Augmentation probability and weight averaging move as the reference's."""

from __future__ import annotations

import pytest
import torch
from stylegan2_golden import options

from gan.families.stylegan2.ada import ema_beta, next_p

CASES = options("controllers")


@pytest.mark.parametrize("case", CASES["ada"], ids=lambda case: f"batch{case['batch']}-from{case['p_start']}")
def test_p_follows_the_signs(case: dict[str, object]) -> None:
    p = torch.tensor(case["p_start"], dtype=torch.float32)
    images = case["batch"] * case["interval"]
    for sign, expected in zip(case["mean_sign"], case["p_after"], strict=True):
        p = next_p(p, torch.tensor(sign), target=case["target"], images=images, ada_kimg=case["ada_kimg"])
        assert float(p) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_p_has_no_upper_limit_unless_one_is_set() -> None:
    p, sign = torch.tensor(0.9999), torch.tensor(1.0)
    assert float(next_p(p, sign, target=0.6, images=500, ada_kimg=1.0)) == pytest.approx(1.4999)
    assert float(next_p(p, sign, target=0.6, images=500, ada_kimg=1.0, p_max=0.8)) == pytest.approx(0.8)


@pytest.mark.parametrize(
    "case", CASES["ema"], ids=lambda case: f"{case['ema_kimg']}kimg-{case['ema_rampup']}"
)
def test_weight_averaging_ramps_up(case: dict[str, object]) -> None:
    for row in case["rows"]:
        beta = ema_beta(case["batch"], row["images_seen_before_step"], case["ema_kimg"], case["ema_rampup"])
        assert beta == pytest.approx(row["beta"], rel=1e-9, abs=1e-15)
