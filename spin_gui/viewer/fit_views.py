"""The centre of the window: one sample's picture and bodies from the camera, the top and the side.

The panel listens to the session, plans the cells (``cell_plan``), has their images made
(``view_loader``) and hands each cell what it paints (``view_frames``). It holds no selection.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.body.display_body import DisplayBody
from core.errors import NoSuchRecordError
from core.rendering.render_thread import RenderService
from spin_gui.images.picture_cache import PictureKey
from spin_gui.images.render_cache import MeshKey
from spin_gui.session.session import ProjectSession
from spin_gui.viewer.cell_plan import Cell, CellSpec, SceneLayout
from spin_gui.viewer.sample_scene import Column, SampleScene, ShownBody, scene_of, with_proposal
from spin_gui.viewer.view_board import ViewGrid
from spin_gui.viewer.view_canvas import Frame, ViewCanvas
from spin_gui.viewer.view_controls import ViewControls
from spin_gui.viewer.view_frames import ViewPainter
from spin_gui.viewer.view_loader import ViewLoader
from spin_gui.viewer.view_state import ViewKind, ViewState

NEXT_AHEAD, PREVIOUS_AHEAD = 3, 1
"""How many neighbours are made ready, in the direction of travel and against it."""
SETTLE_MS = 60
"""After the last step of the wheel or of resizing, before sharp images are asked for."""
REST_MS = 200
"""After another filter or order, before neighbours are made ready: one may go on choosing."""
LIST_FIRST_MS = 30
"""Likewise before the first image of a sample is made: the list is painted in that time."""


class FitViewsPanel(QWidget):
    """Shows the session's current sample. ``close()`` it before the session and the renderer."""

    sample_shown = Signal(int)
    """The id of a sample of which every view is on screen."""
    picture_missing = Signal(object)
    """The path of the sample's picture where none is there; None once it is another way."""
    keypoints_shown_changed = Signal(bool)
    whole_picture_changed = Signal(bool)

    def __init__(
        self,
        session: ProjectSession,
        body: DisplayBody,
        rendering: RenderService,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._loader = ViewLoader(body, rendering)
        self.view_state = ViewState(self._view_changed)
        self._scene: SampleScene | None = None
        self._plans: dict[Cell, CellSpec] = {}
        self._asked_for: dict[Cell, CellSpec] = {}
        self._whole_picture, self._keypoints_shown = False, True
        self._turning: ViewKind | None = None
        self._announced = False
        self._outdated = True
        self._closed = False
        self._proposed: Callable[[int], ShownBody | None] = _nothing_proposed
        self._last_row, self._direction = -1, 1
        self._query = session.query
        self._build()
        self._settle = self._timer(SETTLE_MS, self._ask)
        self._announce = self._timer(0, self._announce_if_painted)
        self._rest = self._timer(REST_MS, self._prepare_neighbours)
        self._ask_soon = self._timer(0, self._ask_planned)
        self._listen()

    # What the shell may ask

    def reset_view(self) -> None:
        """Take back orbit, zoom and pan of all views."""
        self.view_state.reset_all()

    def set_overlay_hidden(self, hidden: bool) -> None:  # noqa: FBT001 - a slot
        """Paint bare pictures, without bodies and keypoints, while ``hidden``."""
        for canvas in self.board.canvases.values():
            canvas.set_overlay_hidden(hidden=hidden)

    def set_keypoints_shown(self, shown: bool) -> None:  # noqa: FBT001 - a slot
        """Draw keypoints, or not."""
        if shown != self._keypoints_shown:
            self._keypoints_shown = shown
            self.controls.keypoints.setChecked(shown)
            self._paint_all()
            self.keypoints_shown_changed.emit(shown)

    def set_whole_picture(self, whole: bool) -> None:  # noqa: FBT001 - a slot
        """Show the whole picture in the top row in place of the crop."""
        if whole != self._whole_picture:
            self._whole_picture = whole
            self.controls.whole_picture.setChecked(whole)
            self._plan_and_ask()
            self.whole_picture_changed.emit(whole)

    def set_mesh_opacity(self, opacity: float) -> None:
        """How opaque bodies over pictures are, 0..1."""
        for canvas in self.board.canvases.values():
            canvas.set_mesh_opacity(opacity)

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
        return self._keypoints_shown

    @property
    def whole_picture(self) -> bool:
        """Whether the top row shows the whole picture."""
        return self._whole_picture

    @property
    def shown_sample_id(self) -> int | None:
        """The sample of which every view is on screen; None while one is still missing."""
        return self._scene.sample_id if self._scene is not None and self._announced else None

    def is_ready(self, sample_id: int) -> bool:
        """Whether every image of a sample is there, so that it would be shown at once."""
        scene = self._scene_or_none(sample_id)
        return scene is not None and all(
            self._loader.is_done(plan) for plan in self._planner(scene).cells().values()
        )

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
            self._settle.stop()
            self._announce.stop()
            self._rest.stop()
            self._ask_soon.stop()
            for signal, slot in self._connections():
                signal.disconnect(slot)
            self._loader.close()
        super().closeEvent(event)

    # Building

    def _build(self) -> None:
        self.setAccessibleName("Views of the fits")
        self.board = ViewGrid(self)
        self.board.set_narrow(frozenset({Column.PREDICTION}))
        self.controls = ViewControls(self)
        self.controls.keypoints.setChecked(self._keypoints_shown)
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
        self._loader.mesh_done.connect(self._on_mesh)
        self._loader.picture_done.connect(self._on_picture)
        self._loader.posed.connect(self._on_posed)
        self.destroyed.connect(self._loader.close)
        self.board.cell_side_changed.connect(self._on_resized)
        self.controls.keypoints_toggled.connect(self.set_keypoints_shown)
        self.controls.whole_picture_toggled.connect(self.set_whole_picture)
        self.controls.opacity_changed.connect(self.set_mesh_opacity)
        self.controls.reset_clicked.connect(self.reset_view)
        for canvas in self.board.canvases.values():
            canvas.orbited.connect(self._on_orbited)
            canvas.panned.connect(self._on_panned)
            canvas.zoomed.connect(self._on_zoomed)
            canvas.reset_asked.connect(self._on_reset_asked)
            canvas.drag_ended.connect(self._on_drag_ended)
            canvas.painted.connect(self._announce.start)

    # The mouse, in any cell

    def _kind_of(self, canvas: QObject | None) -> ViewKind | None:
        frame = canvas.frame if isinstance(canvas, ViewCanvas) else None
        return None if frame is None else frame.kind

    def _on_orbited(self, dx: float, dy: float) -> None:
        kind = self._kind_of(self.sender())
        if kind is not None:
            self._turning = kind
            self.view_state.orbit(kind, dx, dy)

    def _on_panned(self, dx: float, dy: float) -> None:
        kind = self._kind_of(self.sender())
        if kind is not None:
            self.view_state.pan(kind, dx, dy)

    def _on_zoomed(self, factor: float, x: float, y: float) -> None:
        kind = self._kind_of(self.sender())
        if kind is not None:
            self.view_state.zoom(kind, factor, x=x, y=y)

    def _on_reset_asked(self) -> None:
        kind = self._kind_of(self.sender())
        if kind is not None:
            self._turning = None
            self.view_state.reset(kind)

    def _on_drag_ended(self) -> None:
        if self._turning is not None:
            self._turning = None
            self._plan_and_ask()

    # From the session

    def _show_current(self) -> None:
        if not self.isVisible():
            self._outdated = True
            return
        self._outdated = False
        sample_id = self._session.current_id
        row = self._session.current_row
        self._direction = -1 if row < self._last_row else 1
        self._last_row = row
        self._scene = None if sample_id is None else self._scene_or_none(sample_id)
        if self._scene is not None and Column.PREDICTION in self._scene.bodies:
            # From the first prediction on the column stays wide: cells must not jump about.
            self.board.set_narrow(frozenset())
        self._announced = False
        self._plan()
        self._paint_headers()
        self._ask_painted()
        self._tell_of_picture()

    def _on_samples_changed(self, sample_ids: set[int]) -> None:
        if self._session.current_id in sample_ids:
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
        if self._scene is None or self._outdated:
            return
        scene = self._scene_or_none(self._scene.sample_id)
        if scene is None or scene.content != self._scene.content:
            self._show_current()

    def _scene_or_none(self, sample_id: int) -> SampleScene | None:
        try:
            scene = scene_of(self._session, sample_id)
            return with_proposal(scene, self._proposed(sample_id))
        except NoSuchRecordError:  # deleted by another process since it was listed
            return None

    # Planning, asking, painting

    def _view_changed(self, kind: ViewKind) -> None:
        self._plan()
        self._paint_all(kind)
        if self._turning is not kind:
            self._settle.start()
        elif not self._is_waiting_for(kind):
            self._ask()

    def _is_waiting_for(self, kind: ViewKind | None) -> bool:
        """Whether images of a body that is being turned are still on their way.

        Asking for newer ones meanwhile would cancel them for ever, and nothing would be seen.
        """
        return any(
            plan.kind is kind and not self._loader.is_done(plan)
            for plan in self._asked_for.values()
        )

    def _on_resized(self) -> None:
        self._plan()
        self._paint_all()
        self._settle.start()

    def _plan_and_ask(self) -> None:
        self._plan()
        self._paint_headers()
        self._ask()

    def _plan(self) -> None:
        self._plans = {} if self._scene is None else self._planner(self._scene).cells()

    def _planner(self, scene: SampleScene) -> SceneLayout:
        return SceneLayout(
            scene,
            self.view_state,
            whole_picture=self._whole_picture,
            size_px=self.board.cell_size_px,
            rough=self._turning,
        )

    def _ask(self) -> None:
        """Have the planned images made, and paint what is there already."""
        self._settle.stop()
        self._ask_soon.stop()
        self._asked_for = self._plans
        self._loader.show(self._plans.values())
        self._paint_all()

    def _ask_painted(self) -> None:
        """As ``_ask``, but paint first: the threads that draw would take a core from the list."""
        self._settle.stop()
        self._loader.show([])
        self._asked_for = self._plans
        self._paint_all()
        self._ask_soon.start(LIST_FIRST_MS if self._rest.isActive() else 0)

    def _ask_planned(self) -> None:
        if not self._closed:
            self._loader.show(self._asked_for.values())

    def _frames(self) -> ViewPainter | None:
        if self._scene is None:
            return None
        return ViewPainter(self._scene, self._loader, keypoints_shown=self._keypoints_shown)

    def _paint_headers(self) -> None:
        for header in self.board.headers.values():
            header.show_scene(self._scene)

    def _paint_all(self, kind: ViewKind | None = None) -> None:
        """Hand every cell (of one kind) what it paints."""
        frames = self._frames()
        for cell, canvas in self.board:
            plan = self._plans.get(cell)
            if kind is None or (plan is not None and plan.kind is kind):
                self._paint_cell(frames, cell, canvas)
        if kind is None:
            self._paint_summary(frames)

    def _paint_cell(self, frames: ViewPainter | None, cell: Cell, canvas: ViewCanvas) -> None:
        plan = self._plans.get(cell)
        if frames is None or plan is None:
            canvas.can_orbit = False
            canvas.set_frame(None)
            return
        canvas.can_orbit = plan.mesh is not None and plan.kind is not ViewKind.PICTURE
        frame = frames.frame(plan, asked_for=self._asked_for.get(cell), former=canvas.frame)
        canvas.set_frame(frame)

    def _paint_summary(self, frames: ViewPainter | None) -> None:
        if frames is None or self._scene is None:
            self.board.summary.show_keypoints(None)
            return
        body = self._scene.bodies.get(Column.CURRENT)
        digest = None if body is None else body.digest
        self.board.summary.show_keypoints(frames.keypoints_of(ViewKind.CAMERA, digest))

    # Images that arrive

    def _on_mesh(self, key: MeshKey) -> None:
        self._repaint_where(lambda plan: plan.mesh == key)
        newer_view_waits = self._turning is not None and self._plans is not self._asked_for
        if newer_view_waits and not self._is_waiting_for(self._turning):
            self._ask()

    def _on_picture(self, key: PictureKey) -> None:
        self._repaint_where(lambda plan: plan.picture == key)
        self._tell_of_picture()

    def _on_posed(self, digest: str) -> None:
        self._repaint_where(lambda plan: plan.body is not None and plan.body.digest == digest)
        self._paint_summary(self._frames())

    def _repaint_where(self, matches: Callable[[CellSpec], bool]) -> None:
        frames = self._frames()
        for cell, canvas in self.board:
            asked_for = self._asked_for.get(cell)
            if asked_for is not None and matches(asked_for):
                self._paint_cell(frames, cell, canvas)

    def _tell_of_picture(self) -> None:
        """Whether the picture is missing, once its windows were tried."""
        if self._scene is None:
            self.picture_missing.emit(None)
            return
        keys = [plan.picture for plan in self._asked_for.values() if plan.picture is not None]
        problems = [self._loader.picture_problem(key) for key in keys]
        if None not in problems:
            # Only of one that could not be loaded: a slow disk is not asked again.
            path = self._scene.picture_path
            is_missing = any(problems) and not os.path.lexists(path)
            self.picture_missing.emit(path if is_missing else None)

    # When all is there

    def _announce_if_painted(self) -> None:
        if self._scene is None or self._announced or self._closed:
            return
        frames: list[Frame | None] = [canvas.painted_frame for _cell, canvas in self.board]
        sample_id = self._scene.sample_id
        if all(f is not None and f.complete and f.sample_id == sample_id for f in frames):
            self._announced = True
            self.sample_shown.emit(sample_id)
            if not self._rest.isActive():
                self._prepare_neighbours()

    def _prepare_neighbours(self) -> None:
        if self._closed or not self.isVisible() or self._scene is None:
            return
        scenes = (self._scene_or_none(sample_id) for sample_id in self._neighbours())
        self._loader.prepare(
            [self._planner(scene).cells().values() for scene in scenes if scene is not None]
        )

    def _neighbours(self) -> list[int]:
        """The samples that a key press is likely to show, the likeliest first."""
        ids = self._session.sample_ids
        row = self._session.current_row
        steps = [*range(1, NEXT_AHEAD + 1), *range(-1, -PREVIOUS_AHEAD - 1, -1)]
        rows = row + self._direction * np.array(steps)
        return [int(ids[near]) for near in rows if 0 <= near < len(ids)]


def _nothing_proposed(_sample_id: int) -> None:
    """Until somebody says where proposals are kept."""
