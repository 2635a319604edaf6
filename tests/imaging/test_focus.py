"""The sharpest plane and the picture of extended focus, on planes whose depth is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from blasto_annotator.imaging.composite import extended_focus
from blasto_annotator.imaging.decode import Grey
from blasto_annotator.imaging.focus import embryo_region, sharpest

SIDE = 240
CENTRE, RADIUS = (130, 115), 70
PLANES = 5


def scene() -> Grey:
    """A textured disc on an even ground, with a white rim of the well around it: all in focus."""
    grain = np.random.default_rng(3).normal(0, 40, (SIDE // 3, SIDE // 3)).astype(np.float32)
    texture = cv2.resize(grain, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    level = 110 + texture * disc(RADIUS)
    cv2.circle(level, (SIDE // 2, SIDE // 2), 112, 255, 10)
    return np.asarray(np.clip(level, 0, 255), np.uint8)


def disc(radius: int) -> np.ndarray:
    y, x = np.mgrid[:SIDE, :SIDE]
    return np.asarray(np.hypot(x - CENTRE[0], y - CENTRE[1]) <= radius)


def blurred(image: Grey, sigma: float) -> Grey:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8) if sigma else image


def stack(focus: int, image: Grey) -> list[Grey]:
    """Planes that are the blurrier, the further from `focus`."""
    return [blurred(image, 1.5 * abs(plane - focus)) for plane in range(PLANES)]


def bowl() -> list[Grey]:
    """The middle is sharp on the first plane, the disc's edge on the last; each plane is brighter."""
    y, x = np.mgrid[:SIDE, :SIDE]
    depth = np.clip(np.hypot(x - CENTRE[0], y - CENTRE[1]) / RADIUS, 0, 1) * (PLANES - 1)
    levels = np.stack([blurred(scene(), 1.5 * away) for away in range(PLANES)]).astype(np.float32)
    planes = []
    for plane in range(PLANES):
        away = np.rint(np.abs(depth - plane)).astype(int)
        planes.append((np.take_along_axis(levels, away[None], 0)[0] * (0.9 + 0.03 * plane)).astype(np.uint8))
    return planes


def detail_in(image: Grey, radius: int, hole: int = 0) -> float:
    """Fine contrast within a ring."""
    where = disc(radius) & ~disc(hole)
    return float(np.abs(cv2.Laplacian(image, cv2.CV_32F))[where].mean())


@pytest.mark.parametrize("focus", range(PLANES))
def test_the_sharpest_plane_is_found(focus: int) -> None:
    assert sharpest(stack(focus, scene())) == focus


def test_the_wells_rim_does_not_decide() -> None:
    embryo_at_3, rim = stack(3, scene()), scene() == 255
    for plane, image in enumerate(embryo_at_3):
        image[rim] = 255 if plane < 2 else blurred(scene(), 6)[rim]
    assert sharpest(embryo_at_3) == 3


def test_the_region_holds_the_embryo_and_leaves_the_rim_out() -> None:
    region = embryo_region(stack(2, scene())) > 0
    assert region[disc(RADIUS - 12)].mean() > 0.98
    assert region.sum() < 1.7 * disc(RADIUS).sum()
    assert not region[3:8].any()


def test_planes_without_texture_have_no_region_and_no_complaint() -> None:
    flat = [np.full((64, 64), 90, np.uint8)] * 3
    assert embryo_region(flat).all()
    assert sharpest(flat) == 0
    assert np.array_equal(extended_focus(flat, 1), flat[1])


def test_extended_focus_is_sharp_where_any_plane_is() -> None:
    planes = bowl()
    found = extended_focus(planes, base=2)
    middle, edge = (20, 0), (RADIUS - 5, RADIUS - 20)
    for ring in (middle, edge):
        best = max(detail_in(plane, *ring) for plane in planes)
        assert detail_in(found, *ring) > 0.8 * best
    whole = [detail_in(plane, RADIUS) for plane in planes]
    assert detail_in(found, RADIUS) > 1.25 * max(whole)  # no single plane is sharp all over


def test_planes_of_different_brightness_meet_without_seams() -> None:
    plain = np.full((SIDE, SIDE), 120, np.uint8)
    plain[disc(RADIUS)] = scene()[disc(RADIUS)]
    planes = [
        blurred((plane * (0.8 + 0.1 * n)).astype(np.uint8), 0) for n, plane in enumerate(stack(2, plain))
    ]
    ground = extended_focus(planes, base=2)[~disc(RADIUS + 40)]
    expected = planes[2][~disc(RADIUS + 40)]
    assert np.abs(ground.astype(int) - expected).max() <= 3


def test_outside_the_embryo_the_base_plane_is_shown() -> None:
    planes = bowl()
    corner = extended_focus(planes, base=4)[:12, :12].astype(int)
    assert np.abs(corner - planes[4][:12, :12]).max() <= 2


def test_planes_of_two_sizes_and_single_planes_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in size"):
        sharpest([np.zeros((40, 40), np.uint8), np.zeros((40, 41), np.uint8)])
    with pytest.raises(ValueError, match="two planes"):
        extended_focus([np.zeros((40, 40), np.uint8)], 0)
