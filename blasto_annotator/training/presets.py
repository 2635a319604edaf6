"""Training presets: `resources/presets/*.toml`, each a run's settings under a name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from blasto_annotator.domain.errors import UserError
from gan.contract.config import RunConfig
from gan.contract.resources import resource

DEFAULT_PRESET = "cpu-quick"
DEFAULT_GPU_PRESET = "gpu"


@dataclass(frozen=True)
class Preset:
    """A named set of training settings."""

    name: str
    title: str
    minutes_hint: float | None
    """Minutes for `goal_kimg` on the machine that the preset is meant for."""
    settings: Mapping[str, Any]
    """Values of `RunConfig`'s fields."""

    @property
    def resolution(self) -> int:
        return int(self.settings["resolution"])

    @property
    def goal_kimg(self) -> float:
        return float(self.settings["goal_kimg"])

    @property
    def family(self) -> str:
        return str(self.settings.get("family", "stylegan2"))


def preset_names() -> list[str]:
    """Names of the shipped presets."""
    return sorted(path.stem for path in resource("presets").glob("*.toml"))


def load_preset(name: str) -> Preset:
    """The preset called `name`.

    Raises:
        UserError: there is none; the sentence lists those there are.
    """
    if name not in preset_names():
        raise UserError(f"There is no training preset “{name}”; choose one of {', '.join(preset_names())}.")
    return parse_preset(name, tomllib.loads(resource("presets", f"{name}.toml").read_text(encoding="utf-8")))


def parse_preset(name: str, value: Mapping[str, Any]) -> Preset:
    """A preset from its TOML values."""
    known = {field.name for field in fields(RunConfig)}
    hint = value.get("minutes_hint")
    return Preset(
        name=name,
        title=str(value.get("title", name)),
        minutes_hint=None if hint is None else float(hint),
        settings={key: setting for key, setting in value.items() if key in known},
    )
