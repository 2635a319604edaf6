"""The leak check: quiet on real images, loud on images that an augmentation changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from blasto_annotator.sample.cohort import SampleSpec, sample_embryos
from blasto_annotator.sample.draw import draw_frame
from gan.data.decode import Pixels
from gan.families.stylegan2.augment import augment, parse_pipe
from gan.metrics.appearance import appearance
from gan.metrics.leak import LeakCheck
from gan.metrics.leak_sentence import leak_sentence

STORK = Path(__file__).resolve().parents[4] / "shared" / "data" / "stork" / "Images"
Set = tuple[Pixels, list[str]]


def cells(seed: int, embryos: int = 60, frames: int = 4, channels: int = 1) -> Set:
    """Round bodies on a ground lit from above, each embryo with its own light, size and place; 32 px."""
    rng = np.random.default_rng(seed)
    y, x = (np.mgrid[:32, :32] + 0.5) / 32 - 0.5
    found, names = [], []
    for embryo in range(embryos):
        light, radius, cx, cy = rng.normal(110, 6), rng.normal(0.3, 0.03), *rng.normal(0, 0.02, 2)
        tint = np.array([1.0, 0.95, 0.85])[:channels] if channels > 1 else np.ones(1)
        for _ in range(frames):
            r = np.hypot(x - cx, y - cy - rng.normal(0, 0.005)) / radius
            picture = light - 40 * y + 45 * np.exp(-((r - 1) ** 2) / 0.03) - 25 * (r < 0.5)
            picture = picture + rng.normal(0, 3, picture.shape)
            found.append((picture[None] * tint[:, None, None]).clip(0, 255).astype(np.uint8))
            names.append(f"E{seed}-{embryo}")
    return np.stack(found), names


def changed(pixels: Pixels, pipe: str, share: float, seed: int = 0) -> Pixels:
    """The images after an augmentation of this probability."""
    values = torch.from_numpy(pixels).float() / 127.5 - 1
    made = augment(values, parse_pipe(pipe), share, torch.Generator().manual_seed(seed))
    return (made * 127.5 + 128).clamp(0, 255).to(torch.uint8).numpy()


@pytest.fixture(scope="module")
def check() -> LeakCheck:
    return LeakCheck(*cells(1))


@pytest.fixture(scope="module")
def others() -> Pixels:
    """Images of other embryos: what a perfect generator would make."""
    return cells(2)[0]


def test_images_of_other_embryos_fire_nothing(check: LeakCheck, others: Pixels) -> None:
    report = check.check(others)

    assert report.firing == ()
    assert leak_sentence(report, 0.5) == ""
    assert {"turned", "inverted", "brightness", "noise", "holes"} <= {sign.name for sign in report.signs}
    assert "mirrored" not in {sign.name for sign in report.signs}  # the pictures have no left and right


def test_the_rate_of_false_alarms_is_that_of_the_threshold() -> None:
    """Twelve pairs of sets: at one in a hundred each, two alarms have a chance below 0.7 %."""
    alarms = sum(
        bool(LeakCheck(*cells(100 + n, 24, 2), seed=n).check(cells(200 + n, 24, 2)[0]).firing)
        for n in range(12)
    )
    assert alarms <= 1


@pytest.mark.parametrize(
    ("pipe", "share", "sign"),
    [
        ("rotate90", 0.3, "turned"),
        ("rotate", 0.3, "turned"),
        ("scale,scale_std=0.6", 0.6, "size"),
        ("xfrac", 0.5, "place"),
        ("brightness", 0.4, "brightness"),
        ("contrast", 0.5, "contrast"),
        ("lumaflip", 0.3, "inverted"),
        ("noise", 0.3, "noise"),
        ("cutout", 0.3, "holes"),
    ],
)
def test_each_augmentation_is_seen_and_named(
    check: LeakCheck, others: Pixels, pipe: str, share: float, sign: str
) -> None:
    report = check.check(changed(others, pipe, share))

    assert sign in {found.name for found in report.firing}
    said = leak_sentence(report, 0.62)
    assert "p is 0.62" in said
    assert "lower augment_p_max" in said


@pytest.mark.parametrize("share", [0.1, 0.2, 0.4, 0.8])
def test_the_share_of_turned_images_is_estimated(check: LeakCheck, others: Pixels, share: float) -> None:
    """Of images turned by a random quarter turn, one in four is not turned at all."""
    turned = [
        np.rot90(image, number % 4, axes=(1, 2)) if number < share * len(others) else image
        for number, image in enumerate(others)
    ]

    (sign,) = (sign for sign in check.check(np.stack(turned)).signs if sign.name == "turned")

    assert sign.leaked == pytest.approx(share * 0.75, abs=0.03)
    assert sign.fires


def test_colour_has_its_own_signs() -> None:
    check = LeakCheck(*cells(1, channels=3))
    others = cells(2, channels=3)[0]

    assert check.check(others).firing == ()
    firing = {sign.name for sign in check.check(changed(others, "hue,saturation", 0.5)).firing}
    assert firing & {"red_green", "blue_yellow"}
    assert "other colours" in leak_sentence(check.check(changed(others, "hue", 0.9)), None)


def test_mirrored_images_are_a_leak_unless_they_are_shown_on_purpose() -> None:
    """Light from the left tells left from right."""
    real, embryos = cells(1)
    other = cells(2)[0]
    real, other = (np.ascontiguousarray(np.rot90(x, axes=(2, 3))) for x in (real, other))
    half = np.concatenate([other[::2, :, :, ::-1], other[1::2]])

    firing = {sign.name for sign in LeakCheck(real, embryos).check(half).firing}
    assert "mirrored" in firing
    on_purpose = LeakCheck(real, embryos, mirror=True).check(half)
    assert "mirrored" not in {sign.name for sign in on_purpose.signs}


def test_too_few_embryos_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 8 embryos"):
        LeakCheck(*cells(1, embryos=7))


def test_the_figures_of_plain_images_are_what_they_are_called() -> None:
    flat = np.full((1, 3, 32, 32), 128, np.uint8)
    ramp = np.broadcast_to(np.arange(32, dtype=np.uint8) * 8, (1, 3, 32, 32))
    noisy = np.random.default_rng(0).normal(128, 10, (1, 3, 256, 256)).round().astype(np.uint8)

    assert appearance(flat)["holes"][0] == 1.0
    assert appearance(flat)["brightness"][0] == 128
    assert appearance(flat)["saturation"][0] == 0
    assert appearance(ramp)["contrast"][0] == pytest.approx(np.log2(ramp[0, 0].std() + 1))
    assert appearance(ramp)["place"][0] < 0.03
    # three channels' mean: the deviation is 10 / sqrt(3)
    assert 2 ** appearance(noisy)["noise"][0] - 0.5 == pytest.approx(10 / 3**0.5, rel=0.05)


@pytest.fixture(scope="module")
def drawn() -> Set:
    """Drawn embryos at 32 px."""
    pictures, names = [], []
    for embryo in sample_embryos(SampleSpec(embryos_per_group=8, moments=2, size=64)):
        for hours in embryo.hours:
            frame = Image.fromarray(draw_frame(embryo.plan, hours, 0.0, 64))
            pictures.append(np.asarray(frame.resize((32, 32), Image.Resampling.BOX)))
            names.append(str(embryo.plan.seed))
    return np.stack(pictures)[:, None], names


def test_drawn_embryos_fire_nothing_against_others_and_turned_ones_do(drawn: Set) -> None:
    pixels, names = drawn
    first = np.isin(names, sorted(set(names))[::2])
    check = LeakCheck(pixels[first], [name for name, mine in zip(names, first, strict=True) if mine])

    assert check.check(pixels[~first]).firing == ()
    firing = check.check(changed(pixels[~first], "rotate90", 0.8)).firing
    assert "turned" in {sign.name for sign in firing}


@pytest.mark.skipif(not STORK.is_dir(), reason="the public photographs are not beside the checkout")
def test_photographed_embryos_fire_nothing_and_changed_ones_do() -> None:
    files = sorted(STORK.rglob("*.jpg"))
    pixels = np.stack(
        [np.asarray(Image.open(file).convert("L").resize((64, 64), Image.Resampling.BOX)) for file in files]
    )[:, None]
    check = LeakCheck(pixels, [file.stem.split("_")[1] for file in files])

    assert check.check(pixels).firing == ()
    for pipe, sign in (("noise", "noise"), ("cutout", "holes"), ("lumaflip", "inverted")):
        assert sign in {found.name for found in check.check(changed(pixels, pipe, 0.9)).firing}
