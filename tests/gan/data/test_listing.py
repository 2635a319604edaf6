"""What a data set says of itself: names, labels, weights, and each thing that can be wrong."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from gan.contract.errors import UserError
from gan.data.images import Form, load_images
from gan.data.listing import Listing, read_listing, require_labels
from gan.data.source import open_source
from tests.gan.datasets import CLASSES, write_data, write_description, write_picture, zipped


def listing_of(path: Path) -> Listing:
    with open_source(path) as source:
        return read_listing(source)


def labels_of(path: Path, classes: tuple[str, ...]) -> tuple[int, ...]:
    with open_source(path) as source:
        return require_labels(read_listing(source), source, classes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six images in three classes."""
    return write_data(tmp_path / "set", 6)


def described(folder: Path) -> dict[str, list[list[object]]]:
    return dict(json.loads((folder / "dataset.json").read_text()))


def test_a_folder_and_its_zip_file_say_the_same(folder: Path, tmp_path: Path) -> None:
    listing = listing_of(folder)

    assert listing.names == tuple(f"00000/img{n:08d}.png" for n in range(6))
    assert listing.labels == (0, 1, 2, 0, 1, 2)
    assert listing.classes == CLASSES
    assert listing.weights is None
    assert listing_of(zipped(folder, tmp_path / "set.zip")) == listing


def test_a_zip_file_with_the_folder_around_it_keeps_its_labels(folder: Path, tmp_path: Path) -> None:
    around = tmp_path / "around"
    shutil.copytree(folder, around / "my set")
    (around / "__MACOSX" / "my set").mkdir(parents=True)
    (around / "__MACOSX" / "my set" / "._dataset.json").write_bytes(b"x")

    for path in (around, zipped(around, tmp_path / "set.zip")):
        listing = listing_of(path)
        assert listing.names == tuple(f"my set/00000/img{n:08d}.png" for n in range(6))
        assert (listing.labels, listing.classes) == ((0, 1, 2, 0, 1, 2), CLASSES)


