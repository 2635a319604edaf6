"""Burned-in text: drawn into real and drawn frames as microscopes do, and not seen where there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from blasto_annotator.imaging.burned_in import Box, Masks, clean, find_burned_in, free_square, masks_of
from blasto_annotator.imaging.decode import Grey, decode_grey
from blasto_annotator.sample.cohort import SampleSpec
from blasto_annotator.sample.writer import write_gomez_tree

Draw = Callable[[Grey, int, float], None]
FONT = cv2.FONT_HERSHEY_SIMPLEX


def well_and_time(image: Grey, number: int, scale: float) -> None:
    """As an incubator's viewer writes: the well at the lower left, hours at the lower right."""
    height, width = image.shape
    for text, right in ((f"Well {number % 12 + 1}", False), (f"{9 + number * 3.3:.1f} h", True)):
        x = width - 8 - cv2.getTextSize(text, FONT, scale, 1)[0][0] if right else 8
        cv2.putText(image, text, (x, height - 12), FONT, scale, 255, 1, cv2.LINE_AA)


def scale_bar(image: Grey, number: int, scale: float) -> None:
    height, width = image.shape
    cv2.rectangle(image, (width - 120, height - 30), (width - 30, height - 26), 255, -1)
    cv2.putText(image, "50 um", (width - 100, height - 38), FONT, scale, 255, 1, cv2.LINE_AA)


def black_bar(image: Grey, number: int, scale: float) -> None:
    cv2.rectangle(image, (20, 20), (120, 20 + round(8 * scale)), 0, -1)


def burn(frames: Sequence[Grey], draw: Draw, scale: float, quality: int) -> tuple[list[Grey], Grey]:
    """The frames with what is drawn, after JPEG; and where anything was drawn in any of them."""
    burned, touched = [], np.zeros(frames[0].shape, np.uint8)
    for number, frame in enumerate(frames):
        image = frame.copy()
        draw(image, number, scale)
        touched |= (cv2.absdiff(image, frame) > 40).astype(np.uint8)
        data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        burned.append(np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8))
    return burned, touched


def outside(touched: Grey, boxes: Sequence[Box]) -> int:
    left = touched.copy()
    for box in boxes:
        left[box.y : box.bottom, box.x : box.right] = 0
    return int(left.sum())


@pytest.fixture(scope="module")
def real(shared_data: Path) -> list[Grey]:
    return [decode_grey(path) for path in sorted((shared_data / "stork").rglob("*.jpg"))[::3]]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> list[Grey]:
    spec = SampleSpec(embryos_per_group=7, moments=1, planes=(0,), size=160)
    root = tmp_path_factory.mktemp("drawn")
    write_gomez_tree(root, spec)
    return [decode_grey(path) for path in sorted(root.rglob("*.jpeg"))]


@pytest.mark.parametrize(
    ("draw", "scale", "quality", "areas"),
    [
        (well_and_time, 0.35, 95, 2),
        (well_and_time, 0.6, 60, 2),
        (well_and_time, 1.2, 80, 2),
        (scale_bar, 0.5, 80, 1),
        (black_bar, 0.5, 90, 1),
    ],
)
def test_text_and_bars_on_real_frames_are_covered_and_little_else(
    real: list[Grey], draw: Draw, scale: float, quality: int, areas: int
) -> None:
    burned, touched = burn(real, draw, scale, quality)
    boxes = find_burned_in(burned, embryos=14)
    assert len(boxes) == areas
    assert outside(touched, boxes) == 0
    assert sum(box.width * box.height for box in boxes) < 4 * cv2.countNonZero(
        cv2.dilate(touched, np.ones((5, 5), np.uint8))
    )


def test_plain_real_frames_raise_no_alarm(real: list[Grey]) -> None:
    assert find_burned_in(real, embryos=14) == ()
    assert find_burned_in(real[:21], embryos=9) == ()


def test_plain_drawn_frames_raise_no_alarm_and_text_on_them_is_found(drawn: list[Grey]) -> None:
    assert len(drawn) >= 20
    assert find_burned_in(drawn, embryos=len(drawn)) == ()
    burned, touched = burn(drawn, well_and_time, 0.4, 85)
    assert outside(touched, find_burned_in(burned, embryos=len(drawn))) == 0


def test_a_round_field_of_view_is_no_text(real: list[Grey]) -> None:
    field = np.zeros(real[0].shape, np.uint8)
    cv2.circle(field, (250, 250), 245, 255, -1)
    assert find_burned_in([np.where(field, frame, 0).astype(np.uint8) for frame in real], 14) == ()


def test_one_still_embryo_is_no_text_but_plain_text_on_it_is(shared_data: Path) -> None:
    one = sorted((shared_data / "stork").rglob("*23765483_*.jpg"))
    still = [decode_grey(one[number % len(one)]) for number in range(21)]
    assert find_burned_in(still, embryos=1) == ()
    burned, _ = burn(still, well_and_time, 0.6, 85)
    assert len(find_burned_in(burned, embryos=1)) == 2


def test_too_few_frames_say_nothing(real: list[Grey]) -> None:
    with pytest.raises(ValueError, match="20 or more pictures"):
        find_burned_in(real[:19], 14)


def test_inpainting_leaves_the_rest_as_it_is_and_nothing_of_the_text(real: list[Grey]) -> None:
    burned, touched = burn(real, well_and_time, 0.6, 95)
    masks = Masks("inpaint", {(500, 500): find_burned_in(burned, 14)})
    cleaned = clean(burned[4], masks)
    changed = cleaned != burned[4]
    assert outside(changed.astype(np.uint8), masks.of(burned[4])) == 0
    assert np.abs(cleaned.astype(int) - real[4])[touched > 0].mean() < 12
    assert masks.said(burned[4]).startswith("inpainted 0,")


def test_cropping_takes_the_largest_square_without_them() -> None:
    boxes = (Box(0, 470, 60, 20), Box(430, 470, 70, 20))
    assert free_square(500, 500, boxes) == Box(15, 0, 470, 470)
    image = np.zeros((500, 500), np.uint8)
    assert clean(image, Masks("crop", {(500, 500): boxes})).shape == (470, 470)
    assert free_square(500, 400, ()) == Box(50, 0, 400, 400)


def test_pictures_of_another_size_and_left_areas_are_untouched() -> None:
    image = np.arange(10_000, dtype=np.uint16).astype(np.uint8).reshape(100, 100)
    boxes = (Box(0, 0, 10, 10),)
    assert clean(image, Masks("inpaint", {(500, 500): boxes})) is image
    assert clean(image, Masks("leave", {(100, 100): boxes})) is image
    assert clean(image, None) is image


def test_masks_are_stored_as_options_and_read_again() -> None:
    masks = Masks("crop", {(500, 400): (Box(1, 2, 3, 4),), (100, 100): ()})
    assert masks_of({"burned_in": masks.as_options()}) == masks
    assert masks_of({"pattern": "x"}) is None
