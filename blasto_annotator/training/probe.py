"""Asks the trainer's Python what it has. The window's own process never imports torch."""

from __future__ import annotations

import functools
import json
import re
import subprocess
from dataclasses import dataclass, replace
from typing import Any

from blasto_annotator.domain.errors import UserError
from blasto_annotator.training.command import NO_WINDOW, child_environment, gan_command
from blasto_annotator.training.settings import INTERPRETER_VARIABLE, chosen_interpreter

ANY_DEVICE = "auto"
"""The best that the trainer's Python sees."""
PROBE_SECONDS = 180
"""A cold disk may need a minute to load torch."""


@dataclass(frozen=True)
class TrainerInfo:
    """What the trainer's Python said of itself."""

    interpreter: str
    torch: str
    """Version."""
    device: str
    """What `auto` chooses, such as `cpu` or `cuda:0`."""
    name: str
    cores: int
    devices: tuple[tuple[str, str], ...] = ()
    """Every device with its name."""
    remark: str = ""
    """Why a graphics card that is there is not used."""

    def on(self, device: str) -> TrainerInfo:
        """The same with a device that a person chose; `auto` changes nothing.

        Raises:
            UserError: this Python sees no such device.
        """
        if device == ANY_DEVICE:
            return self
        for known, name in self.devices:
            if known == device or known.split(":")[0] == device:
                return replace(self, device=device, name=name, remark="")
        there = ", ".join([ANY_DEVICE, *(known for known, _ in self.devices)])
        raise UserError(
            f"There is no device {device} for the trainer's Python {self.interpreter}; use {there}."
        )

    @property
    def sentence(self) -> str:
        """`the CPU (2 cores)` or `the GPU (NVIDIA H200)`."""
        if self.device == "cpu":
            return f"the CPU ({self.cores} core{'s' if self.cores != 1 else ''})"
        return f"the GPU ({self.name or self.device})"


def describe_trainer(interpreter: str = "") -> TrainerInfo:
    """Starts the trainer's Python once and asks; later calls with the same interpreter are answered at once.

    Raises:
        UserError: the interpreter is missing, broken or has no torch.
    """
    return _describe(interpreter or chosen_interpreter())


@functools.lru_cache(maxsize=8)
def _describe(interpreter: str) -> TrainerInfo:
    answer = _ask(interpreter)
    return TrainerInfo(
        interpreter=interpreter,
        torch=str(answer["torch"]),
        device=str(answer["device"]),
        name=str(answer.get("name", "")),
        cores=int(answer.get("cores", 1)),
        devices=tuple((entry["device"], entry["name"]) for entry in answer.get("devices", ())),
        remark=str(answer.get("remark", "")),
    )


def _ask(interpreter: str) -> dict[str, Any]:
    command = gan_command(["devices"], interpreter)
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            timeout=PROBE_SECONDS,
            env=child_environment(),
            check=False,
            creationflags=NO_WINDOW,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(
            f"The trainer's Python {interpreter} does not start ({_reason(error)}); {_REMEDY}."
        ) from error
    if done.returncode != 0:
        raise UserError(_complaint(interpreter, done.stderr))
    return dict(json.loads(done.stdout.splitlines()[-1]))


_REMEDY = f"choose another in the settings or with the variable {INTERPRETER_VARIABLE}"


def _complaint(interpreter: str, stderr: str) -> str:
    missing = re.findall(r"No module named '?(\w+)", stderr)
    if "gan" in missing:
        return f"The trainer's Python {interpreter} has no blasto-annotator: install it there, or {_REMEDY}."
    if missing:
        wanted = "torch" if missing[0] == "torch" else "blasto-annotator"  # which brings all that it needs
        install = f"“{interpreter} -m pip install {wanted}”"
        return f"The trainer's Python {interpreter} has no {missing[0]}: run {install}, or {_REMEDY}."
    lines = stderr.strip().splitlines() or ["no message"]
    return f"The trainer's Python {interpreter} cannot train ({lines[-1].rstrip('.')}); {_REMEDY}."


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    return f"no answer within {PROBE_SECONDS} seconds"
