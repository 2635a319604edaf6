"""Quick triage: nine images at a time, exceptions first, then one key for the rest of the page.

A verdict on a chosen image is saved at once, so is the page's: a crash loses no verdict that was given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from blasto_annotator.domain.reviews import Realism, Seen
from blasto_annotator.gui.review import marks as m
from blasto_annotator.gui.review.session_model import PAGE, Step
from blasto_annotator.gui.review.session_view import NEEDED, TYPING_HINT, SessionView

HINT = "Click or arrow keys choose an exception   ·   1 2 3 judge all the rest and go on   ·   PgUp: back"
CHOSEN_HINT = "1 2 3 judge this image   ·   W and letters mark first   ·   Esc: back to the page"
CHOOSE = "Choose an image first: click it, or press an arrow key."
REST_NEEDED = "1, 2 or 3 judges the images without a verdict."
NOT_THERE = "The pictures are still being read."


class TriageView(SessionView):
    """A session whose keys mean the page until an image of it is chosen."""

    _chosen = False
    _visiting = False
    """Whether an image was opened from its page, to go back there after its verdict."""

    @property
    def whole(self) -> bool:
        """Whether keys mean the page."""
        return self.nine and not self._chosen

    def refresh(self) -> None:
        self.grid.whole = self.whole
        super().refresh()
        if self.nine:
            self.bar.show_session(self.model, saving=self.model.busy, whole=self.whole)

    def hint_words(self) -> str:
        words = super().hint_words()
        return words if not self.nine or words == TYPING_HINT else HINT if self.whole else CHOSEN_HINT

    def give(self, realism: Realism) -> None:
        """1, 2 or 3: of the chosen image, else of every image of the page without a verdict."""
        if not self.whole:
            self._put(self.model.commit_realism(realism))
        elif any(self.pictures.get(position) is None for position in self.model.page):
            self.hint.setText(NOT_THERE)
        else:
            self._write_all(self.model.commit_rest(realism))
            self.model.advance()
            self.refresh()

    def commit(self) -> None:
        """Enter: saves what is marked on the chosen image; at the end, the reveal."""
        if self.model.complete and (self.whole or not self.model.changed(self.model.position)):
            self.finished.emit()
        elif self.whole:
            self.hint.setText(REST_NEEDED)
        elif not self.model.marks.complete:
            self.hint.setText(NEEDED)
        else:
            self._put(self.model.commit())

    def undo(self) -> None:
        """Takes back what the last key gave: one verdict, or those of the rest of a page."""
        self._chosen = False
        self._write_all(self.model.undo_turn())
        self.refresh()

    def redo(self) -> None:
        """Gives it again."""
        self._chosen = False
        self._write_all(self.model.redo_turn())
        self.refresh()

    def _put(self, step: Step | None) -> None:
        """An exception: back to its page, or on where the page is done."""
        self._write_all([] if step is None else [step])
        self._back()
        if all(self.model.verdict_at(position) is not None for position in self.model.page):
            self.model.advance()
        self.refresh()

    def _write_all(self, steps: Iterable[Step]) -> None:
        for step in steps:
            self._write(step)

    def _mark(self, change: Callable[[m.Marks], m.Marks]) -> None:
        if self.whole:
            self.hint.setText(CHOOSE)
        else:
            super()._mark(change)

    def _show_panel(self) -> None:
        if self.whole:
            self.panel.show_page(len(self.model.page))
        else:
            self.panel.set_single(on=True)
            super()._show_panel()

    def _move(self, where: tuple[int, int]) -> None:
        """The first arrow key chooses an image, the next ones move on from it."""
        if self.whole:
            self._choose(self.model.position)
        else:
            super()._move(where)

    def _choose(self, position: int) -> None:
        """Chooses an image; a click on the chosen one goes back to the page."""
        self._chosen = not (self._chosen and position == self.model.position)
        self._go(position)

    def _turn_page(self, way: int) -> None:
        self._chosen = False
        super()._turn_page(way)

    def _pause(self) -> None:
        """Esc: back to the page first."""
        if self.whole:
            super()._pause()
        else:
            self._visiting = True
            self._back()
            self.refresh()

    def _back(self) -> None:
        """Keys mean the page again; it is shown, too, where its image was opened from it."""
        self._chosen = False
        if self._visiting:
            self.bar.nine.setChecked(True)
        self._visiting = False

    def _brush(self) -> None:
        if self.whole:
            self.hint.setText(CHOOSE)
        else:
            super()._brush()

    def _open_alone(self, position: int) -> None:
        self._chosen = self._visiting = True
        super()._open_alone(position)

    def seen(self, step: Step) -> Seen:
        """Of a page: how long all of it was looked at, and how many images it holds."""
        found = super().seen(step)
        if not self.nine:
            return found
        return Seen(found.seconds, {**found.view, "images": len(self.model.page)})

    def _clocked(self, position: int) -> int:
        """A page has a time of its own: that of the whole page is kept with each verdict given on it."""
        return position if not self.nine else self.model.total + position - position % PAGE

    def _build(self) -> None:
        super()._build()
        self.bar.stay.hide()
        self.bar.nine.setChecked(True)
