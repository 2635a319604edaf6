"""The shipped presets."""

from __future__ import annotations

from pathlib import Path

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store import Project
from blasto_annotator.training.presets import (
    DEFAULT_GPU_PRESET,
    DEFAULT_PRESET,
    load_preset,
    preset_names,
    require_start,
)
from blasto_annotator.training.runs import create_run
from gan.contract.config import RunConfig, read_config
from gan.contract.families import family_entry
from gan.contract.snapshot_folder import SnapshotInfo


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


def test_a_preset_that_starts_from_trained_networks_asks_for_them(tmp_path: Path) -> None:
    require_start(load_preset("cpu"), None)
    require_start(load_preset("thesis-08"), tmp_path)
    with pytest.raises(
        UserError, match="thesis-08 starts from trained networks: choose a model to start from"
    ):
        require_start(load_preset("thesis-08"), None)


def test_a_preset_without_classes_leaves_the_snapshots_out_of_the_run(tmp_path: Path) -> None:
    snapshot = SnapshotInfo(tmp_path / "snapshot", "1a", 256, ("good", "poor"), {"train": {"good": 1}})
    with Project.create(tmp_path / "study") as project:
        configs = {
            name: read_config(create_run(project, snapshot, load_preset(name)).config)
            for name in ("thesis-05", "thesis-06")
        }

    assert configs["thesis-05"].classes == ("good", "poor")
    assert configs["thesis-06"].classes == ()
