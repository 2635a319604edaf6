"""Brings the real application into each named state and photographs the screen.

`python -m tests.gui.pictures OUT [--only label-*] [--theme dark] [--scale 2]`, for people who look: pictures
of both themes at 1280x720, the same at 200 % (a screen of 2560x1440), and at 1920x1080.
OUT/<variant>/<state>.png; states that were not reached are named, and the exit code tells.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from blasto_annotator.gui.settings import Settings
from tests.gui.loop_walk import play
from tests.gui.pictures import label, loop_material, pages, reports, review, sources, train
from tests.gui.pictures.material import PROJECTS, TREES, Material
from tests.gui.pictures.stage import Stage, State, perform
from tests.gui.real_window import CHECKOUT, display

STATES: tuple[State, ...] = (
    *label.STATES,
    *sources.STATES,
    *review.STATES,
    *train.STATES,
    *reports.STATES,
    *pages.STATES,
)
"""A page's states are a tuple in a module of its own; a new page adds its module here."""
SESSION_S = 3600
TREES.update(loop_material.TREES)
PROJECTS.update(loop_material.PROJECTS)


@dataclass(frozen=True)
class Variant:
    """How the window looks in a set of pictures."""

    theme: str
    scale: int
    size: str

    @property
    def name(self) -> str:
        return f"{self.theme}-{self.size}" + (f"@{self.scale}" if self.scale > 1 else "")


VARIANTS = tuple(
    variant
    for theme in ("dark", "light")
    for variant in (
        Variant(theme, 1, "1280x720"),
        Variant(theme, 2, "2560x1440"),
        Variant(theme, 1, "1920x1080"),
    )
)


def main(arguments: list[str]) -> int:
    """Returns 1 where a state was not reached."""
    parser = argparse.ArgumentParser(prog="python -m tests.gui.pictures")
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", default="*", help="states by name, such as label-* or label-graded")
    parser.add_argument("--theme", choices=("dark", "light"))
    parser.add_argument("--scale", type=int, choices=(1, 2))
    parser.add_argument("--size", help="such as 1280x720")
    parser.add_argument("--material", type=Path, help="a folder to keep the projects in from run to run")
    parser.add_argument("--drawn", action="store_true", help="drawn frames, for pictures that are published")
    chosen = parser.parse_args(arguments)
    variants = [
        variant for variant in VARIANTS
        if chosen.theme in (None, variant.theme) and chosen.scale in (None, variant.scale)
        and chosen.size in (None, variant.size)
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as own:
        material = Material((chosen.material or Path(own)).absolute(), chosen.drawn)
        missed = [
            name for variant in variants for name in photograph(variant, chosen.only, material, chosen.out)
        ]
    return 1 if missed else 0


def photograph(variant: Variant, only: str, material: Material, out: Path) -> list[str]:
    """One session of the window; the states that it did not reach."""
    names = [state.name for state in STATES if fnmatch(state.name, only)]
    if not names:
        return []
    for state in STATES:
        if state.name in names:
            make(material, state)
    with tempfile.TemporaryDirectory() as own, display(variant.size) as screen:
        places = Path(own)
        settings = Settings(places / "config" / "blasto-annotator" / "window.ini")
        settings.set_text("appearance/theme", variant.theme)
        settings.sync()
        folders = {f"XDG_{name}_HOME": str(places / name.lower()) for name in ("CONFIG", "STATE", "DATA")}
        chosen = {"DISPLAY": screen, "QT_QPA_PLATFORM": "xcb", "QT_SCALE_FACTOR": str(variant.scale)}
        order = [str(material.folder), str(places / "work"), str((out / variant.name).absolute()), *names]
        done = subprocess.run(
            [sys.executable, "-m", "tests.gui.pictures", "--session", *order],
            cwd=CHECKOUT, env={**os.environ, **folders, **chosen}, capture_output=True, text=True,
            timeout=SESSION_S, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            (log,) = places.rglob("window.log")
            raise SystemExit(f"{variant.name}: the window ended.\n{done.stderr}{log.read_text()[-3000:]}")
    saw = json.loads(done.stdout.splitlines()[-1])
    print(
        f"{variant.name}: {len(saw['reached'])} states",
        *(f"not reached: {n}" for n in saw["missed"]),
        sep="\n  ",
    )
    return list(saw["missed"])


def make(material: Material, state: State) -> None:
    """What the state needs; the window's process finds it made."""
    if state.tree:
        material.tree(state.tree)
    if state.project:
        material.project(state.project)


def session(material: Path, work: Path, out: Path, names: list[str]) -> int:
    """The child: the application's own main, with the stage before it."""
    Stage.material, Stage.work = Material(material), work
    work.mkdir()
    states = [state for state in STATES if state.name in names]
    return play(lambda stage: perform(stage, states), out, Stage)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--session"]:
        material_at, work_at, out_at, *wanted = sys.argv[2:]
        sys.argv = sys.argv[:1]
        sys.exit(session(Path(material_at), Path(work_at), Path(out_at), wanted))
    sys.exit(main(sys.argv[1:]))
