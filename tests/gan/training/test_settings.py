"""A configuration that cannot be trained is refused with its field and what may stand there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gan.contract.config import RunConfig, write_config
from gan.contract.errors import UserError
from gan.training.settings import beside, load_config


def written(folder: Path, **values: Any) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps({"data": "train", "resolution": 32, **values}))
    return path


def test_a_whole_configuration_is_taken(tmp_path: Path) -> None:
    config = RunConfig(data="train", resolution=64, classes=("a",), options={"z_dim": 8}, threads=2)
    write_config(tmp_path / "config.json", config)

    assert load_config(tmp_path / "config.json") == config


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"data": ""}, "data is '', but must be a folder or zip file"),
        ({"data": 5}, "data is 5, but must be"),
        ({"resolution": 48}, "resolution is 48, but must be a power of two from 16 to 4096"),
        ({"resolution": 8}, "resolution is 8, but must be a power of two"),
        ({"resolution": "32"}, "resolution is '32', but must be"),
        ({"classes": [1]}, r"classes is \(1,\), but must be a list of names"),
        ({"channels": 2}, r"channels is 2, but must be 1 \(grey\) or 3 \(colour\)"),
        ({"options": []}, r"options is \[\], but must be a table"),
        ({"batch": 0}, "batch is 0, but must be a whole number from 1 to 65536"),
        ({"batch": True}, "batch is True, but must be"),
        ({"goal_kimg": 0}, "goal_kimg is 0, but must be a number greater than 0"),
        ({"tick_kimg": "often"}, "tick_kimg is 'often', but must be"),
        ({"keep_checkpoints": 0}, "keep_checkpoints is 0, but must be"),
        ({"mirror": 1}, "mirror is 1, but must be true or false"),
        ({"device": None}, "device is None, but must be text"),
        ({"precision": "float64"}, "precision is 'float64', but must be one of auto, float32"),
        ({"threads": -1}, "threads is -1, but must be"),
        ({"seed": 2**63}, "seed is 9223372036854775808, but must be"),
        ({"start_from": 5}, "start_from is 5, but must be a checkpoint's folder"),
        ({"family": "unheard"}, "family is 'unheard', but must be one of stylegan2"),
        ({"classes": 3}, "cannot be read"),
    ],
)
def test_each_value_is_checked(tmp_path: Path, values: dict[str, Any], sentence: str) -> None:
    path = written(tmp_path, **values)

    with pytest.raises(UserError, match=sentence) as refused:
        load_config(path)
    assert str(refused.value).startswith(str(path))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_what_is_no_configuration_is_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)

    with pytest.raises(UserError, match=r"cannot be read .* write it again"):
        load_config(tmp_path / "config.json")


def test_a_folder_without_a_configuration_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="name a run folder, or give --data to start a new run"):
        load_config(tmp_path / "config.json")


def test_relative_paths_start_at_the_run(tmp_path: Path) -> None:
    assert beside(tmp_path / "run", "../train") == tmp_path / "run" / ".." / "train"
    assert beside(tmp_path / "run", str(tmp_path / "x")) == tmp_path / "x"
