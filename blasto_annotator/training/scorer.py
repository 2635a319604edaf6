"""Expert scorers of a project: trained in a child process, listed and chosen by their folders."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store import Project
from blasto_annotator.training.child import run_gan
from blasto_annotator.training.generate import Bar
from blasto_annotator.training.models import find_checkpoint, read_checkpoint
from gan.contract.scorer_folder import SCORER_FILE, VERDICT_FILE, ScorerInfo, read_scorer

FOLDER = "scorers"


def new_scorer(project: Project) -> Path:
    """A folder, not yet made, whose name sorts by time; its `verdicts.csv` is to be written next."""
    stem = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    names = [stem, *(f"{stem}-{number}" for number in range(2, 1000))]
    return next(folder for name in names if not (folder := project.folder / FOLDER / name).exists())


def train_scorer(
    project: Project,
    folder: Path,
    who: str = "",
    seed: int = 0,
    cancelled: Callable[[], bool] | None = None,
) -> ScorerInfo:
    """Trains the scorer of a folder with its table of verdicts; nothing is left of one that failed.

    Raises:
        UserError: the trainer ended with a sentence, or `cancelled` said so.
    """
    table = folder / VERDICT_FILE
    try:
        words = ["scorer", "--verdicts", str(table), "--out", str(folder), "--seed", str(seed)]
        run_gan(words, cancelled)
        info = read_scorer(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    said = {"id": info.id, "useful": info.useful, "sentence": info.sentence}
    project.audit.append(who, "scorer", f"scorer:{folder.name}", None, said)
    return info


def list_scorers(project: Project) -> list[ScorerInfo]:
    """Every complete scorer, newest first."""
    folders = sorted((project.folder / FOLDER).glob(f"*/{SCORER_FILE}"), reverse=True)
    return [info for path in folders if (info := _read(path.parent)) is not None]


def choose_scorer(project: Project, text: str, classes: Sequence[str]) -> ScorerInfo | None:
    """The scorer that a person means for a model of these classes: `none`, `latest` (useful) or a name.

    Raises:
        UserError: there is none, or it is of no use.
    """
    if text in ("", "none"):
        return None
    known = list_scorers(project)
    if text != "latest":
        known = [info for info in known if info.path.name == text]
    if not known:
        what = "no scorer yet" if text == "latest" else f"no scorer {text}"
        raise UserError(f"There is {what} in {project.folder}: “blasto-annotator scorer” trains one.")
    wanted = tuple(classes) or ("",)
    useful = [info for info in known if info.useful]
    if not useful:
        raise UserError(f"The scorer {known[0].path.name} cannot be used: {known[0].sentence}")
    fitting = [info for info in useful if info.classes == wanted]
    if not fitting:
        own, its = (", ".join(names) for names in (wanted, useful[0].classes))
        raise UserError(
            f"The scorer {useful[0].path.name} learned the classes {its}, but the model has {own or 'none'}: "
            "review images of this model and train another."
        )
    return fitting[0]


def bar_for(project: Project, run: str, scorer: str, accept: float) -> Bar | None:
    """The bar that a person set for a run's images; None without a scorer.

    Raises:
        UserError: no such run, or no such scorer that is of use.
    """
    if scorer == "none":
        return None
    classes = read_checkpoint(find_checkpoint(project, run)).get("classes", ())
    chosen = choose_scorer(project, scorer, classes)
    return None if chosen is None else Bar(chosen, accept)


def _read(folder: Path) -> ScorerInfo | None:
    """None where the file is damaged: a folder that is not ours."""
    try:
        return read_scorer(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return None
