"""One person in one picture, with the body that the dictionary holds for them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import KEYPOINT_NAMES, KEYPOINT_TWINS
from core.errors import StudioError
from core.types.arrays import FloatArray
from core.types.bodies import BodyParameters
from core.types.fits import Fit, RejectReason, Verdict, error_px
from core.types.samples import Sample, SampleRow


class PersonActions(Protocol):
    """What a project does for one of its people; each returns the person as it stands then."""

    def judged(self, person: Person, verdict: Verdict, reason: RejectReason | None) -> Person:
        """Give the current fit a verdict."""

    def with_keypoints(self, person: Person, keypoints_px: FloatArray) -> Person:
        """Store corrected keypoints ``(49, 3)``."""

    def refitted(self, person: Person, start: BodyParameters | None) -> Person:
        """Fit a body to the keypoints as they stand, and keep it."""

    def vertices(self, person: Person) -> NDArray[np.float64]:
        """See ``Person.vertices``."""

    def vertices_px(self, person: Person) -> FloatArray:
        """See ``Person.vertices_px``."""


@dataclass(frozen=True, eq=False)
class Person:
    """A person as it stood when it was read; every action returns the person as it stands then.

    sample: the picture, the box and the keypoints.
    fit: the current fit of the dictionary, or None.
    row: what the program makes of both.
    """

    sample: Sample
    fit: Fit | None
    row: SampleRow
    _actions: PersonActions

    def __repr__(self) -> str:
        fit = (
            "no fit"
            if self.fit is None
            else f"{self.fit.origin} fit, {self.keypoint_error_px:.1f} px"
        )
        return f"<Person {self.id}: {self.name}, {fit}, verdict {self.verdict}>"

    # What is known

    @property
    def id(self) -> int:
        """The number of the person in this project."""
        return self.sample.id

    @property
    def name(self) -> str:
        """The picture's name, with a number where it shows several people."""
        return self.sample.name

    @property
    def picture_path(self) -> Path:
        """The picture's file."""
        return self.sample.picture_path

    @property
    def keypoints_px(self) -> FloatArray:
        """``(49, 3)`` x, y in picture pixels and confidence; absent keypoints are zeros.

        ``core.body.conventions.KEYPOINT_NAMES`` names them in order.
        """
        return self.sample.keypoints_px

    @property
    def verdict(self) -> Verdict:
        """What people said of the fit."""
        return Verdict.NONE if self.fit is None else self.fit.verdict

    @property
    def flags(self) -> tuple[str, ...]:
        """What the program suspects, in the words of the filter ``flag:``."""
        return self.row.flags

    @property
    def suspicion(self) -> float | None:
        """How probably the fit is wrong, 0 to 1; None before ``Project.flag``."""
        return self.row.suspicion

    @property
    def keypoint_error_px(self) -> float | None:
        """How far the body's joints lie from the keypoints, in pixels of the 224 px crop.

        The root of the loss that fits are compared by, as the window shows it; None without a fit,
        and without keypoints to measure it by.
        """
        if self.fit is None or not self.fit.losses.is_measured:
            return None
        return error_px(self.fit.losses.comparison)

    # The body

    @property
    def body(self) -> BodyParameters:
        """Pose, shape and camera of the fit; raises ``StudioError`` without a fit."""
        if self.fit is None:
            raise StudioError(
                f"{self.name} has no fit yet.", remedy="Call fit() of the project, or refit() here."
            )
        return self.fit.parameters

    def vertices(self) -> NDArray[np.float64]:
        """The posed mesh ``(V, 3)`` in metres, in the frame of the picture's camera.

        x right, y down, z forward; the faces are ``Project.faces``. Raises ``StudioError`` without
        a fit.
        """
        return self._actions.vertices(self)

    def vertices_px(self) -> FloatArray:
        """Where the picture shows the vertices, ``(V, 2)`` picture pixels, as the lens bends it.

        Raises ``StudioError`` without a fit.
        """
        return self._actions.vertices_px(self)

    # Verdicts

    def accept(self) -> Person:
        """Say that the fit is right: it is kept whatever a training finds, and supervises."""
        return self._actions.judged(self, Verdict.ACCEPTED, None)

    def reject(self, reason: RejectReason | str | None = None) -> Person:
        """Say that the fit is wrong, and why where that is known: one of ``RejectReason``."""
        return self._actions.judged(self, Verdict.REJECTED, reject_reason(reason))

    def unsure(self) -> Person:
        """Say that no one can tell: neither supervises nor is kept."""
        return self._actions.judged(self, Verdict.UNSURE, None)

    def clear_verdict(self) -> Person:
        """Take the verdict away."""
        return self._actions.judged(self, Verdict.NONE, None)

    # Corrections

    def place_keypoint(self, name: str, x_px: float, y_px: float) -> Person:
        """Put a keypoint where it belongs, in picture pixels; its twin of the other set follows.

        Args:
            name: one of ``core.body.conventions.KEYPOINT_NAMES``, such as "Left Wrist"; capital
                letters and underscores make no difference.
            x_px: whole numbers are the middles of pixels.
            y_px: the same.
        """
        index = _keypoint_index(name)
        keypoints_px = self.keypoints_px.copy()
        twins = [twin for twin in KEYPOINT_TWINS[index] if keypoints_px[twin, 2] > 0]
        keypoints_px[[index, *twins]] = (x_px, y_px, 1.0)
        return self._actions.with_keypoints(self, keypoints_px)

    def remove_keypoint(self, name: str) -> Person:
        """Say that a keypoint cannot be told; its twin of the other set goes, too."""
        index = _keypoint_index(name)
        keypoints_px = self.keypoints_px.copy()
        keypoints_px[[index, *KEYPOINT_TWINS[index]]] = 0
        return self._actions.with_keypoints(self, keypoints_px)

    def refit(self, start: BodyParameters | None = None) -> Person:
        """Fit a body to the keypoints as they stand, and make it current whatever its error.

        Args:
            start: hold the fit near this body, such as one that was corrected by hand; None: what
                the detector and the keypoints say, as ``Project.fit`` does it.

        Raises:
            StudioError: there are too few keypoints.
        """
        return self._actions.refitted(self, start)


def _keypoint_index(name: str) -> int:
    wanted = _plain(name)
    for index, known in enumerate(KEYPOINT_NAMES):
        if _plain(known) == wanted:
            return index
    raise StudioError(
        f"There is no keypoint '{name}'.", remedy=f"Use one of: {', '.join(KEYPOINT_NAMES)}."
    )


def _plain(name: str) -> str:
    return name.replace("_", " ").casefold()


def reject_reason(reason: RejectReason | str | None) -> RejectReason | None:
    """A reason to reject a fit by its word; raises ``StudioError`` for an unknown one."""
    if reason is None:
        return None
    try:
        return RejectReason(reason)
    except ValueError as error:
        raise StudioError(
            f"'{reason}' is no reason to reject a fit.",
            remedy=f"Use one of: {', '.join(RejectReason)}.",
        ) from error
