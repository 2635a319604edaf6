"""docs/engine.md against the commands, the contract and the presets."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer.main

from gan.cli.app import app
from gan.contract.checkpoint import list_checkpoints
from gan.contract.config import RunConfig
from gan.contract.events import KNOWN
from gan.contract.presets import list_presets
from gan.contract.result import RunResult
from gan.contract.run_folder import RunFolder
from gan.training.checkpoints import describe
from tests.gan.trainers import recorded

DOCUMENT = (Path(__file__).resolve().parents[3] / "docs" / "engine.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", DOCUMENT, re.M | re.S))
COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def words(section: str) -> set[str]:
    """What a section sets in code."""
    return {word for code in re.findall(r"`([^`]+)`", SECTIONS[section]) for word in code.split()}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_section_with_every_option(name: str) -> None:
    parameters = COMMANDS[name].params
    options = {o for p in parameters for o in (*p.opts, *p.secondary_opts) if o.startswith("--")}

    assert f"python -m gan {name}" in SECTIONS[name]
    assert {option for option in options - {"--help"} if option not in words(name)} == set()


def test_no_option_is_mentioned_that_is_gone() -> None:
    parameters = [p for command in COMMANDS.values() for p in command.params]
    known = {option for p in parameters for option in (*p.opts, *p.secondary_opts)}
    of_others = {"--help", "--gres", "--cpus-per-task", "--time", "--signal", "--requeue", "--logdir"}
    of_others |= {"--nproc-per-node", "--nodes", "--ntasks-per-node", "--kill-on-bad-exit", "--gpus-per-task"}

    mentioned = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", DOCUMENT))

    assert mentioned - known - of_others == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_explains_itself(name: str) -> None:
    assert COMMANDS[name].help
    assert all(p.help for p in COMMANDS[name].params)


def test_every_setting_result_and_file_of_a_run_is_told() -> None:
    told = words("Run folder")
    run = RunFolder(Path())

    assert {field.name for field in fields(RunConfig)} <= told
    assert {field.name for field in fields(RunResult)} <= told
    assert {file.name for file in (run.config, run.events, run.log, run.stop, run.alive, run.result)} <= told
    assert {"checkpoints/", "samples/", "tensorboard/"} <= told


def test_every_event_and_field_of_a_real_run_is_told(trained: RunFolder) -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", SECTIONS["Events"], re.M))

    assert set(rows) == set(KNOWN)
    for event in recorded(trained):
        assert {name for name in event.fields if f"`{name}`" not in rows[event.kind]} == set()
        assert {
            name for name in event.fields.get("losses", ()) if f"`{name}`" not in SECTIONS["Events"]
        } == set()


def test_a_real_checkpoint_is_as_told(trained: RunFolder) -> None:
    checkpoint = list_checkpoints(trained.checkpoints)[-1]

    assert {file.name for file in checkpoint.iterdir()} <= words("Checkpoints")
    assert set(describe(checkpoint)) - {"v"} <= words("Checkpoints")


def test_every_preset_is_told() -> None:
    assert {preset.name for preset in list_presets()} <= words("Presets")
