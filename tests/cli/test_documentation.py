"""docs/commands.md against the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from blasto_annotator.cli.main import build

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "commands.md"


def commands(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every command with its whole name."""
    if hasattr(node, "commands"):
        for name, child in node.commands.items():
            yield from commands(child, f"{path} {name}".strip())
    else:
        yield path, node


COMMANDS = dict(commands(typer.main.get_command(build())))
SECTIONS = {
    title: body
    for heading, body in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", DOCUMENT.read_text("utf-8"), re.M | re.S)
    for title in heading.split(", ")
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_section_with_its_form(name: str) -> None:
    assert f"blasto-annotator {name}" in SECTIONS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented(name: str) -> None:
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts if "--" in option}

    missing = {o for o in options - {"--help", "--json"} if f"`{o}" not in SECTIONS[name]}

    assert not missing
    assert "--json" not in options or "--json" in SECTIONS[name]


def test_no_section_is_about_a_command_or_option_that_is_gone() -> None:
    assert set(SECTIONS) - {"Once round the loop"} == set(COMMANDS)
    known = {option for command in COMMANDS.values() for p in command.params for option in p.opts}

    mentioned = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", DOCUMENT.read_text("utf-8")))

    assert mentioned <= known | {"--help", "--version"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    command = COMMANDS[name]

    assert command.help
    assert f"blasto-annotator {name}" in command.epilog
    assert all(getattr(parameter, "help", "") for parameter in command.params)
