"""The list of presets: everyday ones first, published experiments under a heading that cannot be chosen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from blasto_annotator.gui.train.plan_form import fill_presets
from blasto_annotator.training.presets import load_preset, preset_names


def test_experiments_stand_under_their_heading_and_the_keyboard_steps_over_it(qtbot: QtBot) -> None:
    combo = QComboBox()
    qtbot.addWidget(combo)
    presets = [load_preset(name) for name in preset_names()]

    fill_presets(combo, presets)
    fill_presets(combo, presets)  # again: nothing doubles

    names = [combo.itemData(place) for place in range(combo.count())]
    assert names[:3] == ["cpu", "cpu-quick", "gpu"]
    assert names[3:5] == [None, None]  # a line and the heading
    assert combo.itemText(4).startswith("Published experiments")
    assert names[5:] == [f"thesis-{number:02d}" for number in range(1, 11)]
    assert combo.itemData(5, Qt.ItemDataRole.ToolTipRole) == load_preset("thesis-01").description
    combo.show()
    combo.setCurrentIndex(2)
    QTest.keyClick(combo, Qt.Key.Key_Down)
    assert combo.currentData() == "thesis-01"
