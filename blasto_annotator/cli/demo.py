"""`demo`: the sample project in the window, or the whole loop without one."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from blasto_annotator.cli.arguments import AsJson, epilog
from blasto_annotator.cli.console import note, out, out_json, progress_bar
from blasto_annotator.domain.errors import UserError

if TYPE_CHECKING:
    from blasto_annotator.store import Project

_EPILOG = epilog(
    "blasto-annotator demo",
    "blasto-annotator demo /tmp/demo --headless --kimg 1",
    text="The embryos are drawn, not photographed, and everything says so. Without a display the loop is "
    "walked headless: draw, import, label, snapshot, retrain, generate, review, report, next snapshot.",
)


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=_EPILOG)(demo)


def demo(
    context: typer.Context,
    folder: Annotated[
        Path,
        typer.Argument(metavar="[FOLDER]", help="The sample project; made where absent.", show_default=True),
    ] = Path("demo-project"),
    headless: Annotated[
        bool, typer.Option("--headless", help="Walk the whole loop without a window.")
    ] = False,
    size: Annotated[
        str, typer.Option(metavar="NAME", help="How much is drawn: small, medium, large.")
    ] = "small",
    kimg: Annotated[float, typer.Option(metavar="N", help="Headless: how long to train.", min=0.001)] = 0.5,
    per_class: Annotated[
        int, typer.Option(metavar="N", help="Headless: images to generate of each class.", min=1)
    ] = 8,
    as_json: AsJson = False,
) -> None:
    """Open the sample project of drawn embryos, or walk the whole loop on it without a window."""
    folder = folder.expanduser().resolve()
    if not headless and not _has_display():
        note("There is no display: walking the loop without the window.")
        headless = True
    project = _open(folder, size)
    if headless:
        from blasto_annotator.cli.loop import walk_loop

        with project:
            facts = walk_loop(project, kimg, per_class)
        _print(facts, as_json)
        return
    project.close()
    if context.obj is None:
        raise UserError("This installation has no window: run “blasto-annotator demo --headless”.")
    raise typer.Exit(context.obj([str(folder)]))


def _open(folder: Path, size: str) -> Project:
    from blasto_annotator.importers.labels_csv import import_labels
    from blasto_annotator.importers.run import import_source
    from blasto_annotator.sample.project import Readers, open_sample_project, sample_spec

    readers = Readers(
        frames=lambda project, root: import_source(project, root, "gomez", who="demo"),
        labels=import_labels,
    )
    sample_spec(size)
    if not (folder / "project.db").exists():
        note(f"Drawing the sample project in {folder}: drawn embryos, not photographs.")
    with progress_bar("Drawing") as progress:
        return open_sample_project(folder, readers, size, progress)


def _has_display() -> bool:
    """Whether a window can be shown (Qt's platform may be chosen by hand, also without a display)."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _print(facts: dict[str, Any], as_json: bool) -> None:
    if as_json:
        out_json(facts)
        return
    for title, value in facts.items():
        if title != "review":
            out(f"{title.replace('_', ' ')}: {value}")
    out("review, with simulated verdicts (a rule on pixels, for the demonstration; no expert looked):")
    for line in facts["review"]:
        out("  " + "  ".join(str(part) for part in line.values()))
