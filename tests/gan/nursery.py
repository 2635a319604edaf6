"""Trainers that find torch already loaded: forked, a process each, from one that has loaded it and waits.

Loading torch takes a trainer of these tests ten times as long as training does. What is said of starting, of
signals and of kills is shown with processes from nothing (`trainers.start`).
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

THERE = sys.platform == "linux"
"""Whether a process that has loaded torch may be forked here."""


class Nursery:
    """One waiting process, made when it is first needed."""

    def __init__(self) -> None:
        self._mother: subprocess.Popen[str] | None = None

    def finish(
        self, module: str, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Runs `python -m module arguments` to its end."""
        with tempfile.TemporaryDirectory() as folder:
            outputs = [Path(folder) / name for name in ("out", "err")]
            wish = {
                "module": module,
                "arguments": list(arguments),
                "environment": dict(environment),
                "outputs": [str(output) for output in outputs],
            }
            try:
                status = self._ask(wish)
            except BaseException:
                self.close()
                raise
            said = [output.read_text("utf-8") for output in outputs]
        return subprocess.CompletedProcess([module, *arguments], status, *said)

    def close(self) -> None:
        """Ends the process that waits, and the trainer that is still under way."""
        if self._mother is not None:
            os.killpg(self._mother.pid, signal.SIGKILL)
            self._mother.communicate()
            self._mother = None

    def _ask(self, wish: Mapping[str, Any]) -> int:
        if self._mother is None:
            self._mother = subprocess.Popen(
                [sys.executable, "-m", "tests.gan.nursery"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=dict(wish["environment"]),
                start_new_session=True,
            )
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        self._mother.stdin.write(json.dumps(wish) + "\n")
        self._mother.stdin.flush()
        return int(self._mother.stdout.readline())


def wait_for_wishes() -> None:
    """Forks a trainer for each line of standard input and answers with its exit status."""
    import torch._dynamo  # noqa: F401  what optimisers load

    import gan.cli.judging
    import gan.scoring.reward
    import gan.training.run  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _be(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _be(wish: Mapping[str, Any]) -> None:
    """Becomes the trainer; never returns."""
    os.environ.clear()
    os.environ.update(wish["environment"])
    wanted = os.O_WRONLY | os.O_CREAT
    places = [os.open(os.devnull, os.O_RDONLY), *(os.open(name, wanted) for name in wish["outputs"])]
    for number, place in enumerate(places):
        os.dup2(place, number)
        os.close(place)
    sys.argv = [wish["module"], *wish["arguments"]]
    runpy.run_module(wish["module"], run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    wait_for_wishes()
