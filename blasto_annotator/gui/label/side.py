"""The right column: who grades, the grade, what was not saved, and the picture's sliders."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from blasto_annotator.gui.label.alike import AlikeOffer
from blasto_annotator.gui.label.grade_panel import GradePanel
from blasto_annotator.gui.label.grader_panel import GraderPanel
from blasto_annotator.gui.label.grading import Grading
from blasto_annotator.gui.widgets.basics import column, line, text
from blasto_annotator.gui.widgets.picture_panel import PicturePanel
from blasto_annotator.gui.widgets.save_notice import SaveNotice


class SidePanel(QFrame):
    """Shows the question for the grader until it is answered, then the grade."""

    def __init__(self, grading: Grading) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.setMinimumWidth(292)
        self.setMaximumWidth(460)
        self.grader = GraderPanel()
        self.grade = GradePanel(grading)
        self.notice = SaveNotice()
        self.alike = AlikeOffer()
        self.picture = PicturePanel()
        asked, graded = QWidget(), QWidget()
        asked.setLayout(column(self.grader, None))
        self.pace = text("", "small", wrap=True)
        self.pace.setToolTip("Graded today; median time of the last 20 grades")
        graded.setLayout(column(self.notice, self.alike, self.grade, self.pace, None, gap=10))
        self.stack = QStackedWidget()
        self.stack.addWidget(asked)
        self.stack.addWidget(graded)
        grading.hint.connect(lambda words: self.grader.first.setVisible(bool(words and not grading.grader)))
        inner = QWidget()
        inner.setProperty("role", "plain")
        inner.setLayout(column(self.stack, None, line(), self.picture, gap=12, margin=14))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)

    def ask_grader(self, names: list[str], keeps: bool = True) -> None:
        """Shows the question; `keeps`: whether the project can be written."""
        self.grader.show_names(names, keeps)
        self.stack.setCurrentIndex(0)
        self.grader.field.setFocus()

    def show_grade(self) -> None:
        """Shows the grade."""
        self.stack.setCurrentIndex(1)
