"""Augmentations are drawn as often and as strongly as they should be, and have second-order gradients."""

from __future__ import annotations

import math

import pytest
import torch

from gan.families.stylegan2.augment import PIPES, augment, parse_pipe
from gan.families.stylegan2.augment.bands import apply_bands, band_bank, draw_band_gains
from gan.families.stylegan2.augment.colour import draw_colour
from gan.families.stylegan2.augment.corruption import draw_cutout, draw_sigma
from gan.families.stylegan2.augment.geometry import draw_geometry, geometry_matrix
from gan.families.stylegan2.augment.warping import warp

EVERYTHING = parse_pipe("bgcfnc")
N = 20_000
SURE = 4.5
"""Standard errors that a sound draw stays within."""


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def share_is(chosen: torch.Tensor, p: float) -> bool:
    return abs(float(chosen.float().mean()) - p) <= SURE * math.sqrt(max(p * (1 - p), 1e-9) / chosen.numel())


def test_at_zero_everything_is_neutral(rng: torch.Generator) -> None:
    g = draw_geometry(EVERYTHING, 50, 0.0, rng)
    assert torch.allclose(geometry_matrix(g, 40, 30), torch.eye(3).expand(50, 3, 3))
    assert torch.equal(draw_band_gains(EVERYTHING, 50, 0.0, rng), torch.ones(50, 4))
    assert torch.equal(draw_sigma(EVERYTHING, 50, 0.0, rng), torch.zeros(50))
    assert torch.equal(draw_cutout(EVERYTHING, 50, 0.0, rng).size, torch.zeros(50, 2))


@pytest.mark.parametrize("p", [0.3, 1.0])
def test_geometric_draws(rng: torch.Generator, p: float) -> None:
    g = draw_geometry(EVERYTHING, N, p, rng)
    assert share_is(g.flip == 1, p / 2)
    assert share_is(g.quarter_turns > 0, p * 3 / 4)
    assert share_is(g.scale != 1, p)
    assert share_is((g.angle_before != 0) | (g.angle_after != 0), p)
    assert share_is(g.shift[:, 0] != 0, p)
    assert float(g.whole_shift.abs().max()) <= 0.125
    chosen = g.stretch[g.stretch != 1].log2()
    assert float(chosen.std()) == pytest.approx(0.2, rel=0.05)


def test_colour_draws(rng: torch.Generator) -> None:
    q = draw_colour(EVERYTHING, N, 3, 0.4, rng)
    assert share_is(q.luma_flip == 1, 0.2)
    assert share_is(q.hue != 0, 0.4)
    assert float(q.brightness[q.brightness != 0].std()) == pytest.approx(0.2, rel=0.05)
    grey = draw_colour(EVERYTHING, 100, 1, 1.0, rng)
    assert torch.equal(grey.hue, torch.zeros(100))
    assert torch.equal(grey.saturation, torch.ones(100))


def test_corruption_draws(rng: torch.Generator) -> None:
    sigma = draw_sigma(EVERYTHING, N, 0.5, rng)
    assert float(sigma.min()) >= 0
    assert share_is(sigma > 0, 0.5)
    box = draw_cutout(EVERYTHING, N, 0.25, rng)
    assert share_is(box.size[:, 0] == 0.5, 0.25)
    assert float(box.centre.mean()) == pytest.approx(0.5, abs=0.01)


def test_a_probability_above_one_is_certainty(rng: torch.Generator) -> None:
    g = draw_geometry(EVERYTHING, 500, 1.7, rng)
    assert bool((g.scale != 1).all())


def test_a_share_scales_the_probability(rng: torch.Generator) -> None:
    g = draw_geometry(parse_pipe("scale=0.5"), N, 0.8, rng)
    assert share_is(g.scale != 1, 0.4)
    assert share_is(g.flip == 1, 0)


def test_the_bands_sum_to_the_identity() -> None:
    total = band_bank(torch.device("cpu")).sum(dim=0)
    identity = torch.zeros(43)
    identity[21] = 1
    assert torch.allclose(total, identity, atol=1e-6)


def test_band_gains_keep_the_expected_power(rng: torch.Generator) -> None:
    gains = draw_band_gains(EVERYTHING, 1000, 1.0, rng)
    power = (torch.tensor([10, 1, 1, 1]) / 13 * gains.square()).sum(dim=1)
    assert torch.allclose(power[gains.std(dim=1) < 1e-6], torch.tensor(1.0))
    assert float(gains.min()) > 0


def test_small_images_are_refused_by_the_band_filter() -> None:
    with pytest.raises(ValueError, match="22 pixels"):
        apply_bands(torch.zeros(1, 1, 16, 16), torch.ones(1, 4))


def test_a_quarter_turn_turns_the_picture(rng: torch.Generator) -> None:
    coarse = torch.rand(1, 1, 6, 6, generator=rng)
    image = torch.nn.functional.interpolate(coarse, size=(32, 32), mode="bicubic")
    g = draw_geometry(parse_pipe("none"), 1, 1.0, torch.Generator())
    turned = warp(image, geometry_matrix(g._replace(quarter_turns=torch.ones(1)), 32, 32))
    expected = image.rot90(dims=(2, 3))
    inner = (..., slice(4, -4), slice(4, -4))
    assert float((turned - expected)[inner].abs().max()) < 0.05
    assert float((turned - image)[inner].abs().max()) > 0.2


@pytest.mark.parametrize("pipe", PIPES)
@pytest.mark.parametrize("channels", [1, 3])
def test_every_pipe_runs_and_keeps_the_shape(pipe: str, channels: int, rng: torch.Generator) -> None:
    images = torch.rand(3, channels, 32, 32, generator=rng) * 2 - 1
    out = augment(images, parse_pipe(pipe), 0.7, rng)
    assert out.shape == images.shape
    assert torch.isfinite(out).all()
    assert torch.equal(out, images) == (pipe == "none")


@pytest.mark.parametrize("p", [0.05, 0.5, 1.0])
def test_fewer_shapes_for_a_gpu_change_no_picture(p: float, rng: torch.Generator) -> None:
    images = torch.rand(4, 3, 40, 32, generator=rng) * 2 - 1
    maps = geometry_matrix(draw_geometry(EVERYTHING, 4, p, rng), 32, 40)
    few, many = (warp(images, maps, few_shapes=few) for few in (True, False))
    assert torch.allclose(few, many, atol=5e-5)  # coordinates are rounded otherwise


def test_second_order_gradients_reach_the_image() -> None:
    images = (torch.rand(2, 3, 24, 24, dtype=torch.float32) * 2 - 1).requires_grad_()
    weight = torch.rand(24, 24, requires_grad=True)
    out = augment(images, EVERYTHING, 0.9, torch.Generator().manual_seed(5))
    (first,) = torch.autograd.grad((out.square() * weight).sum(), images, create_graph=True)
    seconds = torch.autograd.grad(first.square().sum(), (images, weight))
    assert all(float(second.abs().max()) > 0 for second in seconds)


def test_other_numbers_of_channels_are_refused_by_colour(rng: torch.Generator) -> None:
    with pytest.raises(ValueError, match="one or three channels"):
        augment(torch.zeros(1, 2, 16, 16), parse_pipe("color"), 1.0, rng)
