"""Reference numbers and the networks they belong to (tests/data/stylegan2/README.md)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from gan.families.stylegan2.discriminator import Discriminator, DiscriminatorShape
from gan.families.stylegan2.generator import Generator
from gan.families.stylegan2.synthesis import SynthesisShape

DATA = Path(__file__).resolve().parents[3] / "data" / "stylegan2"
FIRST, SECOND = 1e-4, 2e-4
"""Agreement asked for, as a share of a tensor's largest value."""


@cache
def options(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text())
    return found


@cache
def tensors(name: str) -> dict[str, torch.Tensor]:
    return load_file(DATA / f"{name}.safetensors")


def below(name: str, prefix: str) -> dict[str, torch.Tensor]:
    return {k.removeprefix(prefix): v.clone() for k, v in tensors(name).items() if k.startswith(prefix)}


def relative_error(actual: torch.Tensor, expected: torch.Tensor) -> float:
    assert actual.shape == expected.shape
    difference = (actual.detach() - expected).abs().max()
    return float(difference / expected.abs().max().clamp(min=1e-30))


def generator(name: str) -> Generator:
    given = options(name)["init_kwargs"]
    shape = SynthesisShape(
        w_dim=given["w_dim"],
        img_resolution=given["img_resolution"],
        img_channels=given["img_channels"],
        **given["synthesis_kwargs"],
    )
    layers = given["mapping_kwargs"]["num_layers"]
    network = Generator(given["z_dim"], given["c_dim"], shape, mapping_layers=layers)
    network.load_state_dict(below(name, "state/"))
    return network.requires_grad_(False)


def discriminator(name: str) -> Discriminator:
    given = dict(options(name)["init_kwargs"])
    given.pop("mapping_kwargs")
    epilogue = given.pop("epilogue_kwargs")
    network = Discriminator(DiscriminatorShape(**given, **epilogue))
    network.load_state_dict(below(name, "state/"))
    return network.requires_grad_(False)
