"""The trainer's presets as the application uses them, read through the contract."""

from __future__ import annotations

from blasto_annotator.domain.errors import UserError
from gan.contract.presets import Preset, list_presets, read_preset

__all__ = ["DEFAULT_GPU_PRESET", "DEFAULT_PRESET", "Preset", "load_preset", "preset_names"]

DEFAULT_PRESET = "cpu-quick"
DEFAULT_GPU_PRESET = "gpu"


def preset_names() -> list[str]:
    """Names of the shipped presets."""
    return [preset.name for preset in list_presets()]


def load_preset(name: str) -> Preset:
    """The preset called `name`.

    Raises:
        UserError: there is none; the sentence lists those there are.
    """
    try:
        return read_preset(name)
    except ValueError as error:
        raise UserError(str(error)) from error
