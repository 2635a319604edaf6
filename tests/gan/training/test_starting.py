"""Where a sitting begins: at the newest whole checkpoint, at another run's networks, or at nothing."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from gan.contract.checkpoint import NETWORKS, describe_checkpoint, list_checkpoints
from gan.contract.config import RunConfig, read_config
from gan.contract.errors import UserError
from gan.contract.run_folder import RunFolder, RunState
from gan.families.stylegan2 import Config, build
from gan.training.building import transfer_settings
from gan.training.checkpoints import write_checkpoint, write_single_file
from gan.training.family import Family, Setting, Step
from gan.training.randomness import Randomness
from gan.training.starting import Start, begin, load_networks, loop_state
from tests.gan.datasets import CLASSES
from tests.gan.trainers import SMALL, finish, new_run, recorded, train
from tests.gan.training.tiny_family import Config as TinyConfig
from tests.gan.training.tiny_family import Tiny

CPU = torch.device("cpu")


def setting(classes: int = 3, resolution: int = 32) -> Setting:
    return Setting(resolution, 1, classes, 4, CPU, torch.float32)


def tiny(**options: Any) -> Tiny:
    return Tiny(TinyConfig(**options), setting())


def save(run: RunFolder, kimg: float, **extra: torch.Tensor) -> Path:
    """A checkpoint of a new tiny family."""
    state = {
        **tiny().state_dict(),
        **Randomness(0, CPU).state_dict(),
        **loop_state(int(kimg * 1000), 5),
        **extra,
    }
    said = {"family": "tiny", "options": {}, "resolution": 32, "channels": 1, "classes": list(CLASSES)}
    return write_checkpoint(
        run.checkpoints, kimg, state, {**said, "kimg": kimg, "seconds": 60.0, "ada_p": 0.25}
    )


@pytest.fixture
def run(tmp_path: Path, data: Path) -> RunFolder:
    return new_run(tmp_path / "run", data)


def start_of(run: RunFolder, built: Family | None = None, **changes: Any) -> Start:
    return begin(run, replace(read_config(run.config), **changes), built or tiny(), Randomness(1, CPU))


def test_a_run_without_checkpoints_begins_at_nothing(run: RunFolder) -> None:
    assert start_of(run) == Start()


def test_the_newest_checkpoint_is_resumed(run: RunFolder) -> None:
    save(run, 1.0)
    save(run, 2.0)

    assert start_of(run) == Start(2000, 5, 60.0, True, (), 0.25, ())


def test_a_damaged_checkpoint_is_set_aside_and_the_one_before_is_resumed(run: RunFolder) -> None:
    older, newer = save(run, 1.0), save(run, 2.0)
    (newer / NETWORKS).write_bytes((newer / NETWORKS).read_bytes()[:-1])

    start = start_of(run)

    assert (start.seen_images, start.resumed) == (1000, True)
    assert list_checkpoints(run.checkpoints) == [older]
    assert (run.checkpoints / f"damaged-{newer.name}").is_dir()
    assert len(start.warnings) == 1
    assert start.warnings[0].startswith(f"{newer} cannot be read")
    assert f"damaged-{newer.name}" in start.warnings[0]


def test_nothing_starts_afresh_where_all_checkpoints_are_damaged(run: RunFolder) -> None:
    (save(run, 1.0) / NETWORKS).write_bytes(b"")

    with pytest.raises(UserError, match=r"No checkpoint in .* can be read: restore one"):
        start_of(run)


@pytest.mark.parametrize(
    "change", [{"resolution": 64}, {"channels": 3}, {"classes": ("a", "b", "c")}, {"family": "stylegan2"}]
)
def test_a_configuration_that_no_longer_fits_the_checkpoint_is_refused(
    run: RunFolder, change: dict[str, Any]
) -> None:
    save(run, 1.0)

    with pytest.raises(UserError, match=rf"config\.json says {next(iter(change))} .* put it back"):
        start_of(run, **change)


def test_options_that_no_longer_fit_the_checkpoint_are_refused(run: RunFolder) -> None:
    save(run, 1.0)

    with pytest.raises(UserError, match=r"does not fit the options in config\.json"):
        start_of(run, tiny(hidden=9))


def test_a_checkpoint_of_another_kind_of_device_is_resumed_with_a_warning(run: RunFolder) -> None:
    save(run, 1.0, **{"rng/cuda": torch.zeros(16, dtype=torch.uint8)})

    start = start_of(run)

    assert start.resumed
    assert "not bit for bit" in start.warnings[0]


def stylegan2(classes: int, resolution: int = 32) -> Family:
    return build(Config(**SMALL), setting(classes, resolution))


def begun_from(tmp_path: Path, source: Family, target: Family) -> Start:
    """Copies the source's networks through a checkpoint."""
    said = {"family": "stylegan2", "options": {}, "resolution": 32, "channels": 1, "classes": [], "kimg": 1.0}
    checkpoint = write_checkpoint(tmp_path / "source", 1.0, source.state_dict(), said)
    run = RunFolder(tmp_path / "target")
    config = RunConfig(data="x", resolution=32, start_from=str(checkpoint))
    return begin(run, config, target, Randomness(0, CPU))


