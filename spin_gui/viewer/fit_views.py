"""The centre of the window: one sample's picture and bodies from the camera, the top and the side.

One view is large and the others small next to it, or all stand in a grid (``arrangement``).

The panel follows the session's current sample and has its neighbours made ready; what its cells
show is ``SceneDisplay``'s. It holds no selection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.body.display_body import DisplayBody
from core.errors import NoSuchRecordError
from core.rendering.render_thread import RenderService
from spin_gui.session.session import ProjectSession
from spin_gui.viewer.body_grip import BodyGrip
from spin_gui.viewer.body_style import BodyStyle
from spin_gui.viewer.cell_plan import Cell
from spin_gui.viewer.sample_scene import Column, SampleScene, ShownBody, scene_of, with_proposal
from spin_gui.viewer.scene_display import SceneDisplay
from spin_gui.viewer.view_board import ViewGrid
from spin_gui.viewer.view_canvas import ViewCanvas
from spin_gui.viewer.view_controls import ViewControls
from spin_gui.viewer.view_loader import ViewLoader
from spin_gui.viewer.view_state import ViewState

NEXT_AHEAD, PREVIOUS_AHEAD = 3, 1
"""How many neighbours are made ready, in the direction of travel and against it."""
REST_MS = 200
"""After another filter or order, before neighbours are made ready: one may go on choosing."""
NO_SECOND_BODY = (
    "Wipe: shown where a large view has a second body, such as a prediction or another first fit."
)
LIST_FIRST_MS = 30
"""After another filter or order, before the first image is made: the list is painted meanwhile."""


class FitViewsPanel(QWidget):
    """Shows the session's current sample. ``close()`` it before the session and the renderer."""

    sample_shown = Signal(int)
    """The id of a sample of which every view is on screen."""
    picture_missing = Signal(object)
    """A ``PictureTrouble`` where the sample's picture cannot be shown; None once it can."""
    keypoints_shown_changed = Signal(bool)
    whole_picture_changed = Signal(bool)
    one_large_changed = Signal(bool)
    """Whether one view is large, or all stand in a grid."""
    style_changed = Signal(object)
    """The ``BodyStyle`` that bodies are drawn in."""

    def __init__(
        self,
        session: ProjectSession,
        body: DisplayBody,
        rendering: RenderService,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("views")
        self._session = session
        self._loader = ViewLoader(body, rendering)
        self._announced = False
        self._outdated = True
        self._closed = False
        self._everyone = False
        self._proposed: Callable[[int], ShownBody | None] = _nothing_proposed
        self._last_row, self._direction = -1, 1
        self._query = session.query
        self._build()
        self._display = SceneDisplay(self.board, self._loader, self)
        self.grip = BodyGrip(self.board, self._display, self)
        self._ahead = self._timer(0, self._prepare_neighbours)
        self._rest = self._timer(REST_MS, self._prepare_neighbours)
        self._listen()

    # What the shell may ask

    @property
    def view_state(self) -> ViewState:
        """Orbit, zoom and pan of each kind of view."""
        return self._display.view_state

    def reset_view(self) -> None:
        """Take back orbit, zoom and pan of all views."""
        self.view_state.reset_all()

    def set_overlay_hidden(self, hidden: bool) -> None:  # noqa: FBT001 - a slot
        """Paint bare pictures, without bodies and keypoints, while ``hidden``."""
        for canvas in self.board.canvases.values():
            canvas.set_overlay_hidden(hidden=hidden)

    def set_keypoints_shown(self, shown: bool) -> None:  # noqa: FBT001 - a slot
        """Draw keypoints, or not."""
        if shown != self._display.keypoints_shown:
            self._display.keypoints_shown = shown
            self.controls.keypoints.setChecked(shown)
            self._display.paint_all()
            self.keypoints_shown_changed.emit(shown)

    def set_whole_picture(self, whole: bool) -> None:  # noqa: FBT001 - a slot
        """Show the whole picture in the top row in place of the crop."""
        if whole != self._display.whole_picture:
            self._display.whole_picture = whole
            self.controls.whole_picture.setChecked(whole)
            self._display.update()
            self.whole_picture_changed.emit(whole)

    def set_one_large(self, one_large: bool) -> None:  # noqa: FBT001 - a slot
        """One view large with the others small next to it, or all in a grid."""
        if one_large != self.one_large:
            self._display.choice.one_large = one_large
            self._display.update()
            self.one_large_changed.emit(one_large)

    def see(self, number: int) -> None:
        """Show the view with a number large; see ``arrangement`` for the numbers."""
        self._display.choice.enlarge(self._display.choice.cell_of(number))
        self.set_one_large(True)
        self._display.update()

    @Slot(object)
    def enlarge(self, cell: Cell) -> None:
        """Show the view of a cell large."""
        self._display.choice.enlarge(cell)
        self._display.update()

    def set_column_shown(self, column: Column, *, shown: bool) -> None:
        """Show a column where it has something of its own to show, or never."""
        choice = self._display.choice
        hidden = choice.hidden - {column} if shown else choice.hidden | {column}
        if hidden != choice.hidden:
            choice.hidden = hidden
            self._display.update()

    def set_everyone(self, everyone: bool) -> None:  # noqa: FBT001 - a slot
        """Draw the other people, too, over the whole picture and in large views of the crop."""
        if everyone != self._everyone:
            self._everyone = everyone
            self._show_current()

    def set_mesh_opacity(self, opacity: float) -> None:
        """How opaque bodies over pictures are, 0..1."""
        for canvas in self.board.canvases.values():
            canvas.set_mesh_opacity(opacity)

    @Slot(object)
    def set_style(self, style: BodyStyle) -> None:
        """Draw bodies in this way from now on."""
        if style is not self._display.style:
            self._display.style = style
            self.controls.show_style(style)
            self._display.update()
            self.style_changed.emit(style)

    def set_wiping(self, wiping: bool) -> None:  # noqa: FBT001 - a slot
        """Show a second body on the other side of a line over the large view, or one alone."""
        self._display.choice.wiping = wiping
        self._display.update()
        if wiping and self._display.lacks_second_body:
            self._session.noticed.emit(NO_SECOND_BODY)

    def next_style(self) -> None:
        """Draw bodies in the next way."""
        self.set_style(self._display.style.following)

    def set_proposals(self, proposed: Callable[[int], ShownBody | None]) -> None:
        """Where to ask for a body of a sample that waits to be kept."""
        self._proposed = proposed

    def show_again(self, sample_id: int) -> None:
        """Another body of a sample waits to be kept, or none any more."""
        if self._session.current_id == sample_id:
            self._show_current()

    @property
    def keypoints_shown(self) -> bool:
        """Whether keypoints are drawn."""
        return self._display.keypoints_shown

    @property
    def one_large(self) -> bool:
        """Whether one view is large; otherwise all stand in a grid."""
        return self._display.choice.one_large

    @property
    def whole_picture(self) -> bool:
        """Whether the top row shows the whole picture."""
        return self._display.whole_picture

    @property
    def shown_sample_id(self) -> int | None:
        """The sample of which every view is on screen; None while one is still missing."""
        scene = self._display.scene
        return scene.sample_id if scene is not None and self._announced else None

    def is_ready(self, sample_id: int) -> bool:
        """Whether every image of a sample is there, so that it would be shown at once."""
        scene = self._scene_or_none(sample_id)
        return scene is not None and all(map(self._loader.is_done, self._display.cells_of(scene)))

    # Events

    def showEvent(self, event: QShowEvent) -> None:
        """Take in what changed while the panel was hidden and did nothing."""
        super().showEvent(event)
        if self._outdated:
            self._show_current()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop listening and end the threads."""
        if not self._closed:
            self._closed = True
            self._ahead.stop()
            self._rest.stop()
            self._display.close()
            for signal, slot in self._connections():
                signal.disconnect(slot)
            self._loader.close()
        super().closeEvent(event)

    # Building

    def _build(self) -> None:
        self.setAccessibleName("Views of the fits")
        self.board = ViewGrid(self)
        self.controls = ViewControls(self)
        self.controls.keypoints.setChecked(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 4)
        layout.setSpacing(4)
        layout.addWidget(self.board, 1)
        layout.addWidget(self.controls)

    def _timer(self, interval_ms: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self, singleShot=True, interval=interval_ms)
        timer.timeout.connect(slot)
        return timer

    def _connections(self) -> Iterator[tuple[SignalInstance, Callable[..., None]]]:
        yield self._session.current_changed, self._show_current
        yield self._session.samples_changed, self._on_samples_changed
        yield self._session.rows_stale, self._on_rows_stale
        yield self._session.ids_changed, self._on_ids_changed

    def _listen(self) -> None:
        for signal, slot in self._connections():
            signal.connect(slot)
        self._display.picture_missing.connect(self.picture_missing)
        self.destroyed.connect(self._loader.close)
        self.controls.keypoints_toggled.connect(self.set_keypoints_shown)
        self.controls.whole_picture_toggled.connect(self.set_whole_picture)
        self.controls.opacity_changed.connect(self.set_mesh_opacity)
        self.controls.style_chosen.connect(self.set_style)
        self.controls.reset_clicked.connect(self.reset_view)
        self.board.enlarge_asked.connect(self.enlarge)
        for canvas in self.board.canvases.values():
            canvas.painted.connect(self._announce_if_painted, Qt.ConnectionType.QueuedConnection)

    # From the session

    def _show_current(self) -> None:
        if not self.isVisible():
            self._outdated = True
            return
        self._outdated = False
        sample_id, row = self._session.current_id, self._session.current_row
        self._direction, self._last_row = -1 if row < self._last_row else 1, row
        scene = None if sample_id is None else self._scene_or_none(sample_id)
        if self.grip.postpones(scene):
            return
        self._announced = False
        self._display.show_scene(scene, delay_ms=LIST_FIRST_MS if self._rest.isActive() else 0)

    def _on_samples_changed(self, sample_ids: set[int]) -> None:
        shown = self._display.scene
        others = set() if shown is None else {person.sample_id for person in shown.others}
        if self._session.current_id in sample_ids or others & sample_ids:
            self._show_current()
        elif self._announced and not self._rest.isActive():
            self._prepare_neighbours()

    def _on_ids_changed(self) -> None:
        """Other neighbours; after another filter or order only once the user rests."""
        if self._closed or self._outdated:
            return
        if self._session.query != self._query:
            self._query = self._session.query
            self._loader.prepare([])
            self._rest.start()
        elif not self._rest.isActive():
            self._prepare_neighbours()

    def _on_rows_stale(self) -> None:
        """Another process wrote, perhaps a new prediction: nothing moves unless it is shown."""
        shown = self._display.scene
        if shown is None or self._outdated:
            return
        scene = self._scene_or_none(shown.sample_id)
        if scene is None or scene.content != shown.content:
            self._show_current()

    def _scene_or_none(self, sample_id: int) -> SampleScene | None:
        try:
            scene = scene_of(self._session.records, sample_id, everyone=self._everyone)
            return with_proposal(scene, self._proposed(sample_id))
        except NoSuchRecordError:  # deleted by another process since it was listed
            return None

    # When all is there

    def _announce_if_painted(self) -> None:
        scene = self._display.scene
        if scene is None or self._announced or self._closed:
            return
        if _is_painted([canvas for _cell, canvas in self.board], scene.sample_id):
            self._announced = True
            self.sample_shown.emit(scene.sample_id)
            if not self._rest.isActive():
                self._ahead.start()

    def _prepare_neighbours(self) -> None:
        if self._closed or not self.isVisible() or self._display.scene is None:
            return
        scenes = (self._scene_or_none(sample_id) for sample_id in self._neighbours())
        self._loader.prepare(
            [self._display.cells_of(scene) for scene in scenes if scene is not None]
        )

    def _neighbours(self) -> list[int]:
        """The samples that a key press is likely to show, the likeliest first."""
        ids = self._session.sample_ids
        row = self._session.current_row
        steps = [*range(1, NEXT_AHEAD + 1), *range(-1, -PREVIOUS_AHEAD - 1, -1)]
        rows = row + self._direction * np.array(steps)
        return [int(ids[near]) for near in rows if 0 <= near < len(ids)]


def _nothing_proposed(_sample_id: int) -> None:
    """Until it is said where proposals are kept."""


def _is_painted(canvases: Sequence[ViewCanvas], sample_id: int) -> bool:
    """Whether each shows all of a sample.

    A painting of before is told late, and of the same sample where something else changed.
    """
    return all(
        canvas.painted_frame is canvas.frame
        and canvas.frame is not None
        and canvas.frame.complete
        and canvas.frame.sample_id == sample_id
        for canvas in canvases
    )
