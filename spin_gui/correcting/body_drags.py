"""Bodies dragged by a joint: the solver runs on a thread, the newest place of the pointer wins.

::

    BodyGrip ── grabbed, drawn, dropped ──> BodyDrags ── one solve at a time ──> thread
       ^                                        |  ^──────────── a body ────────────┘
       └──────────── the live body ─────────────┘
                                                └─ on release: the current fit, one step of undo

``core.engine`` is imported where it is used: it loads PyTorch, which the window does without until
a body is changed.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from core.body.display_body import DisplayBody
from core.body.drag_handles import DRAG_HANDLES, handle_of
from core.body.usable_keypoints import body_confidence
from core.errors import StudioError
from core.system.priority_executor import PriorityExecutor
from core.types.bodies import BodyParameters
from spin_gui.correcting.pending_bodies import Proposals
from spin_gui.correcting.sample_edits import CorrectorSource
from spin_gui.images.plane_view import HeldView
from spin_gui.images.posed_fits import PosedFit, pose_fit
from spin_gui.session.session import ProjectSession
from spin_gui.viewer.body_grip import BodyGrip, GripTarget
from spin_gui.viewer.drag_handles import HandleMarks
from spin_gui.viewer.sample_scene import Column, ShownBody
from spin_gui.widgets.error_reports import report_of

if TYPE_CHECKING:
    from core.engine.smplify.dragging.body_dragger import BodyDrag, DragTarget

NUDGES_END_MS = 700
"""After the last arrow key the body is stored: what was pressed in a row is one step of undo."""

REPETITIONS = 12
"""Solves for the same place while the pointer rests there: enough to come to lie under it. The last
of them is shown: to draw a body takes longer than to solve for it."""

REST_RAD, REST_M = 3e-3, 1e-3
"""Solves that turn no joint by more, and shift the body by no more, are the last for a place."""

LONGEST_DRAWING_MS = 200
"""After which the next solve begins although the last body was not drawn, as in a hidden window."""

NOTHING_TO_DRAG = "There is no body to drag yet: refit (F5) makes one."
NO_KEYPOINTS = "This person has no keypoints to measure a body by. Press E and place some first."
CHOOSE_FIRST = "Take a joint first, or choose one with Shift+N."


@dataclass(eq=False)
class _Live:
    """A drag under way.

    start, former: the body that was there, bare and as it is shown. held: what the views are laid
    about meanwhile. parameters: the body by now. wanted: the newest place that was not drawn to
    yet; last: the one before. moved: whether there is anything to store. mirror: whether its limb
    is to be mirrored next. ending: let go by the hand. settled, rested: whether the solver went to
    the end after the hand let go, or where the pointer rests. solver: what the thread draws with.
    """

    sample_id: int
    start: BodyParameters
    former: ShownBody
    held: HeldView
    joint: int
    pinned: frozenset[int]
    parameters: BodyParameters
    wanted: GripTarget | None = None
    last: GripTarget | None = None
    moved: bool = False
    mirror: bool = False
    ending: bool = False
    settled: bool = False
    rested: bool = False
    verb: str = "Drag"
    solver: BodyDrag | None = None

    @property
    def text(self) -> str:
        """What was done, in words."""
        return f"{self.verb} the {handle_of(self.joint).name}"


@dataclass(frozen=True, eq=False)
class _Drawn:
    """What came back from the thread; joint_m: where the joint is, after a mirroring."""

    parameters: BodyParameters
    posed: PosedFit
    joint_m: NDArray[np.float64] | None = None


class BodyDrags(QObject):
    """The dragging of one session's bodies."""

    enabled_changed = Signal(bool)
    failed = Signal(object)
    """An ``ErrorReport``."""
    _solved = Signal(object, object)

    def __init__(
        self,
        session: ProjectSession,
        body: DisplayBody,
        proposals: Proposals,
        correctors: CorrectorSource,
    ) -> None:
        super().__init__(session)
        self._session, self._body = session, body
        self._proposals, self._correctors = proposals, correctors
        self._grip: BodyGrip | None = None
        self._marks = HandleMarks(Column.CURRENT)
        self._live: _Live | None = None
        self._solving = False
        self.enabled = False
        self._executor: PriorityExecutor | None = None
        self._nudges_end = QTimer(self, singleShot=True, interval=NUDGES_END_MS)
        self._nudges_end.timeout.connect(self.drop)
        self._drawing = QTimer(self, singleShot=True, interval=LONGEST_DRAWING_MS)
        self._drawing.timeout.connect(self._pump)
        self._solved.connect(self._on_solved, Qt.ConnectionType.QueuedConnection)
        proposals.prepared.connect(self._pump)
        proposals.changed.connect(self._on_body_changed)
        session.samples_changed.connect(self._on_body_changed)
        session.current_changed.connect(self._on_current)
        session.closing.connect(self.close)

    def attach(self, grip: BodyGrip) -> None:
        """Listen to the views."""
        self._grip = grip
        grip.grabbed.connect(self.grab)
        grip.drawn.connect(self.draw)
        grip.dropped.connect(self.drop)
        grip.nudged.connect(self._nudges_end.start)
        grip.pin_asked.connect(self.toggle_pin)
        grip.let_go_asked.connect(self.let_go)
        grip.shown.connect(self._on_shown)

    @property
    def is_live(self) -> bool:
        """Whether a body is being moved, or waits to be stored."""
        return self._live is not None

    @property
    def marks(self) -> HandleMarks:
        """Which joint is chosen, and which are pinned."""
        return self._marks

    def set_enabled(self, enabled: bool) -> None:  # noqa: FBT001 - a slot
        """Show the handles of the current body, or put them away."""
        if enabled == self.enabled:
            return
        self.enabled = enabled
        self.finish()
        if enabled:
            self._proposals.prepare()
            self._marks = HandleMarks(self._column())
            self._session.noticed.emit(
                "Drag a joint, or choose one with Shift+N and move it with the arrow keys. "
                "Esc leaves."
            )
        if self._grip is not None:
            self._grip.show_handles(self._marks if enabled else None)
        self.enabled_changed.emit(enabled)

    # What the hand does

    @Slot(int)
    def grab(self, joint: int) -> None:
        """Take the current body by a joint."""
        self.finish()
        self._live = self._begun(joint)

    @Slot(object)
    def draw(self, target: GripTarget) -> None:
        """The joint is to go there; what was asked for before and not begun is forgotten."""
        if self._live is not None:
            self._live.wanted, self._live.moved = target, True
            self._pump()

    @Slot()
    def drop(self) -> None:
        """Store the body once it has come to rest; one that was not moved is left as it was."""
        self._nudges_end.stop()
        live = self._live
        if live is None or not live.moved:
            self.let_go()
            return
        live.ending = True
        self._pump()

    @Slot()
    def let_go(self) -> None:
        """Forget the drag that is under way; the body is the former one."""
        self._nudges_end.stop()
        was_moved, self._live = self._live is not None and self._live.moved, None
        if self._grip is not None:
            if was_moved:
                self._grip.show_live(None)
            self._grip.forget_live()

    def choose_next(self, step: int = 1) -> None:
        """Choose the next joint, or the one before, for the keys."""
        self.finish()
        joints = [handle.joint for handle in DRAG_HANDLES]
        chosen = self._marks.chosen
        place = joints.index(chosen) + step if chosen is not None else min(step, 0)
        self._marks.chosen = joints[place % len(joints)]
        self._show_marks()
        if self._grip is not None:
            self._grip.take_keyboard()
        name = handle_of(self._marks.chosen).name
        self._session.noticed.emit(f"The {name} is chosen: arrow keys move it by 1 cm.")

    @Slot(int)
    def toggle_pin(self, joint: int) -> None:
        """Let a joint stay where it is while others are dragged, or no longer."""
        self._marks.pinned ^= {joint}
        self._show_marks()
        done = "is pinned" if joint in self._marks.pinned else "is free again"
        self._session.noticed.emit(f"The {handle_of(joint).name} {done}.")

    def toggle_chosen_pin(self) -> None:
        """The same for the chosen joint."""
        if self._marks.chosen is None:
            self._session.noticed.emit(CHOOSE_FIRST)
        else:
            self.toggle_pin(self._marks.chosen)

    def mirror(self) -> None:
        """Mirror the limb of the chosen joint in depth, also while it is dragged."""
        joint = self._marks.chosen if self._live is None else self._live.joint
        if joint is None:
            self._session.noticed.emit(CHOOSE_FIRST)
            return
        part = handle_of(joint).part
        if part is None:
            self._session.noticed.emit("Arms, legs and the head can be mirrored.")
            return
        if self._live is None:
            self._live = self._begun(joint)
            if self._live is None:
                return
            self._live.ending, self._live.verb = True, "Mirror the limb of"
        self._live.mirror = self._live.moved = True
        self._pump()

    def finish(self) -> None:
        """Store what was moved as it is by now, before anything else begins."""
        self._nudges_end.stop()
        live = self._live
        if live is not None and live.moved and live.parameters is not live.start:
            self._store(live)
        else:
            self.let_go()

    @Slot()
    def close(self) -> None:
        """End the thread; nothing is told any more."""
        self._live = None
        self._nudges_end.stop()
        self._drawing.stop()
        if self._executor is not None:
            self._executor.close()

    # One drag

    def _begun(self, joint: int) -> _Live | None:
        found = self._proposals.starting_body()
        if found is None:
            self._session.noticed.emit(NOTHING_TO_DRAG)
            return None
        sample, start = found
        if not (body_confidence(sample.keypoints_crop_px[:, 2]) > 0).any():
            self._session.noticed.emit(NO_KEYPOINTS)
            return None
        self._proposals.prepare()
        held = HeldView.about(self._body.vertices(start) + start.camera_translation)
        pinned = frozenset(self._marks.pinned)
        return _Live(sample.id, start, ShownBody(start), held, joint, pinned, start)

    @Slot()
    def _pump(self) -> None:
        """Begin the next solve, if there is one to do; store the body after the last."""
        live = self._live
        if live is None or self._solving or not self._correctors.is_ready:
            return
        if live.mirror:
            live.mirror, live.wanted, live.last = False, None, None
            self._submit(live, partial(_mirrored, self._correctors, self._body, live))
        elif live.wanted is not None:
            live.last, live.wanted, live.settled, live.rested = live.wanted, None, False, False
            self._submit(live, partial(_drawn, self._correctors, self._body, live, live.last))
        elif not live.ending and live.last is not None and not live.rested:
            if not self._drawing.isActive():  # what draws has the interpreter first
                live.rested = True
                self._submit(live, partial(_rested, self._correctors, self._body, live, live.last))
        elif live.ending and live.last is not None and not live.settled:
            live.settled = True
            self._submit(live, partial(_settled, self._correctors, self._body, live, live.last))
        elif live.ending:
            self._store(live)

    def _submit(self, live: _Live, work: Callable[[], _Drawn]) -> None:
        if self._executor is None:
            self._executor = PriorityExecutor("dragging", awaited=True)
        self._solving = True

        def hand_on(future: Future[_Drawn]) -> None:
            if not future.cancelled():
                self._solved.emit(live, future)

        self._executor.submit(work).add_done_callback(hand_on)

    @Slot(object, object)
    def _on_solved(self, live: _Live, future: Future[_Drawn]) -> None:
        self._solving = False
        if live is not self._live:
            self._pump()
            return
        error = future.exception()
        if error is not None:
            self.let_go()
            self.failed.emit(report_of(error, during=live.text))
            return
        drawn = future.result()
        live.parameters = drawn.parameters
        if self._grip is not None:
            if drawn.joint_m is not None:
                self._grip.regrasp(drawn.joint_m)
            if live.wanted is None or not live.rested:
                self._drawing.start()
                body = ShownBody(live.parameters, held=live.held, former=live.former)
                self._grip.show_live(body, drawn.posed)
        self._pump()

    def _store(self, live: _Live) -> None:
        self._live = None
        if self._grip is not None:
            self._grip.release()
        try:
            self._proposals.keep_at_once(live.sample_id, live.parameters, live.text)
        except StudioError as error:
            if self._grip is not None:
                self._grip.show_live(None)
            self.failed.emit(report_of(error, during=live.text))
        if self._grip is not None:
            self._grip.forget_live()

    @Slot()
    def _on_shown(self) -> None:
        self._drawing.stop()
        self._pump()

    # What changes around it

    def _column(self) -> Column:
        """Where the body is shown that a drag begins with."""
        if self._proposals.current is not None:
            return Column.FIRST
        sample_id = self._session.current_id
        has_fit = sample_id is not None and self._session.records.current_fit(sample_id) is not None
        return Column.CURRENT if has_fit or sample_id is None else Column.PREDICTION

    @Slot()
    def _on_body_changed(self, *_what: object) -> None:
        if self.enabled:
            self._marks.column = self._column()
            if self._live is None and self._grip is not None:
                self._grip.repaint_handles()

    @Slot(object)
    def _on_current(self, sample_id: object) -> None:
        live = self._live
        if live is not None and live.sample_id != sample_id:
            self.finish()
        if self.enabled:
            self._marks.pinned.clear()
            self._marks.column = self._column()

    def _show_marks(self) -> None:
        if self._grip is not None:
            self._grip.show_marks()


