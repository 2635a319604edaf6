"""Which augmentations a training uses, and how strong they are (Karras et al. 2020, ADA, appendix B)."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

_BLIT = ("xflip", "rotate90", "xint")
_GEOM = ("scale", "rotate", "aniso", "xfrac")
_COLOR = ("brightness", "contrast", "lumaflip", "hue", "saturation")

PIPES: dict[str, tuple[str, ...]] = {
    "none": (),
    "blit": _BLIT,
    "geom": _GEOM,
    "color": _COLOR,
    "filter": ("imgfilter",),
    "noise": ("noise",),
    "cutout": ("cutout",),
    "bg": _BLIT + _GEOM,
    "bgc": _BLIT + _GEOM + _COLOR,
    "bgcf": (*_BLIT, *_GEOM, *_COLOR, "imgfilter"),
    "bgcfn": (*_BLIT, *_GEOM, *_COLOR, "imgfilter", "noise"),
    "bgcfnc": (*_BLIT, *_GEOM, *_COLOR, "imgfilter", "noise", "cutout"),
}


@dataclass(frozen=True)
class AugmentSettings:
    """First the share of the overall probability p that each transform takes, then the strengths."""

    xflip: float = 0.0
    rotate90: float = 0.0
    xint: float = 0.0
    scale: float = 0.0
    rotate: float = 0.0
    aniso: float = 0.0
    xfrac: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    lumaflip: float = 0.0
    hue: float = 0.0
    saturation: float = 0.0
    imgfilter: float = 0.0
    noise: float = 0.0
    cutout: float = 0.0

    xint_max: float = 0.125
    """Largest whole-pixel shift, in image sizes."""
    scale_std: float = 0.2
    """Of the binary logarithm."""
    rotate_max: float = 1.0
    """Largest angle, in half turns."""
    aniso_std: float = 0.2
    xfrac_std: float = 0.125
    """Of the shift, in image sizes."""
    brightness_std: float = 0.2
    contrast_std: float = 0.5
    hue_max: float = 1.0
    saturation_std: float = 1.0
    imgfilter_bands: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0)
    imgfilter_std: float = 1.0
    noise_std: float = 0.1
    cutout_size: float = 0.5
    """Of the square's side, in image sizes."""

    @property
    def geometric(self) -> bool:
        """Whether any transform moves pixels."""
        return any(getattr(self, name) > 0 for name in PIPES["bg"])

    @property
    def coloured(self) -> bool:
        """Whether any transform changes values."""
        return any(getattr(self, name) > 0 for name in PIPES["color"])


_NUMBERS = tuple(f.name for f in fields(AugmentSettings) if f.name != "imgfilter_bands")


def parse_pipe(text: str) -> AugmentSettings:
    """Settings of a named pipe (`bgc`), a list (`xflip=1,rotate90=1,cutout=1`) or both (`bg,cutout=0.5`).

    Raises:
        ValueError: a name is unknown or a number is none.
    """
    settings = AugmentSettings()
    for entry in (part.strip() for part in text.split(",")):
        if entry:
            settings = replace(settings, **_entry(entry))
    return settings


def _entry(entry: str) -> dict[str, Any]:
    name, given, value = entry.partition("=")
    if not given and name in PIPES:
        return dict.fromkeys(PIPES[name], 1.0)
    if name not in _NUMBERS:
        pipes = ", ".join(PIPES)
        raise ValueError(
            f"unknown augmentation {name!r}; known pipes: {pipes}; single ones: {', '.join(_NUMBERS)}"
        )
    try:
        number = float(value) if given else 1.0
    except ValueError:
        raise ValueError(f"the augmentation {name} needs a number, not {value!r}") from None
    if not number >= 0:
        raise ValueError(f"the augmentation {name} is {value}; it must be at least 0")
    return {name: number}
