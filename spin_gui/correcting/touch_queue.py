"""Worth a touch: the keypoint that gains most is asked for, one click places it, the body follows.

The click is on the disk at once; the refit runs on a thread while the hand is still on the mouse
and becomes the current fit. Both are one step of undo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from core.dictionary.samples.corrections import Correction, KeptFit
from core.dictionary.search.query import SortKey, ValueRange
from core.dictionary.search.saved_views import BUILT_IN_VIEWS, WORTH_A_TOUCH
from core.types.fits import Fit, Origin
from core.types.samples import Sample
from spin_gui.correcting import keypoint_edits
from spin_gui.correcting.background_corrector import BackgroundCorrector
from spin_gui.correcting.keypoint_editor import KeypointEditor
from spin_gui.correcting.sample_edits import CorrectionEdits, CorrectorSource
from spin_gui.session.session import ProjectSession
from spin_gui.session.undo_commands import EditCommand
from spin_gui.viewer.keypoint_painter import readable_name

if TYPE_CHECKING:
    from core.workflows.correct_sample import HandMadeBody


class _Placing:
    """One step of undo: a keypoint that was placed, and the fit that followed it, once it has."""

    def __init__(self, session: ProjectSession, edits: CorrectionEdits, made: Correction) -> None:
        self._session, self._edits, self._made = session, edits, made
        self.kept: KeptFit | None = None
        self.undone = False

    @property
    def sample_id(self) -> int:
        """Whose keypoint it was."""
        return self._made.after.sample_id

    def undo(self, done: str) -> None:
        """Put the keypoint back, and the fit of before."""
        self.undone = True
        self._edits.restore(self._made.before, done)
        self._show(None if self.kept is None else self.kept.previous_fit_id, done)

    def redo(self, done: str) -> None:
        """Place it again, with the fit that had followed."""
        self.undone = False
        self._edits.restore(self._made.after, done)
        self._show(None if self.kept is None else self.kept.fit_id, done)

    def _show(self, fit_id: int | None, done: str) -> None:
        if self.kept is None:
            return
        self._session.dictionary.fits.make_current(self.sample_id, fit_id)
        self._session.records.forget_samples([self.sample_id])
        self._session.after_edit({self.sample_id}, f"{done} – saved")


class TouchQueue(QObject):
    """Asks for keypoints of one session's samples, in its keypoint editor."""

    followed = Signal(int)
    """A sample whose body has followed the keypoint that was placed."""
    failed = Signal(object)
    """An ``ErrorReport``: a refit broke."""

    def __init__(
        self,
        session: ProjectSession,
        edits: CorrectionEdits,
        editor: KeypointEditor,
        correctors: CorrectorSource,
    ) -> None:
        super().__init__(session)
        self._session, self._edits, self._editor = session, edits, editor
        self._correctors = correctors
        self._touch: _Placing | None = None
        self._asked: set[int] = set()
        self._background = BackgroundCorrector(correctors, self)
        self._background.refitted.connect(self._on_refitted)
        self._background.failed.connect(self.failed)
        session.current_changed.connect(self._on_current)

    @property
    def busy(self) -> bool:
        """Whether a body is still to follow."""
        return self._background.refitting

    def next_person(self) -> int | None:
        """The person who is most worth a touch and was not asked for yet; None without any."""
        queue = BUILT_IN_VIEWS[WORTH_A_TOUCH].with_range(SortKey.TOUCH_GAIN, ValueRange(low=0.0))
        ids = self._session.dictionary.search.ids(queue).tolist()
        return next((sample_id for sample_id in ids if sample_id not in self._asked), None)

    def ask(self) -> bool:
        """Ask for the current sample's keypoint that gains most; False where there is none."""
        sample_id, gains = self._session.current_id, None
        if sample_id is not None:
            gains = self._session.dictionary.assessments.touch_gains_mm(sample_id)
        if gains is None or not np.isfinite(gains).any():
            return False
        self._asked.add(int(sample_id or 0))
        self._background.prepare()
        keypoint = int(np.nanargmax(gains))
        self._editor.choose(keypoint)
        self._editor.place_by(self._place)
        self._session.noticed.emit(
            f"Click where the {readable_name(keypoint)} is: probably worth "
            f"{max(float(gains[keypoint]), 0.0):.1f} mm of 3D error."
        )
        return True

    def close(self) -> None:
        """End the threads."""
        self._background.close()

    def _place(self, x_px: float, y_px: float) -> None:
        """Put the chosen keypoint where the click was, and let the body follow."""
        sample, index = self._editor.commands.sample, self._editor.chosen
        if sample is None or index is None or self.busy:
            return
        fit = self._session.records.current_fit(sample.id)
        made = self._write(sample, index, (x_px, y_px))
        if made is None:
            return
        self._touch = _Placing(self._session, self._edits, made)
        text = f"Correct the {readable_name(index)}: {self._session.records.row(sample.id).name}"
        self._session.undo_stack.push(
            EditCommand(text, undo=self._touch.undo, redo=self._touch.redo)
        )
        self._editor.place_by(None)
        self._follow(self._session.records.sample(sample.id), fit)

    def _write(
        self, sample: Sample, index: int, place_px: tuple[float, float]
    ) -> Correction | None:
        keypoints = sample.keypoints_px
        offset = np.array(place_px) - keypoints[index, :2]
        together = self._editor.commands.together(index)
        changed = keypoint_edits.moved(keypoints, together, (float(offset[0]), float(offset[1])))
        changed = keypoint_edits.placed(changed, index, place_px)
        return self._edits.write_keypoints(sample.id, changed)

    def _follow(self, sample: Sample, fit: Fit | None) -> None:
        detections = self._session.dictionary.detections
        detection = detections.get_many([sample.id], with_features=True).get(sample.id)
        by_hand = fit is not None and fit.origin is Origin.CORRECTED
        start = None if fit is None else fit.parameters
        self._background.refit(sample, start, stay_near=by_hand, detection=detection)

    @Slot(object)
    def _on_refitted(self, body: HandMadeBody | None) -> None:
        touch, self._touch = self._touch, None
        if body is None or touch is None or touch.undone:
            return
        session, sample_id = self._session, touch.sample_id
        corrector = self._correctors.get()
        fit = session.records.current_fit(sample_id)
        touch.kept = session.dictionary.corrections.keep_fit(
            body.as_fit(session.records.sample(sample_id)),
            made_from_fit_id=None if fit is None else fit.id,
            body_name=corrector.body_name,
        )
        session.records.forget_samples([sample_id])
        # Once the new fit has been assessed, the person may be worth a second touch.
        self._asked.discard(sample_id)
        session.after_edit({sample_id}, "The body has followed – saved. Shift+G: the next keypoint")
        self.followed.emit(sample_id)

    @Slot(object)
    def _on_current(self, _sample_id: object) -> None:
        self._editor.place_by(None)
