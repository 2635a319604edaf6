"""What the trainer's process sets before torch is loaded."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from gan.__main__ import share_processor
from tests.gan.trainers import CHECKOUT, environment


def test_waiting_threads_sleep_unless_the_user_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    monkeypatch.setenv("KMP_BLOCKTIME", "200")

    share_processor()

    assert (os.environ["OMP_WAIT_POLICY"], os.environ["KMP_BLOCKTIME"]) == ("PASSIVE", "200")


def test_it_is_said_before_torch_is_loaded() -> None:
    script = "import sys\nimport gan.__main__\nprint('torch' in sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=CHECKOUT,
        env=environment(),
    )

    assert done.stdout == "False\n"
