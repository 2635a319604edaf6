"""Operators keep their definitions: against plain formulas, and as derivatives of one another."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from gan.nn.activation import ACTIVATIONS, bias_act
from gan.nn.convolution import conv2d, conv2d_resample, conv_transpose2d
from gan.nn.deviation import minibatch_std
from gan.nn.filters import setup_filter
from gan.nn.modulation import modulated_conv2d
from gan.nn.resample import downsample2d, filter2d, upfirdn2d, upsample2d


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(7)


def normal(rng: torch.Generator, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=rng, dtype=torch.float64)


def double(taps: list[float]) -> torch.Tensor:
    return setup_filter(taps).double()


@pytest.mark.parametrize("taps", [[1, 3, 3, 1], [1, 2, 1], [1, 1], [1], [1, 2, 3, 4, 5, 4, 3, 2, 1, 1]])
def test_resampling_doubles_halves_or_keeps_any_size_with_any_filter(taps: list[float]) -> None:
    f, x = setup_filter(taps), torch.ones(2, 3, 12, 16)
    assert upsample2d(x, f).shape == (2, 3, 24, 32)
    assert downsample2d(x, f).shape == (2, 3, 6, 8)
    assert filter2d(x, f).shape == x.shape


@pytest.mark.parametrize("taps", [[1, 3, 3, 1], [1, 2, 1], [1, 2, 3, 4, 5, 4, 3, 2, 1, 1]])
def test_resampling_keeps_brightness_away_from_the_border(taps: list[float]) -> None:
    f, x = setup_filter(taps), torch.ones(1, 1, 32, 32)
    for y in (upsample2d(x, f), downsample2d(x, f), filter2d(x, f)):
        middle = y[..., y.shape[2] // 2 - 1 : y.shape[2] // 2 + 1, y.shape[3] // 2 - 1 : y.shape[3] // 2 + 1]
        assert torch.allclose(middle, torch.ones_like(middle), atol=1e-5)


def test_a_long_row_filters_as_its_outer_product(rng: torch.Generator) -> None:
    taps = normal(rng, 9).abs().tolist()
    row, table = double(taps), torch.outer(double(taps), double(taps))
    x = normal(rng, 1, 2, 14, 11)
    for up, down in ((1, 1), (2, 1), (1, 2), (3, 2)):
        options = {"up": up, "down": down, "padding": (3, 5, 4, 6), "gain": 1.7}
        assert torch.allclose(upfirdn2d(x, row, **options), upfirdn2d(x, table, **options))


@pytest.mark.parametrize(("up", "down"), [(1, 1), (2, 1), (1, 2), (2, 3)])
@pytest.mark.parametrize("taps", [[1, 2, 3, 5], [1, 2, 1], [1, 3, 3, 1]])
def test_resampling_has_true_gradients_of_both_orders(
    rng: torch.Generator, taps: list[float], up: int, down: int
) -> None:
    x = normal(rng, 1, 2, 7, 6).requires_grad_()

    def operation(image: torch.Tensor) -> torch.Tensor:
        return upfirdn2d(image, double(taps), up=up, down=down, padding=(2, 1, 3, -1)).square()

    assert torch.autograd.gradcheck(operation, x)
    assert torch.autograd.gradgradcheck(operation, x)


@pytest.mark.parametrize(("stride", "padding", "groups"), [(1, (1, 1), 1), (2, (0, 1), 1), (1, (0, 0), 2)])
def test_convolution_has_true_gradients_of_both_orders(
    rng: torch.Generator, stride: int, padding: tuple[int, int], groups: int
) -> None:
    x, w = normal(rng, 2, 4, 6, 5).requires_grad_(), normal(rng, 2, 4 // groups, 3, 3).requires_grad_()

    def operation(image: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return conv2d(image, weight, stride=stride, padding=padding, groups=groups)

    assert torch.allclose(operation(x, w), F.conv2d(x, w, stride=stride, padding=padding, groups=groups))
    assert torch.autograd.gradcheck(operation, (x, w))
    assert torch.autograd.gradgradcheck(operation, (x, w))


def test_transposed_convolution_has_true_gradients_of_both_orders(rng: torch.Generator) -> None:
    x, w = normal(rng, 2, 3, 4, 3).requires_grad_(), normal(rng, 3, 2, 3, 3).requires_grad_()

    def operation(image: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return conv_transpose2d(image, weight, stride=2)

    assert torch.allclose(operation(x, w), F.conv_transpose2d(x, w, stride=2))
    assert torch.autograd.gradcheck(operation, (x, w))
    assert torch.autograd.gradgradcheck(operation, (x, w))


@pytest.mark.parametrize("taps", [[1, 3, 3, 1], [1, 2, 1]])
@pytest.mark.parametrize("kernel", [1, 3])
@pytest.mark.parametrize(("up", "down"), [(2, 1), (1, 2), (2, 2)])
def test_resampled_convolution_is_its_parts_one_after_another(
    rng: torch.Generator, taps: list[float], kernel: int, up: int, down: int
) -> None:
    x, w, f = normal(rng, 2, 3, 8, 8), normal(rng, 4, 3, kernel, kernel), double(taps)
    actual = conv2d_resample(x, w, f, up=up, down=down, padding=kernel // 2)
    size = len(taps)
    before = (
        (kernel // 2) + ((size + up - 1) // 2 if up > 1 else 0) + ((size - down + 1) // 2 if down > 1 else 0)
    )
    after = (kernel // 2) + ((size - up) // 2 if up > 1 else 0) + ((size - down) // 2 if down > 1 else 0)
    y = upfirdn2d(x, f if up > 1 else None, up=up, padding=(before, after, before, after), gain=up**2)
    y = upfirdn2d(F.conv2d(y, w), f if down > 1 else None, down=down)
    assert torch.allclose(actual, y)
    assert actual.shape[2:] == (8 * up // down, 8 * up // down)


@pytest.mark.parametrize("demodulate", [True, False])
@pytest.mark.parametrize("up", [1, 2])
def test_modulation_scales_the_weights_of_each_image(rng: torch.Generator, demodulate: bool, up: int) -> None:
    x, w, s = normal(rng, 3, 4, 6, 6), normal(rng, 5, 4, 3, 3), normal(rng, 3, 4)
    f = double([1, 3, 3, 1])
    actual = modulated_conv2d(x, w, s, up=up, padding=1, resample_filter=f, demodulate=demodulate)
    for n in range(3):
        scaled = w * s[n][None, :, None, None]
        if demodulate:
            scaled = scaled / (scaled.square().sum(dim=(1, 2, 3), keepdim=True) + 1e-8).sqrt()
        expected = conv2d_resample(x[n : n + 1], scaled, f, up=up, padding=1)
        assert torch.allclose(actual[n : n + 1], expected)


def test_modulation_in_half_precision_stays_finite_for_huge_styles(rng: torch.Generator) -> None:
    x, w, s = normal(rng, 2, 512, 4, 4), normal(rng, 8, 512, 3, 3), normal(rng, 2, 512) * 300
    exact = modulated_conv2d(x, w, s, padding=1)
    half = modulated_conv2d(x.half(), w.float(), s.float(), padding=1)
    assert half.dtype == torch.float16
    assert float((half.double() - exact).abs().max() / exact.abs().max()) < 0.01


@pytest.mark.parametrize("act", ACTIVATIONS)
def test_activations_follow_bias_gain_and_clamp(rng: torch.Generator, act: str) -> None:
    x, b = normal(rng, 4, 3, 5), normal(rng, 3)
    shifted = x + b[None, :, None]
    plain = bias_act(shifted, act=act, gain=1.0)
    default = math.sqrt(2) if act in ("relu", "lrelu", "swish") else 1.0
    assert torch.allclose(bias_act(x, b, act=act), plain * default)
    assert torch.allclose(bias_act(x, b, act=act, gain=3.0, clamp=0.7), (plain * 3).clamp(-0.7, 0.7))


def test_the_deviation_map_tells_groups_apart() -> None:
    x = torch.zeros(4, 2, 3, 3)
    x[0], x[2] = 1.0, -1.0  # of two groups, images 0 and 2 are one: n modulo 2
    maps = minibatch_std(x, 2)[:, 2:]
    assert torch.allclose(maps[[0, 2]], torch.ones(2, 1, 3, 3))
    assert torch.allclose(maps[[1, 3]], torch.zeros(2, 1, 3, 3), atol=2e-4)


@pytest.mark.parametrize(("n", "group"), [(5, 4), (6, 4), (1, 4), (7, None)])
def test_the_deviation_takes_any_batch(n: int, group: int | None) -> None:
    assert minibatch_std(torch.randn(n, 4, 2, 2), group).shape == (n, 5, 2, 2)


def test_a_filter_must_be_a_row_or_a_table() -> None:
    with pytest.raises(ValueError, match="row or a table"):
        setup_filter(torch.ones(2, 2, 2))
