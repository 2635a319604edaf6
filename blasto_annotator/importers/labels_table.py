"""The labels that stand as a plain table, for the laboratory itself: all that a person entered or saw.

The first columns say what was seen of which image, as the import reads them; then where it comes from, notes
and flags, and what was on screen. The import takes the note along; flags and the screen are for the reader.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

from blasto_annotator.domain.flags import Flag
from blasto_annotator.domain.frames import Frame
from blasto_annotator.domain.labels import Label, LabelEntry
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.store import Project
from blasto_annotator.store.csv_table import write_csv

COLUMNS = (
    *("image", "sha256", "embryo", "plane", "hpi", "expansion", "icm", "te"),
    *("group", "gradable", "reason", "grader", "time_utc"),
    *("source", "couple", "phase", "note", "flags", "on_screen"),
)


def export_labels(project: Project, file: Path, grader: str | None = None) -> int:
    """Writes the current labels of a grader, or of everybody, whole or not at all; returns how many.

    Raises:
        UserError: the file cannot be written.
    """
    labels = project.labels.current(grader)
    frames = project.frames.many({label.frame_id for label in labels})
    found = [(frames[label.frame_id], label) for label in labels]
    found.sort(key=lambda pair: (pair[0].source_id, pair[0].path, pair[1].grader))
    writer = _Writer(project)
    write_csv(file, COLUMNS, (writer.row(*pair) for pair in found))
    return len(found)


class _Writer:
    """What is written of each label; reads the rest of the project once."""

    def __init__(self, project: Project) -> None:
        self._scheme = project.scheme
        self._sources = {source.id: source.name for source in project.frames.sources()}
        self._couples = {embryo.id: embryo.couple for embryo in project.frames.embryos()}
        self._flags: dict[str, list[Flag]] = {}
        for flag in project.flags.standing():
            self._flags.setdefault(flag.sha256, []).append(flag)

    def row(self, frame: Frame, label: Label) -> tuple[object, ...]:
        place = (frame.path, label.sha256, frame.embryo, frame.plane, frame.hpi)
        when = label.time_utc.astimezone(UTC).isoformat(timespec="seconds")
        said = _said(label.entry, self._scheme)
        couple = self._couples.get(frame.embryo_id, "")
        where = (self._sources[frame.source_id], couple, frame.phase)
        return (*place, *said, label.grader, when, *where, *self._remarks(label))

    def _remarks(self, label: Label) -> tuple[str, str, str]:
        entry = label.entry
        view = (
            json.dumps(dict(entry.view), ensure_ascii=False, sort_keys=True) if entry and entry.view else ""
        )
        return entry.note if entry else "", _flags(self._flags.get(label.sha256, ())), view


def _said(entry: LabelEntry | None, scheme: Scheme) -> tuple[object, ...]:
    """Expansion, ICM, TE, group, gradable, reason."""
    if entry is None or entry.grade is None:
        return ("", "", "", "", "no", entry.reason if entry else "")
    grade, group = entry.grade, scheme.group_of(entry.grade)
    return (grade.expansion, grade.icm, grade.te, group.name if group else "", "yes", "")


def _flags(flags: Sequence[Flag]) -> str:
    """`ask a colleague (Ana: is it collapsed?); teaching case (Boris)`."""
    words = (f"{flag.flag} ({flag.who}{f': {flag.note}' if flag.note else ''})" for flag in flags)
    return "; ".join(words)