def start_from(tmp_path: Path, source: Family, target: Family) -> tuple[str, ...]:
    """Copies the source's networks through a checkpoint; returns what was left out."""
    return begun_from(tmp_path, source, target).skipped


def learns(family: Family) -> None:
    """Trains two steps; every value stays a number and the generator changes."""
    before = networks(family)
    rng = torch.Generator().manual_seed(0)
    for iteration in range(2):
        setting = family.setting  # type: ignore[attr-defined]
        images = torch.rand(4, 1, setting.resolution, setting.resolution, generator=rng) * 2 - 1
        labels = torch.arange(4) % max(setting.classes, 1)
        step = Step(images, labels, iteration, 4 * iteration, rng, lambda n: torch.arange(n) % 2)
        values = family.train_step(step)
        assert all(math.isfinite(float(value)) for value in values.values())
    after = networks(family)
    assert all(torch.isfinite(value).all() for value in after.values())
    assert not after["G/synthesis.b8.conv0.weight"].equal(before["G/synthesis.b8.conv0.weight"])


def networks(family: Family) -> dict[str, torch.Tensor]:
    return {name: v for name, v in family.state_dict().items() if name.startswith(("G/", "D/", "G_ema/"))}


def copied(source: Family, target: Family, skipped: tuple[str, ...]) -> bool:
    """Whether all that was not left out is equal now."""
    one, two = networks(source), networks(target)
    return all(value.equal(two[name]) for name, value in one.items() if name not in skipped)


def test_a_conditional_network_starts_from_an_unconditional_one(tmp_path: Path) -> None:
    source, target = stylegan2(0), stylegan2(3)

    skipped = start_from(tmp_path, source, target)

    assert copied(source, target, skipped)
    assert {"G/mapping.embed.weight", "G_ema/mapping.embed.weight", "D/mapping.embed.weight"} <= set(skipped)
    assert not any("synthesis" in name for name in skipped)
    assert len(skipped) < len(networks(target)) / 3


def test_a_network_starts_from_one_of_another_resolution(tmp_path: Path) -> None:
    source, target = stylegan2(3), stylegan2(3, 64)

    skipped = start_from(tmp_path, source, target)

    assert copied(source, target, skipped)
    assert any("b64" in name for name in skipped)
    assert not any("mapping" in name or "synthesis.b8." in name for name in skipped)


def test_what_was_left_out_is_told_in_a_few_sentences(tmp_path: Path) -> None:
    start = begun_from(tmp_path, stylegan2(0), stylegan2(3, 64))

    assert set(start.skipped_groups) >= {
        "G, G_ema: mapping.embed (4 tensors missing from the start)",
        "G, G_ema: mapping.fc0 (2 tensors of another shape)",
        "D: mapping.embed (2 tensors missing from the start)",
        "D: b4 (2 tensors of another shape)",  # a score becomes what the label is projected on
    }
    counts = [int(re.search(r"\((\d+) tensor", group).group(1)) for group in start.skipped_groups]  # type: ignore[union-attr]
    assert sum(counts) == len(start.skipped)
    assert len(start.skipped_groups) <= 10 < len(start.skipped)


@pytest.mark.parametrize(
    ("source", "target"),
    [((0, 32), (3, 32)), ((3, 32), (0, 32)), ((3, 32), (5, 32)), ((3, 64), (3, 32)), ((3, 32), (3, 64))],
    ids=["classes added", "classes dropped", "more classes", "smaller", "larger"],
)
def test_what_starts_from_other_networks_trains(
    tmp_path: Path, source: tuple[int, int], target: tuple[int, int]
) -> None:
    one, two = stylegan2(*source), stylegan2(*target)

    skipped = start_from(tmp_path, one, two)

    assert copied(one, two, skipped)
    shared = {name for name in networks(one) if name in networks(two)}
    assert len(shared - set(skipped)) > len(shared) * 0.8
    learns(two)


def test_frozen_layers_stay_as_they_were_in_the_start(tmp_path: Path) -> None:
    source = stylegan2(3)
    target = build(Config(**{**SMALL, "freeze_d": 4}), setting(3))
    assert start_from(tmp_path, source, target) == ()

    learns(target)

    kept, now = networks(source), networks(target)
    for name in ("D/b32.fromrgb.weight", "D/b32.conv0.bias", "D/b32.conv1.weight", "D/b32.skip.weight"):
        assert now[name].equal(kept[name])
    assert not now["D/b16.conv0.weight"].equal(kept["D/b16.conv0.weight"])


