"""Every shipped preset builds its networks and takes a step's worth of options."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
import torch

from gan.contract.config import RunConfig
from gan.contract.presets import Preset, list_presets
from gan.families.stylegan2 import Config, build
from gan.training.building import read_options
from gan.training.family import Setting

PRESETS = {preset.name: preset for preset in list_presets()}


def config_of(preset: Preset) -> Config:
    made: Any = read_options(Config, preset.settings["options"])
    assert isinstance(made, Config)
    return made


def test_the_three_sizes_ship() -> None:
    assert {name: preset.resolution for name, preset in PRESETS.items()}.items() >= {
        "cpu-quick": 32,
        "cpu": 64,
        "gpu": 256,
    }.items()


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_speaks_to_people_and_to_the_trainer(name: str) -> None:
    preset = PRESETS[name]
    assert len(preset.title) > 10
    assert preset.description.endswith(".")
    assert preset.minutes_hint is not None
    assert preset.minutes_hint > 0
    assert set(preset.settings) <= {field.name for field in fields(RunConfig)}
    assert config_of(preset).augment_p_max is not None  # augmentations that leak were the source's trouble


@pytest.mark.parametrize("name", ["cpu-quick", "cpu"])
def test_a_processor_preset_generates(name: str) -> None:
    preset = PRESETS[name]
    setting = Setting(preset.resolution, 1, 3, preset.settings["batch"], torch.device("cpu"), torch.float32)
    family = build(config_of(preset), setting)
    images = family.sample(torch.randn(3, family.z_dim), torch.arange(3))
    assert images.shape == (3, 1, preset.resolution, preset.resolution)
