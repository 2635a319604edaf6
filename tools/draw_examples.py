"""Draws the examples beside the definitions, into resources/examples: `python tools/draw_examples.py`.

Expansions 1 to 4 and the letters A to C are drawn as the sample project's embryos are. That drawing knows no
hatching: expansions 5 and 6 are plain schemes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from blasto_annotator.sample.draw import draw_frame
from blasto_annotator.sample.embryo import FIELD_UM, EmbryoPlan, Letter, plan_embryo

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "examples"
SIZE, SIDE = 640, 200
HALF_UM = 112.0
EXPANSION_SEED, TE_SEED = 11, 8
ICM_SEEDS: dict[Letter, int] = {"A": 8, "B": 3, "C": 8}
"""Embryos whose inner cell mass lies where it can be seen."""


def main() -> None:
    """Writes every picture."""
    FOLDER.mkdir(exist_ok=True)
    plan = plan_embryo(EXPANSION_SEED, "A", "A")
    line = plan.timeline
    hours = {1: line.half - 1.5, 2: line.full - 1.5, 3: line.expanded - 2.0, 4: line.expanded + 8.0}
    for expansion, hpi in hours.items():
        save(plan, hpi, f"expansion-{expansion}")
    for letter, seed in ICM_SEEDS.items():
        icm, te = plan_embryo(seed, letter, "B"), plan_embryo(TE_SEED, "A", letter)
        save(icm, icm.timeline.expanded + 6.0, f"icm-{letter}")
        save(te, te.timeline.expanded + 6.0, f"te-{letter}")
    for expansion in (5, 6):
        scheme(expansion).save(FOLDER / f"expansion-{expansion}.png", optimize=True)


def save(plan: EmbryoPlan, hpi: float, name: str) -> None:
    """The embryo without most of its well."""
    frame = Image.fromarray(draw_frame(plan, hpi, 0.0, SIZE))
    x, y = (
        (FIELD_UM / 2 + w + p + d * max(hpi - 90.0, 0.0)) * SIZE / FIELD_UM
        for w, p, d in zip(plan.well_centre, plan.position, plan.drift, strict=True)
    )
    half = HALF_UM * SIZE / FIELD_UM
    box = (round(x - half), round(y - half), round(x + half), round(y + half))
    frame.crop(box).resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(FOLDER / f"{name}.png", optimize=True)


def scheme(expansion: int) -> Image.Image:
    """Lines only: the embryo leaving its zona, and beside the empty one."""
    large = SIDE * 4
    picture = Image.new("L", (large, large), 118)
    draw = ImageDraw.Draw(picture)
    if expansion == 5:
        ring(draw, (0.42, 0.56), 0.27, 26, 200, gap=(-60, 0))
        blob(draw, (0.42, 0.56), 0.245)
        blob(draw, (0.66, 0.36), 0.21)
        draw.ellipse(box_of(large, (0.52, 0.48), 0.13), fill=150)
        inner(draw, (0.33, 0.66))
    else:
        ring(draw, (0.24, 0.74), 0.16, 26, 200, gap=(-80, -10))
        blob(draw, (0.6, 0.42), 0.32)
        inner(draw, (0.45, 0.58))
    return picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def box_of(large: int, centre: tuple[float, float], radius: float) -> tuple[float, float, float, float]:
    """The square around a circle, in pixels."""
    x, y = centre
    return ((x - radius) * large, (y - radius) * large, (x + radius) * large, (y + radius) * large)


def ring(
    draw: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float, width: int, grey: int,
    gap: tuple[int, int],
) -> None:  # fmt: skip
    """The zona, open where the embryo leaves it."""
    box = box_of(SIDE * 4, centre, radius)
    draw.arc(box, gap[1], 360 + gap[0], fill=grey, width=width)


def blob(draw: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float) -> None:
    """Trophectoderm: a thin wall of cells around the cavity."""
    draw.ellipse(box_of(SIDE * 4, centre, radius), fill=150, outline=64, width=12)
    for turn in np.arange(0.0, 2 * np.pi, 0.42):
        x, y = centre[0] + radius * np.cos(turn), centre[1] + radius * np.sin(turn)
        draw.ellipse(box_of(SIDE * 4, (x, y), 0.02), fill=84)


def inner(draw: ImageDraw.ImageDraw, centre: tuple[float, float]) -> None:
    """Inner cell mass: a clump."""
    for number in range(9):
        turn, away = number * 2.4, 0.018 * np.sqrt(number)
        where = (centre[0] + away * np.cos(turn) * 2, centre[1] + away * np.sin(turn) * 1.6)
        draw.ellipse(box_of(SIDE * 4, where, 0.035), fill=92, outline=62, width=5)


if __name__ == "__main__":
    main()
