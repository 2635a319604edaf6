"""Which model a new run starts from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store import Project
from blasto_annotator.training.record import newest_checkpoint
from blasto_annotator.training.runs import CONTROL, REWARDED, RunRow, find_run, list_runs
from gan.contract.checkpoint import describe_checkpoint
from gan.contract.run_folder import RunState

_USABLE = (RunState.FINISHED, RunState.STOPPED)


def choose_start(
    project: Project, classes: Sequence[str] | None = None, runs: Sequence[RunRow] | None = None
) -> Path | None:
    """The promoted model, else the newest finished or stopped run's newest checkpoint; None where none fits.

    A model fits when its classes are `classes` (the scheme's groups by default), in the same order. The
    models of a trial of the reward are left out: whether the reward helped is for a person to say, who
    promotes one of them. `runs` are the project's, newest first, where the caller has listed them.
    """
    wanted = tuple(classes or (group.name for group in project.scheme.groups))
    return next((path for path in _candidates(project, runs) if _has_classes(path, wanted)), None)


def undecided_trial(
    project: Project, start_from: Path | None, runs: Sequence[RunRow] | None = None
) -> list[str]:
    """Names of the runs of a trial of the reward that are newer than the run to start from, newest first.

    None where a model is in use: a person has decided then. `runs`: as in `choose_start`.
    """
    found: list[str] = []
    if current_model(project) is not None:
        return found
    for row in list_runs(project) if runs is None else runs:
        if start_from is not None and start_from.resolve().is_relative_to(row.folder.path.resolve()):
            break
        found += [row.name] if row.trial and row.state in _USABLE else []
    return found


@dataclass(frozen=True)
class Trial:
    """The two trainings of a trial of the reward."""

    rewarded: RunRow
    control: RunRow


def newest_trial(project: Project) -> Trial | None:
    """The trial that the newest run is a side of; None where that run is no trial's.

    Raises:
        UserError: its other side was not trained to the end.
    """
    runs = list_runs(project)
    if not runs or not runs[0].trial:
        return None
    sides = [next((row for row in runs if row.trial == side), None) for side in (REWARDED, CONTROL)]
    ended = [row for row in sides if row is not None and row.state in _USABLE]
    if len(ended) < len(sides) or ended[0].snapshot != ended[1].snapshot:
        raise UserError(
            f"Run {runs[0].name} is a side of a trial of the reward whose other side is not there yet: let "
            "the round go on to its review, or name the run that you choose."
        )
    return Trial(*ended)


def start_of(
    project: Project,
    text: str,
    classes: Sequence[str] | None = None,
    runs: Sequence[RunRow] | None = None,
) -> Path | None:
    """The checkpoint that a person means: empty for the model in use (see `choose_start`), `none`, or a name.

    Raises:
        UserError: no such run or checkpoint.
    """
    if not text:
        return choose_start(project, classes, runs)
    return None if text == "none" else find_checkpoint(project, text)


def current_model(project: Project) -> Path | None:
    """The promoted model's checkpoint, where one is promoted and still there."""
    relative = project.models.current()
    path = None if relative is None else project.folder / relative
    return path if path is not None and path.is_dir() else None


def previous_model(project: Project) -> Path:
    """The model that was in use before the present one.

    Raises:
        UserError: there was none, or it is gone.
    """
    line = _line(promotion.checkpoint for promotion in project.models.history())
    if len(line) < 2:
        raise UserError("No other model was in use before: there is nothing to go back to.")
    path = project.folder / line[-2]
    if not path.is_dir():
        raise UserError(f"The model that was in use before is gone ({path}): promote another.")
    return path


def _line(names: Iterable[str]) -> list[str]:
    """The models that led to the one in use, itself last: going back to the one before takes a step away."""
    line: list[str] = []
    for name in names:
        if line[-2:-1] == [name]:
            line.pop()
        elif line[-1:] != [name]:
            line.append(name)
    return line


def find_checkpoint(project: Project, text: str) -> Path:
    """The checkpoint that a person means: its folder, or a run (its newest checkpoint).

    Raises:
        UserError: it is neither, or the run has no checkpoint yet.
    """
    path = Path(text).expanduser()
    if (path / "checkpoint.json").exists():
        return path.resolve()
    run = find_run(project, text)
    checkpoint = newest_checkpoint(run)
    if checkpoint is None:
        raise UserError(f"Run {run.path.name} has no checkpoint yet: let it train longer, or resume it.")
    return checkpoint


def read_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint's description.

    Raises:
        UserError: absent, unreadable or not a checkpoint.
    """
    try:
        return describe_checkpoint(path)
    except (OSError, ValueError) as error:
        raise UserError(f"{path} is not a checkpoint that can be read ({error}); choose another.") from error


def model_title(project: Project, checkpoint: Path) -> str:
    """`the model in use (run NAME, 12 kimg)` or `run NAME's model (12 kimg)`."""
    kimg = float(read_checkpoint(checkpoint).get("kimg", 0.0))
    name = checkpoint.parent.parent.name if checkpoint.parent.name == "checkpoints" else checkpoint.name
    current = current_model(project)
    if current is not None and current.resolve() == checkpoint.resolve():
        return f"the model in use (run {name}, {kimg:g} kimg)"
    return f"run {name}'s model ({kimg:g} kimg)"


def _candidates(project: Project, runs: Sequence[RunRow] | None) -> list[Path]:
    rows = list_runs(project) if runs is None else runs
    usable = [row for row in rows if row.state in _USABLE and not row.trial]
    newest = [newest_checkpoint(row.folder) for row in usable]
    return [path for path in (current_model(project), *newest) if path is not None]


def _has_classes(checkpoint: Path, classes: tuple[str, ...]) -> bool:
    try:
        description = describe_checkpoint(checkpoint)
    except (OSError, ValueError):
        return False
    return tuple(description.get("classes", ())) == classes
