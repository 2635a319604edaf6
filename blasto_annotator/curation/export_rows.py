"""What an export of labels says of each label, with or without the names that could lead to a person."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from blasto_annotator.domain.frames import EmbryoRow, Frame
from blasto_annotator.domain.labels import Label
from blasto_annotator.domain.schemes import Scheme

_DIGITS = 12


@dataclass(frozen=True)
class ExportRow:
    """One label."""

    image: str
    """The image's name without its ending; equal content has equal names."""
    path: str
    """Of the original below its source; empty under pseudonyms."""
    sha256: str
    """Of the original; empty under pseudonyms."""
    embryo: str
    couple: str
    plane: int | None
    hpi: float | None
    expansion: int | None
    icm: str
    te: str
    group: str
    gradable: bool
    reason: str
    note: str
    """Empty under pseudonyms: people write names into notes."""
    grader: str
    time_utc: str
    frame_id: int
    """Where the image lies; not written."""


class Names:
    """Names as they go out: as they are, or codes that only this project's key can make again."""

    def __init__(self, secret: bytes | None) -> None:
        self._secret = secret

    @property
    def hidden(self) -> bool:
        """Whether codes stand for names."""
        return self._secret is not None

    def __call__(self, kind: str, name: str) -> str:
        if self._secret is None or not name:
            return name
        code = hmac.new(self._secret, f"{kind}:{name}".encode(), hashlib.sha256).hexdigest()
        return f"{kind}-{code[:_DIGITS]}"


def export_row(
    label: Label, frame: Frame, embryo: EmbryoRow | None, scheme: Scheme, names: Names
) -> ExportRow:
    """One label as it goes out."""
    entry = label.entry
    if entry is None:
        raise ValueError("a withdrawn label is not exported")
    grade = entry.grade
    group = scheme.group_of(grade) if grade is not None else None
    code = names("image", label.sha256) if names.hidden else label.sha256[:_DIGITS]
    return ExportRow(
        image=code,
        path="" if names.hidden else frame.path,
        sha256="" if names.hidden else label.sha256,
        embryo=names("embryo", f"{frame.source_id}/{frame.embryo}") if names.hidden else frame.embryo,
        couple=names("couple", embryo.couple if embryo is not None else ""),
        plane=frame.plane,
        hpi=frame.hpi,
        expansion=grade.expansion if grade else None,
        icm=(grade.icm or "") if grade else "",
        te=(grade.te or "") if grade else "",
        group=group.name if group else "",
        gradable=entry.gradable,
        reason=entry.reason,
        note="" if names.hidden else entry.note,
        grader=names("grader", label.grader),
        time_utc=label.time_utc.isoformat(timespec="seconds"),
        frame_id=label.frame_id,
    )


def class_of(rows: Sequence[ExportRow]) -> str | None:
    """The group that most graders gave an image; None where none leads, or none gave one."""
    votes = Counter(row.group for row in rows if row.group).most_common(2)
    if not votes or (len(votes) == 2 and votes[0][1] == votes[1][1]):
        return None
    return votes[0][0]


def by_image(rows: Iterable[ExportRow]) -> dict[str, list[ExportRow]]:
    """Rows of the same image's content, in order."""
    found: dict[str, list[ExportRow]] = {}
    for row in rows:
        found.setdefault(row.image, []).append(row)
    return found
