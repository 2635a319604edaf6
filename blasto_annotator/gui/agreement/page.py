"""The Agreement page: how graders agree, where two differ, how each moves with time, and who decides."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QMenu,
    QPushButton,
    QStackedLayout,
    QStackedWidget,
    QTabBar,
    QToolButton,
    QWidget,
)

from blasto_annotator.domain.raters_criteria import CRITERIA
from blasto_annotator.gui.agreement.adjudicate_view import AdjudicateView
from blasto_annotator.gui.agreement.figures_view import FiguresView
from blasto_annotator.gui.agreement.pairs_view import PairsView
from blasto_annotator.gui.agreement.time_view import TimeView
from blasto_annotator.gui.agreement.work import Overview, figures, overview, what_is_missing, whole_report
from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.widgets.basics import button, column, frame, row
from blasto_annotator.gui.widgets.empty_state import EmptyState
from blasto_annotator.reports.agreement import CriterionReport
from blasto_annotator.reports.agreement_writers import write_agreement

log = logging.getLogger(__name__)
TABS = ("Figures", "Each two", "Over time", "Adjudicate")
FORMATS = {"Web page": ".html", "CSV": ".csv", "JSON": ".json"}
ADJUDICATE = TABS.index("Adjudicate")


class AgreementPage(QWidget):
    """Statistics are for everybody; grades of single images for those who graded them, and adjudicators."""

    shown = Signal()
    """Other figures are on screen."""
    written = Signal(str)
    """A report is on the disk: its path."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self._state = state
        self._found: Overview | None = None
        self._criterion = "expansion"
        self._left_out: set[str] = set()
        self._kept: dict[tuple[str, tuple[str, ...]], CriterionReport] = {}
        self.part: CriterionReport | None = None
        self.criteria = {name: self._criterion_button(name) for name in CRITERIA}
        self.graders = QToolButton()
        self.tabs = QTabBar()
        self.figures, self.pairs, self.time = FiguresView(), PairsView(), TimeView()
        self.adjudicate = AdjudicateView(state)
        self.saves = self.adjudicate.decisions
        self._views = QStackedWidget()
        self.empty = EmptyState(
            "agreement", "Nothing to compare yet", "",
            ("Start labelling", lambda: state.page_requested.emit("label")),
        )  # fmt: skip
        self._build()
        state.project_changed.connect(self._project_changed)
        state.grader_changed.connect(lambda _: self.activated() if self.isVisible() else None)

    def activated(self) -> None:
        """Reads what was graded."""
        project, grader, count = self._state.project, self._state.grader, self.saves.count
        if project is not None:
            show = partial(self._take_overview, count)
            run_op(self, lambda: overview(project, grader), show, serial=False)
        self._take_focus()

    def undo(self) -> None:
        """Takes the newest decision back, while the disputes are on screen."""
        if self.tabs.currentIndex() == ADJUDICATE:
            self.adjudicate.undo()

    def redo(self) -> None:
        """Decides again what was taken back."""
        if self.tabs.currentIndex() == ADJUDICATE:
            self.adjudicate.redo()

    def chosen_graders(self) -> tuple[str, ...]:
        """Those who are compared."""
        names = self._found.looks.graders if self._found is not None else ()
        return tuple(name for name in names if name not in self._left_out)

    def choose_criterion(self, name: str) -> None:
        """Shows another criterion."""
        self._criterion = name
        self.criteria[name].setChecked(True)
        self._refresh()

    def choose_graders(self, names: tuple[str, ...]) -> None:
        """Compares these only."""
        everybody = self._found.looks.graders if self._found is not None else ()
        self._left_out = set(everybody) - set(names)
        self._fill_graders()
        self._refresh()

    def export(self, path: Path) -> None:
        """Writes the report of the chosen graders, all criteria, in the format of the suffix."""
        if self._found is not None:
            looks, names = self._found.looks, self.chosen_graders()
            run_op(
                self, lambda: write_agreement(whole_report(looks, names), path),
                lambda _: self._wrote(path), serial=False,
            )  # fmt: skip

    def _project_changed(self) -> None:
        self._found = self.part = None
        self._left_out.clear()
        self._kept.clear()
        self.saves.give_up()
        if self.isVisible():
            self.activated()

    def _take_overview(self, count: int, found: Overview) -> None:
        if count == self.saves.count:
            self._show_overview(found)
        elif not self.saves.waiting():
            self.activated()  # something was decided while it was read

    def _take_focus(self) -> None:
        """The keys go to what is on show: the question, or the tabs, which arrows turn."""
        if self.tabs.currentIndex() == ADJUDICATE:
            self.adjudicate.setFocus()
        else:
            self.tabs.setFocus()

    def _show_overview(self, found: Overview) -> None:
        self._found = found
        self._kept.clear()
        self._stack.setCurrentIndex(0 if found.comparable else 1)
        self.empty.sentence.setText(what_is_missing(found))
        self._left_out &= set(found.looks.graders)
        self._fill_graders()
        self.adjudicate.show_disputes(found)
        self._name_tab()
        log.info("read %d graders, %d disputes", len(found.counts), len(found.disputes))
        if found.comparable:
            self._refresh()

    def _refresh(self) -> None:
        """Works the figures out, or shows those that are known."""
        found, key = self._found, (self._criterion, self.chosen_graders())
        if found is None or not found.comparable:
            return
        if key in self._kept:
            self._show(key, self._kept[key])
        elif len(key[1]) > 1 or found.looks.repeats:
            run_op(self, lambda: figures(found.looks, *key), partial(self._show, key), serial=False)
        else:
            self._state.message.emit("info", "Choose two graders or more to compare them.")

    def _show(self, key: tuple[str, tuple[str, ...]], part: CriterionReport) -> None:
        self._kept[key] = part
        if key != (self._criterion, self.chosen_graders()):
            return
        self.part = part
        for view in (self.figures, self.pairs, self.time):
            view.show_report(part)
        self.shown.emit()

    def _criterion_button(self, name: str) -> QPushButton:
        made = button(CRITERIA[name], lambda: self.choose_criterion(name), role="segment")
        made.setCheckable(True)
        made.setChecked(name == self._criterion)
        return made

    def _fill_graders(self) -> None:
        """The menu of graders, and what its button says."""
        names = self._found.looks.graders if self._found is not None else ()
        menu = QMenu(self.graders)
        everybody = menu.addAction("Everybody")
        everybody.triggered.connect(lambda: self.choose_graders(names))
        menu.addSeparator()
        for name in names:
            act = QAction(name, menu, checkable=True, checked=name not in self._left_out)
            act.toggled.connect(partial(self._toggle, name))
            menu.addAction(act)
        self.graders.setMenu(menu)
        count = len(self.chosen_graders())
        them_all = "Both graders" if len(names) == 2 else f"All {len(names)} graders"
        whole = them_all if count == len(names) else f"{count} of {len(names)} graders"
        self.graders.setText(f"{whole}  ▾")
        self.graders.setAccessibleName(f"Graders compared: {whole}")

    def _toggle(self, name: str, on: bool) -> None:
        chosen = set(self.chosen_graders()) | {name} if on else set(self.chosen_graders()) - {name}
        everybody = self._found.looks.graders if self._found is not None else ()
        self.choose_graders(tuple(grader for grader in everybody if grader in chosen))

    def _name_tab(self) -> None:
        count = self.adjudicate.open
        self.tabs.setTabText(ADJUDICATE, f"{TABS[ADJUDICATE]} ({count:,})" if count else TABS[ADJUDICATE])

    def _show_tab(self, place: int) -> None:
        self._views.setCurrentIndex(place)
        for widget in (*self.criteria.values(), self.graders):
            widget.setVisible(place != ADJUDICATE)
        if place == ADJUDICATE:
            self.adjudicate.setFocus()

    def _choose_file(self, suffix: str) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, "Export the report", f"agreement{suffix}", f"*{suffix}")
        if chosen:
            path = Path(chosen)
            self.export(path if path.suffix else path.with_suffix(suffix))

    def _wrote(self, path: Path) -> None:
        self._state.message.emit("success", f"The report is in {path}.")
        self.written.emit(str(path))

    def _build(self) -> None:
        group = QButtonGroup(self)
        for made in self.criteria.values():
            group.addButton(made)
        self.graders.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.graders.setProperty("role", "corner")
        export = QToolButton()
        export.setText("Export  ▾")
        export.setAccessibleName("Export the report")
        export.setProperty("role", "corner")
        export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(export)
        for title, suffix in FORMATS.items():
            menu.addAction(title).triggered.connect(partial(self._choose_file, suffix))
        export.setMenu(menu)
        for title in TABS:
            self.tabs.addTab(title)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName("Views of agreement")
        self.tabs.currentChanged.connect(self._show_tab)
        for view in (self.figures, self.pairs, self.time, self.adjudicate):
            self._views.addWidget(view)
        self.adjudicate.changed.connect(self._name_tab)
        self.adjudicate.stale.connect(self.activated)
        choices = row(*self.criteria.values(), gap=0)
        head = frame(row(self.tabs, None, choices, self.graders, export, gap=16, margin=10), "panel")
        home = QWidget()
        home.setLayout(column(head, self._views, gap=0))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(home)
        self._stack.addWidget(self.empty)
        self.setTabOrder(self.tabs, self.graders)
