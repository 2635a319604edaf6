"""Interpolation, style mixing, sweeps: the right pictures in the right places, on paper and in motion."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from PIL import Image, ImageSequence

from gan.cli import films
from gan.cli.walks import slerp
from gan.contract.batch_folder import PROVENANCE_KEYS
from gan.contract.run_folder import RunFolder
from gan.data.pictures import to_pixels
from gan.families.stylegan2 import StyleGan2
from gan.training.checkpoints import write_checkpoint
from gan.training.family import Setting
from gan.training.networks import open_network
from tests.conftest import fill_disk
from tests.gan.cli.conftest import Answer, Command
from tests.gan.datasets import CLASSES
from tests.gan.training import tiny_main
from tests.gan.training.tiny_family import Config as TinyConfig
from tests.gan.training.tiny_family import Tiny

SIZE = 32
Show = Callable[..., Answer]
Pixels = np.ndarray[Any, np.dtype[np.uint8]]


@pytest.fixture
def show(gan: Command, trained: RunFolder) -> Show:
    """The command on the trained network, which must do it."""

    def run(*words: object) -> Answer:
        answer = gan("generate", "--network", trained.path, "--device", "cpu", *words)
        assert (answer.status, answer.errors) == (0, "")
        return answer

    return run


@pytest.fixture(scope="module")
def family(trained: RunFolder) -> StyleGan2:
    """The trained network itself."""
    opened = open_network(trained.path, "cpu").family
    assert isinstance(opened, StyleGan2)
    return opened


def cells(path: Path) -> Pixels:
    """A sheet's pictures [rows, columns, 32, 32]."""
    with Image.open(path) as image:
        values = np.asarray(image)
    rows, columns = values.shape[0] // SIZE, values.shape[1] // SIZE
    return values.reshape(rows, SIZE, columns, SIZE).transpose(0, 2, 1, 3)


def z_of(*seeds: int) -> torch.Tensor:
    return torch.from_numpy(
        np.concatenate([np.random.RandomState(seed).randn(1, 8) for seed in seeds]).astype(np.float32)
    )


def picture(family: StyleGan2, z: torch.Tensor, index: int, psi: float = 1.0) -> Pixels:
    return to_pixels(family.sample(z, torch.tensor([index] * len(z)), psi).numpy())[0, 0]


def of_w(family: StyleGan2, w: torch.Tensor) -> Pixels:
    return to_pixels(family.sample_w(w).numpy())[0, 0]


def same(one: Pixels, other: Pixels, tolerance: float = 1) -> bool:
    """Equal but for rounding (another number of pictures at once may round another way)."""
    return one.shape == other.shape and np.abs(one.astype(int) - other).max() <= tolerance


def film_frames(path: Path) -> list[Pixels]:
    """Every frame of a video, read back; grey [H, W]."""
    if path.suffix in (".gif", ".webp"):
        with Image.open(path) as image:
            return [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(image)]
    capture, frames = cv2.VideoCapture(str(path)), []
    while True:
        there, frame = capture.read()
        if not there:
            return frames
        frames.append(frame[:, :, 1])


def test_an_interpolation_in_z_goes_along_the_great_circle(
    show: Show, family: StyleGan2, tmp_path: Path
) -> None:
    show(
        "--seeds",
        "5,9,2",
        "--class",
        "poor",
        "--interpolate",
        "z",
        "--steps",
        2,
        "--grid",
        tmp_path / "g.png",
    )

    sheet = cells(tmp_path / "g.png")
    assert sheet.shape[:2] == (2, 3)  # a leg a row, both ends shown
    z = z_of(5, 9, 2)
    angle = torch.arccos((z[0] @ z[1]) / (z[0].norm() * z[1].norm()))
    middle = (z[0] + z[1]) * ((angle / 2).sin() / angle.sin())
    for place, expected in (((0, 0), z[0]), ((0, 1), middle), ((0, 2), z[1]), ((1, 0), z[1]), ((1, 2), z[2])):
        assert same(sheet[place], picture(family, expected[None].float(), 2))


def test_the_great_circle_keeps_the_length_and_survives_equal_and_opposite_latents() -> None:
    z = z_of(1, 2)
    z = z / z.norm(dim=1, keepdim=True)

    for share in (0.0, 0.3, 1.0):
        assert slerp(z[:1], z[1:], share).norm() == pytest.approx(1.0, abs=1e-6)
        assert torch.allclose(slerp(z[:1], z[:1], share), z[:1], atol=1e-6)
        assert torch.isfinite(slerp(z[:1], -z[:1], share)).all()
    assert torch.equal(slerp(z[:1], z[1:], 0.0), z[:1])
    assert torch.allclose(slerp(z[:1], z[1:], 1.0), z[1:], atol=1e-6)


