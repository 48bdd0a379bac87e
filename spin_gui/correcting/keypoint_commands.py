"""What the commands do to the chosen keypoint and its person; each edit is written at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.body.display_body import DisplayBody
from core.body.seen_keypoints import keypoints_in_crop
from core.rendering.views import bending_lens
from core.types.arrays import FloatArray
from core.types.bodies import BodyParameters
from core.types.samples import Sample
from spin_gui.correcting import keypoint_edits
from spin_gui.correcting.editor_strip import SOURCES
from spin_gui.correcting.sample_edits import CorrectionEdits
from spin_gui.session.joint_states import JointState
from spin_gui.session.session import ProjectSession
from spin_gui.viewer.keypoint_painter import readable_name
from spin_gui.viewer.sample_scene import Column


class KeypointCommands:
    """Commands of the editor; it says which person and keypoint they are for."""

    def __init__(self, session: ProjectSession, edits: CorrectionEdits, body: DisplayBody) -> None:
        self._session, self._edits, self._body = session, edits, body
        self.sample: Sample | None = None
        self.chosen: int | None = None
        """The keypoint that the next command is for."""
        self.linked = True
        """Whether twins of both sets move together."""
        self.source = Column.CURRENT
        """The body that joints are taken from."""

    @property
    def source_title(self) -> str:
        """The words for the body that joints are taken from."""
        return SOURCES[self.source]

    def together(self, index: int) -> list[int]:
        """A keypoint and, where they go together, its twin."""
        if self.sample is None:
            return [index]
        return keypoint_edits.with_twins(self.sample.keypoints_px, index, linked=self.linked)

    def next_missing(self) -> int | None:
        """The next keypoint after the chosen one that the person lacks."""
        if self.sample is None:
            return None
        return keypoint_edits.next_missing(self.sample.keypoints_px, self.chosen)

    def seen_px(self) -> NDArray[np.float32] | None:
        """Where the source body has its keypoints: ``(49, 2)`` pixels; None without a body."""
        sample, body = self.sample, self._source_body()
        return None if sample is None or body is None else self._seen_of(body, sample)

    def set_state(self, state: JointState) -> None:
        """Mark the chosen keypoint, and its twin where they go together."""
        sample, index = self.sample, self._needs_choice()
        if sample is None or index is None:
            return
        if sample.keypoints_px[index, 2] <= 0 and state is not JointState.ABSENT:
            self._session.noticed.emit(f"Click where the {readable_name(index)} is.")
            return
        together = self.together(index)
        changed = keypoint_edits.with_state(sample.keypoints_px, together, state)
        self._write(changed, f"Mark {readable_name(index)} as {state}")

    def swap_limb(self) -> None:
        """Exchange left and right of the chosen keypoint's limb."""
        sample, index = self.sample, self._needs_choice()
        if sample is None or index is None:
            return
        limb = keypoint_edits.limb_of(index)
        if not limb:
            self._session.noticed.emit("The chosen keypoint has no left and right.")
            return
        changed = keypoint_edits.swapped(sample.keypoints_px, limb)
        self._write(changed, f"Swap the sides of {readable_name(index)} and its limb")

    def swap_all(self) -> None:
        """Exchange left and right of the whole person."""
        if self.sample is not None:
            changed = keypoint_edits.swapped(self.sample.keypoints_px)
            self._write(changed, "Swap left and right")

    def copy_chosen(self) -> None:
        """Put the chosen keypoint where the chosen body has it."""
        sample, index = self.sample, self._needs_choice()
        if sample is not None and index is not None:
            self._copy([index], f"Take {readable_name(index)}")

    def copy_missing(self) -> None:
        """Put every missing keypoint where the chosen body has it."""
        if self.sample is None:
            return
        absent = keypoint_edits.missing(self.sample.keypoints_px)
        if absent:
            self._copy(absent, f"Take {len(absent)} missing keypoints")
        else:
            self._session.noticed.emit("No keypoint is missing.")

    def move(self, dx_px: float, dy_px: float) -> None:
        """Move the chosen keypoint, and its twin where they go together, in picture pixels."""
        sample, index = self.sample, self.chosen
        if sample is None or index is None:
            return
        together = self.together(index)
        changed = keypoint_edits.moved(sample.keypoints_px, together, (dx_px, dy_px))
        self._write(changed, f"Move {readable_name(index)}")

    def place(self, x_px: float, y_px: float) -> None:
        """Put the chosen, missing keypoint on a pixel of the picture."""
        sample, index = self.sample, self.chosen
        if sample is None or index is None:
            return
        changed = keypoint_edits.placed(sample.keypoints_px, index, (x_px, y_px))
        self._write(changed, f"Place {readable_name(index)}")

    def _seen_of(self, body: BodyParameters, sample: Sample) -> NDArray[np.float32]:
        seen = keypoints_in_crop(self._body.keypoints(body), body)
        seen_px = sample.box.crop_to_picture(seen)
        lens = bending_lens(body.camera, sample.camera, sample.box)
        return seen_px if lens is None else lens.camera.distorted(seen_px)

    def _source_body(self) -> BodyParameters | None:
        if self.sample is None:
            return None
        session, sample_id = self._session, self.sample.id
        known = {
            Column.CURRENT: session.records.current_fit,
            Column.PREDICTION: session.records.prediction,
            Column.FIRST: session.records.first_fit,
        }[self.source](sample_id)
        return None if known is None else known.parameters

    def _copy(self, indices: list[int], text: str) -> None:
        sample, body = self.sample, self._source_body()
        if sample is None:
            return
        if body is None:
            title = self.source_title
            self._session.noticed.emit(f"This person has no {title} to take joints from.")
            return
        seen = self._seen_of(body, sample)
        changed = keypoint_edits.copied(sample.keypoints_px, seen, indices)
        self._write(changed, f"{text} from the {self.source_title}")

    def _write(self, keypoints_px: FloatArray, text: str) -> None:
        if self.sample is not None:
            self._edits.set_keypoints(self.sample.id, keypoints_px, text)

    def _needs_choice(self) -> int | None:
        if self.chosen is None:
            self._session.noticed.emit("Choose a keypoint first: click it, or press N.")
        return self.chosen
