"""The trainer's presets as the application uses them, read through the contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from blasto_annotator.domain.errors import UserError
from gan.contract.presets import list_presets, read_preset

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
    description: str = ""

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
    return [preset.name for preset in list_presets()]


def load_preset(name: str) -> Preset:
    """The preset called `name`.

    Raises:
        UserError: there is none; the sentence lists those there are.
    """
    try:
        found = read_preset(name)
    except ValueError as error:
        raise UserError(str(error)) from error
    settings = {**found.settings, "options": dict(found.options)}
    return Preset(found.name, found.title, found.minutes_hint, settings, found.description)
