"""The published base configurations as settings of a run."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from gan.contract.errors import UserError

_LOOP = {"tick_kimg": 1.0, "sample_kimg": 50.0, "checkpoint_kimg": 50.0, "checkpoint_minutes": 30.0}
"""The reference saves every 200 kimg; a lost day is worth more than some disk."""


def base_settings(name: str, gpus: int, resolution: int) -> dict[str, Any]:
    """`RunConfig` fields of the base configuration called `name`; only `auto` depends on the others.

    Raises:
        UserError: there is no such base, or torch cannot be loaded.
    """
    try:  # torch: only where a base is asked for
        from gan.families.stylegan2.bases import base_configuration
        from gan.families.stylegan2.config import Config
    except (ImportError, OSError) as error:
        raise UserError(
            f"torch cannot be loaded ({error}): install it into this Python, or choose another."
        ) from error
    try:
        base = base_configuration(name, resolution, gpus)
    except ValueError as error:
        raise UserError(f"{str(error).capitalize()}.") from error
    own, usual = base.config, Config()
    options = {
        f.name: _plain(getattr(own, f.name))
        for f in fields(Config)
        if f.name in _SAID or getattr(own, f.name) != getattr(usual, f.name)
    }
    return {
        "batch": base.batch,
        "goal_kimg": float(base.goal_kimg),
        "options": options,
        "preset": name,
        **_LOOP,
    }


_SAID = frozenset(("mapping_layers", "channel_base", "learning_rate", "r1_gamma", "ema_kimg", "ema_rampup"))
"""Options in which the bases differ: written even where they are our defaults."""


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
