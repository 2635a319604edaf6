"""The sample grid as it refines: the newest one large, earlier ones by the slider; a name over each class."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSlider, QStackedLayout, QWidget

from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.theme import CANVAS, current_theme
from blasto_annotator.gui.train import words
from blasto_annotator.gui.train.run_model import SampleGrid
from blasto_annotator.gui.widgets.basics import column, frame, row, text
from blasto_annotator.gui.widgets.group_badge import draw_group
from blasto_annotator.gui.widgets.image_view import ImageView
from blasto_annotator.gui.widgets.pixels import enlarged, grey_image
from blasto_annotator.imaging.decode import decode_grey

LEAST_SIDE = 700
HEAD = 30
BADGE = 18


class SamplesView(QWidget):
    """Shows one of a run's sample grids; follows the newest until the slider is moved away from it."""

    def __init__(self) -> None:
        super().__init__()
        self._grids: tuple[SampleGrid, ...] = ()
        self._shown: Path | None = None
        self.image = ImageView()
        self.image.setAccessibleName("Sample grid")
        self.image.setMinimumSize(120, 80)
        self.head = ClassHead(self.image)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Earlier sample grids")
        self.slider.valueChanged.connect(lambda _: self._show_chosen())
        self._caption = text("", "muted")
        self._waiting = text("The first samples appear soon after the start.", "muted")
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedLayout()
        self._build()

    @property
    def following(self) -> bool:
        """Whether the newest grid is shown."""
        return self.slider.value() == self.slider.maximum()

    def show_grids(self, grids: tuple[SampleGrid, ...], scheme: Scheme | None) -> None:
        """Takes a run's grids, oldest first."""
        if grids == self._grids:
            return
        newest = self.following or not self._grids
        self._grids = grids
        self.head.scheme = scheme
        self.slider.blockSignals(True)
        self.slider.setMaximum(max(0, len(grids) - 1))
        if newest:
            self.slider.setValue(self.slider.maximum())
        self.slider.blockSignals(False)
        self.slider.setVisible(len(grids) > 1)
        self._show_chosen()

    def clear(self) -> None:
        """For another run."""
        self._grids = ()
        self._shown = None
        self.slider.setMaximum(0)
        self.slider.hide()
        self.image.set_image(None)
        self.head.set_columns(())
        self._caption.clear()
        self._stack.setCurrentIndex(0)

    def _show_chosen(self) -> None:
        if not self._grids:
            self.clear()
            return
        grid = self._grids[min(self.slider.value(), len(self._grids) - 1)]
        place = "newest" if self.following else f"{self.slider.value() + 1} of {len(self._grids)}"
        self._caption.setText(f"{words.kimg(grid.kimg)} kimg, {place}")
        self.head.set_columns(grid.columns)
        if grid.path != self._shown:
            self._shown = grid.path
            run_op(self, lambda: _read(grid.path), lambda image: self._show(grid.path, image), serial=False)

    def _show(self, path: Path, image: QImage | None) -> None:
        if path == self._shown and image is not None:
            self._stack.setCurrentIndex(1)
            self.image.set_image(image)

    def _build(self) -> None:
        pictures = QWidget()
        pictures.setLayout(column(self.head.room, self.image, gap=0))
        self.head.setParent(pictures)
        foot = row(text("Samples", "section"), self.slider, self._caption, gap=12)
        foot.setContentsMargins(12, 6, 12, 6)
        foot.setStretch(1, 1)
        self._caption.setMinimumWidth(140)
        self._caption.setAlignment(Qt.AlignmentFlag.AlignRight)
        whole = column(gap=0)
        whole.addLayout(self._stack, 1)
        whole.addWidget(frame(foot, "panel"))
        self.setLayout(whole)
        self._stack.addWidget(self._waiting)  # only now: a stack without a parent shows it as a window
        self._stack.addWidget(pictures)


class ClassHead(QWidget):
    """Names over the column blocks of the grid, as far as the picture reaches, right above it."""

    def __init__(self, image: ImageView) -> None:
        super().__init__()
        self.scheme: Scheme | None = None
        self.room = QWidget()
        """What is left free for the names where the picture reaches to the top."""
        self.room.setFixedHeight(HEAD)
        self.room.setStyleSheet(f"background: {CANVAS};")
        self._image = image
        self._target = QRectF()
        self._columns: tuple[str, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        image.zoom_changed.connect(lambda _: self._follow())
        image.painted.connect(self._follow)

    def _follow(self) -> None:
        """Where the picture is now; asked after each painting, so it must not paint again for nothing."""
        target = self._image.target()
        if target != self._target:
            self._target = QRectF(target)
            self.setGeometry(0, max(0, round(target.y())), self._image.width(), HEAD)
            self.raise_()
            self.update()

    def set_columns(self, columns: tuple[str, ...]) -> None:
        """Class names, one a column block."""
        self._columns = columns
        self.setVisible(bool(columns))
        self.room.setVisible(bool(columns))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(CANVAS))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        target = self._target
        for index, name in enumerate(self._columns):
            width = target.width() / len(self._columns)
            self._draw(painter, QRectF(target.x() + index * width, 0, width, HEAD), name)
        painter.end()

    def _draw(self, painter: QPainter, rect: QRectF, name: str) -> None:
        groups = self.scheme.groups if self.scheme is not None else ()
        group = next((known for known in groups if known.name == name), None)
        title = group.title if group is not None else name
        left = rect.x() + 6
        if group is not None:
            draw_group(painter, QRectF(left, (HEAD - BADGE) / 2, BADGE, BADGE), group)
            left += BADGE + 6
        painter.setPen(QColor(current_theme().on_canvas))
        if group is not None and painter.fontMetrics().horizontalAdvance(title) > rect.right() - left:
            return  # the badge says it
        place = QRectF(left, 0, rect.right() - left, HEAD)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, title)


def _read(path: Path) -> QImage | None:
    """The grid, enlarged smoothly where it is small; None where it is gone."""
    if not path.exists():
        return None
    return grey_image(enlarged(decode_grey(path), LEAST_SIDE, smooth=True))
