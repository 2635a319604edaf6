"""Asking the trainer's Python what it has: real child processes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.training.probe import TrainerInfo, describe_trainer

needs_shell = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in Python is a shell script")


def test_this_python_has_torch_and_a_device() -> None:
    info = describe_trainer(sys.executable)

    assert info.torch[0].isdigit()
    assert info.sentence.startswith("the CPU (") or info.sentence.startswith("the GPU (")


def test_the_answer_is_asked_for_once() -> None:
    assert describe_trainer(sys.executable) is describe_trainer(sys.executable)


def test_a_python_that_is_not_there_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no-python does not start .*settings"):
        describe_trainer(str(tmp_path / "no-python"))


@needs_shell
def test_a_python_without_torch_is_named_with_the_line_that_installs_it(tmp_path: Path) -> None:
    bare = tmp_path / "bare-python"
    (tmp_path / "torch.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'torch'\")", encoding="utf-8"
    )
    lines = ("#!/bin/sh", f'export PYTHONPATH="{tmp_path}:$PYTHONPATH"', f'exec "{sys.executable}" "$@"', "")
    bare.write_text("\n".join(lines), encoding="utf-8")
    bare.chmod(0o755)

    with pytest.raises(UserError, match=r"bare-python has no torch.*pip install torch"):
        describe_trainer(str(bare))


@needs_shell
def test_a_program_that_is_no_python_is_refused_with_what_it_said(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("#!/bin/sh\necho 'what is gan?' >&2\nexit 3\n", encoding="utf-8")
    other.chmod(0o755)

    with pytest.raises(UserError, match=r"cannot train \(what is gan\?\)"):
        describe_trainer(str(other))


@pytest.mark.parametrize(
    ("info", "words"),
    [
        (TrainerInfo("p", "2", "cpu", "", 1), "the CPU (1 core)"),
        (TrainerInfo("p", "2", "cpu", "", 2), "the CPU (2 cores)"),
        (TrainerInfo("p", "2", "cuda:0", "NVIDIA H200", 8), "the GPU (NVIDIA H200)"),
    ],
)
def test_a_device_is_said_in_words(info: TrainerInfo, words: str) -> None:
    assert info.sentence == words


def test_a_chosen_device_is_taken_where_it_is_there_and_refused_with_those_there_are() -> None:
    info = TrainerInfo("p", "2", "cuda:0", "H200", 8, (("cpu", "CPU"), ("cuda:0", "H200"), ("cuda:1", "L4")))

    assert info.on("auto") is info
    assert info.on("cpu").sentence == "the CPU (8 cores)"
    assert info.on("cuda:1").sentence == "the GPU (L4)"
    assert info.on("cuda").name == "H200"
    with pytest.raises(UserError, match="use auto, cpu, cuda:0, cuda:1"):
        info.on("tpu")
