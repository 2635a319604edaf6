"""How long the window takes to be on screen: to the first paint, and to the first frames of a project.

Both from the start of the process. The first start is cold (nothing in the file cache is promised).

Run `python benchmarks/start_up.py` (add `--json` for scripts). Without a display it runs offscreen.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from blasto_annotator.gui.settings import Settings
from blasto_annotator.importers.run import import_source
from blasto_annotator.store import Project

PATIENCE_S = 60.0


def main() -> None:
    """Measures and prints."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--starts", type=int, default=6)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = make_project(Path(folder))
        taken = [start(Path(folder), made) for _ in range(chosen.starts)]
    found = {
        "painted_cold_s": taken[0][0],
        "painted_warm_s": statistics.median(painted for painted, _ in taken[1:]),
        "first_frame_warm_s": statistics.median(listed for _, listed in taken[1:]),
    }
    print(json.dumps(found) if chosen.json else "\n".join(f"{name:<20}{s:6.2f}" for name, s in found.items()))


def make_project(folder: Path) -> Path:
    """A project of a few frames, named as that of the last session."""
    rng = np.random.default_rng(1)
    (folder / "frames").mkdir()
    for number in range(8):
        Image.fromarray(rng.integers(0, 255, (500, 500), dtype=np.uint8)).save(
            folder / "frames" / f"e_{number}.png"
        )
    with Project.create(folder / "project") as project:
        import_source(project, folder / "frames")
    settings = Settings(folder / "config" / "blasto-annotator" / "window.ini")
    settings.set_text("session/project", str(folder / "project"))
    settings.sync()
    return folder / "project"


def start(folder: Path, project: Path) -> tuple[float, float]:
    """Seconds to the first paint and to the project's frames."""
    log = folder / "state" / "blasto-annotator" / "log" / "window.log"
    log.unlink(missing_ok=True)
    places = {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_STATE_HOME": str(folder / "state")}
    screen = {} if os.environ.get("DISPLAY") or sys.platform != "linux" else {"QT_QPA_PLATFORM": "offscreen"}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "blasto_annotator"],
        env={**os.environ, **places, **screen},
        stderr=subprocess.DEVNULL,
    )
    try:
        return wait_for(log, "painted", began), wait_for(log, "listed", began)
    finally:
        process.kill()
        process.wait()


def wait_for(log: Path, words: str, began: float) -> float:
    """Seconds until the log has these words."""
    while time.perf_counter() - began < PATIENCE_S:
        if log.exists() and words in log.read_text(encoding="utf-8"):
            return time.perf_counter() - began
        time.sleep(0.005)
    raise TimeoutError(f"no “{words}” within {PATIENCE_S:.0f} s")


if __name__ == "__main__":
    main()
