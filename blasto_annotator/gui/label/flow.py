"""What happens between list, frame and grade: pages turn, grades are saved, failures come back."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import Frame
from blasto_annotator.gui.background import report_error, run_op
from blasto_annotator.gui.label.alike import AlikeFlow
from blasto_annotator.gui.label.definitions import Definitions
from blasto_annotator.gui.label.embryo_flow import EmbryoFlow
from blasto_annotator.gui.label.filtering import FilterFlow
from blasto_annotator.gui.label.fitting import FittingMoments
from blasto_annotator.gui.label.grading import Grading
from blasto_annotator.gui.label.hints import KeyOf
from blasto_annotator.gui.label.images import Images, Picture, Unreadable
from blasto_annotator.gui.label.known import Known, earlier_steps
from blasto_annotator.gui.label.looking import Looking
from blasto_annotator.gui.label.looks import Looks
from blasto_annotator.gui.label.moments import Moment
from blasto_annotator.gui.label.navigator import Navigator
from blasto_annotator.gui.label.pace import PaceFlow
from blasto_annotator.gui.label.queueing import QueueFlow
from blasto_annotator.gui.label.repeats import RepeatFlow
from blasto_annotator.gui.label.saves import SaveQueue
from blasto_annotator.gui.label.saving import SavingFlow
from blasto_annotator.gui.state import AppState
from blasto_annotator.imaging.adjust import Adjustments

if TYPE_CHECKING:
    from blasto_annotator.gui.label.centre import Centre
    from blasto_annotator.gui.label.embryo_panel import EmbryoPanel
    from blasto_annotator.gui.label.side import SidePanel
    from blasto_annotator.gui.settings import Settings
    from blasto_annotator.gui.status_bar import StatusBar

log = logging.getLogger(__name__)
TYPED = frozenset("0123456789ABCDX<!")
NOT_SAVED = "What was graded last is not saved yet: try again, or give it up, before going on."
PATIENCE_MS = 150
"""How long a page may turn before words say so."""


class LabelFlow(QObject):
    """The page's conduct; its widgets are lent by `connect_views`."""

    listed = Signal(int)
    """How many frames the project has."""

    def __init__(self, parent: QObject, state: AppState) -> None:
        super().__init__(parent)
        self.state = state
        self.navigator = Navigator(self)
        self.images = Images(self)
        self.saves = SaveQueue(self)
        self.grading = Grading(self, self._view)
        self.repeats = RepeatFlow(self)
        self.settings: Settings | None = None
        self.status: StatusBar | None = None
        self.key_of: KeyOf = lambda _: ""
        self._frames = 0
        self._seeking = False
        self._advancing = False
        self._finished = False
        self._late = QTimer(self, singleShot=True, interval=PATIENCE_MS)

    def connect_views(self, embryos: EmbryoPanel, centre: Centre, side: SidePanel) -> None:
        """Ties the parts together and shows the open project."""
        self.embryos, self.centre, self.side = embryos, centre, side
        self.known = Known(self)
        self.queue = QueueFlow(self)
        self.alike = AlikeFlow(self)
        self.definitions = Definitions(centre.view)
        side.grade.definitions_wanted.connect(self.toggle_definitions)
        self.looking = Looking(self)
        self.looks = Looks(self.looking, centre.view, side.picture, lambda: self.settings)
        self.navigator.prefer = self.looking.preferred
        centre.player.waits = self.turning
        self.list = EmbryoFlow(self, self.state, self.navigator, embryos)
        self.filter = FilterFlow(self)
        self.list.taken.connect(self.filter.enter)
        self.list.filtered.connect(self.queue.refilter)
        self._connect_navigation()
        self.saving = SavingFlow(self)
        self.saving.saved.connect(self._saved)
        self.saving.counted.connect(self.repeats.committed)
        self.pace = PaceFlow(self)
        self.fitting = FittingMoments(self)
        self.saving.flagged.connect(self.known.flags_changed)
        side.grader.named.connect(self._name_grader)
        side.grade.note_left.connect(centre.view.setFocus)
        side.grade.flags.left.connect(centre.view.setFocus)
        side.picture.changed.connect(self._adjust)
        embryos.left.connect(centre.view.setFocus)
        self.state.project_changed.connect(self.open_project)
        self.state.scheme_changed.connect(self.choose_scheme)
        self.state.grader_changed.connect(self._change_grader)
        self.state.frames_changed.connect(lambda: self._reload(0))
        self.state.labels_changed.connect(lambda frame_id: None if frame_id else self._labels_changed())

    def attach(self, settings: Settings, status: StatusBar) -> None:
        """The window's settings and status bar."""
        self.settings, self.status = settings, status
        self.list.progressed.connect(status.show_queue)
        self.open_project()

    def open_project(self) -> None:
        """Another project, or none."""
        project = self.state.project
        scheme = project.scheme if project is not None else None
        self.saves.set_project(project)
        self.images.set_files(project.frames.file if project is not None else None)
        self.grading.begin(scheme, self.state.grader)
        self.centre.timeline.scheme = self.embryos.delegate.scheme = scheme
        self.definitions.hide()
        self.looking.begin()
        self.centre.go_to.close_field()
        self.list.begin()
        self.navigator.set_project(project, self.state.grader)
        self._begin_grader()
        if project is not None:
            self._reload(self._place_of_last_session(project.id))

    def refresh_grader(self) -> None:
        """Asks who grades, once a session; then the keys go to the frame."""
        if self.state.project is None or self._frames == 0:
            return
        if self.state.grader:
            self.side.show_grade()
            self.centre.view.setFocus()
        else:
            names = self.settings.graders() if self.settings is not None else []
            self.side.ask_grader(names, not self.state.project.read_only)

    def type_char(self, char: str) -> bool:
        """A typed character; False where it is no part of grading."""
        if char not in TYPED or self.navigator.frame is None:
            return False
        self.centre.player.pause()
        self.grading.key(char)
        return True

    def toggle_definitions(self) -> None:
        """What the grades mean, over the frame."""
        self.definitions.toggle(self.grading.scheme)

    def choose_scheme(self) -> None:
        """Another scheme: groups are derived anew wherever they show; grades stay."""
        project = self.state.project
        if project is not None:
            scheme = project.scheme
            self.grading.take_scheme(scheme)
            self.centre.timeline.scheme = self.embryos.delegate.scheme = scheme
            self.definitions.hide()
            self._reload(None)

    def advance(self) -> None:
        """A frame was graded: on to the next."""
        self._advancing = True
        if not (self.queue.advance() or self.filter.advance()):
            self.navigator.advance()

    def stay(self) -> None:
        """No other frame is to come: the one on show is graded on. Keys typed for the next are dropped."""
        self._advancing = False
        self.grading.drop_keys()
        self.turn()

    def next_unlabelled(self) -> None:
        """Goes to the next moment without a label by this grader, once what is being saved is saved.

        Keys that are typed meanwhile wait for it.
        """
        if self.saves.failed():
            self.state.status.emit(NOT_SAVED)
            return
        self._seeking = self.saves.waiting() > 0
        if self._seeking:
            self.navigator.turning.emit()
        elif not self.queue.advance():
            self.filter.next_unlabelled()

    def stop_seeking(self) -> None:
        """What was to be saved first cannot be: the frame on show is graded on."""
        if self._seeking:
            self._seeking = False
            self.stay()

    def remember(self) -> None:
        """Keeps the place and the picture's settings."""
        settings, project, frame = self.settings, self.state.project, self.navigator.frame
        if settings is None or project is None:
            return
        if frame is not None:
            settings.set_text(f"label/place/{project.id}", str(frame.id))
        self.looks.keep()

    def _connect_navigation(self) -> None:
        self.navigator.embryo_changed.connect(self._show_embryo)
        self.navigator.moved.connect(self._moved)
        self.navigator.turning.connect(self._await)
        self.navigator.neared.connect(self.read_ahead)
        self.navigator.ended.connect(self.state.status)
        self.navigator.finished.connect(self._finish)
        self.images.ready.connect(self._show_result)
        self.centre.view.painted.connect(self.read_ahead, Qt.ConnectionType.QueuedConnection)
        self._late.timeout.connect(lambda: self._say("Loading …"))
        self.list.listed.connect(self._listed)

    def _reload(self, start_at: int | None) -> None:
        self.navigator.reload()
        here = self.navigator.frame
        self.list.reload(None if here is not None else (start_at or 0))

    def _labels_changed(self) -> None:
        """Many labels changed at once. What is on its way to the store is known here alone."""
        self._reload(None)
        if not self.saves.waiting():
            self.grading.read_anew()

    def _listed(self, frames: int) -> None:
        log.info("listed %d frames", frames)
        first = self._frames == 0
        self._frames = frames
        self.listed.emit(frames)
        if first:
            self.refresh_grader()

    def _show_embryo(self) -> None:
        self.list.show_embryo()
        self.centre.show_embryo()

    def _moved(self) -> None:
        """The navigator is at another frame."""
        self._finished = False
        if self._advancing:
            self._advancing = False
            self.repeats.arrive()
        self.turn()

    def turn(self) -> None:
        """Shows what belongs at this place: its frame, or a repeat that stands in."""
        frame = self.navigator.frame
        self.grading.turn_to(frame.id if frame is not None else None)
        self.side.grade.show_hint("")
        self.alike.withdraw()
        self.centre.show_place()
        self.list.show_place()
        if frame is None:
            self._say("")
            return
        picture = self.images.at_hand(self._seen(frame))
        if picture is not None:
            self._show_picture(frame, picture)
        else:
            self._late.start()
        self.read_ahead()

    def turning(self) -> bool:
        """Whether the frame that was asked for is not on screen yet."""
        waiting = self.grading.on_screen is None and not self.grading.obstacle
        return waiting or self.centre.view.fresh

    def read_ahead(self) -> None:
        """Decodes what is on show; what may come next once that is painted, so that no decoding delays it."""
        frame = self.navigator.frame
        if frame is None:
            return
        here = self._seen(frame)
        if self.turning():
            self.images.want([here])
            return
        first, *others = self.navigator.wanted()
        self.images.want([here, first, *self.repeats.wanted(), *self.queue.ahead(), *others])

    def _await(self) -> None:
        """Another frame is looked for: nothing is decoded meanwhile, which would only delay it."""
        self.grading.turn_to(None)
        self.images.want([])
        self.images.want_stacks([])

    def _seen(self, frame: Frame) -> Frame:
        """The frame whose image is shown at this place."""
        stand_in = self.repeats.stand_in(frame)
        return frame if stand_in is None else stand_in[1]

    def _looked_at(self, frame: Frame) -> tuple[Frame, Moment]:
        """The frame whose image is on screen, and the moment whose planes belong to it."""
        stand_in = self.repeats.stand_in(frame)
        if stand_in is not None:
            return stand_in[1], stand_in[0].moment
        return frame, self.navigator.moment or Moment((frame,))

    def _show_result(self, result: Picture | Unreadable) -> None:
        frame = self.navigator.frame
        if frame is None or frame.id != self.grading.target or result.frame_id != self._seen(frame).id:
            return  # stale, or the page is already turning to another embryo
        if isinstance(result, Picture):
            self._show_picture(frame, result)
            return
        self._late.stop()
        self._say(str(result.error))
        self.grading.block("This frame cannot be shown, so it cannot be graded.")
        self.read_ahead()
        if not isinstance(result.error, UserError):
            report_error(self, result.error)

    def _say(self, words: str) -> None:
        """Words where no frame can be shown."""
        self.looking.clear(words)
        self.centre.view.say(words)

    def _show_picture(self, frame: Frame, picture: Picture) -> None:
        self._late.stop()
        stand_in = self.repeats.stand_in(frame)
        transform = stand_in[0].task.transform if stand_in is not None else ""
        self.looking.show(*self._looked_at(frame), picture, transform)
        on_screen = self.grading.on_screen
        if on_screen is not None and on_screen.frame.id == frame.id:
            return
        if stand_in is not None:
            self.known.hide()
            self.grading.show_repeat(frame, stand_in[0].task, stand_in[0].frame)
            return
        self.known.read(picture.sha256)
        label = self.navigator.label_of(frame)
        same = label is not None and label.sha256 == picture.sha256
        self.grading.show(frame, picture.sha256, label if same else None, self.navigator.said_beside(frame))

    def _saved(self, frame: Frame, sha256: str) -> None:
        self.list.show_label(frame)
        self.centre.show_labels()
        on_screen = self.grading.on_screen
        if on_screen is not None and on_screen.sha256 == sha256 and on_screen.repeat is None:
            self.known.read(sha256)
        if self._finished:
            self._finish()
        if self._seeking:
            self.next_unlabelled()

    def _finish(self) -> None:
        """Speaks of the list's end once its last grade is saved."""
        self._finished = self.saves.waiting() > 0
        if not self._finished:
            self.filter.tell_end()

    def _begin_grader(self) -> None:
        """Another grader, or another project: his look; and what he did before can be undone."""
        self.repeats.begin()
        self.known.read_names()
        self.list.read_offers()
        self.queue.begin()
        self.pace.begin()
        project, grader = self.state.project, self.state.grader
        self.looks.take_up(project.id if project is not None else "", grader)
        if project is not None and grader:
            history = self.grading.history
            # In line with the saves: whatever is graded from now on is not read back.
            run_op(self, lambda: earlier_steps(project, grader), lambda steps: history.restore(*steps))

    def _name_grader(self, name: str) -> None:
        self.state.grader_requested.emit(name)

    def _change_grader(self, grader: str) -> None:
        if self.state.project is None:
            return
        self.grading.begin(self.state.project.scheme, grader)
        self.navigator.set_grader(grader)
        self._begin_grader()
        self.list.reload()
        self.refresh_grader()
        log.info("grades as %s", grader or "nobody yet")

    def _adjust(self, adjustments: Adjustments) -> None:
        self.images.set_adjustments(None if adjustments == Adjustments() else adjustments)
        self.read_ahead()

    def _place_of_last_session(self, project_id: str) -> int:
        stored = self.settings.text(f"label/place/{project_id}") if self.settings is not None else ""
        return int(stored) if stored.isdigit() else 0

    def _view(self) -> dict[str, float | str | bool]:
        return self.looking.record()