def test_an_interpolation_in_w_is_straight_and_a_loop_returns(
    show: Show, family: StyleGan2, tmp_path: Path
) -> None:
    to = tmp_path / "g.png"
    show("--seeds", "5,9", "--interpolate", "w", "--loop", "--steps", 4, "--truncation", 0.7, "--grid", to)

    sheet = cells(to)
    assert sheet.shape[:2] == (3 * 2, 5)  # each class there and back
    for index in range(3):
        w = family.map_w(z_of(5, 9), torch.tensor([index, index]), 0.7)
        there, back = sheet[2 * index], sheet[2 * index + 1]
        assert same(there[1], of_w(family, 0.75 * w[:1] + 0.25 * w[1:]))
        assert same(back[1], of_w(family, 0.25 * w[:1] + 0.75 * w[1:]))
        assert same(back[4], there[0])


def test_each_seed_walks_from_class_to_class(show: Show, family: StyleGan2, tmp_path: Path) -> None:
    show("--seeds", "5,9", "--interpolate", "class", "--steps", 2, "--grid", tmp_path / "g.png")

    sheet = cells(tmp_path / "g.png")
    assert sheet.shape[:2] == (2, 5)
    for row, seed in enumerate((5, 9)):
        for column, index in ((0, 0), (2, 1), (4, 2)):
            assert same(sheet[row, column], picture(family, z_of(seed), index))
        w = family.map_w(z_of(seed, seed), torch.tensor([0, 1]))
        assert same(sheet[row, 1], of_w(family, w.mean(0, keepdim=True)))


def test_style_mixing_takes_the_named_layers_from_the_column(
    show: Show, family: StyleGan2, tmp_path: Path
) -> None:
    to = tmp_path / "g.png"
    show("--seeds", "1,2", "--mix-with", "3-5", "--class", 0, "--layers", "0-1,4", "--grid", to)

    sheet = cells(to)
    assert sheet.shape[:2] == (3, 4)
    assert (sheet[0, 0] == 128).all()
    labels = torch.zeros(1, dtype=torch.int64)
    for row, seed in enumerate((1, 2)):
        assert same(sheet[row + 1, 0], picture(family, z_of(seed), 0))
        for column, other in enumerate((3, 4, 5)):
            assert same(sheet[0, column + 1], picture(family, z_of(other), 0))
            w, given = family.map_w(z_of(seed), labels), family.map_w(z_of(other), labels)
            w[:, [0, 1, 4]] = given[:, [0, 1, 4]]
            assert same(sheet[row + 1, column + 1], of_w(family, w))


def test_without_layers_the_coarser_half_is_mixed(show: Show, tmp_path: Path) -> None:
    words = ("--seeds", 1, "--mix-with", 2, "--class", 0, "--grid")
    show(*words, tmp_path / "default.png")
    show(*words, tmp_path / "named.png", "--layers", "0-3")  # 32 px take eight w

    assert np.array_equal(cells(tmp_path / "default.png"), cells(tmp_path / "named.png"))


def test_a_sweep_shows_each_seed_at_each_truncation(show: Show, family: StyleGan2, tmp_path: Path) -> None:
    show("--seeds", "5,9", "--class", 1, "--truncations", "0,0.5,1", "--grid", tmp_path / "g.png")

    sheet = cells(tmp_path / "g.png")
    assert sheet.shape[:2] == (2, 3)
    assert same(sheet[0, 0], sheet[1, 0])  # the mean picture of all
    for row, seed in enumerate((5, 9)):
        for column, psi in enumerate((0, 0.5, 1)):
            assert same(sheet[row, column], picture(family, z_of(seed), 1, psi))
    with Image.open(tmp_path / "g.png") as image:
        assert image.info["blasto:truncation"] == "0, 0.5, 1"


