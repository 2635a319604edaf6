"""Spin boxes whose figure stands as far from the edge as text does in other fields."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox

INSET = 8
"""Style sheets leave the figure of a spin box at the very edge, whatever their padding says."""


def spin(name: str, low: int, high: int, tip: str = "") -> QSpinBox:
    """A box for whole numbers."""
    made = QSpinBox()
    made.setRange(low, high)
    _dress(made, name, tip)
    return made


def decimal_spin(name: str, low: float, high: float, tip: str = "") -> QDoubleSpinBox:
    """A box for numbers with one decimal."""
    made = QDoubleSpinBox()
    made.setRange(low, high)
    made.setDecimals(1)
    _dress(made, name, tip)
    return made


def _dress(made: QAbstractSpinBox, name: str, tip: str) -> None:
    made.setAccessibleName(name)
    made.setToolTip(tip)
    made.lineEdit().setTextMargins(INSET, 0, 0, 0)
