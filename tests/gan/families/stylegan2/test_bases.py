"""The base configurations hold the published hyper-parameters (tests/data/stylegan2/hyperparameters.json)."""

from __future__ import annotations

from typing import Any

import pytest
from stylegan2_golden import options

from gan.families.stylegan2.augment import parse_pipe
from gan.families.stylegan2.augment.pipes import PIPES, AugmentSettings
from gan.families.stylegan2.bases import Base, base_configuration, transferred
from gan.families.stylegan2.config import Config

FACTS = options("hyperparameters")
SHARED = FACTS["shared"]
THEIR_NAMES = {"path_length_weight": "pl_weight"}
OF_THE_LOOP = ("gpus", "resolution", "total_kimg", "batch_size", "batch_per_gpu")


def check(base: Base, facts: dict[str, Any]) -> None:
    assert base.batch == facts["batch_size"]
    assert base.goal_kimg == facts["total_kimg"]
    assert base.batch // base.gpus == facts["batch_per_gpu"]
    for name, expected in facts.items():
        if name not in OF_THE_LOOP:
            actual = getattr(base.config, THEIR_NAMES.get(name, name))
            same = list(actual) if isinstance(actual, tuple) else actual
            assert same == (pytest.approx(expected) if isinstance(expected, float) else expected), name


@pytest.mark.parametrize("name", FACTS["base_configs"])
def test_published_configurations(name: str) -> None:
    check(base_configuration(name), FACTS["base_configs"][name])


@pytest.mark.parametrize(
    "facts", FACTS["auto"]["evaluated"], ids=lambda facts: f"{facts['gpus']}x{facts['resolution']}"
)
def test_auto_fits_itself_to_resolution_and_devices(facts: dict[str, Any]) -> None:
    check(base_configuration("auto", facts["resolution"], facts["gpus"]), facts)


def test_what_all_configurations_share() -> None:
    config = Config()
    assert (config.z_dim, config.w_dim) == (SHARED["z_dim"], SHARED["w_dim"])
    assert config.d_mapping_layers == SHARED["d_mapping_layers"]
    assert config.mapping_lr_multiplier == SHARED["mapping_lr_multiplier"]
    assert config.w_avg_beta == SHARED["w_avg_beta"]
    assert list(config.resample_filter) == SHARED["resample_filter"]
    assert config.mbstd_num_channels == SHARED["mbstd_num_channels"]
    assert (config.pl_interval, config.r1_interval) == (SHARED["G_reg_interval"], SHARED["D_reg_interval"])
    assert (config.pl_batch_shrink, config.pl_decay) == (SHARED["pl_batch_shrink"], SHARED["pl_decay"])
    assert (config.ada_interval, config.ada_kimg) == (SHARED["ada_interval"], SHARED["ada_kimg"])
    assert (config.augment_p, config.augment_p_max) == (SHARED["ada_p_start"], SHARED["ada_p_upper_bound"])


def test_a_run_from_trained_networks_adapts_fast_and_does_not_ramp() -> None:
    config = transferred(Config())
    assert config.ada_kimg == SHARED["ada_kimg_when_resuming"]
    assert config.ema_rampup == SHARED["ema_rampup_when_resuming"]


def test_an_unknown_configuration_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"no base configuration 'paper128'.*paper256"):
        base_configuration("paper128")


def transforms(pipe: str) -> set[str]:
    """A pipe's single transforms, from the facts."""
    parts = FACTS["augment_sets"][pipe]
    if isinstance(parts, list):
        return set(parts)
    return set().union(
        *(transforms(part) if part in FACTS["augment_sets"] else {part} for part in parts.split("+"))
    )


@pytest.mark.parametrize("pipe", FACTS["augment_sets"])
def test_named_augmentation_pipes(pipe: str) -> None:
    assert set(PIPES[pipe]) == transforms(pipe)
    assert all(getattr(parse_pipe(pipe), name) == 1 for name in PIPES[pipe])


def test_augmentation_strengths() -> None:
    settings = AugmentSettings()
    for name, expected in FACTS["augment_parameters"].items():
        actual = getattr(settings, name)
        assert (list(actual) if isinstance(actual, tuple) else actual) == expected, name


def test_a_list_of_augmentations() -> None:
    settings = parse_pipe("xflip=1,rotate90=1,cutout=0.5,cutout_size=0.25")
    assert (settings.xflip, settings.rotate90, settings.cutout, settings.cutout_size) == (1, 1, 0.5, 0.25)
    assert settings.scale == settings.brightness == 0
    assert parse_pipe("blit,cutout") == parse_pipe("xflip=1,rotate90=1,xint=1,cutout=1")
    assert parse_pipe("none") == AugmentSettings()


@pytest.mark.parametrize("pipe", ["bgx", "xflip=yes", "xflip=-1", "scale=nan", "bgc=1"])
def test_a_broken_list_is_refused(pipe: str) -> None:
    with pytest.raises(ValueError, match="augmentation"):
        Config(augment_pipe=pipe)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("g_architecture", "dcgan"),
        ("augment", "on"),
        ("channel_base", 0),
        ("r1_interval", -1),
        ("mapping_layers", -1),
    ],
)
def test_an_option_outside_its_range_is_named(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        Config(**{name: value})
