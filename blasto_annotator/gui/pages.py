"""The pages of the rail. A page is imported and built when it is first needed."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import cast

from PySide6.QtWidgets import QWidget

from blasto_annotator.gui.state import AppState


@dataclass(frozen=True)
class PageEntry:
    """A page in the rail."""

    name: str
    title: str
    tip: str
    module: str
    factory: str


PAGES: tuple[PageEntry, ...] = (
    PageEntry("label", "Label", "Grade frames", "blasto_annotator.gui.label.page", "LabelPage"),
    PageEntry("review", "Review", "Judge generated images", "blasto_annotator.gui.review.page", "ReviewPage"),
    PageEntry("train", "Train", "Train the generator", "blasto_annotator.gui.train.page", "TrainPage"),
    PageEntry(
        "agreement", "Agreement", "Compare graders", "blasto_annotator.gui.agreement.page", "AgreementPage"
    ),
    PageEntry("reports", "Reports", "Tables and exports", "blasto_annotator.gui.reports.page", "ReportsPage"),
    PageEntry("audit", "Audit", "Who did what, and when", "blasto_annotator.gui.audit.page", "AuditPage"),
)


def load_page(name: str) -> None:
    """Imports a page's module; may be done in another thread, so that building it later is quick."""
    import_module(_entry(name).module)


def load_pages() -> None:
    """Imports every page's module."""
    for entry in PAGES:
        import_module(entry.module)


def build_page(name: str, state: AppState) -> QWidget:
    """Imports and makes a page."""
    entry = _entry(name)
    factory = getattr(import_module(entry.module), entry.factory)
    return cast(QWidget, factory(state))


def _entry(name: str) -> PageEntry:
    return next(entry for entry in PAGES if entry.name == name)