@pytest.mark.parametrize(("ending", "tolerance"), [("mp4", 24), ("avi", 24), ("gif", 1), ("webp", 1)])
def test_a_video_read_back_frame_by_frame_is_the_interpolation(
    show: Show, tmp_path: Path, ending: str, tolerance: float
) -> None:
    film, grid = tmp_path / "new" / f"f.{ending}", tmp_path / "g.png"
    words = ("--seeds", "5,9,2", "--interpolate", "w", "--loop", "--steps", 3, "--seconds", 0.3, "--fps", 10)

    said = json.loads(show(*words, "--video", film, "--grid", grid, "--json").out)

    frames, sheet = film_frames(film), cells(grid)
    assert said["frames"] == len(frames) == 9
    for number, frame in enumerate(frames):
        assert frame.shape == (SIZE, 3 * SIZE)  # the classes side by side
        for index in range(3):
            shown = frame[:, index * SIZE : (index + 1) * SIZE]
            expected = sheet[3 * index + number // 3, number % 3]
            assert same(shown, expected, 255 if tolerance > 1 else 1)
            assert np.abs(shown.astype(int) - expected).mean() <= tolerance / 4
    facts = json.loads(Path(f"{film}.json").read_text())
    assert set(PROVENANCE_KEYS) <= set(facts)
    assert (facts["blasto:synthetic"], facts["blasto:seed"]) == ("true", "5, 9, 2")
    assert (facts["frames"], facts["fps"], facts["file"]) == (9, 10, film.name)
    assert "straight in w, closed" in facts["blasto:arrangement"]
    assert sorted(path.name for path in film.parent.iterdir()) == [film.name, f"{film.name}.json"]


@pytest.mark.parametrize("ending", films.ENDINGS)
def test_colours_keep_their_order(tmp_path: Path, ending: str) -> None:
    red = np.zeros((3, 64, 64), np.uint8)
    red[0] = 250
    path = tmp_path / f"f{ending}"

    films.write_film(path, iter([red, red // 2]), 10, {})

    if ending in films.PICTURE_FORMATS:
        with Image.open(path) as image:
            colour = np.asarray(image.convert("RGB"))[32, 32]
    else:
        colour = cv2.VideoCapture(str(path)).read()[1][32, 32][::-1]
    assert np.abs(colour.astype(int) - (250, 0, 0)).max() < 12


def test_an_open_video_ends_at_the_last_seed(show: Show, family: StyleGan2, tmp_path: Path) -> None:
    to = tmp_path / "f.gif"
    show("--seeds", "5,9", "--class", 0, "--interpolate", "z", "--video", to, "--seconds", 0.2, "--fps", 20)

    frames = film_frames(to)
    assert len(frames) == 5
    assert same(frames[0], picture(family, z_of(5), 0))
    assert same(frames[-1], picture(family, z_of(9), 0))


def test_in_a_mixing_video_each_columns_style_moves_on_to_the_next(show: Show, tmp_path: Path) -> None:
    film, grid = tmp_path / "f.gif", tmp_path / "g.png"
    words = ("--seeds", "1,2", "--mix-with", "3-4", "--class", 0, "--seconds", 0.2, "--fps", 10)
    show(*words, "--video", film, "--grid", grid)

    frames, sheet = film_frames(film), cells(grid)
    assert len(frames) == 4
    for number, order in ((0, (0, 1)), (2, (1, 0))):  # after one leg the columns have changed places
        frame = frames[number].reshape(3, SIZE, 3, SIZE).transpose(0, 2, 1, 3)
        assert same(frame[1:, 0], sheet[1:, 0])
        for place, column in enumerate(order):
            assert same(frame[:, 1 + place], sheet[:, 1 + column])


def test_a_picture_says_how_it_was_arranged(show: Show, tmp_path: Path) -> None:
    show(
        "--seeds",
        "1",
        "--mix-with",
        "2,3",
        "--class",
        "good",
        "--layers",
        "0-2",
        "--grid",
        tmp_path / "g.png",
    )

    with Image.open(tmp_path / "g.png") as image:
        said = dict(image.info)
    assert (said["blasto:seed"], said["blasto:class"]) == ("1", "good")
    assert said["blasto:arrangement"] == "style mixing: rows, with the columns 2, 3 in the layers 0, 1, 2"


SCENES = {"z": ("--interpolate", "z"), "mix": ("--mix-with", "4"), "sweep": ("--truncations", "0,1")}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--seeds", 1, "--interpolate", "w"), "An interpolation needs two seeds or more."),
        (("--seeds", 1, "--interpolate", "class", "--class", 0), "needs two classes or more"),
        (("--seeds", 1, "--mix-with", 2, "--layers", "0-8"), "has the layers 0-7: there is no layer 8."),
        (("--seeds", 1, "--mix-with", 2, "--layers", "x"), "'x' is not a list of layers"),
        (("--seeds", 1, "--mix-with", "x"), "'x' is not a list of seeds"),
        (("--seeds", 1, "--truncations", "0,x"), "is not a list of truncations"),
        (("--seeds", 1, "--truncations", "0,nan"), "from -2 to 2"),
        (("--seeds", 1, "--truncations", "1"), "give two truncations or more"),
        (("--seeds", "1,2", "--interpolate", "z", "--class", "best"), "has no class 'best'"),
    ],
)
def test_what_cannot_be_shown_is_a_sentence(
    gan: Command, trained: RunFolder, tmp_path: Path, words: tuple[object, ...], sentence: str
) -> None:
    answer = gan(
        "generate", "--network", trained.path, "--device", "cpu", *words, "--grid", tmp_path / "g.png"
    )

    assert (answer.status, answer.out) == (1, "")
    assert sentence in answer.errors
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ("--seeds", 1, "--video", "f.mp4"),
        ("--seeds", 1, *SCENES["z"], *SCENES["mix"], "--grid", "g.png"),
        ("--per-class", 1, *SCENES["sweep"], "--grid", "g.png"),
        ("--seeds", 1, *SCENES["z"], "--out", "o"),
        ("--seeds", 1, *SCENES["z"]),
        ("--seeds", 1, *SCENES["z"], "--layers", "0-1", "--grid", "g.png"),
        ("--seeds", 1, *SCENES["sweep"], "--truncation", 0.5, "--grid", "g.png"),
    ],
)
def test_options_that_do_not_belong_together_are_wrong_usage(
    gan: Command, trained: RunFolder, words: tuple[object, ...]
) -> None:
    assert gan("generate", "--network", trained.path, *words).status == 2


