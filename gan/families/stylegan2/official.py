"""What official constructor arguments mean in our configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class OfficialShape:
    """A converted network's setting and options."""

    resolution: int
    channels: int
    classes: int
    """Length of the label; 0 without classes."""
    options: dict[str, Any]
    """Fields of `Config`."""


def official_shape(generator: Mapping[str, Any], discriminator: Mapping[str, Any]) -> OfficialShape:
    """Our setting and options from the constructor arguments of both networks.

    Absent arguments take the official constructors' defaults (8 mapping layers, channel base 32768, at most
    512 channels, a skip generator, a residual discriminator), not ours.

    Raises:
        KeyError: z_dim, w_dim, c_dim, img_resolution or img_channels is missing.
        ValueError: an argument has no counterpart here.
    """
    mapping = dict(generator.get("mapping_kwargs") or {})
    synthesis = dict(generator.get("synthesis_kwargs") or {})
    _refuse_unknown("mapping", mapping, {"num_layers", "lr_multiplier", "w_avg_beta"})
    _refuse_unknown("synthesis", synthesis, _SHARED | {"architecture", "resample_filter"})
    options = {
        "z_dim": generator["z_dim"],
        "w_dim": generator["w_dim"],
        "mapping_layers": mapping.get("num_layers", 8),
        "mapping_lr_multiplier": mapping.get("lr_multiplier", 0.01),
        "w_avg_beta": mapping.get("w_avg_beta", 0.995),
        "g_architecture": synthesis.get("architecture", "skip"),
        "channel_base": synthesis.get("channel_base", 32768),
        "channel_max": synthesis.get("channel_max", 512),
        "num_fp16_res": synthesis.get("num_fp16_res", 0),
        "conv_clamp": synthesis.get("conv_clamp"),
        **_discriminator_options(discriminator),
    }
    for name in sorted(_SHARED & set(discriminator)):
        if discriminator[name] != options[name]:
            raise ValueError(f"its networks differ in {name}, which has no counterpart here")
    if "resample_filter" in synthesis:
        options["resample_filter"] = tuple(synthesis["resample_filter"])
    return OfficialShape(
        int(generator["img_resolution"]), int(generator["img_channels"]), int(generator["c_dim"]), options
    )


_SHARED = {"channel_base", "channel_max", "num_fp16_res", "conv_clamp"}


def _discriminator_options(arguments: Mapping[str, Any]) -> dict[str, Any]:
    mapping, epilogue = arguments.get("mapping_kwargs") or {}, arguments.get("epilogue_kwargs") or {}
    _refuse_unknown("discriminator's mapping", mapping, {"num_layers"})
    _refuse_unknown("discriminator's last block", epilogue, {"mbstd_group_size", "mbstd_num_channels"})
    return {
        "d_architecture": arguments.get("architecture", "resnet"),
        "d_mapping_layers": mapping.get("num_layers", 8),
        "mbstd_group_size": epilogue.get("mbstd_group_size", 4),
        "mbstd_num_channels": epilogue.get("mbstd_num_channels", 1),
        "freeze_d": int((arguments.get("block_kwargs") or {}).get("freeze_layers", 0)),
    }


def _refuse_unknown(what: str, arguments: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(arguments) - known)
    if unknown:
        raise ValueError(f"its {what} has arguments that have no counterpart here: {', '.join(unknown)}")
