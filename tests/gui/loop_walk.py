"""Once round the loop in the real window: run as a program, it starts the real `main()` and plays the person.

`python -m tests.gui.loop_walk SOURCE GRADES.json KIMG PER_CLASS [PICTURES]` on a display. Keys come through
the display, clicks are Qt's own events to the widgets on screen. GRADES.json maps an embryo to the grade that
is typed for all its moments. It prints one JSON line with what it saw; PICTURES is a folder for a picture of
each station.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from blasto_annotator.gui.imports.choose import ChooseView
from blasto_annotator.gui.imports.report import ReportView
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.rounds import launching

Ready = Callable[[], object]
Walk = Iterator[Ready]
LEFT = Qt.MouseButton.LeftButton


class Person(QObject):
    """Goes on with the walk whenever what it waits for is on screen."""

    def __init__(self, steps: Callable[[Person], Walk], pictures: Path | None) -> None:
        super().__init__()
        self.saw: dict[str, Any] = {}
        self._pictures = pictures
        self._steps = steps(self)
        self._ready: Ready = self._window
        self._timer = QTimer(self, interval=50)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    @property
    def window(self) -> MainWindow:
        found = self._window()
        assert found is not None
        return found

    def type_text(self, text: str) -> None:
        """To whatever has the keyboard."""
        subprocess.run(["xdotool", "type", "--delay", "8", text], check=True)

    def press(self, key: str) -> None:
        """A key in xdotool's names, such as `ctrl+i`."""
        subprocess.run(["xdotool", "key", key], check=True)

    def click(self, button: QPushButton) -> None:
        """With the left mouse button."""
        QTest.mouseClick(button, LEFT)

    def picture(self, name: str) -> None:
        """What is on screen."""
        if self._pictures is not None:
            self._pictures.mkdir(parents=True, exist_ok=True)
            (QApplication.activeWindow() or self.window).grab().save(str(self._pictures / f"{name}.png"))

    def _window(self) -> MainWindow | None:
        windows = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow)]
        return windows[0] if windows and windows[0].isVisible() else None

    def _look(self) -> None:
        if not self._ready():
            return
        self._timer.stop()
        try:
            self._ready = next(self._steps)
            self._timer.start()
        except StopIteration:
            print(json.dumps(self.saw), flush=True)
            self.press("ctrl+q")
        except Exception:
            QApplication.exit(3)
            raise


def loop(source: Path, grades: dict[str, str], kimg: float, per_class: int) -> Callable[[Person], Walk]:
    """Import, label, a whole round, its review, and the plan of the next."""

    def steps(person: Person) -> Walk:
        yield from import_frames(person, source)
        yield from label(person, grades)
        yield from go_round(person, kimg, per_class)
        yield from review(person)
        yield from next_round(person)

    return steps


def import_frames(person: Person, source: Path) -> Walk:
    """File > Import frames by its keys: the layout is recognised, the report read."""
    yield lambda: person.window.state.project and active(person.window)
    person.press("ctrl+i")
    yield lambda: on_screen(ChooseView)
    choose = on_screen(ChooseView)
    assert isinstance(choose, ChooseView)
    yield lambda: active(choose.window())
    choose.folder.setFocus()
    choose.folder.selectAll()
    person.type_text(str(source))
    person.press("Tab")
    yield choose.start.isEnabled
    person.saw["recognised"] = f"{choose.layout_box.currentText()}: {choose.reason.text()}"
    person.picture("1-import")
    person.click(choose.start)
    yield lambda: on_screen(ReportView)
    report = on_screen(ReportView)
    assert isinstance(report, ReportView)
    person.saw["report"] = f"{report.title.text()} {report.summary.text()}"
    person.saw["left out"] = report.table.rowCount()
    person.picture("2-report")
    person.press("Escape")
    yield lambda: on_screen(ReportView) is None and active(person.window)


def label(person: Person, grades: dict[str, str]) -> Walk:
    """Says who grades, then types a grade for each moment as the page turns."""
    page: Any = person.window.page("label")
    project = person.window.state.project
    assert project is not None
    yield (
        lambda: (
            page.isVisible() and project.frames.count() and isinstance(QApplication.focusWidget(), QWidget)
        )
    )
    yield lambda: "QLineEdit" in type(QApplication.focusWidget()).__name__
    person.type_text("Ana")
    person.press("Return")
    yield lambda: person.window.state.grader == "Ana"
    total = project.labels.progress("Ana")[1]
    for number in range(total):
        frame = project.frames.unlabelled("Ana")
        assert frame is not None
        embryo = project.frames.get(frame).embryo
        yield lambda embryo=embryo: shown_embryo(page) == embryo
        if number == total // 2:
            person.type_text(grades[embryo][:2])
            person.picture("3-label")
            person.type_text(grades[embryo][2:])
        else:
            person.type_text(grades[embryo])
        yield lambda number=number: project.labels.progress("Ana")[0] == number + 1
    person.picture("4-labelled")
    person.saw["labels"] = [str(row.entry.grade) for row in project.labels.current("Ana") if row.entry]