def test_a_file_with_the_averaged_generator_alone_starts_both(tmp_path: Path) -> None:
    source, target = stylegan2(3), stylegan2(3)
    state = {name: value for name, value in networks(source).items() if name.startswith("G_ema/")}
    said = {"family": "stylegan2", "options": {}, "resolution": 32, "channels": 1, "classes": [], "kimg": 1.0}
    write_single_file(tmp_path / "g.safetensors", state, said)
    config = RunConfig(data="x", resolution=32, start_from=str(tmp_path / "g.safetensors"))

    skipped = begin(RunFolder(tmp_path / "run"), config, target, Randomness(0, CPU)).skipped

    assert {name.split("/")[0] for name in skipped} == {"D"}
    assert networks(target)["G/mapping.fc0.weight"].equal(state["G_ema/mapping.fc0.weight"])


def test_a_start_adapts_p_fast_and_does_not_ramp_the_average_unless_told_otherwise() -> None:
    assert transfer_settings("stylegan2", {}) == {"ada_kimg": 100.0, "ema_rampup": None}
    assert transfer_settings("stylegan2", {"ada_kimg": 50, "ema_rampup": None}) == {}
    assert transfer_settings("stylegan2", {"transfer": False}) == {}


def test_a_start_from_the_same_shape_leaves_nothing_out(tmp_path: Path) -> None:
    source, target = stylegan2(3), stylegan2(3)

    assert start_from(tmp_path, source, target) == ()
    assert copied(source, target, ())


def test_optimisers_begin_anew_where_networks_are_taken_over() -> None:
    source, target = stylegan2(3), stylegan2(3)
    before = {name: v for name, v in target.state_dict().items() if name.startswith("optimizer/")}

    load_networks(target, networks(source))

    after = target.state_dict()
    assert all(value.equal(after[name]) for name, value in before.items())


def test_who_only_makes_images_makes_no_optimiser(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = networks(stylegan2(3))
    monkeypatch.delattr(torch.optim, "Adam")  # with the first one torch would load its compiler
    target = stylegan2(3)

    load_networks(target, taken)

    z, labels = torch.ones(1, target.z_dim), torch.zeros(1, dtype=torch.int64)
    assert target.sample(z, labels).isfinite().all()


def test_networks_of_another_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot be started from\. None of its tensors fits"):
        start_from(tmp_path, tiny(hidden=3), stylegan2(3))


def test_a_start_from_what_is_no_checkpoint_is_refused(run: RunFolder) -> None:
    with pytest.raises(UserError, match="neither a checkpoint nor a run with one"):
        start_of(run, start_from="../absent")


def test_a_run_that_starts_from_another_says_what_it_left_out(tmp_path: Path, data: Path) -> None:
    first = new_run(tmp_path / "first", data, family="stylegan2", options=SMALL, classes=(), goal_kimg=0.008)
    assert train(first).returncode == 0
    options = [f"--option={name}={json.dumps(value)}" for name, value in SMALL.items()]
    arguments = ["--data", data, "--start-from", first.path, "--kimg", 0.008, "--batch", 4, "--device", "cpu"]

    done = finish("train", "--run-dir", tmp_path / "second", *arguments, *options, module="gan")

    second = RunFolder(tmp_path / "second")
    assert (done.returncode, done.stderr) == (0, "")
    assert second.state() is RunState.FINISHED
    started = recorded(second)[0].fields
    assert "G/mapping.embed.weight" in started["skipped"]
    assert not any("synthesis" in name for name in started["skipped"])
    assert "G, G_ema: mapping.embed (4 tensors missing from the start)" in started["skipped_groups"]
    assert "mapping.embed (4 tensors missing" in second.log.read_text(encoding="utf-8")
    assert started["transfer"] == {"ema_rampup": None}  # the preset's p moves faster already
    assert recorded(first)[0].fields["transfer"] == {}
    said = describe_checkpoint(list_checkpoints(second.checkpoints)[-1])
    assert said["start_from"] == str(first.path)
    assert said["classes"] == list(CLASSES)


def test_one_command_resumes_past_a_damaged_checkpoint_and_says_so(tmp_path: Path, data: Path) -> None:
    run = new_run(tmp_path / "run", data)
    assert train(run).returncode == 0
    newest = list_checkpoints(run.checkpoints)[-1]
    whole = (newest / NETWORKS).read_bytes()
    (newest / NETWORKS).write_bytes(whole[:-4] + b"\0\0\0\0")

    assert train(run).returncode == 0

    assert "cannot be read" in next(e for e in recorded(run) if e.kind == "warning").fields["message"]
    assert (newest / NETWORKS).read_bytes() == whole  # trained again from the checkpoint before
