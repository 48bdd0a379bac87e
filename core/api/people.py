"""Reading the people of a project, and doing what is asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.api.person import Person
from core.body.reprojection_loss import compared_bodies
from core.body.seen_keypoints import keypoints_in_crop
from core.dictionary.store import Dictionary
from core.errors import NoSuchRecordError
from core.runs.project_body import body_arrays, display_body
from core.types.arrays import FloatArray
from core.types.bodies import BodyParameters, CropCamera
from core.types.fits import RejectReason, Verdict

if TYPE_CHECKING:
    from core.body.arrays import BodyArrays
    from core.body.display_body import DisplayBody
    from core.workflows.correct_sample import Corrector


class PeopleOfProject:
    """The people of one opened dictionary. Bodies and solver are loaded when they are needed."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary

    # Reading

    def read(self, ids: Sequence[int]) -> list[Person]:
        """People in the order of ``ids``, without those who were removed."""
        rows = {row.id: row for row in self._dictionary.search.rows_there(ids)}
        fits = self._dictionary.fits.current(ids)
        return [
            Person(sample, fits.get(sample.id), rows[sample.id], self)
            for sample in self._dictionary.samples.still_there(ids)
            if sample.id in rows
        ]

    def read_one(self, person_id: int) -> Person:
        """One person; raises ``NoSuchRecordError`` for an unknown number."""
        found = self.read([person_id])
        if not found:
            project = self._dictionary.project
            raise NoSuchRecordError(f"There is no person {person_id} in {project}.")
        return found[0]

    # Verdicts

    def judge(self, people: Iterable[Person], verdict: Verdict, reason: RejectReason | None) -> int:
        """See ``Project.judge``."""
        by_fit = {_fit_id(person): verdict for person in people}
        reasons = dict.fromkeys(by_fit, reason)
        return len(self._dictionary.verdicts.set_on_fits(by_fit, reasons=reasons).changed)

    def judged(self, person: Person, verdict: Verdict, reason: RejectReason | None) -> Person:
        """See ``Person.accept`` and ``Person.reject``."""
        self.judge([person], verdict, reason)
        return self.read_one(person.id)

    # Corrections

    def with_keypoints(self, person: Person, keypoints_px: FloatArray) -> Person:
        """See ``Person.place_keypoint``."""
        self._dictionary.corrections.set_keypoints(person.id, keypoints_px, compare=self._compare)
        return self.read_one(person.id)

    def refitted(self, person: Person, start: BodyParameters | None) -> Person:
        """See ``Person.refit``."""
        sample = self._dictionary.samples.get(person.id)
        seen = self._dictionary.detections.get_many([person.id], with_features=True)
        current = self._dictionary.fits.current_of(person.id)
        before = None if current is None else current.parameters
        made = self._corrector.refitted(
            sample,
            start or before,
            stay_near=start is not None,
            detection=seen.get(person.id),
        )
        self._dictionary.corrections.keep_fit(
            made.as_fit(sample),
            made_from_fit_id=None if current is None else current.id,
            body_name=self._corrector.body_name,
        )
        return self.read_one(person.id)

    # The body

    @cached_property
    def faces(self) -> NDArray[np.int64]:
        """``(F, 3)`` vertex indices of the project's body."""
        return self._display_body.faces

    def vertices(self, person: Person) -> NDArray[np.float64]:
        """See ``Person.vertices``."""
        from core.body.picture_frame import in_pictures  # noqa: PLC0415 - see the module

        body = person.body
        placed = in_pictures([body], self._arrays)
        pose = body.pose_axis_angle.copy()
        pose[:3] = placed.root_axis_angle[0]
        turned = BodyParameters(pose, body.betas, body.camera_translation)
        vertices: NDArray[np.float64] = self._display_body.vertices(turned) + placed.translation[0]
        return vertices

    def vertices_px(self, person: Person) -> FloatArray:
        """See ``Person.vertices_px``."""
        body, sample = person.body, person.sample
        in_crop = keypoints_in_crop(self._display_body.vertices(body), body)
        return sample.camera.distorted(sample.box.crop_to_picture(in_crop))

    # Inside

    def _compare(
        self, keypoints_crop_px: FloatArray, bodies: Sequence[BodyParameters], camera: CropCamera
    ) -> list[float] | None:
        return compared_bodies(self._display_body, keypoints_crop_px, bodies, camera)

    @cached_property
    def _display_body(self) -> DisplayBody:
        return display_body(self._dictionary)

    @cached_property
    def _arrays(self) -> BodyArrays:
        return body_arrays(self._dictionary)[0]

    @cached_property
    def _corrector(self) -> Corrector:
        from core.workflows.correct_sample import Corrector  # noqa: PLC0415 - see the module

        return Corrector.of_project(self._dictionary)


def _fit_id(person: Person) -> int:
    if person.fit is None:
        raise NoSuchRecordError(f"{person.name} has no fit that could be judged.")
    return person.fit.id