def go_round(person: Person, kimg: float, per_class: int) -> Walk:
    """Reads the sentence, presses Retrain, watches the steps, and waits until the review is ready."""
    person.press("ctrl+3")
    page: Any = person.window.page("train")
    yield page.plan.retrain.isEnabled
    page.plan.form.more.click()
    yield page.plan.form.round.isVisible
    for field, value in ((page.plan.form.round.per_class, per_class), (page.plan.form.kimg, kimg)):
        field.setFocus()
        field.selectAll()
        person.type_text(f"{value:g}")
        person.press("Tab")
        yield lambda field=field, value=value: field.value() == value and not field.hasFocus()
    yield lambda: page.plan.retrain.isEnabled() and f"{kimg:g} kimg" in page.plan.sentence.text()
    person.saw["sentence"] = page.plan.sentence.text()
    person.picture("5-plan")
    person.click(page.plan.retrain)
    yield lambda: page.shown is not None and page.shown.kimg > 0
    yield lambda: page.shown.kimg > kimg / 2
    person.picture("6-training")
    yield lambda: page.rounds.card.review.isVisible()
    person.saw["steps"] = [step.title for step in page.rounds.view.steps]
    person.saw["kimg"] = page.shown.kimg
    person.picture("7-ready")


def review(person: Person) -> Walk:
    """Starts the review that the round prepared, by the bar's button; works it through by keys."""
    bar = person.window.messages
    person.saw["bar"] = bar.sentence
    person.click(next(b for b in bar.findChildren(QPushButton) if b.text() == "Start review"))
    reviews: Any = person.window.page("review")
    yield lambda: reviews.session is not None and reviews.session.image.image is not None
    view = reviews.session
    for keys, _ in zip(cycle(("1", "2", "d3", "w2", "1", "2")), range(view.model.total), strict=False):
        done = view.model.done
        yield lambda: not view.model.busy
        if done == 3:
            person.picture("9-review")
        person.type_text(keys)
        yield lambda done=done: view.model.done > done and not view.model.busy
    yield lambda: view.model.complete
    yield lambda: reviews.reveal is not None or bool(reveal_button(view))
    if reviews.reveal is None:
        person.click(reveal_button(view)[0])
    yield lambda: reviews.reveal is not None
    person.saw["reviewed"] = sum(not item.role for item in view.model.session.items)
    person.picture("10-reveal")


def next_round(person: Person) -> Walk:
    """The plan of the next round: what the verdicts do, and the model it starts from."""
    person.press("ctrl+3")
    page: Any = person.window.page("train")
    page.runs.choose(None)
    yield lambda: page.plan.perfect.isVisible() and page.plan.retrain.isEnabled()
    page.plan.perfect.setFocus()
    person.press("space")
    yield page.plan.perfect.isChecked
    yield lambda: page.plan.retrain.isEnabled() and "generated" in page.plan.sentence.text()
    person.saw["next sentence"] = page.plan.sentence.text()
    person.picture("11-next-round")


def active(window: QWidget) -> bool:
    """Whether the window has the keyboard; asks for it, since there is no window manager to give it."""
    if not window.isActiveWindow():
        window.activateWindow()
    return window.isActiveWindow()


def on_screen(kind: type[QWidget]) -> QWidget | None:
    """The visible widget of a kind, wherever it is."""
    for top in QApplication.topLevelWidgets():
        for widget in (top, *top.findChildren(kind)):
            if isinstance(widget, kind) and widget.isVisible():
                return widget
    return None


def shown_embryo(page: Any) -> str | None:
    """The embryo whose frame is on screen and may be graded."""
    frame = page.flow.navigator.frame
    return None if frame is None else str(frame.embryo)


def reveal_button(view: QWidget) -> list[QPushButton]:
    """The button that ends a complete session."""
    return [b for b in view.findChildren(QPushButton) if b.isVisible() and "were" in b.text().lower()]


def main() -> int:
    """Plays the person beside the application's own main."""
    source, grades, kimg, per_class, *pictures = sys.argv[1:]
    steps = loop(Path(source), json.loads(Path(grades).read_text()), float(kimg), int(per_class))
    launching.PROGRAM = ("-m", "tests.cli.short_round")  # its evaluation learns for seconds
    sys.argv = ["blasto-annotator"]
    folder = Path(pictures[0]) if pictures else None
    return play(steps, folder)


def play(steps: Callable[[Any], Walk], folder: Path | None, kind: type[Person] = Person) -> int:
    """The application's own main, with a person before it."""
    persons: list[Person] = []
    original = QApplication.exec

    def exec_with_person(app: QApplication) -> int:
        persons.append(kind(steps, folder))
        return original()

    QApplication.exec = exec_with_person  # type: ignore[assignment, method-assign]
    from blasto_annotator.__main__ import main as real_main

    return real_main()


if __name__ == "__main__":
    sys.exit(main())
