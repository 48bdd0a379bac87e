"""What the views show of one sample: its picture, its keypoints and up to three bodies.

Knows nothing of Qt. A body is named by a digest of its parameters: the same fit in two columns, or
in two samples of the list's cache, is posed and drawn once.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from core.body.usable_keypoints import enough_keypoints
from core.geometry.boxes import Box
from core.rendering.views import BendingLens, bending_lens
from core.types.arrays import FloatArray
from core.types.bodies import BodyParameters
from core.types.cameras import PictureCamera
from core.types.fits import Fit, Origin, Verdict
from core.types.predictions import Prediction
from core.types.samples import Sample
from spin_gui.images.plane_view import HeldView


class Column(StrEnum):
    """The columns of the views, from left to right."""

    PICTURE = "picture"
    PREDICTION = "prediction"
    CURRENT = "current fit"
    FIRST = "first SMPLify fit"


BODY_COLUMNS = (Column.PREDICTION, Column.CURRENT, Column.FIRST)


@dataclass(frozen=True, eq=False)
class ShownBody:
    """A body of one column, with what its header says of it.

    origin: of a fit; None for a prediction.
    loss_px2: the comparison loss, px² of the crop; None where it was not measured.
    title: in place of the column's own, for a body that is not kept yet.
    """

    parameters: BodyParameters
    origin: Origin | None = None
    loss_px2: float | None = None
    verdict: Verdict | None = None
    fit_id: int | None = None
    vertex_colors: FloatArray | None = None
    """(V, 3) in 0..1; None for a body of one colour."""
    title: str = ""
    held: HeldView | None = None
    """What views are laid about while the body is dragged."""
    former: ShownBody | None = None
    """The body that was there before the drag, shown behind it."""

    @cached_property
    def digest(self) -> str:
        """Equal for equal parameters, the camera among them, and colours."""
        digest = hashlib.blake2b(digest_size=16)
        parameters = self.parameters
        for array in (
            parameters.pose_axis_angle,
            parameters.betas,
            parameters.camera_translation,
        ):
            digest.update(np.ascontiguousarray(array, dtype=np.float32).tobytes())
        digest.update(np.array(astuple(parameters.camera)).tobytes())
        if self.vertex_colors is not None:
            digest.update(self.vertex_colors.tobytes())
        return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class FittedNeighbour:
    """Another person of the sample's picture, by the current fit."""

    sample_id: int
    box: Box
    body: ShownBody


@dataclass(frozen=True, eq=False)
class SampleScene:
    """One sample as the views show it.

    keypoints_px: (49, 3) picture pixels and confidence. camera: of the picture.
    bodies: those that exist, by column.
    others: the people to draw with it over the whole picture.
    """

    sample_id: int
    picture_path: Path
    picture_size_px: tuple[int, int]
    box: Box
    keypoints_px: FloatArray
    camera: PictureCamera
    bodies: dict[Column, ShownBody]
    others: tuple[FittedNeighbour, ...] = ()

    @property
    def content(self) -> tuple[object, ...]:
        """Equal for scenes of the same sample that would look and read alike."""
        bodies = self.bodies.items()
        shown = [(column, body.digest, body.fit_id, body.verdict) for column, body in bodies]
        beside = [(person.sample_id, person.box, person.body.digest) for person in self.others]
        seen = (self.picture_path, self.box, self.camera, self.keypoints_px.tobytes())
        return (self.sample_id, *seen, *shown, *beside)

    def lens_of(self, body: ShownBody) -> BendingLens | None:
        """The lens that bends what is seen of a body over the picture, if any does."""
        return bending_lens(body.parameters.camera, self.camera, self.box)

    @property
    def usable(self) -> bool:
        """Whether there are enough keypoints to fit a body to."""
        return enough_keypoints(self.keypoints_px)

    @property
    def picture_square(self) -> Box:
        """The square about the whole picture that just holds it."""
        width, height = self.picture_size_px
        return Box(width / 2, height / 2, float(max(width, height)))

    @property
    def proposal_waits(self) -> bool:
        """Whether a changed body waits to be kept, in the column of the first fit."""
        first = self.bodies.get(Column.FIRST)
        return first is not None and bool(first.title)

    @property
    def first_is_current(self) -> bool:
        """Whether the first fit is the current one still."""
        first, current = self.bodies.get(Column.FIRST), self.bodies.get(Column.CURRENT)
        return first is not None and current is not None and first.fit_id == current.fit_id


class SampleSource(Protocol):
    """What the views ask of a session's records."""

    def sample(self, sample_id: int) -> Sample:
        """The sample's box and keypoints."""

    def current_fit(self, sample_id: int) -> Fit | None:
        """The best fit."""

    def first_fit(self, sample_id: int) -> Fit | None:
        """The first SMPLify fit."""

    def prediction(self, sample_id: int) -> Prediction | None:
        """The regressor's latest output."""

    def people_beside(self, sample_id: int) -> list[int]:
        """The other samples of the same picture."""


def scene_of(source: SampleSource, sample_id: int, *, everyone: bool = False) -> SampleScene:
    """Gather what the views show of a sample.

    everyone: with the other people of its picture.

    Raises:
        NoSuchRecordError: the sample is not in the project any more.
    """
    sample = source.sample(sample_id)
    bodies = {}
    prediction = source.prediction(sample_id)
    if prediction is not None:
        bodies[Column.PREDICTION] = ShownBody(prediction.parameters)
    for column, fit in (
        (Column.CURRENT, source.current_fit(sample_id)),
        (Column.FIRST, source.first_fit(sample_id)),
    ):
        if fit is not None:
            bodies[column] = _shown_fit(fit)
    return SampleScene(
        sample_id=sample_id,
        picture_path=sample.picture_path,
        picture_size_px=sample.picture_size_px,
        box=sample.box,
        keypoints_px=sample.keypoints_px,
        camera=sample.camera,
        bodies=bodies,
        others=_others(source, sample_id) if everyone else (),
    )


def _others(source: SampleSource, sample_id: int) -> tuple[FittedNeighbour, ...]:
    """The people beside a sample that have a fit."""
    fits = {other_id: source.current_fit(other_id) for other_id in source.people_beside(sample_id)}
    return tuple(
        FittedNeighbour(other_id, source.sample(other_id).box, _shown_fit(fit))
        for other_id, fit in fits.items()
        if fit is not None
    )


def with_proposal(scene: SampleScene, proposed: ShownBody | None) -> SampleScene:
    """The scene with a body that waits to be kept, beside the current fit; as it is without one."""
    if proposed is None:
        return scene
    return replace(scene, bodies={**scene.bodies, Column.FIRST: proposed})


def _shown_fit(fit: Fit) -> ShownBody:
    return ShownBody(
        fit.parameters,
        origin=fit.origin,
        loss_px2=fit.losses.comparison,
        verdict=fit.verdict,
        fit_id=fit.id,
    )
