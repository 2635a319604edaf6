"""`generate`: the pictures of a seed, where they came from, and batches that betray nothing."""

from __future__ import annotations

import csv
import hashlib
import json
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from gan.cli.app import main
from gan.contract.batch_folder import PROVENANCE_COLUMNS, PROVENANCE_FILE, PROVENANCE_KEYS, read_batch
from gan.contract.checkpoint import NETWORKS, describe_checkpoint, list_checkpoints
from gan.contract.run_folder import RunFolder
from gan.training.networks import open_network
from tests.gan.datasets import CLASSES
from tests.gan.trainers import SMALL, finish, new_run, train

pytestmark = pytest.mark.xdist_group("generate")  # its fixtures are made on one worker

Printed = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, data: Path) -> RunFolder:
    """A short run of the real family with three classes; not to be changed."""
    made = new_run(
        tmp_path_factory.mktemp("runs") / "first", data, family="stylegan2", options=SMALL, goal_kimg=0.016
    )
    assert train(made).returncode == 0
    return made


@pytest.fixture(autouse=True)
def _deterministic_only_here() -> Iterator[None]:
    yield
    torch.use_deterministic_algorithms(False)


def generate(run: RunFolder, *words: object) -> int:
    """The command, in this process."""
    return main(["generate", "--network", str(run.path), "--device", "cpu", *map(str, words)])


def pixels(path: Path) -> Any:
    """A PNG's values."""
    with Image.open(path) as picture:
        return np.asarray(picture)


def text(path: Path) -> dict[str, str]:
    """A PNG's provenance."""
    with Image.open(path) as picture:
        return {key: picture.info[key] for key in PROVENANCE_KEYS}


def test_pictures_are_those_of_the_seeds_z_in_the_class(run: RunFolder, tmp_path: Path) -> None:
    out, npz = tmp_path / "out", tmp_path / "images.npz"

    done = finish(
        "generate", "--network", run.path, "--seeds", "0-2,100", "--class", "poor", "--truncation", 0.7,
        "--out", out, "--npz", npz, "--json", "--device", "cpu", module="gan",
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"images": 4, "out": str(out), "npz": str(npz)}
    with np.load(npz) as file:
        images = file["images"]
    assert (images.shape, images.dtype) == ((4, 1, 32, 32), np.float32)
    family = open_network(run.path, "cpu").family
    for number, seed in enumerate((0, 1, 2, 100)):
        z = torch.from_numpy(np.random.RandomState(seed).randn(1, 8).astype(np.float32))
        expected = family.sample(z, torch.tensor([2]), truncation=0.7)[0].numpy()
        assert np.allclose(images[number], expected, atol=1e-5)
        rounded = np.clip(np.floor(images[number][0] * 127.5 + 128), 0, 255)
        assert np.array_equal(pixels(out / f"seed{seed:04d}.png"), rounded)


def test_every_png_says_where_it_comes_from(run: RunFolder, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert generate(run, "--seeds", 7, "--class", 1, "--out", out, "--truncation", 0.5) == 0

    said = text(out / "seed0007.png")

    checkpoint = list_checkpoints(run.checkpoints)[-1]
    model = hashlib.sha256((checkpoint / NETWORKS).read_bytes()).hexdigest()
    assert describe_checkpoint(checkpoint)["networks_sha256"] == model
    assert [said[key] for key in PROVENANCE_KEYS[:-1]] == [
        "true", model, "stylegan2", "7", "average", "0.5", "const",
    ]  # fmt: skip
    assert said["blasto:version"]


def test_without_a_class_every_class_is_drawn_from_the_same_seed(run: RunFolder, tmp_path: Path) -> None:
    assert generate(run, "--seeds", "3", "--out", tmp_path / "out") == 0

    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["seed0003-average.png", "seed0003-good.png", "seed0003-poor.png"]


@pytest.mark.parametrize("noise", ["const", "none", "random"])
def test_the_same_command_makes_the_same_files(run: RunFolder, tmp_path: Path, noise: str) -> None:
    for name in ("one", "two"):
        assert generate(run, "--seeds", "0-3", "--noise-mode", noise, "--out", tmp_path / name) == 0

    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_a_grid_shows_all_pictures(run: RunFolder, tmp_path: Path) -> None:
    grid = tmp_path / "new" / "grid.png"

    assert generate(run, "--seeds", "0-4", "--class", "good", "--grid", grid) == 0

    assert pixels(grid).shape == (2 * 32, 3 * 32)
    assert text(grid)["blasto:seed"] == "0, 1, 2, 3, 4"


def test_latents_from_a_file_are_the_same_as_their_seeds(run: RunFolder, tmp_path: Path) -> None:
    z = np.concatenate([np.random.RandomState(seed).randn(1, 8) for seed in (5, 6)])
    np.savez(tmp_path / "z.npz", z=z, c=np.eye(3)[[2, 0]])

    assert generate(run, "--z-file", tmp_path / "z.npz", "--npz", tmp_path / "a.npz") == 0
    for seed, name in ((5, "poor"), (6, "good")):
        to = tmp_path / f"{seed}.npz"
        assert generate(run, "--seeds", seed, "--class", name, "--npz", to) == 0

    with (
        np.load(tmp_path / "a.npz") as both,
        np.load(tmp_path / "5.npz") as one,
        np.load(tmp_path / "6.npz") as other,
    ):
        assert np.allclose(both["images"], np.concatenate([one["images"], other["images"]]), atol=1e-5)


def test_a_batch_is_complete_and_its_order_and_names_betray_no_class(run: RunFolder, tmp_path: Path) -> None:
    folder = tmp_path / "batches" / "b1"

    assert generate(run, "--per-class", 8, "--first-seed", 1000, "--batch-dir", folder) == 0

    info = read_batch(folder)
    with (folder / PROVENANCE_FILE).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert (info.id, info.run, info.per_class, info.first_seed, info.classes) == (
        "b1",
        "first",
        8,
        1000,
        CLASSES,
    )
    assert (folder / info.checkpoint).resolve() == list_checkpoints(run.checkpoints)[-1].resolve()
    assert tuple(rows[0]) == PROVENANCE_COLUMNS
    assert sorted(row["image"] for row in rows) == [f"images/b1-{n:05d}.png" for n in range(24)]
    labels = [int(row["class_index"]) for row in rows]
    assert [labels.count(index) for index in range(3)] == [8, 8, 8]
    assert labels != sorted(labels)
    assert sorted(int(row["seed"]) for row in rows) == list(range(1000, 1024))
    for row in rows:
        path = folder / row["image"]
        said = text(path)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]
        assert (said["blasto:class"], said["blasto:seed"]) == (row["class_name"], row["seed"])
        assert said["blasto:model"] == info.model


