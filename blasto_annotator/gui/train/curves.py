"""Live curves over kimg. pyqtgraph is imported with this module, when a run is first looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from blasto_annotator.gui.theme import Theme, current_theme
from blasto_annotator.gui.train.run_model import RunView
from blasto_annotator.gui.train.series import Series
from blasto_annotator.gui.widgets.basics import column, text

ADA = "ada_p"
KID = "kernel_distance"
LINE = 1.8
LEAST_P = 0.05
"""The axis of p reaches this far at least, so that a first thousandth does not look like a leap."""
DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)


@dataclass(frozen=True)
class Panel:
    """One plot: names of its series with their titles."""

    title: str
    series: Mapping[str, str]


PANELS = (
    Panel("Losses", {"loss_g": "generator", "loss_d": "discriminator"}),
    Panel("Discriminator's score", {"real_score": "real", "fake_score": "generated"}),
    Panel("Augmentation probability (ADA p)", {ADA: "p"}),
    Panel("Distance to real images (KID)", {KID: "kernel distance"}),
    Panel("Regularisation", {"r1": "R1", "path_length": "path length"}),
)


class Curves(QWidget):
    """A row of plots that share the kimg axis."""

    def __init__(self) -> None:
        super().__init__()
        self._plots: list[CurvePlot] = []
        self._view: RunView | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 8, 12, 8)
        self._row.setSpacing(16)
        self.setMinimumHeight(140)
        self.setAccessibleName("Training curves")
        self._add_plot()

    def show_run(self, view: RunView) -> None:
        """Brings the curves up to date."""
        self._view = view
        for plot in self._plots:
            plot.show_run(view)

    def _add_plot(self) -> None:
        """One at a time: keys wait while a plot is made, and all of them take a tenth of a second."""
        plot = CurvePlot(PANELS[len(self._plots)])
        self._plots.append(plot)
        self._row.addWidget(plot, 1)
        if self._view is not None:
            plot.show_run(self._view)
        if len(self._plots) < len(PANELS):
            QTimer.singleShot(0, self, self._add_plot)


class CurvePlot(QWidget):
    """One plot with its legend in words: line style and colour both tell the series apart."""

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self._panel = panel
        self._plot = pg.PlotWidget(enableMenu=False)
        self._plot.hideButtons()
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plot.setMinimumSize(120, 90)
        self._lines = {name: self._plot.plot(antialias=True) for name in panel.series}
        self._legend = text("", "small")
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        title = text(panel.title, "section")
        for label in (title, self._legend):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setLayout(column(title, self._plot, self._legend, gap=2))
        self._dress()

    def show_run(self, view: RunView) -> None:
        """Draws what there is; a plot with nothing to draw stays away."""
        series, goal = {**view.losses, **view.metrics, ADA: view.ada_p}, view.goal_kimg
        found = {name: series[name] for name in self._lines if name in series and series[name].kimg}
        for name, line in self._lines.items():
            line.setData(*_points(found.get(name)))
        self.setVisible(bool(found))
        self._plot.setXRange(0, max(goal, 1e-3), padding=0.02)
        if ADA in found:
            self._plot.setYRange(0, max(LEAST_P, *found[ADA].values), padding=0.05)
        self._legend.setText(self._legend_words(found))
        spoken = ", ".join(f"{self._panel.series[n]} {s.values[-1]:.3g}" for n, s in found.items())
        self.setAccessibleName(f"{self._panel.title}: {spoken}")

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _legend_words(self, found: Mapping[str, Series]) -> str:
        colours = dict(zip(self._lines, _colours(current_theme()), strict=False))
        signs = dict(zip(self._lines, ("━", "╍", "┅"), strict=False))
        parts = [
            f"<span style='color:{colours[name]}'>{signs[name]}</span> {self._panel.series[name]} "
            f"{series.values[-1]:.3g}"
            for name, series in found.items()
        ]
        return " &nbsp; ".join(parts)

    def _dress(self) -> None:
        theme = current_theme()
        self._plot.setBackground(theme.window)
        small = QFont(self.font())
        small.setPointSizeF(0.85 * small.pointSizeF())
        for side in ("bottom", "left"):
            axis = self._plot.getAxis(side)
            axis.setPen(pg.mkPen(theme.border))
            axis.setTextPen(pg.mkPen(theme.muted))
            axis.setStyle(tickLength=-4, tickFont=small)
        said = {"color": theme.muted, "font-size": f"{small.pointSizeF():.1f}pt"}
        self._plot.getAxis("bottom").setLabel("kimg", **said)
        self._plot.showGrid(x=False, y=True, alpha=0.15)
        for line, colour, dash in zip(self._lines.values(), _colours(theme), DASHES, strict=False):
            wide = LINE * self.devicePixelRatioF()  # pens of plots do not grow with the scale of the desktop
            line.setPen(pg.mkPen(QColor(colour), width=wide, style=dash))


def _colours(theme: Theme) -> tuple[str, ...]:
    return (theme.accent, theme.warning, theme.success)


def _points(series: Series | None) -> tuple[list[float], list[float]]:
    return (series.kimg, series.values) if series is not None else ([], [])
