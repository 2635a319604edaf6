"""The grade that an image looks like, typed as an embryologist writes it."""

from __future__ import annotations

from PySide6.QtCore import Signal

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.schemes import Scheme, is_grade
from blasto_annotator.gui.review.line_field import LineField


class GradeField(LineField):
    """Empty, or a grade of the scheme; half a grade counts as none."""

    graded = Signal(str, str)
    """A grade and the class that the scheme makes of it, where it makes one; both empty: none."""
    refused = Signal(str)
    """Why what stands there is no grade."""

    def __init__(self, scheme: Scheme) -> None:
        super().__init__()
        self._scheme = scheme
        self._typing = False
        self.setPlaceholderText("A grade, such as 4AB")
        self.setAccessibleName("Looks like a grade")
        self.textEdited.connect(lambda _: self._edited())

    def show_words(self, words: str) -> None:
        """What an image was said to look like: a grade is shown; what is being typed stays."""
        shown = words if is_grade(words) else ""
        if self._read()[0] != shown or not self._typing:
            self.setText(shown)

    def reset(self) -> None:
        """Another image: what was half typed is gone."""
        self._typing = False

    def leave(self, *, escaped: bool) -> None:
        """Half a grade is said to be one on Enter, and dropped on Esc."""
        try:
            grade, _ = self._grade()
        except UserError as error:
            if not escaped:
                self.refused.emit(str(error))
                return
            grade = ""
        self.setText(grade)
        self.done.emit()

    def _edited(self) -> None:
        self._typing = True
        self.graded.emit(*self._read())

    def _read(self) -> tuple[str, str]:
        try:
            return self._grade()
        except UserError:
            return "", ""

    def _grade(self) -> tuple[str, str]:
        """What stands in the field.

        Raises:
            UserError: it is no grade of the scheme.
        """
        words = self.text().strip()
        if not words:
            return "", ""
        grade = parse_grade(words)
        self._scheme.check(grade, letters_may_lack=bool(grade.icm or grade.te))
        group = self._scheme.group_of(grade)
        return str(grade), "" if group is None else group.name
