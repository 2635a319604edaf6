"""Settings: appearance, session, training, keyboard. Everything takes effect at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QSlider,
    QTabWidget,
    QWidget,
)

from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.key_editor import KeyEditor
from blasto_annotator.gui.settings import NOTIFY, SHARPEST_FIRST, Settings
from blasto_annotator.gui.theme import CHOICES
from blasto_annotator.gui.widgets.basics import button, column, restyle, row, text

if TYPE_CHECKING:
    from blasto_annotator.gui.main_window import MainWindow


class SettingsDialog(QDialog):
    """Non-modal; there is no OK to forget."""

    def __init__(self, window: MainWindow, settings: Settings) -> None:
        super().__init__(window)
        self.setWindowTitle("Settings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._window = window
        self._settings = settings
        tabs = QTabWidget()
        tabs.addTab(self._appearance(), "Appearance")
        tabs.addTab(self._labelling(), "Labelling")
        tabs.addTab(self._training(), "Training")
        tabs.addTab(KeyEditor(settings, window.actions_table), "Keyboard")
        close = button("Close", self.close, role="primary")
        self.setLayout(column(text("Settings", "heading"), tabs, row(None, close), gap=14, margin=20))
        self.resize(680, max(560, min(760, window.height() - 100)))

    def _appearance(self) -> QWidget:
        self.themes = QButtonGroup(self)
        buttons = []
        for name in CHOICES:
            made = QPushButton({"dark": "Dark", "light": "Light", "system": "As the desktop"}[name])
            made.setCheckable(True)
            made.setChecked(name == self._settings.theme)
            made.clicked.connect(lambda _=False, n=name: self._window.set_theme(n))
            self.themes.addButton(made)
            buttons.append(made)
        self.scale = QSlider(Qt.Orientation.Horizontal)
        self.scale.setRange(80, 160)
        self.scale.setSingleStep(5)
        self.scale.setValue(round(100 * self._settings.text_scale))
        self.scale.setAccessibleName("Size of the text")
        self._percent = text(f"{self.scale.value()} %", "muted")
        self.scale.valueChanged.connect(lambda value: self._percent.setText(f"{value} %"))
        self.scale.sliderReleased.connect(self._rescale)
        self.scale.actionTriggered.connect(
            lambda _: None if self.scale.isSliderDown() else self._rescale_soon()
        )
        reopen = self._flag("Open the last project when the program starts", "session/reopen", True)
        return _tab(
            text("Theme", "section"), row(*buttons, None),
            text("The area around a frame is the same neutral grey in both themes.", "small"),
            12, text("Size of the text", "section"), row(self.scale, self._percent, gap=14),
            12, text("Start", "section"), reopen,
        )  # fmt: skip

    def _labelling(self) -> QWidget:
        words = "The sharpest plane is marked beside the frame either way, and S goes there."
        rest = QCheckBox("Propose a break after 50 minutes of grading without a pause")
        rest.setChecked(self._settings.number("label/break_minutes", 50) > 0)
        rest.toggled.connect(lambda on: self._settings.set_text("label/break_minutes", "50" if on else "0"))
        sharpest = self._flag("Open each moment on its sharpest focal plane", SHARPEST_FIRST, False)
        return _tab(
            text("Focal planes", "section"), sharpest, text(words, "small", wrap=True),
            12, text("Breaks", "section"), rest,
        )  # fmt: skip

    def _flag(self, words: str, key: str, default: bool) -> QCheckBox:
        made = QCheckBox(words)
        made.setChecked(self._settings.flag(key, default))
        made.toggled.connect(lambda on: self._settings.set_flag(key, on))
        return made

    def _training(self) -> QWidget:
        from blasto_annotator.training.settings import chosen_interpreter, saved_interpreter

        self.python = QLineEdit(saved_interpreter())
        self.python.setPlaceholderText(chosen_interpreter())
        self.python.editingFinished.connect(self._save_python)
        self._answer = text("", "muted", wrap=True)
        words = (
            "The Python that trains. Leave it empty to use this program's own; name another to use its CUDA."
        )
        notify = self._flag("Tell me on the desktop when a round has ended", NOTIFY, True)
        told = "Only while this window is not in front. In the window a bar says it either way."
        choose = button("Choose …", self._choose_python)
        try_it = button("Test", self._test_python)
        return _tab(
            text("Trainer's Python", "section"), text(words, "small", wrap=True),
            row(self.python, choose, try_it), self._answer,
            12, text("Rounds", "section"), notify, text(told, "small", wrap=True),
        )  # fmt: skip

    def _rescale_soon(self) -> None:
        from PySide6.QtCore import QTimer

        QTimer.singleShot(0, self._rescale)

    def _rescale(self) -> None:
        self._settings.set_text("appearance/text_scale", str(self.scale.value() / 100))
        self._window.set_theme(self._settings.theme)

    def _choose_python(self) -> None:
        file, _ = QFileDialog.getOpenFileName(self, "The trainer's Python", self.python.text())
        if file:
            self.python.setText(file)
            self._save_python()

    def _save_python(self) -> None:
        from blasto_annotator.training.settings import save_interpreter

        path = self.python.text().strip()
        run_op(self, lambda: save_interpreter(path), lambda _: None)

    def _test_python(self) -> None:
        from blasto_annotator.training.probe import describe_trainer

        self._save_python()
        path = self.python.text().strip()
        self._say("Asking it what it can do …", "muted")
        run_op(
            self,
            lambda: describe_trainer(path),
            lambda info: self._say(info.sentence, "success"),
            lambda error: self._say(str(error), "danger"),
            serial=False,
        )

    def _say(self, words: str, role: str) -> None:
        self._answer.setText(words)
        restyle(self._answer, role)


def _tab(*items: object) -> QWidget:
    made = QWidget()
    made.setLayout(column(*items, None, gap=10, margin=16))  # type: ignore[arg-type]
    return made
