"""Where an adjudication stands: the disputes, the answers so far, what was decided. Without widgets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from blasto_annotator.curation.adjudicating import Dispute, question
from blasto_annotator.domain.adjudication import (
    GRADABLE,
    NO,
    YES,
    Adjudication,
    Decided,
    decided,
    decided_and_undone,
    outcome,
)
from blasto_annotator.domain.frames import Frame
from blasto_annotator.domain.grades import Grade
from blasto_annotator.domain.raters_criteria import scale
from blasto_annotator.domain.schemes import Scheme

TITLES = {
    GRADABLE: "Can it be graded?",
    "expansion": "Which expansion?",
    "icm": "Which ICM?",
    "te": "Which TE?",
}
ASKED = {GRADABLE: "gradable?", "expansion": "expansion", "icm": "ICM", "te": "TE"}


@dataclass(frozen=True)
class Choice:
    """One answer to the question on screen."""

    key: str
    value: str
    title: str


class AdjudicateModel:
    """Works on one list of disputes; the view saves what it says is complete."""

    def __init__(self) -> None:
        self.disputes: list[Dispute] = []
        self.place = 0
        self.answers: dict[str, str] = {}
        self.revealed = False
        self.scheme: Scheme | None = None
        self.done: list[Decided] = []
        """What this person decided, in this sitting and before, and what stood until then."""
        self.undone: list[Decided] = []
        """What was taken back, to be redone."""

    def begin(self, disputes: tuple[Dispute, ...], scheme: Scheme, steps: Iterable[Decided] = ()) -> None:
        """Another list, and this person's earlier steps; the dispute on screen stays where it can."""
        self.done, self.undone = decided_and_undone(steps)
        moment = self.current.moment if self.current is not None else ""
        self.disputes, self.scheme = list(disputes), scheme
        places = [n for n, dispute in enumerate(self.disputes) if dispute.moment == moment]
        self.go_to(places[0] if places else 0)

    @property
    def current(self) -> Dispute | None:
        """The dispute on screen."""
        return self.disputes[self.place] if self.place < len(self.disputes) else None

    @property
    def open(self) -> int:
        """Disputes without a decision."""
        return sum(dispute.decision is None for dispute in self.disputes)

    @property
    def asked(self) -> str | None:
        """What is asked now."""
        if self.current is None or self.scheme is None:
            return None
        return question(self.current, self.scheme, self.answers)

    @property
    def choices(self) -> list[Choice]:
        """The answers to what is asked now, with their keys."""
        if self.asked is None or self.scheme is None:
            return []
        if self.asked == GRADABLE:
            return [Choice("Y", YES, "Yes (Y)"), Choice("N", NO, "No (N)")]
        return [Choice(value, value, value) for value in scale(self.asked, self.scheme)]

    def go_to(self, place: int) -> None:
        """Another dispute; half-given answers are dropped."""
        self.place = min(max(place, 0), max(len(self.disputes) - 1, 0))
        self.answers, self.revealed = {}, False

    def next_open(self) -> bool:
        """Goes to the next dispute without a decision, from here round; whether there is one."""
        for step in range(1, len(self.disputes) + 1):
            place = (self.place + step) % len(self.disputes)
            if self.disputes[place].decision is None:
                self.go_to(place)
                return True
        return False

    def answer(self, value: str) -> bool:
        """Takes an answer; whether the outcome is decided now."""
        asked = self.asked
        if asked is None or value not in [choice.value for choice in self.choices]:
            return False
        self.answers[asked] = value
        return self.asked is None

    def take_back(self) -> bool:
        """Takes the newest answer back that is half of a decision; False where there is none."""
        if self.answers:
            self.answers.popitem()
            return True
        return False

    def answered_text(self) -> str:
        """What was answered so far: `ICM B`."""
        return ", ".join(f"{ASKED[name].removesuffix('?')} {word}" for name, word in self.answers.items())

    def key(self, char: str) -> str | None:
        """The answer that a typed character stands for."""
        return next((choice.value for choice in self.choices if choice.key == char), None)

    def keep(self, row: Adjudication) -> None:
        """A decision was saved: it stands in the list, and can be undone."""
        before = next((d.decision for d in self.disputes if d.sha256 == row.sha256), None)
        self.done.append((row, before))
        self.undone.clear()
        self._stand(row.sha256, row)

    def taken_back(self) -> bool:
        """The newest decision was undone: its dispute is on screen again; False where it is not listed."""
        row, before = self.done.pop()
        self.undone.append((row, before))
        place = self._stand(row.sha256, before)
        if place is not None:
            self.go_to(place)
        return place is not None

    def decided_again(self, row: Adjudication) -> None:
        """What was undone last was redone, as this row."""
        _, before = self.undone.pop()
        self.done.append((row, before))
        self._stand(row.sha256, row)

    def _stand(self, sha256: str, decision: Adjudication | None) -> int | None:
        """Puts a decision, or none, beside its dispute; the dispute's place."""
        for place, dispute in enumerate(self.disputes):
            if dispute.sha256 == sha256:
                self.disputes[place] = replace(dispute, decision=decision)
                return place
        return None

    def outcome_text(self) -> str:
        """What the answers so far make of the image."""
        if self.current is None or self.scheme is None or self.asked is not None:
            return ""
        return decision_text(decided(self.current.grades, self.scheme, self.answers), self.scheme)


def decision_text(grade: Grade | None, scheme: Scheme) -> str:
    """`4AB: good`, or `not gradable`."""
    if grade is None:
        return outcome(None, scheme)
    return f"{grade}: {_title(outcome(grade, scheme), scheme)}"


def frame_title(frame: Frame) -> str:
    """`E12 · 112.0 h`."""
    when = f" · {frame.hpi:.1f} h" if frame.hpi is not None else f" · {frame.index}" if frame.index else ""
    return f"{frame.embryo}{when}"


def dispute_line(dispute: Dispute, scheme: Scheme) -> str:
    """What is asked and how often each outcome was given: `ICM · good 3, poor 2`; or what was decided."""
    if dispute.decision is not None and dispute.decision.entry is not None:
        return f"✓ {decision_text(dispute.decision.entry.grade, scheme)}"
    names = [group.name for group in scheme.groups]
    words = sorted(set(dispute.outcomes), key=lambda word: names.index(word) if word in names else 99)
    counted = ", ".join(f"{_title(word, scheme)} {dispute.outcomes.count(word)}" for word in words)
    return f"{ASKED[dispute.asked]} · {counted}"


def _title(word: str, scheme: Scheme) -> str:
    return next((group.title.lower() for group in scheme.groups if group.name == word), word)
