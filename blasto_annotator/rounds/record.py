"""A round's record, `rounds/NNNN.json`: what was asked, what each part came to, and where it stands.

Beside it lie `NNNN.stop` (a request to stop), `NNNN.progress.json` (how far the present step is) and
`NNNN.log` (what a round without a terminal says). `alive.lock` is held by whoever walks a round: one
process a project, and none where it died.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from blasto_annotator.curation.options import LABELS_BY, SnapshotOptions, parse_labels_by
from blasto_annotator.domain.errors import UserError
from blasto_annotator.store import Project
from blasto_annotator.training.models import start_of
from blasto_annotator.training.presets import load_preset
from blasto_annotator.training.probe import ANY_DEVICE, describe_trainer
from blasto_annotator.training.snapshots import find_snapshot
from gan.contract.jsonfile import read_json, write_json
from gan.contract.locking import AlreadyLockedError, FileLock, is_locked

FOLDER = "rounds"
LOCK = "alive.lock"
FINISHED = "finished_utc"
LISTS = ("readers", "expansions")


class RoundState(StrEnum):
    """Where a round stands."""

    RUNNING = "running"
    STOPPED = "stopped"  # on request; goes on from there
    FAILED = "failed"  # with a sentence; tried again from there
    INTERRUPTED = "interrupted"  # whoever walked it died; goes on from there
    READY = "ready"  # its review waits
    LEFT = "left"  # another round was begun instead


@dataclass(frozen=True)
class RoundWish:
    """What a round is begun with."""

    preset: str
    kimg: float | None = None
    snapshot: str = ""
    start: str = ""
    include_perfect: bool = False
    cap: float = 0.2
    expansions: tuple[int, ...] = (2, 3, 4)
    thin_distance: int = 4
    labels_by: str = LABELS_BY[0]
    split_seed: int = 0
    seed: int = 0
    device: str = ANY_DEVICE
    per_class: int = 50
    accept: float = 0.5
    teach: bool = False
    """Review the images whose verdicts teach the expert scorer most, of four times as many."""
    reward: bool = False
    """Train towards what the expert scorer expects to be called perfect, beside a control without that."""
    reward_weight: float | None = None
    """None: the trainer's own."""
    readers: tuple[str, ...] = ()
    """Who reviews; those who did before, else who asks, where nobody is named."""
    who: str = ""
    """Whom the audit trail names."""

    def options(self, size: int) -> SnapshotOptions:
        """The training set's options at a size."""
        method, grader = parse_labels_by(self.labels_by)
        return SnapshotOptions(
            size=size,
            expansions=self.expansions,
            thin_distance=self.thin_distance,
            seed=self.split_seed,
            grader=grader,
            labels_by=method,
            include_generated=self.include_perfect,
            generated_cap=self.cap,
        )


