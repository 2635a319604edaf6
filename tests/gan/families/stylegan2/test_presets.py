"""Every shipped preset builds its networks and takes a step's worth of options."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from gan.contract.config import RunConfig
from gan.contract.presets import Preset, list_presets
from gan.contract.resources import resource
from gan.families.stylegan2 import Config, build
from gan.families.stylegan2.assembly import build_discriminator, build_generator
from gan.families.stylegan2.bases import base_configuration
from gan.training.building import read_options
from gan.training.family import Setting
from gan.training.settings import check_config

PRESETS = {preset.name: preset for preset in list_presets()}
THESIS = {name: preset for name, preset in PRESETS.items() if name.startswith("thesis-")}


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
    assert preset.minutes_hint is None or preset.minutes_hint > 0
    assert set(preset.settings) <= {field.name for field in fields(RunConfig)}
    check_config(RunConfig(**{"data": "x", **preset.settings}), Path("config.json"))
    config_of(preset)


@pytest.mark.parametrize("name", [name for name, preset in PRESETS.items() if not preset.group])
def test_an_everyday_preset_caps_p_and_knows_its_time(name: str) -> None:
    assert (
        config_of(PRESETS[name]).augment_p_max is not None
    )  # augmentations that leak were the source's trouble
    assert PRESETS[name].minutes_hint is not None


def test_ten_published_experiments_ship_under_a_heading_of_their_own() -> None:
    assert list(THESIS) == [f"thesis-{number:02d}" for number in range(1, 11)]
    assert {preset.group for preset in THESIS.values()} == {"Published experiments, for a GPU (256 px)"}
    assert {preset.group for name, preset in PRESETS.items() if name not in THESIS} == {""}


@pytest.mark.parametrize("name", THESIS)
def test_an_experiment_builds_its_networks_at_256_pixels(name: str) -> None:
    preset = THESIS[name]
    classes = 0 if preset.unconditional else 3
    with torch.device("meta"):  # shapes without the memory
        setting = Setting(256, 1, classes, preset.settings["batch"], torch.device("meta"), torch.float32)
        generator = build_generator(config_of(preset), setting)
        discriminator = build_discriminator(config_of(preset), setting)
    assert generator.num_ws == 14
    assert (discriminator.shape.c_dim, preset.resolution) == (classes, 256)


@pytest.mark.parametrize(
    ("name", "base", "changed"),
    [
        ("thesis-01", "paper256", {}),
        ("thesis-02", "stylegan2", {}),
        ("thesis-03", "paper256", {"augment_pipe": "xflip=1,rotate90=1"}),
        ("thesis-04", "paper256", {"augment": "fixed", "augment_p": 0.2}),
        ("thesis-05", "paper256", {"augment": "none"}),
        ("thesis-06", "paper256", {}),
        ("thesis-07", "paper256", {"r1_gamma": 10.0}),
        ("thesis-08", "paper256", {"freeze_d": 10, "ada_kimg": 100.0}),
        ("thesis-09", "stylegan2", {"augment_pipe": "bg", "augment_p": 0.2, "ada_target": 0.7}),
        ("thesis-10", "auto", {"augment_pipe": "xflip=1,rotate90=1,cutout=1"}),
    ],
)
def test_an_experiment_is_its_base_but_for_its_own_knobs(
    name: str, base: str, changed: dict[str, Any]
) -> None:
    expected = base_configuration(base, 256, 1)
    ramp = expected.config.ema_rampup or 0.0  # a preset cannot say None
    assert config_of(THESIS[name]) == replace(expected.config, ema_rampup=ramp, **changed)
    assert THESIS[name].settings["batch"] == expected.batch


def test_the_experiments_cover_every_knob_of_the_source() -> None:
    configs = [config_of(preset) for preset in THESIS.values()]
    presets = list(THESIS.values())
    assert {preset.unconditional for preset in presets} == {True, False}
    assert {preset.needs_start for preset in presets} == {True, False}
    assert {preset.settings["mirror"] for preset in presets} == {True, False}
    assert {preset.goal_kimg for preset in presets} >= {8600.0, 13000.0}
    assert {config.augment for config in configs} == {"none", "fixed", "adaptive"}
    assert {config.augment_pipe for config in configs} == {
        "bg", "bgc", "xflip=1,rotate90=1", "xflip=1,rotate90=1,cutout=1",
    }  # fmt: skip
    for knob in ("r1_gamma", "freeze_d", "ada_target", "augment_p", "channel_base"):
        assert len({getattr(config, knob) for config in configs}) > 1, knob
    assert any(config.augment == "adaptive" and config.augment_p > 0 for config in configs)


@pytest.mark.parametrize("name", THESIS)
def test_an_experiment_says_what_is_published_and_invents_nothing(name: str) -> None:
    text = resource("presets", f"{name}.toml").read_text(encoding="utf-8")
    comment = " ".join(line.removeprefix("# ") for line in text.split("title =")[0].splitlines())
    published = {"thesis-01": "FID 20", "thesis-02": "FID 18", "thesis-03": "stalled at 23"}
    if name in published:
        assert comment.startswith("Published: ")
        assert published[name] in comment
        assert "fid50k_full" in comment
    else:
        assert comment.startswith("Not published in our references: its FID, its length and its settings")
        assert not re.search(r"FID \d", comment + THESIS[name].title)
        assert THESIS[name].description.endswith("Settings reconstructed.")


@pytest.mark.parametrize("name", ["cpu-quick", "cpu"])
def test_a_processor_preset_generates(name: str) -> None:
    preset = PRESETS[name]
    setting = Setting(preset.resolution, 1, 3, preset.settings["batch"], torch.device("cpu"), torch.float32)
    family = build(config_of(preset), setting)
    images = family.sample(torch.randn(3, family.z_dim), torch.arange(3))
    assert images.shape == (3, 1, preset.resolution, preset.resolution)
