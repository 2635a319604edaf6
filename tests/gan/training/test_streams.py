"""Standard output is for events alone, from before the first heavy import on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.gan.trainers import SMALL, environment, new_run

_NOISY = """
import os, sys
def hook(event, arguments):
    if event == "import" and arguments[0] == "torch":
        os.write(1, b"a library writes to descriptor 1\\n")
        print("a library prints", flush=True)
        os.write(2, b"a library warns\\n")
sys.addaudithook(hook)
from gan.cli.app import main
sys.exit(main(["train", "--run-dir", sys.argv[1]]))
"""


def test_what_torch_prints_when_it_is_loaded_goes_to_the_log(tmp_path: Path, data: Path) -> None:
    run = new_run(tmp_path / "run", data, family="stylegan2", options=SMALL, goal_kimg=0.004)

    done = subprocess.run(
        [sys.executable, "-c", _NOISY, str(run.path)],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
    )

    assert done.stderr == ""
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()][-1] == "finished"
    log = run.log.read_text()
    assert all(f"a library {words}" in log for words in ("writes to descriptor 1", "prints", "warns"))
