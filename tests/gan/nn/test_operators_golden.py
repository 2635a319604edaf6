"""Every operator gives the reference numbers, gradients included (tests/data/stylegan2/README.md)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from gan.nn.activation import bias_act
from gan.nn.convolution import conv2d_resample
from gan.nn.dense import Dense, normalize_2nd_moment
from gan.nn.deviation import minibatch_std
from gan.nn.filters import setup_filter
from gan.nn.modulation import modulated_conv2d
from gan.nn.resample import downsample2d, filter2d, upfirdn2d, upsample2d

DATA = Path(__file__).resolve().parents[2] / "data" / "stylegan2"
CASES: dict[str, dict[str, Any]] = json.loads((DATA / "ops.json").read_text())
TENSORS = load_file(DATA / "ops.safetensors")
SAMPLERS = {
    "upfirdn2d": upfirdn2d,
    "filter2d": filter2d,
    "upsample2d": upsample2d,
    "downsample2d": downsample2d,
}
FIRST, SECOND = 1e-4, 2e-4


def cases(*operations: str) -> list[str]:
    found = [key for key in CASES if key.split("/")[0] in operations]
    assert found
    return found


def part(case: str, name: str) -> torch.Tensor:
    return TENSORS[f"{case}/{name}"]


def inputs(case: str) -> dict[str, torch.Tensor]:
    """The image first, for second gradients are of its gradient."""
    prefix = f"{case}/in/"
    found = {k.removeprefix(prefix): v.clone() for k, v in TENSORS.items() if k.startswith(prefix)}
    return {"x": found.pop("x")} | found


def relative_error(actual: torch.Tensor, expected: torch.Tensor, noise: float = 0.0) -> float:
    """Largest difference as a share of the largest value; differences below `noise` count as none."""
    assert actual.shape == expected.shape
    difference = (actual - expected).detach().abs().max() - noise
    return float(difference / expected.abs().max().clamp(min=1e-30))


def check(case: str, operation: Callable[..., torch.Tensor]) -> None:
    """Output, gradients of sum(out * cotangent) and of sum(grad_x^2) against the reference."""
    given = {name: value.requires_grad_() for name, value in inputs(case).items()}
    out = operation(**given)
    assert relative_error(out, part(case, "out")) < FIRST
    total = (out * part(case, "cotangent")).sum()
    gradients = torch.autograd.grad(total, list(given.values()), create_graph=True)
    for name, gradient in zip(given, gradients, strict=True):
        assert relative_error(gradient, part(case, f"grad/{name}")) < FIRST, name
    check_second(case, given, gradients[0])


def check_second(case: str, given: dict[str, torch.Tensor], gradient: torch.Tensor) -> None:
    wanted = {name: given[name] for name in given if f"{case}/grad2/{name}" in TENSORS}
    if not wanted:
        return
    # with groups of two the second derivative of a deviation cancels down to float32's rounding
    noise = float(torch.finfo(torch.float32).eps * gradient.detach().abs().max()) / 4
    for name, second in zip(
        wanted, torch.autograd.grad(gradient.square().sum(), wanted.values()), strict=True
    ):
        assert relative_error(second, part(case, f"grad2/{name}"), noise) < SECOND, name


def the_filter(options: dict[str, Any]) -> torch.Tensor | None:
    name = options["filter"]
    return None if name is None else TENSORS[f"setup_filter/{name}"]


@pytest.mark.parametrize("case", cases("setup_filter"))
def test_filters_are_prepared_as_the_reference_does(case: str) -> None:
    options = CASES[case]
    f = setup_filter(
        options["f"],
        normalize=options.get("normalize", True),
        flip=options.get("flip_filter", False),
        gain=options.get("gain", 1.0),
        separable=options.get("separable"),
    )
    assert list(f.shape) == options["result_shape"]
    assert relative_error(f, TENSORS[case]) < FIRST


@pytest.mark.parametrize("case", cases(*SAMPLERS))
def test_resampling_and_its_gradients(case: str) -> None:
    options = dict(CASES[case])
    f, operation = the_filter(options), SAMPLERS[options.pop("op")]
    options.pop("filter")
    check(case, lambda x: operation(x, f, **options))


@pytest.mark.parametrize("case", cases("bias_act"))
def test_bias_and_activation_and_their_gradients(case: str) -> None:
    options = {k: v for k, v in CASES[case].items() if k not in ("op", "bias")}
    check(case, lambda x, b=None: bias_act(x, b, **options))


@pytest.mark.parametrize("case", cases("conv2d_resample"))
def test_convolution_with_resampling_and_its_gradients(case: str) -> None:
    options = dict(CASES[case])
    f = the_filter(options)
    chosen = {k: v for k, v in options.items() if k not in ("op", "filter")}
    check(case, lambda x, w: conv2d_resample(x, w, f, **chosen))


@pytest.mark.parametrize("case", cases("modulated_conv2d"))
def test_modulated_convolution_and_its_gradients(case: str) -> None:
    known = ("demodulate", "up", "down", "padding", "flip_weight")
    options = {k: v for k, v in CASES[case].items() if k in known}
    f = the_filter(CASES[case])

    def operation(
        x: torch.Tensor, w: torch.Tensor, s: torch.Tensor, noise: torch.Tensor | None = None
    ) -> Any:
        return modulated_conv2d(x, w, s, noise=noise, resample_filter=f, **options)

    check(case, operation)


@pytest.mark.parametrize("case", cases("minibatch_std"))
def test_minibatch_deviation_and_its_gradients(case: str) -> None:
    options = CASES[case]
    check(case, lambda x: minibatch_std(x, options["group_size"], options["num_channels"]))


@pytest.mark.parametrize("case", cases("fully_connected"))
def test_dense_layers(case: str) -> None:
    options, weight = CASES[case], part(case, "weight")
    layer = Dense(
        weight.shape[1],
        weight.shape[0],
        act=options["activation"],
        lr_multiplier=options["lr_multiplier"],
        bias_init=0.0 if options["bias"] else None,
    )
    layer.load_state_dict({"weight": weight} | ({"bias": part(case, "bias")} if options["bias"] else {}))
    assert relative_error(layer(part(case, "in/x")), part(case, "out")) < FIRST


def test_second_moment_normalisation() -> None:
    out = normalize_2nd_moment(TENSORS["normalize_2nd_moment/in"], **CASES["normalize_2nd_moment"])
    assert relative_error(out, TENSORS["normalize_2nd_moment/out"]) < FIRST
