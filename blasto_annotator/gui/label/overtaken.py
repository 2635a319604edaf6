"""Why a step was not undone: in words. No Qt."""

from __future__ import annotations

from blasto_annotator.domain.acts import UNDO
from blasto_annotator.domain.labels import Label, Turned
from blasto_annotator.gui.label.changes import AnyChange, labels_in

_BY = {"import": "an import said", "import taken back": "an import was taken back and left"}
_ELSEWHERE = "it was changed elsewhere to"


def overtaken_words(change: AnyChange, turned: Turned) -> str:
    """What was not undone or redone, what stands instead and how to change that."""
    parts, verb = labels_in(change), "undone" if change.why == UNDO else "redone"
    late = [
        (one, label)
        for one, label, is_late in zip(parts, turned.labels, turned.overtaken, strict=True)
        if is_late
    ]
    one, label = late[0]
    frame, typed = one.frame, one.before if change.why == UNDO else one.after
    when = "" if frame.hpi is None else f" · {frame.hpi:.1f} h"
    said = "A withdrawal" if typed is None else str(typed.grade or "Not gradable")
    if len(parts) > 1:
        return f"Not {verb} for {len(late)} of {len(parts)} images: {_since(label)}. That stays."
    return (
        f"{said} ({frame.embryo}{when}) is not {verb}: since then {_since(label)}. "
        "That stays; grade the frame again to change it."
    )


def _since(label: Label | None) -> str:
    """What was said later, and by which way."""
    entry = label.entry if label is not None else None
    if label is None or entry is None:
        return "the label was withdrawn elsewhere"
    said = entry.grade or f"not gradable, {entry.reason}"
    return f"{_BY.get(label.why, _ELSEWHERE)} {said}"
