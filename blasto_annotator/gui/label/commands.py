"""What the key table's acts do on the Label page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from blasto_annotator.gui.label.flow import LabelFlow

Handler = Callable[[], object]


def label_commands(flow: LabelFlow) -> Mapping[str, Handler]:
    """Id in the key table to what it does."""
    return {**_moving(flow), **_looking(flow), **_labelling(flow)}


def _moving(flow: LabelFlow) -> Mapping[str, Handler]:
    go, player = flow.navigator, flow.centre.player
    return {
        "time.next": partial(go.step, 1),
        "time.previous": partial(go.step, -1),
        "time.first": partial(go.go_to_place, 0),
        "time.last": lambda: go.go_to_place(len(go.moments) - 1),
        "time.go_to": flow.centre.open_go_to,
        "time.blastocyst": go.go_to_blastocyst,
        "time.play": player.toggle,
        "time.faster": partial(player.shift_speed, 1),
        "time.slower": partial(player.shift_speed, -1),
        "plane.up": partial(go.step_plane, 1),
        "plane.down": partial(go.step_plane, -1),
        "plane.sharpest": flow.looking.go_to_sharpest,
        "plane.all": flow.looking.toggle_grid,
        "plane.fused": flow.looking.toggle_composite,
        "embryo.next": partial(go.step_embryo, 1),
        "embryo.previous": partial(go.step_embryo, -1),
    }


def _looking(flow: LabelFlow) -> Mapping[str, Handler]:
    view, picture = flow.centre.view, flow.side.picture
    return {
        "view.fit": view.fit,
        "view.actual": view.actual_size,
        "view.zoom_in": partial(view.zoom_by, 1.25),
        "view.zoom_out": partial(view.zoom_by, 0.8),
        "view.brighter": partial(picture.nudge, "brightness", 1),
        "view.darker": partial(picture.nudge, "brightness", -1),
        "view.more_contrast": partial(picture.nudge, "contrast", 1),
        "view.less_contrast": partial(picture.nudge, "contrast", -1),
        "view.gamma_up": partial(picture.nudge, "gamma", 1),
        "view.gamma_down": partial(picture.nudge, "gamma", -1),
        "view.clahe": partial(picture.toggle, "clahe"),
        "view.invert": partial(picture.toggle, "invert"),
        "view.reset": picture.reset,
    }


def _labelling(flow: LabelFlow) -> Mapping[str, Handler]:
    return {
        "label.next": flow.next_unlabelled,
        "filter.next": partial(flow.filter.step, True),
        "filter.previous": partial(flow.filter.step, False),
        "label.not_gradable": partial(flow.type_char, "X"),
        "label.note": lambda: flow.side.grade.note.setFocus() if flow.state.grader else None,
        "label.flag": lambda: flow.side.grade.flags.open_menu() if flow.state.grader else None,
        "label.alike": flow.alike.press,
        "label.definitions": flow.toggle_definitions,
        "label.retry": flow.saving.retry,
        "label.search": lambda: _find(flow),
    }


def _find(flow: LabelFlow) -> None:
    flow.embryos.search.setFocus()
    flow.embryos.search.selectAll()
