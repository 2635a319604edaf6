"""The shipped presets."""

from __future__ import annotations

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.training.presets import DEFAULT_GPU_PRESET, DEFAULT_PRESET, load_preset, preset_names
from gan.contract.config import RunConfig
from gan.contract.families import family_entry


def test_the_presets_that_the_application_chooses_by_itself_are_shipped() -> None:
    assert {DEFAULT_PRESET, "cpu", DEFAULT_GPU_PRESET} <= set(preset_names())


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_makes_a_configuration_of_a_known_family(name: str) -> None:
    preset = load_preset(name)

    config = RunConfig(**{"data": "x", **preset.settings})

    assert config.resolution == preset.resolution
    assert config.resolution & (config.resolution - 1) == 0
    assert config.goal_kimg > 0
    assert family_entry(preset.family).module
    assert preset.title


def test_an_unknown_preset_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UserError, match="cpu-quick"):
        load_preset("turbo")
