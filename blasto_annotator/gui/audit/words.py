"""Rows of the audit trail in words. No Qt."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from blasto_annotator.domain.audit import AuditRow

ACTIONS = {
    "adjudicate": "adjudicated",
    "adjudication": "adjudicated",
    "assign": "dealt embryos out",
    "assign.clear": "took assignments back",
    "audit.restored": "restored a backup",
    "flag": "raised a flag",
    "flag.lower": "took a flag off",
    "generate": "generated a batch",
    "grader.add": "made an account",
    "grader.adjudicates": "changed who may adjudicate",
    "grader.close": "closed an account",
    "grader.open": "opened an account again",
    "grader.pin": "changed a PIN",
    "grader.wrong_pin": "typed a wrong PIN",
    "import": "imported frames",
    "key.make": "made the signing key",
    "label": "graded",
    "label.import": "imported a grade",
    "label.import.undo": "took an imported grade back",
    "label.withdraw": "took a grade back",
    "labels.export": "exported labels",
    "project.create": "made the project",
    "project.move": "moved the project",
    "promote": "promoted a model",
    "repeat": "graded a repeat",
    "repeats.share": "changed the share of repeats",
    "retrain": "started a training",
    "review": "reviewed",
    "review.reveal": "was shown what the images were",
    "review.start": "planned a review",
    "review.withdraw": "took a review back",
    "round": "began a round",
    "scheme": "changed the grading scheme",
    "snapshot": "built a snapshot",
    "source": "added or changed a source",
    "source.locate": "moved a source",
}
_HIDDEN = ("row", "sums", "pairs", "order", "pin_mark")


@dataclass(frozen=True)
class Field:
    """One field of what was stored, before and after."""

    name: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after

    @property
    def title(self) -> str:
        """The name in words."""
        return self.name.replace("_", " ")


def action_words(action: str) -> str:
    """What somebody did, such as `graded`; the action's own name where it is a new one."""
    return ACTIONS.get(action, action.replace(".", " ").replace("_", " "))


def subject_words(subject: str) -> str:
    """Such as `frame 17`."""
    kind, _, number = subject.partition(":")
    return f"{kind} {number}".strip()


def local_time(row: AuditRow) -> str:
    """The row's moment on this computer's clock, to the second."""
    return datetime.fromisoformat(row.time_utc).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def moment_words(row: AuditRow) -> str:
    """Local time with its zone, and UTC."""
    moment = datetime.fromisoformat(row.time_utc)
    here = moment.astimezone()
    return f"{here:%Y-%m-%d %H:%M:%S} ({here.tzname() or 'local'})  ·  {moment:%Y-%m-%d %H:%M:%S} UTC"


def change_words(row: AuditRow) -> str:
    """What changed, in a few words: grades where there are any, else the fields that differ."""
    before, after = _values(row.before), _values(row.after)
    said = [grade for grade in (_grade(before), _grade(after)) if grade]
    if said:
        return " → ".join(said) if _grade(before) != _grade(after) else said[-1]
    changed = [field for field in fields(row) if field.changed]
    if before:
        return ", ".join(
            f"{field.title}: {field.before or '–'} → {field.after or '–'}" for field in changed[:2]
        )
    return ", ".join(f"{field.title} {field.after}" for field in changed[:3])


def fields(row: AuditRow) -> list[Field]:
    """Every field of before and after; those that changed come first."""
    before, after = _values(row.before), _values(row.after)
    names = [name for name in {**after, **before} if name not in _HIDDEN]
    found = [Field(name, _text(before.get(name)), _text(after.get(name))) for name in names]
    return sorted(found, key=lambda field: not field.changed)


def _values(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except json.JSONDecodeError:  # a row that somebody altered is shown as it is
        return {"text": text}
    return found if isinstance(found, dict) else {"text": text}


def _grade(values: dict[str, Any]) -> str:
    if values.get("withdrawn"):
        return "withdrawn"
    if values.get("expansion"):
        return f"{values['expansion']}{values.get('icm') or ''}{values.get('te') or ''}"
    return f"not gradable, {values['reason']}" if "expansion" in values and values.get("reason") else ""


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
