"""The trainer's presets as the application uses them, read through the contract."""

from __future__ import annotations

from pathlib import Path

from blasto_annotator.domain.errors import UserError
from gan.contract.presets import Preset, list_presets, read_preset

__all__ = [
    "DEFAULT_GPU_PRESET",
    "DEFAULT_PRESET",
    "Preset",
    "load_preset",
    "preset_for",
    "preset_names",
    "require_start",
]

DEFAULT_PRESET = "cpu-quick"
DEFAULT_GPU_PRESET = "gpu"


def preset_names() -> list[str]:
    """Names of the shipped presets."""
    return [preset.name for preset in list_presets()]


def require_start(preset: Preset, start_from: Path | None) -> None:
    """Makes sure that a preset that starts from trained networks gets some.

    Raises:
        UserError: there are none.
    """
    if preset.needs_start and start_from is None:
        raise UserError(
            f"The preset {preset.name} starts from trained networks: choose a model to start from, "
            "or another preset."
        )


def preset_for(device: str) -> Preset:
    """The preset for a trainer's device, such as `cpu` or `cuda:0`."""
    return load_preset(DEFAULT_GPU_PRESET if device.startswith("cuda") else DEFAULT_PRESET)


def load_preset(name: str) -> Preset:
    """The preset called `name`.

    Raises:
        UserError: there is none; the sentence lists those there are.
    """
    try:
        return read_preset(name)
    except ValueError as error:
        raise UserError(str(error)) from error
