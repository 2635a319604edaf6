"""The published base configurations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from gan.families.stylegan2.config import Config


@dataclass(frozen=True)
class Base:
    """A base configuration with the settings that belong to the loop."""

    config: Config
    batch: int
    """Images a step over all GPUs."""
    goal_kimg: float
    gpus: int
    """What the batch and the deviation groups are meant for."""


def base_configuration(name: str, resolution: int = 256, gpus: int = 1) -> Base:
    """The configuration called `name`.

    Args:
        name: `auto` fits itself to the resolution and the number of GPUs; `stylegan2`, `paper256`,
            `paper512`, `paper1024` and `cifar` are as published, whatever these are.
        resolution: pixels a side.
        gpus: devices.

    Raises:
        ValueError: there is no such configuration.
    """
    if name == "auto":
        return _auto(resolution, gpus)
    if name not in _PUBLISHED:
        known = ", ".join(["auto", *_PUBLISHED])
        raise ValueError(f"there is no base configuration {name!r}; choose one of {known}")
    return _PUBLISHED[name]()


def transferred(config: Config) -> Config:
    """The configuration for a run that starts from trained networks: fast p, no ramp of the average.

    A p that moves faster already stays so, and `config.transfer` False keeps all.
    """
    if not config.transfer:
        return config
    return replace(config, ada_kimg=min(config.ada_kimg, 100.0), ema_rampup=None)


def _auto(resolution: int, gpus: int) -> Base:
    batch = max(min(gpus * min(4096 // resolution, 32), 64), gpus)
    config = Config(
        channel_base=32768 if resolution >= 512 else 16384,
        learning_rate=0.002 if resolution >= 1024 else 0.0025,
        r1_gamma=0.0002 * resolution**2 / batch,
        ema_kimg=batch * 10 / 32,
        mbstd_group_size=min(batch // gpus, 4),
    )
    return Base(config, batch, 25_000, gpus)


def _stylegan2() -> Base:
    config = Config(
        mapping_layers=8,
        channel_base=32768,
        learning_rate=0.002,
        r1_gamma=10.0,
        ema_kimg=10.0,
        ema_rampup=None,
    )
    return Base(config, 32, 25_000, 8)


def _paper(r1_gamma: float, channel_base: int) -> Base:
    config = replace(
        _stylegan2().config,
        channel_base=channel_base,
        learning_rate=0.0025,
        r1_gamma=r1_gamma,
        ema_kimg=20.0,
        mbstd_group_size=8,
    )
    return Base(config, 64, 25_000, 8)


def _paper1024() -> Base:
    base = _stylegan2()
    return replace(base, config=replace(base.config, r1_gamma=2.0))


def _cifar() -> Base:
    config = Config(
        channel_base=32768,
        d_architecture="orig",
        mbstd_group_size=32,
        r1_gamma=0.01,
        pl_weight=0.0,
        style_mixing_prob=0.0,
        ema_kimg=500.0,
        ema_rampup=0.05,
    )
    return Base(config, 64, 100_000, 2)


_PUBLISHED: dict[str, Callable[[], Base]] = {
    "stylegan2": _stylegan2,
    "paper256": lambda: _paper(1.0, 16384),
    "paper512": lambda: _paper(0.5, 32768),
    "paper1024": _paper1024,
    "cifar": _cifar,
}
