"""Drawn frames: the same every time, in focus where they should be, and their grade leaves traces."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from blasto_annotator.sample.arrays import Frame
from blasto_annotator.sample.draw import PLANES_UM, draw_frame, draw_stack
from blasto_annotator.sample.embryo import FIELD_UM, EmbryoPlan, plan_embryo
from blasto_annotator.sample.grains import FLOOR_UM
from blasto_annotator.sample.optics import focus_stack, transfer
from blasto_annotator.sample.stage import stage_at

SIZE = 200
PIXEL = FIELD_UM / SIZE
GOOD = plan_embryo(11, "A", "A")


def _distance(plan: EmbryoPlan, hpi: float, size: int = SIZE) -> np.ndarray:
    """Micrometres from the embryo's centre, for each pixel."""
    axis = (np.arange(size) + 0.5) * FIELD_UM / size - FIELD_UM / 2
    centre = stage_at(plan, hpi).centre
    x = axis[None, :] - plan.well_centre[0] - centre[0]
    return np.hypot(x, axis[:, None] - plan.well_centre[1] - centre[1])


def _detail(frame: Frame, where: np.ndarray) -> float:
    """Fine contrast in a region, relative to its brightness."""
    grey = frame.astype(np.float64)
    fine = cv2.GaussianBlur(grey, (0, 0), 1.0) - cv2.GaussianBlur(grey, (0, 0), 2.5)
    return float(fine[where].std() / grey[where].mean())


def test_the_same_moment_is_drawn_the_same() -> None:
    np.testing.assert_array_equal(draw_frame(GOOD, 112.0, 15, 96), draw_frame(GOOD, 112.0, 15, 96))


def test_a_plane_drawn_alone_equals_the_plane_in_its_stack() -> None:
    stack = draw_stack(GOOD, 112.0, (-15, 0, 15), 96)
    np.testing.assert_array_equal(stack[1], draw_frame(GOOD, 112.0, 0, 96))


@pytest.mark.parametrize("size", [32, 96, 128])
def test_frames_are_grey_squares_of_the_asked_size(size: int) -> None:
    frame = draw_frame(GOOD, 110.0, 0, size)
    assert (frame.shape, frame.dtype) == ((size, size), np.uint8)


def test_an_in_focus_grain_loses_contrast_with_every_step_out_of_focus() -> None:
    slab = np.zeros((128, 128), np.float32)
    slab[60:66, 60:66] = 0.2
    images = focus_stack({0.0: slab}, (-45.0, -30.0, -15.0, 0.0, 15.0, 30.0, 45.0), 1.0)
    contrast = [float(np.abs(image).max()) for image in images]
    assert contrast[0] < contrast[1] < contrast[2] < contrast[3] > contrast[4] > contrast[5] > contrast[6]


def test_debris_on_the_floor_is_sharp_in_the_lowest_planes_alone() -> None:
    plan = next(p for p in (plan_embryo(seed, "B", "B") for seed in range(50)) if p.debris > 60)
    hpi = plan.timeline.full - 8.0
    axis = (np.arange(SIZE) + 0.5) * PIXEL - FIELD_UM / 2
    well = np.hypot(axis[None, :] - plan.well_centre[0], axis[:, None] - plan.well_centre[1])
    floor = (well < 0.7 * plan.well_radius) & (_distance(plan, hpi) > 100.0)
    detail = [_detail(frame, floor) for frame in draw_stack(plan, hpi, PLANES_UM, SIZE)]
    assert min(detail[:2]) > detail[2] > detail[3] > detail[4]
    assert detail[0] > 2.0 * detail[4]


def test_the_wall_of_cells_is_sharpest_near_the_embryos_equator() -> None:
    hpi = GOOD.timeline.full - 6.0
    stage = stage_at(GOOD, hpi)
    equator = FLOOR_UM + stage.zona + stage.radius
    rim = np.abs(_distance(GOOD, hpi) - stage.radius) < 8.0
    detail = [_detail(frame, rim) for frame in draw_stack(GOOD, hpi, PLANES_UM, SIZE)]
    assert abs(PLANES_UM[int(np.argmax(detail))] - equator) <= 20.0


def test_the_bright_crescent_of_the_well_widens_with_the_plane() -> None:
    frames = draw_stack(GOOD, 112.0, PLANES_UM, SIZE)
    bright = [int((frame[: SIZE // 2] > 220).sum()) for frame in frames]
    assert bright[0] < bright[2] < bright[4] < bright[6]


def test_the_corner_below_is_dark_and_the_plate_above_is_not() -> None:
    frame = draw_frame(GOOD, 112.0, 0, SIZE)
    assert frame[-12:, :12].mean() < 10.0 < frame[:12, :12].mean()


def test_the_embryo_grows() -> None:
    line = GOOD.timeline
    early, late = (draw_frame(GOOD, hpi, 15, SIZE) for hpi in (line.half, line.expanded + 9.0))
    ring = (_distance(GOOD, line.half) > 80.0) & (_distance(GOOD, line.half) < 90.0)
    assert _detail(late, ring) > 2.0 * _detail(early, ring)


def test_a_compact_cell_mass_shades_its_side_of_the_cavity() -> None:
    """ICM A is a dark clump; at the same place ICM C leaves the cavity clear."""

    def shade(icm: str) -> float:
        plans = [plan_embryo(seed, icm, "A") for seed in range(6)]  # type: ignore[arg-type]
        return float(np.mean([_mass_brightness(plan) for plan in plans]))

    assert shade("A") < 0.92 * shade("C")


def _mass_brightness(plan: EmbryoPlan) -> float:
    """Brightness where the inner cell mass lies, relative to the empty well."""
    hpi = plan.timeline.full + 3.0
    stage = stage_at(plan, hpi)
    away = 0.66 * stage.radius
    cosine, sine = np.cos(stage.turn), np.sin(stage.turn)
    dx, dy = plan.icm_direction[0], plan.icm_direction[1]
    x = plan.well_centre[0] + stage.centre[0] + away * (cosine * dx - sine * dy)
    y = plan.well_centre[1] + stage.centre[1] + away * (sine * dx + cosine * dy)
    column, row = (int((v + FIELD_UM / 2) / PIXEL) for v in (x, y))
    frame = draw_frame(plan, hpi, 15, SIZE)
    return float(frame[row - 6 : row + 7, column - 6 : column + 7].mean()) / plan.brightness


def test_threads_that_share_a_cold_cache_give_the_same_bits() -> None:
    """The same bytes are promised: rounding must not depend on which thread filled the cache."""
    rng = np.random.default_rng(3)
    slabs = {z: rng.standard_normal((400, 400), np.float32) for z in (-15.0, -7.5, 0.0, 7.5)}
    expected = focus_stack(slabs, (0.0, 15.0), 1.0)
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            transfer.cache_clear()
            for images in pool.map(lambda _: focus_stack(slabs, (0.0, 15.0), 1.0), range(4)):
                np.testing.assert_array_equal(images, expected)
