"""One scene in the views: its cells planned, their images requested, what is there painted.

The cells are planned by ``cell_plan``, images come from ``view_loader``, and ``view_frames`` makes
of them what a cell paints.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection

from PySide6.QtCore import QObject, QTimer, Signal

from spin_gui.images.picture_cache import PictureKey
from spin_gui.images.posed_fits import PosedFit
from spin_gui.images.render_cache import MeshKey
from spin_gui.viewer.arrangement import FIRST_BODY, Arrangement, ViewChoice
from spin_gui.viewer.body_style import BodyStyle
from spin_gui.viewer.cell_plan import COLUMN_COLORS, Cell, CellSpec, SceneLayout
from spin_gui.viewer.column_header import SHORT_TITLES, TITLES
from spin_gui.viewer.drag_handles import HandleMarks
from spin_gui.viewer.missing_picture import PictureTrouble
from spin_gui.viewer.sample_scene import Column, SampleScene
from spin_gui.viewer.view_board import ViewGrid
from spin_gui.viewer.view_canvas import Frame, ViewCanvas
from spin_gui.viewer.view_frames import ViewPainter, small_label
from spin_gui.viewer.view_gestures import ViewGestures
from spin_gui.viewer.view_loader import ViewLoader
from spin_gui.viewer.view_state import ViewKind, ViewState

SETTLE_MS = 60
"""After the last step of the wheel or of resizing, before sharp images are requested."""

LIVE_REST_MS = 200
"""After the last change of a body that is dragged, before the other views follow: meanwhile they
would take the time from the one that it is dragged in."""


class SceneDisplay(QObject):
    """Keeps the cells of a grid up to date with a scene, the view state and the images there are.

    Two plans are told apart: the one of the views as they are now, and the one whose images were
    requested. While a body is turned the second one lags behind, so that its images arrive.
    """

    picture_missing = Signal(object)
    """A ``PictureTrouble`` where the scene's picture cannot be shown; None once it can."""

    live_shown = Signal()
    """The image of a dragged body is there, in the view that it is dragged in."""

    def __init__(self, board: ViewGrid, loader: ViewLoader, parent: QObject) -> None:
        super().__init__(parent)
        self._board, self._loader = board, loader
        self.view_state = ViewState(self._on_view_changed)
        self._gestures = ViewGestures(board, self.view_state, self)
        self.choice = ViewChoice()
        self.scene: SampleScene | None = None
        self._plans: dict[Cell, CellSpec] = {}
        self._requested: dict[Cell, CellSpec] = {}
        self.whole_picture, self.keypoints_shown = False, True
        self.style = BodyStyle.MESH
        self.marks: HandleMarks | None = None
        """Of the joints by which a body can be dragged; None while none can be."""
        self._live_cell: Cell | None = None
        self._next_live: SampleScene | None = None
        self._sharpen = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._sharpen.timeout.connect(self._request)
        self._live_rest = QTimer(self, singleShot=True, interval=LIVE_REST_MS)
        self._live_rest.timeout.connect(self._request)
        self._request_soon = QTimer(self, singleShot=True, interval=0)
        self._request_soon.timeout.connect(self._request_planned)
        loader.mesh_done.connect(self._on_mesh)
        loader.picture_done.connect(self._on_picture)
        loader.posed.connect(self._on_posed)
        board.cell_side_changed.connect(self._on_resized)
        self._gestures.turning_ended.connect(self.update)

    def show_scene(self, scene: SampleScene | None, *, delay_ms: int) -> None:
        """Paint what is there of another scene, and request the rest after a delay.

        The threads that draw would take a core from the list, which is painted in that time.
        """
        self.scene, self._next_live = scene, None
        if scene is not None:
            self.choice.note(scene)
        self._plan()
        self._paint_headers()
        self._sharpen.stop()
        self._live_rest.stop()
        self._loader.show([])
        self._requested = self._plans
        self.paint_all()
        self._request_soon.start(delay_ms)
        self._tell_of_picture()

    def put_posed(self, digest: str, posed: PosedFit) -> None:
        """Take a body that was posed elsewhere."""
        self._loader.put_posed(digest, posed)

    def show_live(self, scene: SampleScene, cell: Cell) -> None:
        """Show a body that is being dragged in a cell: there at once, elsewhere when it rests.

        While its image is on its way the newest of those that follow waits: to request that would
        cancel the one before, and nothing would be seen. The cell is painted once the image is
        there, its handles with it.
        """
        self._live_cell = cell
        if self._is_drawing_live():
            self._next_live = scene
            return
        self.scene, self._next_live = scene, None
        self._plan()
        self._requested = self._plans
        self._sharpen.stop()
        self._live_rest.stop()
        self._loader.show([self._plans[cell]])
        if self._loader.is_done(self._plans[cell]):
            self._paint_live(cell)
            self.live_shown.emit()

    def _paint_live(self, cell: Cell) -> None:
        """At once: of what waits for its turn in the loop of events, painting is the last."""
        canvas = self._board.canvases[cell]
        self._paint_cell(self._painter(), cell, canvas)
        canvas.repaint()
        self._live_rest.start()

    def _live_plan(self) -> CellSpec | None:
        """Of the cell in which a body is being dragged, while one is."""
        plan = None if self._live_cell is None else self._requested.get(self._live_cell)
        is_live = plan is not None and plan.body is not None and plan.body.former is not None
        return plan if is_live else None

    def _is_drawing_live(self) -> bool:
        plan = self._live_plan()
        return plan is not None and not self._loader.is_done(plan)

    def _is_of_live(self, key: MeshKey) -> bool:
        plan = self._live_plan()
        return plan is not None and plan.mesh == key

    def update(self) -> None:
        """Plan, request and paint again."""
        self._plan()
        self._paint_headers()
        self._request()

    @property
    def lacks_second_body(self) -> bool:
        """Whether there is a sample and nothing to show on the other side of a wipe."""
        if self.scene is None:
            return False
        return self.choice.wiped(self.scene, self.choice.arrangement(self.scene)) is None

    def cells_of(self, scene: SampleScene) -> Collection[CellSpec]:
        """The cells of any scene as it would be shown now."""
        return self._cells(scene).values()

    def paint_all(self, kind: ViewKind | None = None) -> None:
        """Hand every cell (of one kind) what it paints."""
        painter = self._painter()
        for cell, canvas in self._board.canvases.items():
            plan = self._plans.get(cell)
            if kind is None or (plan is not None and plan.kind is kind):
                self._paint_cell(painter, cell, canvas)
        if kind is None:
            self._paint_summary(painter)

    def close(self) -> None:
        """Request nothing any more."""
        self._sharpen.stop()
        self._live_rest.stop()
        self._request_soon.stop()

    # Planning and requesting

    def _plan(self) -> None:
        self._board.arrange(self.choice.arrangement(self.scene))
        self._plans = {} if self.scene is None else self._cells(self.scene)

    def _cells(self, scene: SampleScene) -> dict[Cell, CellSpec]:
        arrangement = self.choice.arrangement(scene)
        layout = SceneLayout(
            scene,
            self.view_state,
            whole_picture=self.whole_picture,
            sizes_px=self._board.sizes_px(arrangement),
            large=arrangement.large,
            wiped=self.choice.wiped(scene, arrangement),
            style=self.style,
            rough=self._gestures.turning,
        )
        return layout.cells()

    def _request(self) -> None:
        """Have the planned images made, and paint what is there already."""
        self._sharpen.stop()
        self._request_soon.stop()
        self._requested = self._plans
        self._request_planned()
        self.paint_all()

    def _request_planned(self) -> None:
        self._loader.show(self._requested.values())

    def _on_view_changed(self, kind: ViewKind) -> None:
        self._plan()
        self.paint_all(kind)
        if self._gestures.turning is not kind:
            self._sharpen.start()
        elif not self._is_waiting_for(kind):
            self._request()

    def _is_waiting_for(self, kind: ViewKind) -> bool:
        """Whether images of a body that is being turned are still on their way.

        To request newer ones meanwhile would cancel them for ever, and nothing would be seen.
        """
        return any(
            plan.kind is kind and not self._loader.is_done(plan)
            for plan in self._requested.values()
        )

    def _on_resized(self) -> None:
        self._plan()
        self.paint_all()
        self._sharpen.start()

    # Painting

    def _painter(self) -> ViewPainter | None:
        if self.scene is None:
            return None
        return ViewPainter(
            self.scene,
            self._loader,
            keypoints_shown=self.keypoints_shown,
            tells_of_picture=False,
            style=self.style,
            marks=self.marks,
        )

    def _paint_headers(self) -> None:
        for header in self._board.headers.values():
            header.show_scene(self.scene)

    def _paint_cell(self, painter: ViewPainter | None, cell: Cell, canvas: ViewCanvas) -> None:
        plan = self._plans.get(cell)
        if painter is None or plan is None:
            canvas.can_orbit = False
            canvas.set_frame(None)
            return
        canvas.can_orbit = plan.mesh is not None and plan.kind is not ViewKind.PICTURE
        frame = painter.frame(plan, asked_for=self._requested.get(cell), former=canvas.frame)
        canvas.set_frame(frame)
        self._name_view(cell, frame, self._board.arrangement)

    def _name_view(self, cell: Cell, frame: Frame, arrangement: Arrangement) -> None:
        """In the caption above a view, or in the header over the large one."""
        whole = frame.caption
        if cell == arrangement.large:
            wiped = None if self.scene is None else self.choice.wiped(self.scene, arrangement)
            if wiped is not None:
                whole += f" | right: {TITLES[wiped].lower()}"
            self._board.headers[cell[1]].set_seen_from(whole)
        elif arrangement.large is None:
            self._board.captions[cell].show_view(whole, frame.label)
        else:
            self._name_small(cell, frame, arrangement)

    def _name_small(self, cell: Cell, frame: Frame, arrangement: Arrangement) -> None:
        number = self.choice.number_of(cell, arrangement)
        if number >= FIRST_BODY:
            name, short, color = TITLES[cell[1]], SHORT_TITLES[cell[1]], COLUMN_COLORS[cell[1]]
        else:
            name, color = small_label(cell, frame.kind), None
            short = name.split()[0]
        self._board.captions[cell].show_view(name, short, number=number, color=color)

    def _paint_summary(self, painter: ViewPainter | None) -> None:
        if painter is None or self.scene is None:
            self._board.summary.show_keypoints(None)
            return
        body = self.scene.bodies.get(Column.CURRENT)
        digest = None if body is None else body.digest
        drawing = painter.keypoints_of(ViewKind.CAMERA, digest)
        self._board.summary.show_keypoints(drawing, None if body is None else body.loss_px2)

    # Images that arrive

    def _on_mesh(self, key: MeshKey) -> None:
        if self._live_cell is not None and self._is_of_live(key):
            self._on_live_mesh(self._live_cell)
            return
        self._repaint_where(
            lambda plan: plan.mesh == key or (plan.under is not None and plan.under.mesh == key)
        )
        turning = self._gestures.turning
        if turning is None or self._plans is self._requested:
            return
        if not self._is_waiting_for(turning):  # a newer view of the turned body waits for its turn
            self._request()

    def _on_live_mesh(self, cell: Cell) -> None:
        self._paint_live(cell)
        if self._next_live is None:
            self.live_shown.emit()
        elif not self._is_drawing_live():
            self.show_live(self._next_live, cell)

    def _on_picture(self, key: PictureKey) -> None:
        self._repaint_where(lambda plan: plan.picture == key)
        self._tell_of_picture()

    def _on_posed(self, digest: str) -> None:
        self._repaint_where(lambda plan: plan.body is not None and plan.body.digest == digest)
        self._paint_summary(self._painter())

    def _repaint_where(self, matches: Callable[[CellSpec], bool]) -> None:
        painter = self._painter()
        for cell, canvas in self._board:
            requested = self._requested.get(cell)
            if requested is not None and matches(requested):
                self._paint_cell(painter, cell, canvas)

    def _tell_of_picture(self) -> None:
        """Why there is no picture, once its windows were tried; the views themselves are silent."""
        if self.scene is None:
            self.picture_missing.emit(None)
            return
        keys = [plan.picture for plan in self._requested.values() if plan.picture is not None]
        problems = [self._loader.picture_problem(key) for key in keys]
        if None not in problems:
            # Only of one that could not be loaded: a slow disk is not asked again.
            path, cause = self.scene.picture_path, next(filter(None, problems), "")
            trouble = PictureTrouble(path, cause, is_missing=not os.path.lexists(path))
            self.picture_missing.emit(trouble if cause else None)
