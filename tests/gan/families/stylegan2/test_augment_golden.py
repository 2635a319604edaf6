"""Each augmentation alone, and pipes of them, give the reference numbers."""

from __future__ import annotations

import pytest
import torch
from percentile_draws import augment_at, bands, colour, cutout, geometry, sigma
from stylegan2_golden import FIRST, below, options, relative_error, tensors

from gan.families.stylegan2.augment.bands import apply_bands, band_bank
from gan.families.stylegan2.augment.colour import apply_colour, colour_matrix
from gan.families.stylegan2.augment.corruption import Cutout, apply_cutout, apply_noise
from gan.families.stylegan2.augment.geometry import geometry_matrix
from gan.families.stylegan2.augment.pipes import parse_pipe
from gan.families.stylegan2.augment.warping import lowpass, reflect_padding, warp

SINGLE, PIPED = options("augment_single"), options("augment_pipes")
PERCENTILES = [key for key in PIPED if not key.startswith("random/")]
RANDOM = [key for key in PIPED if key.startswith("random/")]


def of(keys: dict[str, dict[str, object]], part: str) -> list[str]:
    return [key for key, value in keys.items() if part in value]


def image(name: str, key: str) -> tuple[torch.Tensor, float]:
    """The case's image and percentile."""
    _, which, p = key.split("/")
    return tensors(name)[f"image/{which}"], float(p.removeprefix("p"))


def padding_close(actual: tuple[int, ...], expected: list[int]) -> bool:
    """One pixel more or less where a corner lies on a whole pixel, up to rounding."""
    return all(abs(a - b) <= 1 for a, b in zip(actual, expected, strict=True))


def test_the_filters_are_the_reference_ones() -> None:
    given = tensors("augment_single")
    cpu = torch.device("cpu")
    assert relative_error(lowpass(cpu), given["filter/geometric_lowpass"]) < FIRST
    assert relative_error(band_bank(cpu), given["filter/band_bank"]) < FIRST


@pytest.mark.parametrize("key", of(SINGLE, "G_inv"))
def test_geometric_transforms(key: str) -> None:
    x, q = image("augment_single", key)
    matrix = geometry_matrix(geometry(parse_pipe(key.split("/")[0]), q, 1), x.shape[3], x.shape[2])
    assert relative_error(matrix[0], torch.tensor(SINGLE[key]["G_inv"])) < FIRST
    given = torch.tensor(SINGLE[key]["G_inv"])[None]
    assert padding_close(
        reflect_padding(given, x.shape[3], x.shape[2]), SINGLE[key]["reflect_pad_x0_x1_y0_y1"]
    )
    assert relative_error(warp(x, matrix), tensors("augment_single")[key]) < FIRST


@pytest.mark.parametrize("key", of(SINGLE, "C"))
def test_colour_transforms(key: str) -> None:
    x, q = image("augment_single", key)
    matrix = colour_matrix(colour(parse_pipe(key.split("/")[0]), q, 1, x.shape[1]))
    assert relative_error(matrix[0], torch.tensor(SINGLE[key]["C"])) < FIRST
    assert relative_error(apply_colour(x, matrix), tensors("augment_single")[key]) < FIRST


@pytest.mark.parametrize("key", [k for k in SINGLE if k.startswith(("hue/l", "saturation/l"))])
def test_grey_images_keep_hue_and_saturation(key: str) -> None:
    x, q = image("augment_single", key)
    matrix = colour_matrix(colour(parse_pipe(key.split("/")[0]), q, 1, x.shape[1]))
    assert relative_error(apply_colour(x, matrix), tensors("augment_single")[key]) < FIRST


@pytest.mark.parametrize("key", of(SINGLE, "band_gains"))
def test_band_filters(key: str) -> None:
    x, q = image("augment_single", key)
    gains = bands(parse_pipe("imgfilter"), q, 1)
    assert relative_error(gains[0], torch.tensor(SINGLE[key]["band_gains"])) < FIRST
    assert relative_error(apply_bands(x, gains), tensors("augment_single")[key]) < FIRST


@pytest.mark.parametrize("key", of(SINGLE, "sigma"))
def test_noise(key: str) -> None:
    x, q = image("augment_single", key)
    level = sigma(parse_pipe("noise"), q, 1)
    assert relative_error(level[0], torch.tensor(SINGLE[key]["sigma"])) < FIRST
    noisy = apply_noise(x, level, tensors("augment_single")[f"{key}/noise_field"])
    assert relative_error(noisy, tensors("augment_single")[key]) < FIRST


@pytest.mark.parametrize("key", of(SINGLE, "center"))
def test_cutout(key: str) -> None:
    x, q = image("augment_single", key)
    box = cutout(parse_pipe("cutout"), q, 1)
    assert relative_error(box.size[0], torch.tensor(SINGLE[key]["size"])) < FIRST
    assert relative_error(apply_cutout(x, box), tensors("augment_single")[key]) < FIRST


@pytest.mark.parametrize("key", PERCENTILES)
def test_pipes_at_a_percentile(key: str) -> None:
    x, q = image("augment_pipes", key)
    settings = parse_pipe(key.split("/")[0])
    g = geometry_matrix(geometry(settings, q, 1), x.shape[3], x.shape[2])
    c = colour_matrix(colour(settings, q, 1, x.shape[1]))
    assert relative_error(g[0], torch.tensor(PIPED[key]["G_inv"])) < FIRST
    assert relative_error(c[0], torch.tensor(PIPED[key]["C"])) < FIRST
    assert relative_error(augment_at(x, settings, q), tensors("augment_pipes")[key]) < FIRST


@pytest.mark.parametrize("key", [k for k in PERCENTILES if f"{k}/cotangent" in tensors("augment_pipes")])
def test_gradients_flow_through_a_pipe(key: str) -> None:
    x, q = image("augment_pipes", key)
    x = x.clone().requires_grad_()
    out = augment_at(x, parse_pipe(key.split("/")[0]), q)
    (gradient,) = torch.autograd.grad((out * tensors("augment_pipes")[f"{key}/cotangent"]).sum(), x)
    assert relative_error(gradient, tensors("augment_pipes")[f"{key}/grad_image"]) < FIRST


@pytest.mark.parametrize("key", RANDOM)
def test_drawn_batches(key: str) -> None:
    given = below("augment_pipes", f"{key}/")
    x = warp(given["in"], given["G_inv"])
    x = apply_colour(x, given["C"])
    if "band_gains" in given:
        x = apply_bands(x, given["band_gains"])
        x = apply_noise(x, given["sigma"], given["noise_field"])
        x = apply_cutout(x, Cutout(given["cutout_size"], given["cutout_center"]))
    assert relative_error(x, given["out"]) < FIRST