@dataclass
class Round:
    """A round under way."""

    path: Path
    wish: RoundWish
    done: dict[str, Any] = field(default_factory=dict)
    """What each part came to, by its name."""
    claims: dict[str, Any] = field(default_factory=dict)
    """Names and seeds that are settled before the deed: a deed that was cut short is known by them."""
    said: dict[str, str] = field(default_factory=dict)
    """A sentence for each step that is done."""
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each finished step took, over all sittings."""
    step: str = ""
    """The step under way, or where it ended."""
    trouble: dict[str, Any] = field(default_factory=dict)
    """`stopped` (yes or no) and `sentence`, where the last sitting ended early."""
    left: bool = False

    @property
    def number(self) -> int:
        return int(self.path.stem)

    @property
    def stop(self) -> Path:
        return self.path.with_suffix(".stop")

    @property
    def log(self) -> Path:
        return self.path.with_suffix(".log")

    @property
    def progress(self) -> Path:
        return self.path.with_suffix(".progress.json")

    @property
    def finished(self) -> bool:
        return FINISHED in self.done

    def part(self, name: str, make: Callable[[], Any]) -> Any:
        """What a part came to; does it where it is not done, and keeps that at once."""
        if name not in self.done:
            self.done[name] = make()
            self.write()
        return self.done[name]

    def claim(self, name: str, make: Callable[[], Any]) -> Any:
        """A name or seed that was settled before, or is settled and kept now."""
        if name not in self.claims:
            self.claims[name] = make()
            self.write()
        return self.claims[name]

    def write(self) -> None:
        """Writes the file.

        Raises:
            UserError: it cannot be written.
        """
        value = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("path", "wish")}
        try:
            self.path.parent.mkdir(exist_ok=True)
            write_json(self.path, {"v": 1, "wish": asdict(self.wish), **value})
        except OSError as error:
            raise UserError(f"{self.path} cannot be written ({error.strerror}).") from error

    def state(self) -> RoundState:
        """Read from the record and the lock; the lock is that of the newest round."""
        if self.finished:
            return RoundState.READY
        if self.left:
            return RoundState.LEFT
        if is_locked(self.path.with_name(LOCK)):
            return RoundState.RUNNING
        if not self.trouble:
            return RoundState.INTERRUPTED
        return RoundState.STOPPED if self.trouble.get("stopped") else RoundState.FAILED


def begin(project: Project, wish: RoundWish, afresh: bool = False) -> Round:
    """A new round's record; nothing is done yet. `afresh` leaves one that waits, as it is.

    Raises:
        UserError: a reader is named twice, the choices exclude one another or name what is not there (a
            device, too), a round is under way or waits, or the newest record is damaged.
    """
    check_wish(wish)
    _check_names(project, wish)
    with _one_at_a_time(project):
        newest = newest_round(project)
        if newest is not None:
            _make_way(newest, afresh)
        number = 1 if newest is None else newest.number + 1
        made = Round(project.folder / FOLDER / f"{number:04d}.json", wish)
        made.write()
    project.audit.append(wish.who, "round", f"round:{number}", None, asdict(wish))
    return made


def _check_names(project: Project, wish: RoundWish) -> None:
    """A round that names what is not there could only fail, again and again."""
    load_preset(wish.preset)
    if wish.device != ANY_DEVICE:
        describe_trainer().on(wish.device)
    if wish.snapshot:
        find_snapshot(project, wish.snapshot)
    start_of(project, wish.start)


def waits(state: RoundState) -> bool:
    """Whether a round in this state is to be gone on with or left before another begins."""
    return state in (RoundState.STOPPED, RoundState.FAILED, RoundState.INTERRUPTED)


def _make_way(newest: Round, afresh: bool) -> None:
    """Whoever asks for another round has chosen what becomes of the one before."""
    state = newest.state()
    if state is RoundState.RUNNING:
        raise UserError(f"Round {newest.number} is under way: stop it, or wait until its review is ready.")
    if waits(state) and not afresh:
        raise UserError(f"Round {newest.number} waits: go on with it, or leave it before another begins.")
    if waits(state):
        leave(newest)


@contextmanager
def _one_at_a_time(project: Project) -> Iterator[None]:
    """Two windows that begin at once do not get the same number."""
    path = project.folder / FOLDER / "begin.lock"
    try:
        lock = FileLock(path, patience=2.0)
    except AlreadyLockedError as error:
        raise UserError("Another window is beginning a round at this moment: look again.") from error
    except OSError as error:
        raise UserError(
            f"{path} cannot be written ({error.strerror}): check disk and permissions."
        ) from error
    try:
        yield
    finally:
        lock.release()


def check_wish(wish: RoundWish) -> None:
    """Refuses what cannot be.

    Raises:
        UserError: a reader is named twice or not at all, or the choices exclude one another.
    """
    if len(set(wish.readers)) < len(wish.readers) or not all(reader.strip() for reader in wish.readers):
        raise UserError("A reader is named twice or not at all: each reader gets one session.")
    if wish.teach and wish.reward:
        raise UserError(
            "A comparison with a control needs images drawn by chance: leave out either the order that "
            "teaches most or the reward."
        )


def leave(current: Round) -> None:
    """Gives an unfinished round up; its parts stay, and it can be taken up again until another begins."""
    current.left = True
    current.write()


def take_up_again(current: Round) -> None:
    """Takes back that a round was given up."""
    current.left = False
    current.write()


def request_stop(current: Round) -> None:
    """Asks whoever walks the round to save and end."""
    current.stop.touch()


def newest_round(project: Project) -> Round | None:
    """The newest round, finished or not; None before the first.

    Raises:
        UserError: its record is damaged.
    """
    files = _files(project)
    return read_round(files[-1]) if files else None


def finished_rounds(project: Project, most: int) -> list[Round]:
    """The newest finished rounds whose record can be read, newest first."""
    found: list[Round] = []
    for path in reversed(_files(project)):
        if len(found) == most:
            break
        try:
            known = read_round(path)
        except UserError:  # the newest is spoken of where it is taken up; an older one gives no times
            continue
        if known.finished:
            found.append(known)
    return found


def read_round(path: Path) -> Round:
    """A round from its file.

    Raises:
        UserError: it is damaged.
    """
    try:
        said = read_json(path)
        known = {f.name for f in fields(RoundWish)}
        wish = {name: value for name, value in said["wish"].items() if name in known}
        wish |= {name: tuple(wish[name]) for name in LISTS if name in wish}
        rest = {
            f.name: said[f.name] for f in fields(Round) if f.name in said and f.name not in ("path", "wish")
        }
        return Round(path, RoundWish(**wish), **rest)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path} is damaged ({error}): remove it to begin a new round.") from error


def now_utc() -> str:
    """This moment, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _files(project: Project) -> list[Path]:
    return sorted((project.folder / FOLDER).glob("[0-9][0-9][0-9][0-9].json"))
