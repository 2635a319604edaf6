"""The marks that a reviewer sets on one image before they become a verdict, and the keys that set them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from blasto_annotator.domain.reviews import DEFECTS, OWN_DEFECT, Answer, Realism, Stroke, Verdict

REALISM_KEYS = {"1": Realism.PERFECT, "2": Realism.MINOR_FLAWS, "3": Realism.IMPLAUSIBLE}
REALISM_TITLES = {
    Realism.PERFECT: "Perfect",
    Realism.MINOR_FLAWS: "Minor flaws",
    Realism.IMPLAUSIBLE: "Implausible",
}
REALISM_HINTS = {
    Realism.PERFECT: "Cannot be told from a real embryo",
    Realism.MINOR_FLAWS: "Small flaws that an expert notices",
    Realism.IMPLAUSIBLE: "Could not be a real embryo",
}
WRONG_CLASS_KEY = "W"
DEFECT_KEYS = dict(zip("ASDFGH", DEFECTS, strict=True))
"""The home row under the left hand, in the order of the source's list."""
OWN_DEFECT_KEYS = "QTYUOP"
"""For the defects that the laboratory named; those beyond are clicked."""
BRUSH_KEY = "R"
ANSWER_TITLES = {
    Answer.REAL: "Real",
    Answer.GENERATED: "Generated",
    Answer.LEFT: "Left looks more real",
    Answer.RIGHT: "Right looks more real",
}
CHOICE_KEYS = {"1": Answer.REAL, "2": Answer.GENERATED}
PAIR_KEYS = {"1": Answer.LEFT, "2": Answer.RIGHT}
CLASS_LETTERS = "ZXCVBMJKL"
"""Class it looks like: the row below. Classes beyond these are chosen from the list."""
NOTE_KEY = "N"
GRADE_KEY = "7"
"""Opens the field for the grade it looks like."""


@dataclass(frozen=True)
class Marks:
    """What is marked on screen. Changing it never writes anything."""

    realism: Realism | None = None
    wrong_class: bool = False
    defects: tuple[str, ...] = ()
    looks_like: str = ""
    note: str = ""
    answer: Answer | None = None
    strokes: tuple[Stroke, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether it makes a verdict: a realism, wrong class alone, or an answer."""
        return self.realism is not None or self.wrong_class or self.answer is not None

    def verdict(self) -> Verdict:
        """The verdict that the marks make.

        Raises:
            ValueError: the marks are not complete.
        """
        return Verdict(**vars(self))


def marks_of(verdict: Verdict | None) -> Marks:
    """The marks that show a verdict; none for None."""
    if verdict is None:
        return Marks()
    return Marks(**vars(verdict))


def mark_realism(marks: Marks, realism: Realism) -> Marks:
    """Sets the realism; the same one again takes it back."""
    return replace(marks, realism=None if marks.realism is realism else realism)


def toggle_wrong_class(marks: Marks) -> Marks:
    """Wrong class on or off; off also forgets the class that it looks like."""
    wrong = not marks.wrong_class
    return replace(marks, wrong_class=wrong, looks_like=marks.looks_like if wrong else "")


def toggle_defect(marks: Marks, code: str) -> Marks:
    """One defect on or off, in the order of the list."""
    chosen = set(marks.defects) ^ {code}
    own = sorted(known for known in chosen if known.startswith(OWN_DEFECT))
    return replace(marks, defects=(*(known for known in DEFECTS if known in chosen), *own))


def add_stroke(marks: Marks, stroke: Stroke) -> Marks:
    """One more line of the brush."""
    return replace(marks, strokes=(*marks.strokes, stroke))


def wipe_strokes(marks: Marks) -> Marks:
    """Takes every line of the brush away."""
    return replace(marks, strokes=())


def mark_looks_like(marks: Marks, name: str, class_name: str) -> Marks:
    """The class it looks like. Another class than its own says wrong class too; its own takes both back."""
    if name in ("", class_name):
        return replace(marks, wrong_class=marks.wrong_class and not name, looks_like="")
    if marks.looks_like == name:
        return replace(marks, looks_like="")
    return replace(marks, wrong_class=True, looks_like=name)


def mark_grade(marks: Marks, grade: str, group: str, class_name: str) -> Marks:
    """The grade it looks like, whose class is `group`. Of another class than its own it says wrong class too.

    Taking the grade back leaves wrong class as it is.
    """
    wrong = bool(grade) and bool(group) and group != class_name
    return replace(marks, wrong_class=wrong or marks.wrong_class, looks_like=grade)


def class_keys(names: tuple[str, ...]) -> dict[str, str]:
    """Letter to class name, for as many classes as there are letters."""
    return dict(zip(CLASS_LETTERS, names, strict=False))


def write_note(marks: Marks, words: str) -> Marks:
    """The reviewer's own words."""
    return replace(marks, note=words)


def short_words(marks: Marks) -> str:
    """The marks as a caption on a small image: `2 Minor flaws, W, 1 defect`."""
    if marks.answer is not None:
        return ANSWER_TITLES[marks.answer]
    words = [f"{key} {REALISM_TITLES[r]}" for key, r in REALISM_KEYS.items() if r is marks.realism]
    if marks.wrong_class:
        words.append(WRONG_CLASS_KEY if words else f"{WRONG_CLASS_KEY} Wrong class")
    if marks.defects:
        words.append(f"{len(marks.defects)} defect{'s' if len(marks.defects) > 1 else ''}")
    return ", ".join(words)
