"""The configuration that `train` writes for a new run, and the command that resumes it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from gan.cli.app import main
from gan.cli.new_run import Wishes, prepare_run
from gan.contract.checkpoint import DESCRIPTION
from gan.contract.config import read_config
from gan.contract.errors import UserError
from gan.contract.jsonfile import write_json
from gan.contract.presets import read_preset
from gan.contract.run_folder import RunFolder, RunState
from gan.families.stylegan2 import Config
from gan.families.stylegan2.bases import base_configuration
from gan.training.building import read_options
from tests.gan.datasets import CLASSES, write_data, write_description, write_picture, zipped
from tests.gan.trainers import SMALL, finish, recorded


def wishes(
    data: Path | None = None,
    *options: str,
    preset: str = "cpu-quick",
    unconditional: bool = False,
    **chosen: object,
) -> Wishes:
    """What a command line would say."""
    return Wishes(data, preset, unconditional, options, chosen)


def test_one_command_starts_trains_and_resumes_a_run(tmp_path: Path, data: Path) -> None:
    run = RunFolder(tmp_path / "run")
    options = [word for name, value in SMALL.items() for word in ("--option", f"{name}={value}")]
    command = ["train", "--run-dir", run.path, "--data", data, "--kimg", "0.032", "--device", "cpu", *options]

    first, again = (finish(*command, module="gan") for _ in range(2))

    assert (first.returncode, first.stderr) == (0, "")
    assert (again.returncode, again.stderr) == (0, "")
    assert run.state() is RunState.FINISHED
    config = read_config(run.config)
    assert (config.classes, config.resolution, config.preset) == (CLASSES, 32, "cpu-quick")
    started = [event.fields for event in recorded(run) if event.kind == "started"]
    assert [fields["kimg"] for fields in started] == [0, 0.032]


def test_the_preset_gives_what_the_command_does_not(tmp_path: Path, data: Path) -> None:
    run = RunFolder(tmp_path / "run")

    prepare_run(run, wishes(data, "r1_gamma=2", "augment_pipe=bgc", preset="cpu", seed=5, goal_kimg=None))

    config, preset = read_config(run.config), read_preset("cpu")
    assert config.data == str(data.resolve())
    assert (config.seed, config.goal_kimg) == (5, preset.settings["goal_kimg"])
    assert config.options == {**preset.settings["options"], "r1_gamma": 2, "augment_pipe": "bgc"}
    assert config.resolution == 32  # the data set's, not the preset's


@pytest.mark.parametrize("name", ["auto", "stylegan2", "paper256", "paper512", "paper1024", "cifar"])
def test_a_base_configuration_is_chosen_by_its_name(tmp_path: Path, data: Path, name: str) -> None:
    command = ["train", "--run-dir", tmp_path, "--data", data, "--base", name, "--gpus", 2, "--kimg", 0.001]
    run, expected = RunFolder(tmp_path), base_configuration(name, 32, 2)

    prepare_run(run, Wishes(data, "cpu-quick", False, (), {}, name, 2))

    config = read_config(run.config)
    options = read_options(Config, config.options)
    assert (options, config.batch, config.goal_kimg) == (expected.config, expected.batch, expected.goal_kimg)
    assert (config.preset, config.resolution, config.classes) == (name, 32, CLASSES)
    if name == "auto":
        assert config.batch == 64  # two devices of 32
    assert main([*map(str, command), "--preset", "cpu"]) == 2  # one of the two


def test_a_preset_may_ignore_the_labels_and_may_need_a_start(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data", 3)

    prepare_run(RunFolder(tmp_path / "six"), wishes(data, preset="thesis-06"))
    with pytest.raises(
        UserError, match="thesis-08 starts from trained networks: name them with --start-from"
    ):
        prepare_run(RunFolder(tmp_path / "eight"), wishes(data, preset="thesis-08"))
    prepare_run(RunFolder(tmp_path / "eight"), wishes(data, preset="thesis-08", start_from="first"))

    assert read_config(tmp_path / "six" / "config.json").classes == ()
    assert read_config(tmp_path / "eight" / "config.json").options["freeze_d"] == 10


ENGINE = (Path(__file__).resolve().parents[3] / "docs" / "engine.md").read_text(encoding="utf-8")
EXAMPLES = sorted(set(re.findall(r"--option ([a-z0-9_]+=[^` \n;]+)", ENGINE)))


def test_every_option_that_the_documentation_shows_is_taken(tmp_path: Path, data: Path) -> None:
    assert {"augment_pipe=xflip=1,rotate90=1,cutout=1", "freeze_d=10", "r1_gamma=10"} <= set(EXAMPLES)
    for number, example in enumerate(EXAMPLES):
        run = RunFolder(tmp_path / str(number))
        prepare_run(run, wishes(data, example))
        name, _, value = example.partition("=")
        taken = getattr(read_options(Config, read_config(run.config).options), name)
        assert str(taken).lower() in (value, f"{value}.0")


def test_a_list_of_augmentations_trains_and_a_wrong_one_is_a_sentence(tmp_path: Path, data: Path) -> None:
    options = [f"--option={name}={value}" for name, value in SMALL.items()]
    right, wrong = (
        finish(
            "train", "--run-dir", tmp_path / name, "--data", data, "--kimg", 0.008, "--device", "cpu",
            *options, f"--option=augment_pipe={pipe}", "--option=augment=fixed", "--option=augment_p=0.5",
            module="gan",
        )
        for name, pipe in (("right", "xflip=1,rotate90=1,cutout=1"), ("wrong", "xflip=1,rotat90=1"))
    )  # fmt: skip

    assert (right.returncode, right.stderr) == (0, "")
    assert recorded(RunFolder(tmp_path / "right"))[-1].kind == "finished"
    assert wrong.returncode == 1
    assert wrong.stderr.startswith(
        "The family stylegan2 cannot be built like this: unknown augmentation 'rotat90'"
    )
    assert wrong.stderr.count("\n") == 1


def test_grey_images_that_are_stored_in_colour_can_train_in_grey(tmp_path: Path) -> None:
    folder = write_data(tmp_path / "set", 3, 16, mode="RGB")
    for name in ("as they are", "grey"):
        chosen = {"channels": 1} if name == "grey" else {}
        prepare_run(RunFolder(tmp_path / name), wishes(folder, **chosen))

    assert read_config(tmp_path / "as they are" / "config.json").channels == 3
    assert read_config(tmp_path / "grey" / "config.json").channels == 1
    with pytest.raises(UserError, match=r"channels is 2, but must be 1 \(grey\) or 3"):
        prepare_run(RunFolder(tmp_path / "two"), wishes(folder, channels=2))


def test_an_odd_but_legal_data_set_trains_directly(tmp_path: Path) -> None:
    folder = tmp_path / "packed" / "my set"
    pairs = []
    for number, ending in enumerate(("png", "jpg", "PNG", "jpeg", "bmp", "png")):
        name = f"deep/{number}/image.{ending}"
        write_picture(folder / name, number, 16, "RGB")
        pairs.append([name, [int(place == number % 3) for place in range(3)]])
    write_description(folder, labels=pairs)
    options = [f"--option={name}={value}" for name, value in SMALL.items()]

    done = finish(
        "train", "--run-dir", tmp_path / "run", "--data", zipped(tmp_path / "packed", tmp_path / "odd.zip"),
        "--channels", 1, "--kimg", 0.008, "--batch", 4, "--device", "cpu", *options, module="gan",
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    started = recorded(RunFolder(tmp_path / "run"))[0].fields
    assert (started["images"], started["classes"], started["resolution"]) == (6, ["0", "1", "2"], 16)


def test_size_colour_and_classes_are_the_data_sets(tmp_path: Path) -> None:
    colour = write_data(tmp_path / "colour", size=16, mode="RGB")
    write_description(colour, **{**json.loads((colour / "dataset.json").read_text()), "classes": None})
    plain = write_data(tmp_path / "plain", labels=False)
    snapshot = write_data(tmp_path / "snapshot" / "train")
    labels = json.loads((snapshot / "dataset.json").read_text())["labels"]
    write_description(snapshot, labels=labels)
    described = {"id": "1a2b", "size": 32, "classes": ["x", "y", "z"], "counts": {}}
    write_json(tmp_path / "snapshot" / "snapshot.json", described)

    found = {}
    for name, wished in (
        ("colour", wishes(colour)),
        ("plain", wishes(plain)),
        ("snapshot", wishes(snapshot)),
        ("unconditional", wishes(colour, unconditional=True)),
    ):
        run = RunFolder(tmp_path / "runs" / name)
        prepare_run(run, wished)
        config = read_config(run.config)
        found[name] = (config.resolution, config.channels, config.classes)

    assert found == {
        "colour": (16, 3, ("0", "1", "2")),
        "plain": (32, 1, ()),
        "snapshot": (32, 1, ("x", "y", "z")),
        "unconditional": (16, 3, ()),
    }


def test_a_command_for_another_run_is_refused_and_changes_nothing(tmp_path: Path, data: Path) -> None:
    run = RunFolder(tmp_path / "run")
    prepare_run(run, wishes(data, "r1_gamma=2", seed=5))
    written = run.config.read_bytes()
    (run.checkpoints / "kimg-000001.000").mkdir(parents=True)
    write_json(run.checkpoints / "kimg-000001.000" / DESCRIPTION, {})

    prepare_run(run, wishes(data, "r1_gamma=2", seed=5))
    prepare_run(run, wishes())
    with pytest.raises(UserError, match="holds a run with another options, seed: resume it"):
        prepare_run(run, wishes(data, seed=6))

    assert run.config.read_bytes() == written


def test_a_run_that_has_learned_nothing_may_be_set_up_anew(tmp_path: Path, data: Path) -> None:
    run = RunFolder(tmp_path / "run")
    prepare_run(run, wishes(data, "gama=2"))

    prepare_run(run, wishes(data, "r1_gamma=2"))

    assert read_config(run.config).options["r1_gamma"] == 2


def test_what_cannot_be_started_is_a_sentence_and_leaves_no_run(tmp_path: Path, data: Path) -> None:
    odd = tmp_path / "odd"
    write_picture(odd / "a.png", 0, 20)
    snapshot = tmp_path / "snapshot"
    shutil.copytree(data, snapshot / "train")
    write_json(snapshot / "snapshot.json", {})
    absent = tmp_path / "absent"
    for wished, sentence in (
        (wishes(), "give --data to start a new run"),
        (wishes(absent), f"There is no data set at {absent}"),
        (wishes(odd), r"a.png is 20x20, but training needs squares of 16, 32"),
        (wishes(snapshot), "is a whole snapshot: train on"),
        (wishes(data, preset="big"), "There is no preset 'big': choose one of"),
        (
            Wishes(data, "cpu", False, (), {}, "paper"),
            "There is no base configuration 'paper'; choose one of",
        ),
        (wishes(data, "r1_gamma"), "is not name=value"),
        (wishes(data, goal_kimg=-1.0), "goal_kimg is -1.0, but must be a number greater than 0"),
    ):
        run = RunFolder(tmp_path / "run")
        with pytest.raises(UserError, match=sentence):
            prepare_run(run, wished)
        assert not run.path.exists()


def test_a_folder_that_cannot_be_made_is_a_sentence(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")

    status = main(["train", "--run-dir", str(tmp_path / "file" / "run"), "--data", str(data)])

    assert status == 1
    assert capsys.readouterr().err == f"{tmp_path / 'file' / 'run'} cannot be used: Not a directory.\n"


def test_an_unknown_option_of_the_family_fails_the_run(tmp_path: Path, data: Path) -> None:
    run = RunFolder(tmp_path / "run")

    done = finish("train", "--run-dir", run.path, "--data", data, "--option", "gama=2", module="gan")

    assert done.returncode == 1
    assert done.stderr.startswith("There is no option 'gama': the family knows ")
    assert run.state() is RunState.FAILED
