"""Curves, whose plots are made one after the other."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from blasto_annotator.gui.train.curves import KID, CurvePlot, Curves
from blasto_annotator.gui.train.run_model import RunState, RunView
from blasto_annotator.gui.train.series import Series


def shown(curves: Curves) -> list[str]:
    plots = curves.findChildren(CurvePlot)
    return [plot.accessibleName() for plot in plots if not plot.isHidden()]


def test_plots_made_after_the_run_was_read_show_it_too(qtbot: QtBot) -> None:
    rising = Series([1, 2], [0.25, 0.5])
    view = RunView(Path("run"), RunState.RUNNING, goal_kimg=10, losses={"loss_g": rising}, ada_p=rising)
    curves = Curves()
    qtbot.addWidget(curves)
    curves.show_run(view)
    qtbot.waitUntil(lambda: len(curves.findChildren(CurvePlot)) == 5)
    assert shown(curves) == ["Losses: generator 0.5", "Augmentation probability (ADA p): p 0.5"]

    curves.show_run(RunView(Path("run"), RunState.RUNNING, metrics={KID: rising}))
    assert shown(curves) == ["Distance to real images (KID): kernel distance 0.5"]
