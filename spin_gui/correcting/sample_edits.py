"""Edits of keypoints, boxes and people of one session, on its undo stack."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.body.display_body import DisplayBody
from core.body.reprojection_loss import compared_bodies
from core.dictionary.samples.corrections import Correction
from core.dictionary.samples.edit_states import SampleState
from core.dictionary.samples.manual_people import RemovedSample
from core.geometry.boxes import Box
from core.types.arrays import FloatArray
from core.types.bodies import BodyParameters, CropCamera
from core.types.keypoint_sources import KeypointSource
from core.types.samples import Sample
from spin_gui.session.session import ProjectSession
from spin_gui.session.undo_commands import EditCommand

if TYPE_CHECKING:
    from core.workflows.correct_sample import Corrector

PHOTOS = "photos"
"""The data set of people who are drawn into plain pictures, as of those who are found there."""

SMALLEST_BOX_PX = 8.0
"""A smaller square is a slip of the hand."""


class CorrectorSource:
    """Makes the corrector once, when it is first asked for; any thread may ask.

    Making it loads PyTorch, which takes seconds: ``Proposals.prepare`` does it on a thread.
    """

    def __init__(self, make: Callable[[], Corrector]) -> None:
        self._make, self._lock = make, threading.Lock()
        self._corrector: Corrector | None = None

    @property
    def is_ready(self) -> bool:
        """Whether asking costs nothing."""
        return self._corrector is not None

    def get(self) -> Corrector:
        """The corrector; raises what making it raises."""
        with self._lock:
            if self._corrector is None:
                self._corrector = self._make()
            return self._corrector


class CorrectionEdits(QObject):
    """Writes corrections of a session's samples; each is one transaction and one step of undo."""

    person_drawn = Signal(int)
    """The id of a sample that was just drawn by hand."""

    def __init__(self, session: ProjectSession, body: DisplayBody) -> None:
        super().__init__(session)
        self._session, self._body = session, body

    # Keypoints and box

    def set_keypoints(
        self,
        sample_id: int,
        keypoints_px: FloatArray,
        text: str,
        *,
        source: KeypointSource = KeypointSource.MARKED,
    ) -> bool:
        """Store keypoints; ``text`` says what was done, as ``Move left knee``."""
        corrections = self._session.dictionary.corrections
        correction = corrections.set_keypoints(
            sample_id, keypoints_px, compare=self._compare, source=source
        )
        return self._push(correction, text)

    def write_keypoints(self, sample_id: int, keypoints_px: FloatArray) -> Correction | None:
        """Store keypoints that a person placed, as part of a larger step of undo."""
        correction = self._session.dictionary.corrections.set_keypoints(
            sample_id, keypoints_px, compare=self._compare
        )
        if correction is not None:
            self._take_in(sample_id, "Saved")
        return correction

    def restore(self, state: SampleState, done: str) -> None:
        """Put keypoints and box of a sample back, as part of a larger step of undo."""
        self._restore(state, done)

    def set_box(self, sample_id: int, box: Box, text: str = "Change the box") -> bool:
        """Store a box."""
        if box.side_px < SMALLEST_BOX_PX:
            self._session.noticed.emit("The box would be too small: nothing was changed.")
            return False
        corrections = self._session.dictionary.corrections
        return self._push(corrections.set_box(sample_id, box, compare=self._compare), text)

    def _push(self, correction: Correction | None, text: str) -> bool:
        if correction is None:
            return False
        session, sample_id = self._session, correction.after.sample_id
        description = f"{text}: {session.records.row(sample_id).name}"
        self._take_in(sample_id, f"{description} – saved")
        before, after = correction.before, correction.after
        session.undo_stack.push(
            EditCommand(
                description,
                undo=lambda done: self._restore(before, done),
                redo=lambda done: self._restore(after, done),
            )
        )
        return True

    def _restore(self, state: SampleState, done: str) -> None:
        self._session.dictionary.corrections.restore(state, compare=self._compare)
        self._session.select(state.sample_id)
        self._take_in(state.sample_id, f"{done} – saved")

    # People

    def people_in_picture(self, sample_id: int) -> list[Sample]:
        """All people of a sample's picture, itself included."""
        ids = self._session.dictionary.manual_people.in_picture(sample_id)
        return [self._session.records.sample(person_id) for person_id in ids]

    def show_next_person(self) -> None:
        """Show the next person of the current picture, or say that there is no other one."""
        current = self._session.current_id
        ids = [] if current is None else [person.id for person in self.people_in_picture(current)]
        others = [sample_id for sample_id in ids if sample_id != current]
        if current is None or not others:
            self._session.noticed.emit("This picture shows no other person.")
            return
        self._session.select(ids[(ids.index(current) + 1) % len(ids)])

    def draw_person(self, box: Box) -> int | None:
        """Add a person to the current picture and show it; None where nothing was drawn."""
        beside, people = self._session.current_id, self._session.dictionary.manual_people
        if beside is None or self._is_too_small(box):
            return None
        return self._drew(people.draw(beside, box), beside)

    def draw_person_in(self, picture: Path, size_px: tuple[int, int], box: Box) -> int | None:
        """The same in a picture without people; size_px: its upright width and height."""
        people = self._session.dictionary.manual_people
        if self._is_too_small(box):
            return None
        drawn = people.draw_in(picture, size_px, box, dataset=PHOTOS)
        return self._drew(drawn, self._session.current_id)

    def _is_too_small(self, box: Box) -> bool:
        if box.side_px < SMALLEST_BOX_PX:
            self._session.noticed.emit("The box would be too small: no person was drawn.")
            return True
        return False

    def _drew(self, sample_id: int, beside: int | None) -> int:
        """Show a person who was drawn, while ``beside`` was shown, as one step of undo."""
        session = self._session
        people = session.dictionary.manual_people
        text = f"Draw {session.records.row(sample_id).name}"
        removed: list[RemovedSample] = []

        def undo(done: str) -> None:
            removed.append(people.remove(sample_id))
            self._gone(sample_id, beside, done)

        def redo(done: str) -> None:
            people.put_back(removed.pop())
            self._came(sample_id, done)

        self._came(sample_id, text)
        session.undo_stack.push(EditCommand(text, undo=undo, redo=redo))
        self.person_drawn.emit(sample_id)
        return sample_id

    def _came(self, sample_id: int, done: str) -> None:
        self._take_in(sample_id, f"{done} – saved")
        self._session.select(sample_id)

    def _gone(self, sample_id: int, beside: int | None, done: str) -> None:
        self._session.records.forget_samples([sample_id])
        self._session.select(beside)
        self._take_in(sample_id, f"{done} – saved")

    # Inside

    def _compare(
        self, keypoints_crop_px: FloatArray, bodies: Sequence[BodyParameters], camera: CropCamera
    ) -> list[float] | None:
        return compared_bodies(self._body, keypoints_crop_px, bodies, camera)

    def _take_in(self, sample_id: int, message: str) -> None:
        self._session.records.forget_samples([sample_id])
        self._session.after_edit({sample_id}, message)
