"""Every key of the application, in one table: menus, the command palette and the key sheet read it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """An act, and the keys that do it."""

    id: str
    title: str
    menu: str
    """The menu that lists it; empty for keys that are typed into a page."""
    keys: tuple[str, ...] = ()
    """In Qt's portable text; the first is shown."""
    page: str = ""
    """The page on which it works; empty for everywhere."""
    group: str = ""
    """Items of one group stand together in the menu."""
    icon: str = ""
    shown: str = ""
    """What the key sheet says instead of `keys`."""


KEYS: tuple[Key, ...] = (
    Key("file.new", "New project …", "File", ("Ctrl+N",), group="open", icon="plus"),
    Key("file.open", "Open project …", "File", ("Ctrl+O",), group="open", icon="folder"),
    Key("file.sample", "Open the sample project", "File", group="open", icon="sample"),
    Key("file.import", "Import frames …", "File", ("Ctrl+I",), group="data", icon="import"),
    Key("file.import_labels", "Import labels …", "File", group="data"),
    Key("file.burned_in", "Burned-in text …", "File", group="data"),
    Key("file.export_labels", "Export labels …", "File", ("Ctrl+E",), group="data", icon="export"),
    Key("file.close", "Close project", "File", ("Ctrl+W",), group="end"),
    Key("file.quit", "Quit", "File", ("Ctrl+Q",), group="end"),
    Key("edit.undo", "Undo", "Edit", ("Ctrl+Z",), group="undo", icon="undo"),
    Key("edit.redo", "Redo", "Edit", ("Ctrl+Shift+Z", "Ctrl+Y"), group="undo", icon="redo"),
    Key("label.search", "Find an embryo", "Edit", ("Ctrl+F",), "label", "find", "search"),
    Key("edit.graders", "Graders and assignments …", "Edit", group="settings", icon="user"),
    Key("edit.scheme", "Grading scheme …", "Edit", group="settings"),
    Key("edit.settings", "Settings …", "Edit", ("Ctrl+,",), group="settings", icon="settings"),
    Key("page.label", "Label", "View", ("Ctrl+1",), group="page", icon="label"),
    Key("page.review", "Review", "View", ("Ctrl+2",), group="page", icon="review"),
    Key("page.train", "Train", "View", ("Ctrl+3",), group="page", icon="train"),
    Key("page.agreement", "Agreement", "View", ("Ctrl+4",), group="page", icon="agreement"),
    Key("page.reports", "Reports", "View", ("Ctrl+5",), group="page", icon="reports"),
    Key("page.audit", "Audit trail", "View", ("Ctrl+6",), group="page", icon="audit"),
    Key("view.fit", "Fit the frame to the view", "View", ("F",), "label", "zoom", "fit"),
    Key("view.actual", "One image pixel to one screen pixel", "View", ("Z",), "label", "zoom", "actual-size"),
    Key("view.zoom_in", "Zoom in", "View", ("+", "=", "Ctrl++"), "label", "zoom"),
    Key("view.zoom_out", "Zoom out", "View", ("-", "Ctrl+-"), "label", "zoom"),
    Key("view.brighter", "Brighter", "View", ("Shift+Up",), "label", "picture", "adjust"),
    Key("view.darker", "Darker", "View", ("Shift+Down",), "label", "picture"),
    Key("view.more_contrast", "More contrast", "View", ("Shift+Right",), "label", "picture"),
    Key("view.less_contrast", "Less contrast", "View", ("Shift+Left",), "label", "picture"),
    Key("view.gamma_up", "Gamma up", "View", ("Alt+Up",), "label", "picture"),
    Key("view.gamma_down", "Gamma down", "View", ("Alt+Down",), "label", "picture"),
    Key("view.clahe", "Local contrast (CLAHE)", "View", ("E",), "label", "picture"),
    Key("view.invert", "Invert", "View", ("I",), "label", "picture", "invert"),
    Key("view.reset", "Reset the picture", "View", ("R",), "label", "picture", "reset"),
    Key("view.theme_dark", "Dark theme", "View", group="theme"),
    Key("view.theme_light", "Light theme", "View", group="theme"),
    Key("view.theme_system", "Theme of the desktop", "View", group="theme"),
    Key("view.full_screen", "Full screen", "View", ("F11",), group="window"),
    Key("view.palette", "Command palette", "View", ("Ctrl+Shift+P",), group="window", icon="command"),
    Key("time.next", "Later moment", "Label", ("Right",), "label", "time"),
    Key("time.previous", "Earlier moment", "Label", ("Left",), "label", "time"),
    Key("time.first", "First moment", "Label", ("Home",), "label", "time"),
    Key("time.last", "Last moment", "Label", ("End",), "label", "time"),
    Key("time.go_to", "Go to an hour …", "Label", ("G",), "label", "time", "clock"),
    Key("time.blastocyst", "First blastocyst (tB)", "Label", ("T",), "label", "time", "embryo"),
    Key("time.play", "Play or pause", "Label", ("Space",), "label", "time", "play"),
    Key("time.faster", "Play faster", "Label", (".",), "label", "time"),
    Key("time.slower", "Play slower", "Label", (",",), "label", "time"),
    Key("plane.up", "Focal plane above", "Label", ("Up",), "label", "plane", "planes"),
    Key("plane.down", "Focal plane below", "Label", ("Down",), "label", "plane"),
    Key("plane.sharpest", "Sharpest plane", "Label", ("S",), "label", "plane"),
    Key("plane.all", "All planes side by side", "Label", ("P",), "label", "plane", "grid"),
    Key("plane.fused", "Extended focus", "Label", ("O",), "label", "plane"),
    Key("embryo.next", "Next embryo", "Label", ("PgDown",), "label", "embryo"),
    Key("embryo.previous", "Previous embryo", "Label", ("PgUp",), "label", "embryo"),
    Key("label.next", "Next unlabelled moment", "Label", ("N",), "label", "embryo", "next"),
    Key("filter.next", "Next frame that fits the filter", "Label", ("F3",), "label", "embryo", "search"),
    Key("filter.previous", "Previous frame that fits", "Label", ("Shift+F3",), "label", "embryo"),
    Key("grade.expansion", "Expansion", "", page="label", group="grade", shown="1 … 6"),
    Key("grade.letters", "ICM, then TE", "", page="label", group="grade", shown="A B C"),
    Key("grade.clear", "Take back what is typed", "", page="label", group="grade", shown="Backspace · Esc"),
    Key("label.not_gradable", "Not gradable …", "Label", ("X", "0"), "label", "grade", "not-gradable"),
    Key("label.note", "Write a note", "Label", ("M",), "label", "grade", "note"),
    Key("label.flag", "Flag …", "Label", ("L",), "label", "grade", "flag"),
    Key("label.alike", "This grade for near-identical frames …", "Label", ("U",), "label", "grade"),
    Key("label.definitions", "What the grades mean", "Label", ("H",), "label", "grade", "info"),
    Key("label.retry", "Save again what could not be saved", "Label", ("Ctrl+S",), "label", "grade"),
    Key("label.grader", "Change the grader …", "Label", group="grader", icon="user"),
    Key("train.retrain", "Retrain …", "Train", ("Ctrl+T",), group="train", icon="train"),
    Key("help.keys", "Keyboard", "Help", ("F1",), group="help", icon="keyboard"),
    Key("help.log", "Open the log folder", "Help", group="help"),
    Key("help.about", "About", "Help", group="about", icon="info"),
    Key(
        "adjudicate.answer",
        "Answer what is asked",
        "",
        page="agreement",
        group="adjudicate",
        shown="A B C · 1 … 6 · Y N",
    ),
    Key("adjudicate.names", "Show or hide names", "", page="agreement", group="adjudicate", shown="R"),
    Key("adjudicate.turn", "Through the disputes", "", page="agreement", group="adjudicate", shown="↑ · ↓"),
    Key("adjudicate.planes", "Through the planes", "", page="agreement", group="adjudicate", shown="← · →"),
    Key(
        "adjudicate.back",
        "Take half an answer back",
        "",
        page="agreement",
        group="adjudicate",
        shown="Backspace",
    ),
    Key("mouse.planes", "Through the focal planes", "", page="label", group="mouse", shown="Wheel"),
    Key("mouse.zoom", "Zoom to the cursor", "", page="label", group="mouse", shown="Ctrl + wheel"),
    Key("mouse.pan", "Move the frame; double click fits it", "", page="label", group="mouse", shown="Drag"),
)
SUBMENUS = {"picture": ("Picture", "adjust"), "theme": ("Theme", "invert")}
"""Groups that have a menu of their own inside their menu: its title and icon."""
MENUS = ("File", "Edit", "View", "Label", "Train", "Help")


def conflicts(chosen: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Key text to the ids of the acts that share it, for every key that more than one act claims."""
    owners: dict[str, list[str]] = {}
    for key_id, keys in chosen.items():
        for text in keys:
            owners.setdefault(text, []).append(key_id)
    return {text: ids for text, ids in owners.items() if len(ids) > 1}