def test_a_batchs_images_are_those_of_their_seeds(run: RunFolder, tmp_path: Path) -> None:
    assert generate(run, "--per-class", 2, "--batch-dir", tmp_path / "b") == 0
    with (tmp_path / "b" / PROVENANCE_FILE).open(newline="") as file:
        row = next(csv.DictReader(file))

    out = tmp_path / "out"
    assert generate(run, "--seeds", row["seed"], "--class", row["class_name"], "--out", out) == 0

    difference = pixels(tmp_path / "b" / row["image"]).astype(int) - pixels(next(out.iterdir()))
    assert np.abs(difference).max() <= 1  # another batch size may round another way


def test_a_folder_that_is_not_empty_is_no_place_for_a_batch(
    run: RunFolder, tmp_path: Path, capsys: Printed
) -> None:
    (tmp_path / "leftover").touch()

    assert generate(run, "--per-class", 1, "--batch-dir", tmp_path) == 1

    assert capsys.readouterr().err == f"{tmp_path} is not empty: name a new folder for the batch.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["leftover"]


def test_a_batch_that_finds_no_room_is_a_sentence_and_is_not_complete(run: RunFolder, tmp_path: Path) -> None:
    limit = 100  # bytes a file

    done = finish(
        "generate", "--network", run.path, "--per-class", 1, "--batch-dir", tmp_path / "b", "--device", "cpu",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)), module="gan",
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr.endswith("cannot be written: File too large.\n")
    assert not (tmp_path / "b" / "batch.json").exists()
    assert list((tmp_path / "b" / "images").iterdir()) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--seeds", "1", "--class", "splendid"), "has no class 'splendid': it has good, average, poor."),
        (("--seeds", "1", "--class", "3"), "has no class '3'"),
        (("--seeds", "1-x"), "is not a list of seeds"),
        (("--seeds", "9-1"), "are not usable"),
        (("--per-class", "2", "--first-seed", str(2**32)), "there are not 6 seeds left"),
        (("--seeds", "1", "--truncation", "nan"), "The truncation nan is not usable: it goes from -2 to 2"),
        (("--seeds", "1", "--truncation", "9"), "The truncation 9 is not usable"),
        (("--seeds", "1", "--device", "cuda:99"), "offers torch no device 'cuda:99'"),
        (("--z-file", "absent.npz"), "absent.npz is not a readable NPZ file"),
    ],
)
def test_what_cannot_be_generated_is_a_sentence(
    run: RunFolder, tmp_path: Path, capsys: Printed, words: tuple[str, ...], sentence: str
) -> None:
    assert generate(run, "--out", tmp_path / "out", *words) == 1

    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"z": np.zeros((2, 7))}, "but the network takes [N, 8]"),
        ({"z": np.full((2, 8), np.nan)}, "not all finite real numbers"),
        ({"z": np.full((2, 8), "text")}, "not all finite real numbers"),
        ({"z": np.zeros((2, 8))}, "has no labels c [N, 3]"),
        ({"z": np.zeros((2, 8)), "c": np.zeros((2, 4))}, "but the network takes [2, 3]"),
        ({"x": np.zeros((2, 8))}, "has no array 'z'; it has x"),
        ({"z": np.array([{}], dtype=object)}, "z.npz is not a readable NPZ file of numbers.\n"),
    ],
)
def test_latents_that_do_not_fit_are_a_sentence(
    run: RunFolder, tmp_path: Path, capsys: Printed, arrays: dict[str, Any], sentence: str
) -> None:
    np.savez(tmp_path / "z.npz", **arrays)

    assert generate(run, "--z-file", tmp_path / "z.npz", "--out", tmp_path / "out") == 1

    assert sentence in capsys.readouterr().err


def test_a_network_that_is_damaged_or_absent_is_a_sentence(
    run: RunFolder, tmp_path: Path, capsys: Printed
) -> None:
    copied = tmp_path / "copy"
    shutil.copytree(list_checkpoints(run.checkpoints)[-1], copied)
    networks = copied / NETWORKS
    networks.write_bytes(networks.read_bytes()[:-100])

    for path, sentence in ((copied, "is damaged"), (tmp_path / "none", "is neither a checkpoint nor a run")):
        assert main(["generate", "--network", str(path), "--seeds", "1", "--out", str(tmp_path / "out")]) == 1
        assert sentence in capsys.readouterr().err


def test_class_names_that_files_cannot_carry_stay_apart() -> None:
    from gan.cli.pictures import file_names

    assert file_names(("good", "schön gut")) == ("good", "schön_gut")
    assert file_names(("A/B", "A B")) == ("0-A_B", "1-A_B")
