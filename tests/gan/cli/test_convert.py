"""`convert`: official checkpoints become networks that generate and train; hostile ones a sentence."""

from __future__ import annotations

import json
import math
import pickle
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from gan.contract.run_folder import RunFolder
from tests.conftest import fill_disk
from tests.gan.cli.conftest import Command
from tests.gan.conversion.test_official import checkpoint_with
from tests.gan.datasets import write_data
from tests.gan.trainers import SMALL, finish, recorded

DATA = Path(__file__).resolve().parents[2] / "data" / "official_checkpoints"
GOOD = sorted(DATA.glob("good_*.pkl"))
HOSTILE = sorted((DATA / "hostile").glob("*.pkl"))


@pytest.fixture
def converted(gan: Command, tmp_path: Path) -> Path:
    """A network from an official file."""
    path = tmp_path / "made" / "network.safetensors"
    answer = gan("convert", DATA / "good_proto4.pkl", path)
    assert (answer.status, answer.errors) == (0, "")
    return path


def reference_images(gan: Command, network: Path, folder: Path) -> np.ndarray:
    """What a network makes of the reference's z and c."""
    reference = load_file(DATA / "reference.safetensors")
    np.savez(folder / "in.npz", z=reference["in/z"], c=reference["in/c"])
    answer = gan(
        "generate", "--network", network, "--z-file", folder / "in.npz", "--npz", folder / "out.npz",
        "--device", "cpu",
    )  # fmt: skip
    assert (answer.status, answer.errors) == (0, "")
    with np.load(folder / "out.npz") as file:
        return np.asarray(file["images"])


@pytest.mark.parametrize("file", GOOD, ids=lambda path: path.stem)
def test_a_converted_network_makes_the_reference_pictures(gan: Command, tmp_path: Path, file: Path) -> None:
    expected = load_file(DATA / "reference.safetensors")["out/img_const_fp32"]
    assert gan("convert", file, tmp_path / "n.safetensors").status == 0

    images = reference_images(gan, tmp_path / "n.safetensors", tmp_path)

    assert images.dtype == np.float32
    assert np.abs(images - expected).max() < 1e-4 * np.abs(expected).max()


def test_classes_are_numbered_or_named(gan: Command, converted: Path, tmp_path: Path) -> None:
    named = tmp_path / "named.safetensors"
    assert gan("convert", DATA / "good_proto4.pkl", named, "--classes", "good,fair,poor").status == 0

    assert json.loads(gan("describe", converted, "--json").out)["classes"] == ["0", "1", "2"]
    assert json.loads(gan("describe", named, "--json").out)["classes"] == ["good", "fair", "poor"]
    made = gan("generate", "--network", named, "--seeds", 1, "--class", "poor", "--out", tmp_path / "p")
    assert made.status == 0
    wrong = gan("convert", DATA / "good_proto4.pkl", named, "--classes", "good,poor")
    assert (wrong.status, "has 3 classes, but 2 names are given" in wrong.errors) == (1, True)


@pytest.mark.parametrize("file", HOSTILE, ids=lambda path: path.stem)
def test_a_hostile_file_is_refused_and_writes_nothing(gan: Command, tmp_path: Path, file: Path) -> None:
    answer = gan("convert", file, tmp_path / "n.safetensors")

    assert (answer.status, answer.out) == (1, "")
    assert answer.errors.startswith(f"{file} was refused: ")
    assert answer.errors.endswith("Nothing in it was run.\n")
    assert len(answer.errors.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"img_resolution": math.inf}, "cannot be used (cannot convert float infinity to integer)"),
        ({"img_resolution": 5}, "cannot be used (the resolution is 5"),
        ({"img_resolution": "x" * 1000}, "cannot be used (invalid literal for int()"),
        ({"c_dim": 2**500}, "beyond any official one"),
        ({"z_dim": -4}, "cannot be used"),
        ({"synthesis_kwargs": {"resample_filter": [1] * 60_000}}, "beyond any official one"),
        (
            {
                "img_resolution": 2048,
                "w_dim": 8192,
                "synthesis_kwargs": {"channel_base": 2**30, "channel_max": 8192},
            },
            "do not fit its constructor arguments",
        ),
    ],
    ids=["infinite", "odd", "text", "classes", "negative", "filter", "giant"],
)
def test_arguments_that_ask_for_an_impossible_network_build_none(
    gan: Command, tmp_path: Path, changed: dict[str, object], sentence: str
) -> None:
    usual = {"z_dim": 4, "w_dim": 4, "c_dim": 0, "img_resolution": 8, "img_channels": 1}
    (tmp_path / "a.pkl").write_bytes(checkpoint_with({**usual, **changed}))

    answer = gan("convert", tmp_path / "a.pkl", tmp_path / "n.safetensors")

    assert answer.status == 1
    assert sentence in answer.errors
    assert answer.errors.endswith("Nothing in it was run.\n")
    assert len(answer.errors) < 500
    assert not (tmp_path / "n.safetensors").exists()


def test_files_that_cannot_be_used_are_sentences(gan: Command, tmp_path: Path, small_disk: Path) -> None:
    (tmp_path / "list.pkl").write_bytes(pickle.dumps([1]))
    (tmp_path / "folder.safetensors").mkdir()
    fill_disk(small_disk)
    good = DATA / "good_proto4.pkl"
    cases = [
        (tmp_path / "absent.pkl", tmp_path / "a.safetensors", "absent.pkl cannot be read: No such file"),
        (tmp_path / "list.pkl", tmp_path / "a.safetensors", "list.pkl was refused"),
        (good, tmp_path / "folder.safetensors", "folder.safetensors cannot be written: Is a directory"),
        (good, small_disk / "a.safetensors", "a.safetensors cannot be written: No space left on device"),
    ]

    for file, out, sentence in cases:
        answer = gan("convert", file, out)
        assert answer.status == 1
        assert sentence in answer.errors
        assert len(answer.errors.splitlines()) == 1
    assert not list(tmp_path.glob("*.part"))


def test_training_starts_from_a_converted_network(converted: Path, tmp_path: Path) -> None:
    data = write_data(tmp_path / "set", 6, 16)
    options = {**SMALL, "z_dim": 4, "w_dim": 4, "channel_base": 32, "channel_max": 4}
    given = [f"--option={name}={value}" for name, value in options.items()]

    done = finish(
        "train", "--run-dir", tmp_path / "run", "--data", data, "--start-from", converted, "--kimg", 0.004,
        "--batch", 4, "--device", "cpu", *given, module="gan",
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    skipped = recorded(RunFolder(tmp_path / "run"))[0].fields["skipped"]
    assert any("b16" in name for name in skipped)  # the official one has 8 pixels
    assert not any("mapping" in name for name in skipped if name.startswith("G"))
