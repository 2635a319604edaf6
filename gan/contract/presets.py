"""Training presets: TOML files under `resources/presets/`, read without torch.

Top-level keys are fields of `RunConfig`; the table `[options]` holds the family's `Config` fields; `title`,
`description`, `group` (of the list) and `minutes_hint` (for the preset's own goal on the machine it is meant
for) are for people; `unconditional` ignores the labels; `needs_start` wants trained networks to start from.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gan.contract.config import RunConfig
from gan.contract.resources import resource

_OWN = ("title", "description", "group", "minutes_hint", "unconditional", "needs_start")
"""What no `RunConfig` has."""


@dataclass(frozen=True)
class Preset:
    """One preset."""

    name: str
    title: str
    minutes_hint: float | None
    """Minutes for `goal_kimg` on the machine that the preset is meant for."""
    settings: Mapping[str, Any]
    """`RunConfig` fields; `options` holds the family's `Config` fields."""
    description: str = ""
    group: str = ""
    """Heading under which lists show it; the everyday ones have none."""
    unconditional: bool = False
    """Trains without classes, whatever the data set has."""
    needs_start: bool = False
    """Starts from trained networks."""

    @property
    def resolution(self) -> int:
        return int(self.settings["resolution"])

    @property
    def goal_kimg(self) -> float:
        return float(self.settings["goal_kimg"])

    @property
    def family(self) -> str:
        return str(self.settings.get("family", RunConfig.family))


def list_presets() -> tuple[Preset, ...]:
    """All presets by name."""
    names = sorted(path.stem for path in resource("presets").glob("*.toml"))
    return tuple(_read(name) for name in names)


def read_preset(name: str) -> Preset:
    """The preset called `name`.

    Raises:
        ValueError: there is none; the message lists the known ones.
    """
    names = [path.stem for path in resource("presets").glob("*.toml")]
    if name not in names:
        raise ValueError(f"There is no preset {name!r}: choose one of {', '.join(sorted(names))}.")
    return _read(name)


def _read(name: str) -> Preset:
    value = tomllib.loads(resource("presets", f"{name}.toml").read_text(encoding="utf-8"))
    hint = value.get("minutes_hint")
    return Preset(
        name,
        str(value.get("title", name)),
        None if hint is None else float(hint),
        {"options": {}} | {key: setting for key, setting in value.items() if key not in _OWN},
        str(value.get("description", "")),
        str(value.get("group", "")),
        bool(value.get("unconditional", False)),
        bool(value.get("needs_start", False)),
    )
