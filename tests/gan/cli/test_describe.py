"""`describe` tells what a thing is, to people and to scripts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from gan.contract.checkpoint import Best, list_checkpoints, write_best
from gan.contract.run_folder import RunFolder
from tests.gan.cli.conftest import Command
from tests.gan.datasets import CLASSES, write_data, zipped

OFFICIAL = Path(__file__).resolve().parents[2] / "data" / "official_checkpoints"


def told(gan: Command, path: Path) -> dict[str, object]:
    answer = gan("describe", path, "--json")
    assert (answer.status, answer.errors) == (0, "")
    value: dict[str, object] = json.loads(answer.out)
    return value


def test_a_run(gan: Command, trained: RunFolder) -> None:
    said = told(gan, trained.path)

    assert (said["kind"], said["state"]) == ("run", "finished")
    assert said["checkpoints"] == ["kimg-000000.008", "kimg-000000.016"]
    assert isinstance(said["config"], dict)
    assert said["config"]["classes"] == list(CLASSES)


def test_a_checkpoint(gan: Command, trained: RunFolder) -> None:
    said = told(gan, list_checkpoints(trained.checkpoints)[-1])

    assert (said["kind"], said["family"], said["kimg"]) == ("checkpoint", "stylegan2", 0.016)
    assert (said["resolution"], said["run"]) == (32, "trained")
    assert len(str(said["networks_sha256"])) == 64


def test_a_converted_file(gan: Command, tmp_path: Path) -> None:
    assert gan("convert", OFFICIAL / "good_proto4.pkl", tmp_path / "n.safetensors").status == 0

    said = told(gan, tmp_path / "n.safetensors")

    assert (said["kind"], said["resolution"], said["converted_from"]) == ("checkpoint", 8, "good_proto4.pkl")


def test_a_snapshot(gan: Command, tmp_path: Path) -> None:
    counts = {"train": {"good": 3}, "val": {"good": 0}, "test": {"good": 1}}
    value = {"id": "1a2b", "size": 32, "classes": ["good"], "counts": counts}
    (tmp_path / "snapshot.json").write_text(json.dumps(value))

    said = told(gan, tmp_path)

    assert (said["kind"], said["id"], said["counts"]) == ("snapshot", "1a2b", counts)


def test_a_batch(gan: Command, trained: RunFolder, tmp_path: Path) -> None:
    made = gan("generate", "--network", trained.path, "--per-class", 1, "--batch-dir", tmp_path / "b")
    assert made.status == 0

    said = told(gan, tmp_path / "b")

    assert (said["kind"], said["id"], said["per_class"], said["classes"]) == ("batch", "b", 1, list(CLASSES))


def test_a_data_set_in_a_folder_or_a_zip_file(gan: Command, data: Path, tmp_path: Path) -> None:
    for path in (data, zipped(data, tmp_path / "set.zip")):
        said = told(gan, path)

        assert (said["kind"], said["images"], said["size"], said["channels"]) == ("data set", 12, "32x32", 1)
        assert said["classes"] == dict.fromkeys(CLASSES, 4)


def test_people_read_it_as_a_table_with_names_as_they_are(gan: Command, tmp_path: Path) -> None:
    folder = write_data(tmp_path / "[bold]", 3)
    said = json.loads((folder / "dataset.json").read_text())
    (folder / "dataset.json").write_text(json.dumps({**said, "classes": ["[good]", "[/x]", "c"]}))

    answer = gan("describe", folder)

    assert answer.status == 0
    assert "data set" in answer.out
    assert all(name in answer.out for name in ("[good]", "[/x]", "[bold]"))


def test_a_runs_text_holds_its_state_and_options(gan: Command, trained: RunFolder) -> None:
    answer = gan("describe", trained.path)

    assert answer.status == 0
    assert "finished" in answer.out
    assert "z_dim: 8" in answer.out


def test_what_is_nothing_we_know_is_a_sentence(gan: Command, trained: RunFolder, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(list_checkpoints(trained.checkpoints)[-1], broken)
    (broken / "checkpoint.json").write_text("{")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").write_text('{"data": 1, "resolution": 2, "classes": 3}')
    (tmp_path / "empty").mkdir()
    (tmp_path / "list").mkdir()
    (tmp_path / "list" / "batch.json").write_text("[]")
    part = list_checkpoints(trained.checkpoints)[-1] / "networks.safetensors"
    (tmp_path / "text.txt").write_text("text")
    (tmp_path / "text.safetensors").write_text("text")

    for name, sentence in {
        "absent": f"There is nothing at {tmp_path / 'absent'}.",
        "broken": "broken cannot be read",
        "run": "run cannot be read",
        "empty": "holds no images",
        "list": "list cannot be read (batch.json holds no names and values)",
        str(part): f"it is a part of the checkpoint {part.parent}: name that folder",
        "text.txt": "not a folder and not a readable zip file",
        "text.safetensors": "text.safetensors cannot be read",
    }.items():
        answer = gan("describe", tmp_path / name)
        assert (answer.status, answer.out) == (1, "")
        assert sentence in answer.errors
        assert len(answer.errors.splitlines()) == 1


@pytest.mark.parametrize("arguments", [(), ("one", "two"), ("--what",)])
def test_wrong_usage_is_status_2(gan: Command, arguments: tuple[str, ...]) -> None:
    assert gan("describe", *arguments).status == 2


def test_the_best_checkpoint_has_a_name_wherever_a_network_is_asked_for(
    gan: Command, trained: RunFolder, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(trained.path, run)
    first = list_checkpoints(run / "checkpoints")[0].name
    write_best(run / "checkpoints", Best(first, 0.008, "kernel_distance", 0.5, 60, "in-domain encoder"))

    said = told(gan, tmp_path / "run@best")
    made = gan("generate", "--network", tmp_path / "run@best", "--seeds", "0", "--out", tmp_path / "out")

    assert said["kimg"] == 0.008
    assert json.loads(gan("describe", run, "--json").out)["best"]["checkpoint"] == first
    assert made.status == 0
    assert list((tmp_path / "out").glob("*.png"))
    nowhere = gan("generate", "--network", f"{trained.path}@best", "--seeds", "0", "--out", tmp_path / "out")
    assert nowhere.status == 1
    assert "neither a checkpoint nor a run with one" in nowhere.errors