def test_several_data_sets_in_one_folder_are_not_mixed(folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        shutil.copytree(folder, tmp_path / "both" / name)

    with pytest.raises(UserError, match=r"holds several data sets \(one/dataset\.json, two/dataset\.json\)"):
        listing_of(tmp_path / "both")


@pytest.mark.parametrize("form", ["one-hot", "whole floats", "one-hot floats"])
def test_labels_in_other_forms_of_the_same_are_understood(folder: Path, form: str) -> None:
    def written(label: int) -> object:
        if form == "whole floats":
            return float(label)
        return [(1.0 if form == "one-hot floats" else 1) * (place == label) for place in range(3)]

    pairs = described(folder)["labels"]
    write_description(folder, labels=[[name, written(int(str(label)))] for name, label in pairs])

    assert listing_of(folder).labels == (0, 1, 2, 0, 1, 2)


def test_images_of_every_kind_lie_in_subfolders_of_any_depth(tmp_path: Path) -> None:
    for number, name in enumerate(("a/b/c/one.PNG", "two.jpg", "x/three.JPEG", "x/y/four.bmp", "five.tif")):
        write_picture(tmp_path / "set" / name, number, 32, "RGB")
    (tmp_path / "set" / "values.npy").write_bytes(b"no image")

    for path in (tmp_path / "set", zipped(tmp_path / "set", tmp_path / "set.zip")):
        images = load_images(path, Form(32, 3))
        assert images.pixels.shape == (5, 3, 32, 32)
        assert len({image.tobytes() for image in images.pixels}) == 5


def test_images_need_no_description(tmp_path: Path) -> None:
    listing = listing_of(write_data(tmp_path / "set", 3, labels=False))

    assert (len(listing.names), listing.labels, listing.classes) == (3, None, ())


def test_the_official_tools_description_without_labels_means_none(folder: Path) -> None:
    write_description(folder, labels=None)

    assert listing_of(folder).labels is None


def test_a_byte_order_mark_and_backslashes_of_windows_tools_are_understood(folder: Path) -> None:
    pairs = [[str(name).replace("/", "\\"), label] for name, label in described(folder)["labels"]]
    (folder / "dataset.json").write_text(json.dumps({"labels": pairs}), encoding="utf-8-sig")

    assert listing_of(folder).labels == (0, 1, 2, 0, 1, 2)


def test_hidden_files_and_what_macs_add_are_no_images(folder: Path, tmp_path: Path) -> None:
    for name in (".hidden.png", "__MACOSX/00000/._img.png", "notes.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")

    assert len(listing_of(folder).names) == 6


def test_weights_follow_the_names(folder: Path) -> None:
    names = listing_of(folder).names
    weights = [[name, 1 + place / 2] for place, name in enumerate(names)][::-1]
    write_description(folder, labels=None, weights=weights)

    assert listing_of(folder).weights == (1.0, 1.5, 2.0, 2.5, 3.0, 3.5)


def test_labels_of_a_conditional_run_are_needed_and_in_range(folder: Path) -> None:
    assert labels_of(folder, CLASSES) == (0, 1, 2, 0, 1, 2)
    assert labels_of(folder, ()) == (0,) * 6
    with pytest.raises(
        UserError, match=r"dataset\.json gives .*img00000002\.png the label 2.* only 2 classes"
    ):
        labels_of(folder, CLASSES[:2])
    (folder / "dataset.json").unlink()
    with pytest.raises(
        UserError, match=r"has no labels for the classes good, average, poor.*or train without"
    ):
        labels_of(folder, CLASSES)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"labels": [["00000/img00000000.png", 0]]}, "has no label for 00000/img00000001.png: add it"),
        ({"labels": [["absent.png", 0]]}, "gives a label to absent.png, but there is no such image"),
        ({"labels": [[f"00000/img{n:08d}.png", -1] for n in range(6)]}, "label -1: labels are whole numbers"),
        ({"labels": [[f"00000/img{n:08d}.png", 0.5] for n in range(6)]}, "label 0.5: labels are whole"),
        ({"labels": [[f"00000/img{n:08d}.png", True] for n in range(6)]}, "label True: labels are whole"),
        ({"labels": [[f"00000/img{n:08d}.png", [0.5, 0.5]] for n in range(6)]}, "single one"),
        ({"labels": [[f"00000/img{n:08d}.png", [1, 1]] for n in range(6)]}, "single one"),
        ({"labels": [[f"00000/img{n:08d}.png", []] for n in range(6)]}, "single one"),
        ({"labels": [[f"00000/img{n:08d}.png", float("nan")] for n in range(6)]}, "the label nan"),
        ({"labels": [[f"00000/img{n:08d}.png", float("inf")] for n in range(6)]}, "the label inf"),
        ({"labels": [[f"00000/img{n:08d}.png", "1"] for n in range(6)]}, "the label 1: labels are whole"),
        ({"labels": [1, 2]}, r"lists its labels in another form than \[\[name, label\], ...\]"),
        ({"labels": "all good"}, "lists its labels in another form"),
        (
            {"weights": [[f"00000/img{n:08d}.png", 0] for n in range(6)]},
            "weight 0: weights are numbers greater",
        ),
        ({"weights": [[f"00000/img{n:08d}.png", "1"] for n in range(6)]}, "weight '1': weights are numbers"),
    ],
)
def test_a_wrong_description_is_refused_with_its_fault(
    folder: Path, said: dict[str, object], sentence: str
) -> None:
    write_description(folder, **said)

    with pytest.raises(UserError, match=sentence) as refused:
        listing_of(folder)
    assert str(folder / "dataset.json") in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "[1]", "\x00"])
def test_a_description_that_is_no_json_is_refused(folder: Path, text: str) -> None:
    (folder / "dataset.json").write_text(text)

    with pytest.raises(UserError, match=r"dataset\.json (cannot be read|is not a list of labels)"):
        listing_of(folder)


def test_what_is_no_data_set_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.zip").write_text("no zip")
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass

    for path, sentence in {
        "empty": "holds no images",
        "empty.zip": "holds no images",
        "absent": "There is no data set at",
        "text.zip": "not a folder and not a readable zip file",
    }.items():
        with pytest.raises(UserError, match=sentence):
            listing_of(tmp_path / path)


def test_a_whole_snapshot_is_refused_in_favour_of_its_training_split(tmp_path: Path) -> None:
    write_picture(tmp_path / "s" / "train" / "a.png", 0, 32)
    (tmp_path / "s" / "snapshot.json").write_text("{}")

    with pytest.raises(
        UserError, match=r"is a whole snapshot: train on .*train, so that validation and test"
    ):
        listing_of(tmp_path / "s")
    assert listing_of(tmp_path / "s" / "train").names == ("a.png",)
