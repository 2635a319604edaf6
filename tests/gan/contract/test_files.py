"""JSON files whole or absent; configurations, presets and checkpoint lists as both sides read them."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest

from gan.contract.batch_folder import BatchInfo, read_batch, write_batch
from gan.contract.checkpoint import describe_checkpoint, folder_name, list_checkpoints
from gan.contract.config import RunConfig, read_config, write_config
from gan.contract.families import FAMILIES, family_entry
from gan.contract.jsonfile import read_json, write_json
from gan.contract.presets import Preset, list_presets, read_preset
from tests.conftest import fill_disk


def test_a_json_file_replaces_the_one_before_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "größe.json"
    write_json(path, {"a": 1})
    write_json(path, {"a": [1, "ü"]})

    assert read_json(path) == {"a": [1, "ü"]}
    assert list(tmp_path.iterdir()) == [path]


def test_a_value_that_json_cannot_hold_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, 1)

    with pytest.raises(TypeError):
        write_json(path, {"a": object()})

    assert read_json(path) == 1


def test_a_full_disk_leaves_the_old_file(small_disk: Path) -> None:
    path = small_disk / "a.json"
    write_json(path, "old")
    fill_disk(small_disk)

    with pytest.raises(OSError, match="No space left"):
        write_json(path, "new" * 3000)

    assert read_json(path) == "old"
    assert not list(small_disk.glob("*.part"))


def test_a_configuration_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    config = RunConfig(
        data="../train", resolution=32, classes=("a", "b"), options={"betas": [0.0, 0.9]}, mirror=True
    )

    write_config(path, config)

    assert read_config(path) == config


def test_a_configuration_from_another_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    write_json(path, {"data": "x", "resolution": 32, "from_the_future": 1})

    assert read_config(path) == RunConfig(data="x", resolution=32)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"data": "x"}', "{", '{"resolution": 32}'])
def test_what_is_no_configuration_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text)

    with pytest.raises(ValueError, match=r"config\.json|JSON|line"):
        read_config(path)


def test_checkpoints_are_listed_by_age_and_only_when_complete(tmp_path: Path) -> None:
    for kimg in (100.0, 9.5, 12.345):
        (tmp_path / folder_name(kimg)).mkdir()
        write_json(tmp_path / folder_name(kimg) / "checkpoint.json", {"family": "stylegan2"})
    (tmp_path / folder_name(200.0)).mkdir()
    (tmp_path / f"damaged-{folder_name(300.0)}").mkdir()
    write_json(tmp_path / f"damaged-{folder_name(300.0)}" / "checkpoint.json", {"family": "stylegan2"})

    found = [path.name for path in list_checkpoints(tmp_path)]

    assert found == ["kimg-000009.500", "kimg-000012.345", "kimg-000100.000"]
    assert describe_checkpoint(tmp_path / found[0]) == {"family": "stylegan2"}
    with pytest.raises(OSError, match="No such file"):
        describe_checkpoint(tmp_path / folder_name(200.0))


def test_a_batch_comes_back(tmp_path: Path) -> None:
    info = BatchInfo("b", "r", "../c", "0" * 64, "stylegan2", 32, ("a", "b"), 4, 0.7, 10, "2026-01-01")

    write_batch(tmp_path, info)

    assert read_batch(tmp_path) == info


@pytest.mark.parametrize("preset", list_presets(), ids=lambda preset: str(preset.name))
def test_every_preset_sets_fields_that_a_configuration_has(preset: Preset) -> None:
    known = {field.name for field in fields(RunConfig)} - {"data", "classes", "start_from", "preset"}

    assert set(preset.settings) <= known
    assert (preset.resolution > 0, preset.goal_kimg > 0, bool(preset.title)) == (True, True, True)
    assert family_entry(preset.family) in FAMILIES


def test_an_unknown_preset_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"no preset 'turbo'.*cpu-quick.*gpu"):
        read_preset("turbo")


def test_the_families_are_listed_without_importing_them() -> None:
    assert family_entry("stylegan2") in FAMILIES
    with pytest.raises(KeyError):
        family_entry("unheard")


def test_what_is_written_is_plain_json(tmp_path: Path) -> None:
    write_config(tmp_path / "config.json", RunConfig(data="x", resolution=32))

    assert json.loads((tmp_path / "config.json").read_text())["v"] == 1