def _is_at_rest(before: BodyParameters, after: BodyParameters) -> bool:
    """Whether more steps of the solver would change nothing that can be seen."""
    turned = np.abs(after.pose_axis_angle - before.pose_axis_angle).max()
    shifted_m = np.abs(after.camera_translation - before.camera_translation).max()
    return bool(turned < REST_RAD and shifted_m < REST_M)


def _drawn(
    correctors: CorrectorSource, body: DisplayBody, live: _Live, target: GripTarget
) -> _Drawn:
    """A few steps toward the pointer, to be seen soon."""
    return _posed(body, _solver_of(correctors, live).toward(_aim(target)))


def _rested(
    correctors: CorrectorSource, body: DisplayBody, live: _Live, target: GripTarget
) -> _Drawn:
    """Steps toward a pointer that rests, until the body rests as well or the pointer moves on."""
    solver, aim, before = _solver_of(correctors, live), _aim(target), live.parameters
    for _ in range(REPETITIONS):
        drawn = solver.toward(aim)
        if live.wanted is not None or live.ending or _is_at_rest(before, drawn):
            break
        before = drawn
    return _posed(body, drawn)


def _settled(
    correctors: CorrectorSource, body: DisplayBody, live: _Live, target: GripTarget
) -> _Drawn:
    """To the end, after the hand let go."""
    from core.engine.smplify.dragging.body_dragger import SETTLING_ITERATIONS  # noqa: PLC0415

    solver = _solver_of(correctors, live)
    return _posed(body, solver.toward(_aim(target), iterations=SETTLING_ITERATIONS))


def _solver_of(correctors: CorrectorSource, live: _Live) -> BodyDrag:
    if live.solver is None:
        dragger = correctors.get().dragger
        live.solver = dragger.begin(live.start, live.joint, pinned=live.pinned)
    return live.solver


def _aim(target: GripTarget) -> DragTarget:
    from core.engine.smplify.dragging.body_dragger import DragTarget  # noqa: PLC0415

    return DragTarget(target.place_m, target.sight)


def _posed(body: DisplayBody, parameters: BodyParameters) -> _Drawn:
    return _Drawn(parameters, pose_fit(body, parameters))


def _mirrored(correctors: CorrectorSource, body: DisplayBody, live: _Live) -> _Drawn:
    from core.engine.smplify.pose_edits import mirrored_in_depth  # noqa: PLC0415

    corrector, part = correctors.get(), handle_of(live.joint).part
    if part is None:
        return _posed(body, live.parameters)
    mirrored = mirrored_in_depth(live.parameters, part, body=corrector.body)
    live.solver = corrector.dragger.begin(mirrored, live.joint, pinned=live.pinned)
    joint_m = corrector.dragger.joints_m(mirrored)[live.joint]
    return _Drawn(mirrored, pose_fit(body, mirrored), joint_m)