def test_a_video_of_one_column_or_of_another_kind_is_refused(
    gan: Command, trained: RunFolder, tmp_path: Path
) -> None:
    for words, film, sentence in (
        (SCENES["mix"], "f.mp4", "Nothing in this video would move"),
        (SCENES["sweep"], "f.mov", "f.mov is no video's name: let it end with .mp4, .avi, .gif, .webp."),
    ):
        answer = gan(
            "generate", "--network", trained.path, "--device", "cpu", "--seeds", 1, *words,
            "--grid", tmp_path / "g.png", "--video", tmp_path / film,
        )  # fmt: skip
        assert (answer.status, answer.out) == (1, "")
        assert sentence in answer.errors
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", films.ENDINGS)
def test_a_disk_that_is_full_leaves_no_video(
    gan: Command, trained: RunFolder, small_disk: Path, ending: str
) -> None:
    fill_disk(small_disk)

    answer = gan(
        "generate", "--network", trained.path, "--device", "cpu", "--seeds", "1-2", *SCENES["z"],
        "--video", small_disk / f"f{ending}", "--seconds", 0.2,
    )  # fmt: skip

    assert answer.status == 1
    assert "cannot be written" in answer.errors
    assert [path.name for path in small_disk.iterdir()] == ["filler"]


def test_a_codec_that_is_missing_is_a_sentence(
    gan: Command, trained: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(films.CODECS, ".mp4", "none")

    answer = gan(
        "generate", "--network", trained.path, "--device", "cpu", "--seeds", "1-2", *SCENES["z"],
        "--video", tmp_path / "f.mp4",
    )  # fmt: skip

    assert answer.status == 1
    assert "OpenCV cannot encode 96x32 as .mp4 (none): choose .avi, .gif or .webp" in answer.errors
    assert list(tmp_path.iterdir()) == []


def test_a_family_without_w_is_a_sentence(
    gan: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = Setting(32, 1, 3, 4, torch.device("cpu"), torch.float32)
    said = {"family": "tiny", "options": {}, "resolution": 32, "channels": 1, "classes": list(CLASSES)}
    checkpoint = write_checkpoint(
        tmp_path, 1.0, Tiny(TinyConfig(), setting).state_dict(), {**said, "kimg": 1.0}
    )
    monkeypatch.setattr("gan.contract.families.FAMILIES", (tiny_main.TINY,))

    answer = gan(
        "generate", "--network", checkpoint, "--seeds", "1-2", *SCENES["z"], "--grid", tmp_path / "g.png"
    )

    assert answer.status == 1
    assert "The family tiny has no intermediate latents w." in answer.errors
