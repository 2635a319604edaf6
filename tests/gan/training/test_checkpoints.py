"""Checkpoints on disk: whole or absent, and known by their content."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from gan.contract.checkpoint import DESCRIPTION, NETWORKS, TRAINING, describe_checkpoint, list_checkpoints
from gan.training.checkpoints import (
    describe,
    newest_checkpoint,
    prune_checkpoints,
    read_networks,
    read_state,
    set_aside,
    write_checkpoint,
    write_single_file,
)
from tests.conftest import fill_disk
from tests.gan.trainers import environment

SAID: dict[str, Any] = {
    "family": "tiny",
    "options": {},
    "resolution": 32,
    "channels": 1,
    "classes": ["a"],
    "kimg": 1.0,
}
STATE = {
    "G/weight": torch.arange(6.0).view(2, 3),
    "G_ema/weight": torch.arange(6.0).view(2, 3).T,
    "D/weight": torch.zeros(0),
    "counter/steps": torch.tensor(7),
    "rng/step": torch.arange(16, dtype=torch.uint8),
}


def same(one: dict[str, torch.Tensor], two: dict[str, torch.Tensor]) -> bool:
    return set(one) == set(two) and all(
        value.dtype == two[name].dtype and value.equal(two[name]) for name, value in one.items()
    )


def test_a_checkpoint_gives_back_what_it_was_given(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path, 1.0, STATE, SAID)

    assert folder == tmp_path / "kimg-000001.000"
    assert same(read_state(folder), STATE)
    assert set(read_networks(folder)) == {"G/weight", "G_ema/weight", "D/weight"}
    assert describe(folder)["v"] == 1
    assert {**describe(folder), **SAID} == describe(folder)


def test_tensors_that_share_memory_are_kept_apart(tmp_path: Path) -> None:
    shared = torch.ones(3)

    folder = write_checkpoint(tmp_path, 1.0, {"G/a": shared, "G/b": shared, "D/a": shared[1:]}, SAID)

    assert same(read_state(folder), {"G/a": shared, "G/b": shared, "D/a": shared[1:]})


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_colleagues_on_the_same_machine_can_read_it(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path, 1.0, STATE, SAID)

    assert all(stat.S_IMODE(file.stat().st_mode) & 0o044 for file in folder.iterdir())


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-3])


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-2] ^= 1
    file.write_bytes(content)


def empty(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize("damage", [cut, flip, empty, Path.unlink])
@pytest.mark.parametrize("name", [NETWORKS, TRAINING])
def test_any_damage_shows_on_reading(tmp_path: Path, name: str, damage: Callable[[Path], None]) -> None:
    folder = write_checkpoint(tmp_path, 1.0, STATE, SAID)
    damage(folder / name)

    with pytest.raises(OSError, match=r"damaged|No such file"):
        read_state(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"family": "tiny"}'])
def test_a_damaged_description_shows_on_reading(tmp_path: Path, text: str) -> None:
    folder = write_checkpoint(tmp_path, 1.0, STATE, SAID)
    (folder / DESCRIPTION).write_text(text)

    with pytest.raises(OSError, match="damaged"):
        read_state(folder)


def test_a_second_checkpoint_of_the_same_kimg_replaces_the_first(tmp_path: Path) -> None:
    write_checkpoint(tmp_path, 1.0, STATE, SAID)
    folder = write_checkpoint(tmp_path, 1.0, {**STATE, "G/weight": torch.ones(1)}, SAID)

    assert list(tmp_path.iterdir()) == [folder]
    assert read_networks(folder)["G/weight"].equal(torch.ones(1))


def test_a_full_disk_leaves_the_older_checkpoint_and_nothing_else(small_disk: Path) -> None:
    older = write_checkpoint(small_disk / "checkpoints", 1.0, STATE, SAID)
    filler = fill_disk(small_disk)
    large = {**STATE, "G/weight": torch.zeros(100_000)}

    with pytest.raises(OSError, match="No space left on device"):
        write_checkpoint(small_disk / "checkpoints", 2.0, large, SAID)

    assert list((small_disk / "checkpoints").iterdir()) == [older]
    assert same(read_state(older), STATE)
    filler.unlink()
    assert same(read_state(write_checkpoint(small_disk / "checkpoints", 2.0, large, SAID)), large)


_WRITE_ON_AND_ON = """
import sys, torch
from pathlib import Path
from gan.training.checkpoints import prune_checkpoints, write_checkpoint
folder, kimg = Path(sys.argv[1]), float(sys.argv[2])
while True:
    kimg += 1.0
    state = {"G/weight": torch.full((200_000,), kimg), "counter/a": torch.full((400_000,), kimg)}
    said = dict(family="t", options={}, resolution=32, channels=1, classes=[], kimg=kimg)
    write_checkpoint(folder, kimg, state, said)
    prune_checkpoints(folder, 2)
    print(kimg, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_kill_while_writing_leaves_the_checkpoints_before_it_whole(tmp_path: Path) -> None:
    """It writes without a pause, so that every kill comes while a checkpoint is written or removed."""
    told = 0.0
    for lines in (2, 5):
        command = [sys.executable, "-c", _WRITE_ON_AND_ON, str(tmp_path), str(told)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as child:
            assert child.stdout is not None
            for _ in range(lines):
                told = float(child.stdout.readline())
            child.kill()

        found = list_checkpoints(tmp_path)
        assert describe_checkpoint(found[-1])["kimg"] >= told
        for folder in found:
            kimg = describe_checkpoint(folder)["kimg"]
            assert all((value == kimg).all() for value in read_state(folder).values())


def test_pruning_keeps_the_newest_and_clears_what_a_crash_left(tmp_path: Path) -> None:
    for kimg in (1.0, 2.0, 3.0):
        write_checkpoint(tmp_path, kimg, STATE, SAID)
    (tmp_path / "part-kimg-000004.000").mkdir()
    (tmp_path / "part-kimg-000004.000" / NETWORKS).touch()

    prune_checkpoints(tmp_path, 2)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["kimg-000002.000", "kimg-000003.000"]
    prune_checkpoints(tmp_path, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["kimg-000003.000"]


def test_a_checkpoint_set_aside_is_kept_and_counts_no_more(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path, 1.0, STATE, SAID)

    aside = set_aside(folder)

    assert list_checkpoints(tmp_path) == []
    assert same(read_state(aside), STATE)


def test_a_network_is_found_in_a_checkpoint_a_run_or_a_file(tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert newest_checkpoint(run) is None
    run.mkdir()
    write_checkpoint(run / "checkpoints", 1.0, STATE, SAID)
    newer = write_checkpoint(run / "checkpoints", 2.0, STATE, SAID)
    write_single_file(tmp_path / "n.safetensors", {"G/weight": torch.ones(2)}, SAID)

    assert newest_checkpoint(run) == newer
    assert newest_checkpoint(newer) == newer
    assert newest_checkpoint(tmp_path / "n.safetensors") == tmp_path / "n.safetensors"


def test_a_single_file_says_what_it_is_and_shows_damage(tmp_path: Path) -> None:
    path = tmp_path / "n.safetensors"
    write_single_file(path, {"G/weight": torch.ones(2)}, SAID)

    assert read_networks(path)["G/weight"].equal(torch.ones(2))
    assert describe(path)["classes"] == ["a"]
    flip(path)
    with pytest.raises(OSError, match="damaged"):
        read_networks(path)
    path.write_bytes(b"no tensors")
    with pytest.raises(OSError, match="damaged"):
        describe(path)


def test_tensors_of_another_origin_are_no_converted_file(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path, 1.0, STATE, SAID)
    alone = tmp_path / "alone.safetensors"
    alone.write_bytes((folder / NETWORKS).read_bytes())

    with pytest.raises(OSError, match="no converted checkpoint"):
        describe(alone)
    with pytest.raises(OSError, match=r"it is a part of the checkpoint .*: name that folder"):
        describe(folder / NETWORKS)


def test_a_run_that_was_moved_away_is_not_made_anew(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_checkpoint(tmp_path / "run" / "checkpoints", 1.0, STATE, SAID)
    assert not (tmp_path / "run").exists()


def test_pruning_spares_what_somebody_relies_on(tmp_path: Path) -> None:
    first, second, third = (write_checkpoint(tmp_path, kimg, STATE, SAID) for kimg in (1.0, 2.0, 3.0))
    (first / "KEEP").touch()
    prune_checkpoints(tmp_path, 1)
    assert list_checkpoints(tmp_path) == [first, third]
    assert not second.exists()
