"""From an official checkpoint to our networks and description."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gan.contract.errors import UserError
from gan.contract.version import app_version
from gan.conversion.errors import UnsafeFileError
from gan.conversion.official import OfficialNetwork, read_official
from gan.families.stylegan2.assembly import build_generator
from gan.families.stylegan2.config import Config
from gan.families.stylegan2.official import OfficialShape, official_shape
from gan.training.building import read_options
from gan.training.family import Setting

OUR_NETWORKS = ("G", "D", "G_ema")


def converted(path: Path, classes: tuple[str, ...]) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Tensors by our names, and a checkpoint's description.

    Raises:
        OSError: unreadable.
        UnsafeFileError: hostile, damaged, or of a shape that we cannot build.
        UserError: the class names do not fit.
    """
    official = read_official(path)
    shape = _shape(official)
    _require_sane(shape)
    names = classes or tuple(str(index) for index in range(shape.classes))
    if len(names) != shape.classes:
        raise UserError(f"{path} has {shape.classes} classes, but {len(names)} names are given.")
    tensors = _tensors(official)
    _require_places(tensors, shape)
    return tensors, _description(path, shape, names)


def _shape(official: dict[str, OfficialNetwork]) -> OfficialShape:
    generator = official.get("G_ema") or official["G"]
    discriminator = official["D"].arguments if "D" in official else {}
    try:
        return official_shape(generator.arguments, discriminator)
    except KeyError as error:
        raise UnsafeFileError(f"its constructor arguments lack {error.args[0]}") from error
    except (ValueError, TypeError, OverflowError) as error:
        raise UnsafeFileError(f"its constructor arguments cannot be used ({str(error)[:100]})") from error


def _tensors(official: dict[str, OfficialNetwork]) -> dict[str, torch.Tensor]:
    found = {name: official[name] for name in OUR_NETWORKS if name in official}
    found.setdefault("G_ema", official.get("G_ema") or official["G"])
    return {
        f"{name}/{key}": torch.from_numpy(np.array(values, np.float32, order="C"))
        for name, network in found.items()
        for key, values in network.tensors.items()
    }


def _require_places(tensors: dict[str, torch.Tensor], shape: OfficialShape) -> None:
    """Every tensor of the averaged generator must have its place: a picture of half a network would
    mislead."""
    nowhere = torch.device("meta")  # shapes only: a few bytes of arguments can ask for gigabytes
    setting = Setting(shape.resolution, shape.channels, shape.classes, 1, nowhere, torch.float32)
    try:
        with nowhere:
            own = build_generator(read_options(Config, shape.options), setting).state_dict()
    except (UserError, ValueError) as error:
        raise UnsafeFileError(f"its constructor arguments cannot be used ({str(error)[:100]})") from error
    for name, value in own.items():
        given = tensors.get(f"G_ema/{name}")
        if given is None or given.shape != value.shape:
            raise UnsafeFileError(f"its tensors do not fit its constructor arguments (G_ema/{name})")


def _require_sane(shape: OfficialShape) -> None:
    """A few bytes of arguments must not make us build a network of terabytes."""
    widths = (shape.options["z_dim"], shape.options["w_dim"], shape.options["channel_max"], shape.classes)
    layers = (shape.options["mapping_layers"], shape.options["d_mapping_layers"])
    taps = shape.options.get("resample_filter", ())
    sane = 4 <= shape.resolution <= 2048 and shape.channels in (1, 3) and len(taps) <= 64
    if not sane or max(map(int, widths)) > 8192 or max(map(int, layers)) > 64:
        raise UnsafeFileError("its constructor arguments ask for a network beyond any official one")


def _description(path: Path, shape: OfficialShape, classes: tuple[str, ...]) -> dict[str, Any]:
    return {
        "family": "stylegan2",
        "options": {k: list(v) if isinstance(v, tuple) else v for k, v in shape.options.items()},
        "resolution": shape.resolution,
        "channels": shape.channels,
        "classes": list(classes),
        "kimg": 0.0,
        "iteration": 0,
        "ada_p": None,
        "run": "",
        "snapshot": "",
        "start_from": None,
        "preset": "",
        "converted_from": path.name,
        "app_version": app_version(),
        "created_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": 0.0,
    }
