"""Colours, fonts and the style sheet: a dark and a light theme with one set of names."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from gan.contract.resources import resource

CANVAS = "#4b4b4b"
"""The image area: the same neutral grey in every theme, so that a frame looks the same everywhere."""
POINT_SIZE = 10.0
FONTS = (
    "Inter",
    "Segoe UI Variable Text",
    "Segoe UI",
    "SF Pro Text",
    "Noto Sans",
    "Cantarell",
    "DejaVu Sans",
)
CHOICES = ("dark", "light", "system")


@dataclass(frozen=True)
class Theme:
    """Named colours, `#rrggbb`."""

    name: str
    window: str
    rail: str
    surface: str
    raised: str
    hover: str
    border: str
    strong_border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    """Background of what is selected."""
    danger: str
    warning: str
    success: str
    canvas: str = CANVAS
    on_canvas: str = "#f2f2f2"


DARK = Theme(
    "dark",
    window="#181a1d", rail="#121416", surface="#1f2225", raised="#2a2e33", hover="#343940",
    border="#30353b", strong_border="#747e8b", text="#e8eaec", muted="#a3abb4",
    accent="#62aef5", on_accent="#0a1a29", accent_soft="#213a52",
    danger="#ff8a70", warning="#eebb4d", success="#5ccf9a",
)  # fmt: skip
LIGHT = Theme(
    "light",
    window="#f3f4f5", rail="#e6e8ea", surface="#fcfcfd", raised="#ffffff", hover="#e9edf1",
    border="#d5d9de", strong_border="#858f9a", text="#1a1e23", muted="#55606b",
    accent="#0a62b4", on_accent="#ffffff", accent_soft="#d6e7f8",
    danger="#b02f12", warning="#8a5800", success="#17724a",
)  # fmt: skip


def resolve(choice: str) -> Theme:
    """The theme of a choice; `system` asks the desktop."""
    if choice == "system":
        scheme = QGuiApplication.styleHints().colorScheme()
        return LIGHT if scheme == Qt.ColorScheme.Light else DARK
    return LIGHT if choice == "light" else DARK


def current_theme() -> Theme:
    """The theme that the application wears, told from its palette."""
    window = QGuiApplication.palette().color(QPalette.ColorRole.Window)
    return DARK if window.lightness() < 128 else LIGHT


def apply_theme(app: QApplication, choice: str, text_scale: float = 1.0) -> Theme:
    """Dresses the application: style, palette, font, style sheet. Widgets learn of it by PaletteChange."""
    theme = resolve(choice)
    if app.style().objectName() != "fusion":
        app.setStyle("fusion")
    app.setFont(_font(text_scale))
    app.setPalette(_palette(theme))
    app.setStyleSheet(_style_sheet(theme, text_scale))
    return theme


def _font(text_scale: float) -> QFont:
    present = set(QFontDatabase.families())
    font = QFont(next((name for name in FONTS if name in present), QFont().family()))
    font.setPointSizeF(POINT_SIZE * text_scale)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def _palette(theme: Theme) -> QPalette:
    roles = {
        QPalette.ColorRole.Window: theme.window, QPalette.ColorRole.Base: theme.surface,
        QPalette.ColorRole.AlternateBase: theme.window, QPalette.ColorRole.Button: theme.raised,
        QPalette.ColorRole.Text: theme.text, QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.ButtonText: theme.text, QPalette.ColorRole.BrightText: theme.danger,
        QPalette.ColorRole.ToolTipBase: theme.raised, QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.Highlight: theme.accent, QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.PlaceholderText: theme.muted, QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.Mid: theme.border, QPalette.ColorRole.Accent: theme.accent,
    }  # fmt: skip
    palette = QPalette(QColor(theme.raised), QColor(theme.window))
    for colour_role, colour in roles.items():
        palette.setColor(colour_role, QColor(colour))
    for colour_role in (
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
        QPalette.ColorRole.WindowText,
    ):
        palette.setColor(QPalette.ColorGroup.Disabled, colour_role, QColor(theme.strong_border))
    return palette


def _style_sheet(theme: Theme, text_scale: float) -> str:
    names = asdict(theme) | {
        "small": f"{POINT_SIZE * 0.9 * text_scale:.1f}pt",
        "base": f"{POINT_SIZE * text_scale:.1f}pt",
        "large": f"{POINT_SIZE * 1.25 * text_scale:.1f}pt",
        "title": f"{POINT_SIZE * 1.7 * text_scale:.1f}pt",
        "icons": resource("icons").as_posix(),
    }
    return Template(resource("style", "base.qss").read_text(encoding="utf-8")).substitute(names)
