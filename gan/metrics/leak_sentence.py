"""What a leak report says to a person."""

from __future__ import annotations

from gan.metrics.leak import LeakReport, Sign

_WORDS = {
    "turned": ("lie turned", "rotate90 and rotate"),
    "mirrored": ("lie mirrored", "xflip"),
    "inverted": ("look like negatives", "lumaflip"),
    "brightness": ("are brighter or darker than real ones", "brightness and lumaflip"),
    "contrast": ("have more or less contrast than real ones", "contrast"),
    "noise": ("have more fine noise than real ones", "noise and imgfilter"),
    "holes": ("have grey holes", "cutout"),
    "place": ("lie off the middle", "xint and xfrac"),
    "size": ("are larger, smaller or more stretched than real ones", "scale and aniso"),
    "saturation": ("have stronger or weaker colours than real ones", "saturation"),
    "red_green": ("have other colours than real ones", "hue and saturation"),
    "blue_yellow": ("have other colours than real ones", "hue and saturation"),
}
"""What is seen, and which of ADA's augmentations do that."""


def leak_sentence(report: LeakReport, ada_p: float | None) -> str:
    """The strongest signs of a leak, and what to do; empty where there are none."""
    if not report.firing:
        return ""
    seen = " and ".join(_seen(sign) for sign in report.firing[:2])
    names = _WORDS[report.firing[0].name][1]
    strength = "" if ada_p is None else f" (p is {ada_p:.2f})"
    return (
        f"Augmentation may be leaking into what is generated{strength}: {seen}. Look at the samples. "
        f"If it is so, stop the run, lower augment_p_max (or take {names} out of augment_pipe) in its "
        "config.json, and go on, or start anew from a checkpoint of before."
    )


def _seen(sign: Sign) -> str:
    return f"about {sign.leaked:.0%} of the generated images {_WORDS[sign.name][0]}"
