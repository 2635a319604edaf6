"""States of frames and labels coming in."""

from __future__ import annotations

from typing import Any

from blasto_annotator.gui.imports.burned_in import BurnedInDialog
from blasto_annotator.gui.imports.choose import ChooseView
from blasto_annotator.gui.imports.labels import LabelsDialog
from blasto_annotator.gui.imports.report import ReportView
from tests.gui.loop_walk import Walk, on_screen
from tests.gui.pictures.material import PATTERN
from tests.gui.pictures.stage import Stage, State


def opened(stage: Stage) -> Walk:
    """The import window, nothing chosen."""
    stage.press("ctrl+i")
    yield lambda: on_screen(ChooseView)


def recognised(tree: str) -> Any:
    """A folder that was dropped, and how it is read."""

    def steps(stage: Stage) -> Walk:
        stage.drop(stage.material.tree(tree))
        yield lambda: on_screen(ChooseView)
        yield stage.see(ChooseView).start.isEnabled

    return steps


def by_hand(words: str) -> Any:
    """A pattern that a person wrote."""

    def steps(stage: Stage) -> Walk:
        yield from recognised("still")(stage)
        choose = stage.see(ChooseView)
        choose.layout_box.setCurrentIndex(choose.layout_box.findData("folder"))
        choose.layout_box.activated.emit(choose.layout_box.currentIndex())
        choose.pattern.setText(words)
        yield from stage.rest()
        yield lambda: choose.words.text() != "Looking at the folder …"

    return steps


def nothing_there(stage: Stage) -> Walk:
    """A folder without images."""
    stage.drop(stage.material.tree("time lapse") / "embryo_dataset_annotations")
    yield lambda: on_screen(ChooseView)
    yield lambda: "no images" in stage.see(ChooseView).words.text()


def imported(tree: str) -> Any:
    """What came in and what did not."""

    def steps(stage: Stage) -> Walk:
        yield from recognised(tree)(stage)
        stage.click(stage.see(ChooseView).start)
        yield lambda: on_screen(ReportView)

    return steps


def table(stage: Stage) -> Walk:
    """A table of grades as it is read."""
    stage.drop(stage.material.tree("grades.csv"))
    yield lambda: on_screen(LabelsDialog)
    yield lambda: stage.see(LabelsDialog).table.rowCount() > 0
    stage.see(LabelsDialog).grader.setText("Dr. Weber")


def table_in(stage: Stage) -> Walk:
    """After it came in: the lines that were left out."""
    yield from table(stage)
    dialog = stage.see(LabelsDialog)
    yield dialog.start.isEnabled
    stage.click(dialog.start)
    yield dialog.problems.isVisible


def taken_back(stage: Stage) -> Walk:
    """An import of labels that was a mistake."""
    yield from table_in(stage)
    dialog = stage.see(LabelsDialog)
    stage.click(dialog.back)
    yield lambda: not dialog.back.isVisible()


def text_areas(plain: bool) -> Any:
    """Burned-in text that was found; or the frame as snapshots will have it."""

    def steps(stage: Stage) -> Walk:
        stage.window.projects.sources.burned_in()
        yield lambda: on_screen(BurnedInDialog)
        dialog = stage.see(BurnedInDialog)
        yield lambda: dialog.confirm.isEnabled() and dialog.view.boxes
        dialog.plain.setChecked(plain)

    return steps


def twins(named: bool) -> Any:
    """Two columns of one title; asked about, and then one is named."""

    def steps(stage: Stage) -> Walk:
        stage.drop(stage.material.tree("two readers.csv"))
        yield lambda: on_screen(LabelsDialog)
        dialog = stage.see(LabelsDialog)
        yield lambda: "columns" in dialog.words.text()
        dialog.grader.setText("Dr. Weber")
        if named:
            box = dialog.columns["icm"]
            box.setCurrentIndex(box.findText("ICM (col. 4)"))
            box.activated.emit(box.currentIndex())
            yield lambda: dialog.table.rowCount() > 0 and dialog.start.isEnabled()

    return steps


def missing(stage: Stage) -> Walk:
    """The source's folder is gone."""
    yield lambda: "Connect the drive" in stage.window.messages.sentence


def elsewhere(stage: Stage) -> Walk:
    """A folder was named that holds other files."""
    yield from missing(stage)
    project = stage.window.state.project
    assert project is not None
    (source,) = project.frames.sources()
    stage.window.projects.sources.locate_in(source, stage.material.tree("panel"))
    yield lambda: "Connect the drive" not in stage.window.messages.sentence


STATES = (
    State("import-opened", opened, "empty"),
    State("import-recognised", recognised("time lapse"), "empty", tree="time lapse"),
    State("import-recognised-folder", recognised("with text"), "empty", tree="with text"),
    State("import-recognised-stills", recognised("classes"), "empty", tree="classes"),
    State("import-one-embryo", recognised("shelves"), "empty", tree="shelves"),
    State("import-pattern", by_hand(PATTERN), "empty", tree="still"),
    State("import-pattern-wrong", by_hand("(?P<embryo>"), "empty", tree="still"),
    State("import-no-images", nothing_there, "empty", tree="time lapse"),
    State("import-report-defects", imported("with defects"), "empty", tree="with defects"),
    State("import-report-known", imported("time lapse"), "fresh", tree="time lapse"),
    State("import-labels", table, "panel", tree="grades.csv"),
    State("import-labels-done", table_in, "panel", tree="grades.csv"),
    State("import-labels-taken-back", taken_back, "panel", tree="grades.csv"),
    State("import-labels-twins", twins(False), "panel", tree="two readers.csv"),
    State("import-labels-twin-named", twins(True), "panel", tree="two readers.csv"),
    State("import-text-found", text_areas(False), "text"),
    State("import-text-filled", text_areas(True), "text"),
    State("import-folder-missing", missing, "moved"),
    State("import-folder-other", elsewhere, "moved", tree="panel"),
)
