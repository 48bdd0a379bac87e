"""Everything that corrects samples of one open project, and which of its panels is shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from core.body.display_body import DisplayBody
from core.runs.project_body import body_file, pose_prior_file
from spin_gui.correcting.body_drags import BodyDrags
from spin_gui.correcting.body_tools import BodyTools
from spin_gui.correcting.camera_edits import CameraEdits
from spin_gui.correcting.carrying import Carrying
from spin_gui.correcting.keypoint_editor import KeypointEditor
from spin_gui.correcting.pending_bodies import Proposals
from spin_gui.correcting.sample_edits import CorrectionEdits, CorrectorSource
from spin_gui.correcting.touch_queue import TouchQueue
from spin_gui.session.session import ProjectSession
from spin_gui.viewer.sample_scene import ShownBody

if TYPE_CHECKING:
    from core.workflows.correct_sample import Corrector


class CorrectionController(QObject):
    """Edits, proposals, the editor and the body tools; the project's page lays them out."""

    state_changed = Signal()
    """Editing began or ended, or a proposal came or went."""
    failed = Signal(object)
    """An ``ErrorReport``: a refit or a change went wrong."""

    def __init__(self, session: ProjectSession, body: DisplayBody) -> None:
        super().__init__(session)
        self._session = session
        files = body_file(session.dictionary), pose_prior_file(session.dictionary)
        self.correctors = CorrectorSource(lambda: _corrector(*files))
        self.edits = CorrectionEdits(session, body)
        self.cameras = CameraEdits(session)
        self.proposals = Proposals(session, self.correctors)
        self.dragging = BodyDrags(session, body, self.proposals, self.correctors)
        self.carrying = Carrying(session, self.correctors)
        self.editor = KeypointEditor(session, self.edits, body)
        self.touches = TouchQueue(session, self.edits, self.editor, self.correctors)
        self.tools = BodyTools(self.proposals)
        self.tools.setVisible(False)
        self.editing = False
        self._tools_requested = False
        self._listen()

    @property
    def has_proposal(self) -> bool:
        """Whether a changed body of the current sample is shown and waits to be kept."""
        return not self.editing and self.proposals.current is not None

    @property
    def busy(self) -> bool:
        """Whether there is anything that Esc leaves, stops or discards."""
        busy = self.editing or self.dragging.enabled or self.proposals.busy
        return busy or self.has_proposal

    def set_editing(self, editing: bool) -> None:  # noqa: FBT001 - a slot
        """Show the editor, or go back to the views."""
        editing = editing and self._session.current_id is not None
        if editing == self.editing:
            return
        self.editing = editing
        if editing:
            self.dragging.set_enabled(False)
        self.state_changed.emit()

    def set_dragging(self, dragging: bool) -> None:  # noqa: FBT001 - a slot
        """Show the joints by which the body can be dragged, or put them away."""
        if dragging:
            self.set_editing(False)
        self.dragging.set_enabled(dragging and self._session.current_id is not None)

    def set_overlay_hidden(self, *, hidden: bool) -> None:
        """Hide the bodies in the editor, or show them again."""
        self.editor.set_overlay_hidden(hidden=hidden)

    def show_tools(self, shown: bool) -> None:  # noqa: FBT001 - a slot
        """Show the body tools also while no body is changed."""
        self._tools_requested = shown
        if shown:
            self.proposals.prepare()
            self.set_editing(False)
        self._update_tools()

    @Slot()
    def escape(self) -> None:
        """Put a tool down, leave the editor, stop the refit, or discard: the first that applies."""
        if self.editing:
            self.set_editing(False)
        elif self.dragging.is_live:
            self.dragging.let_go()
        elif self.dragging.enabled:
            self.dragging.set_enabled(False)
        else:
            self.proposals.discard()

    def proposed(self, sample_id: int) -> ShownBody | None:
        """The body of a sample that waits to be kept, as the views show it."""
        proposal = self.proposals.of(sample_id)
        if proposal is None:
            return None
        return ShownBody(
            proposal.body.parameters,
            origin=proposal.body.origin,
            loss_px2=proposal.body.losses.comparison,
            title="Refit" if proposal.is_refit else "Changed body",
        )

    def close(self) -> None:
        """End the threads; before the session closes."""
        self.carrying.close()
        self.cameras.close()
        self.dragging.close()
        self.touches.close()
        self.editor.close()
        self.proposals.close()

    def _listen(self) -> None:
        self.proposals.changed.connect(self._on_changed)
        self.proposals.busy_changed.connect(self._on_changed)
        self.proposals.failed.connect(self.failed)
        self.cameras.failed.connect(self.failed)
        self.dragging.failed.connect(self.failed)
        self.dragging.enabled_changed.connect(self._on_dragging)
        self.carrying.failed.connect(self.failed)
        self.touches.failed.connect(self.failed)
        self.editor.left.connect(self.escape)
        self.tools.refit_asked.connect(self.proposals.refit)
        self.tools.keep_asked.connect(self.proposals.keep)
        self.tools.discard_asked.connect(self.proposals.discard)
        self._session.current_changed.connect(self._on_current)

    @Slot()
    def _on_changed(self, *_what: object) -> None:
        if self.editing and self.proposals.current is not None:
            self.set_editing(False)
        self._update_tools()
        self.state_changed.emit()

    @Slot()
    def _on_dragging(self, *_enabled: object) -> None:
        self.state_changed.emit()

    @Slot(object)
    def _on_current(self, sample_id: object) -> None:
        if sample_id is None:
            self.set_editing(False)
        self._update_tools()
        self.state_changed.emit()

    def _update_tools(self) -> None:
        self.tools.show_state(self.proposals.current)
        wanted = self._tools_requested or self.proposals.busy or self.proposals.current is not None
        self.tools.setVisible(wanted)


def _corrector(body: Path | None, prior: Path | None) -> Corrector:
    # Late: PyTorch takes seconds and 500 MB, and is needed to measure and refit bodies only.
    from core.engine.body.load_body import load_body
    from core.engine.smplify.pose_prior import PosePrior
    from core.workflows.correct_sample import Corrector

    return Corrector(load_body(body), PosePrior.load(prior))
