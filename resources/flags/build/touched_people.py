"""Rendered people whose keypoints are corrected one by one, as a person with a mouse would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body.conventions import IGNORED_KEYPOINTS
from core.engine.body.smpl_body import BodyModel
from core.engine.failure_detection.assessor import FlagAssessor
from core.engine.failure_detection.head_alternative import head_alternative
from core.engine.failure_detection.inputs import FlagInputs
from core.engine.failure_detection.lifter_alternative import lifter_alternative
from core.engine.failure_detection.touches.candidates import asked_names, placeable
from core.engine.failure_detection.touches.inputs import InPicture, TouchInputs
from core.engine.regression.head_checkpoints import load_detector_head
from core.engine.regression.lifter import Lifter
from core.engine.regression.seen_people import SeenSample, seen_people
from core.engine.smplify.corrected_fit import CorrectedFitting
from core.engine.smplify.detected_directions import with_detections
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D, camera_tensors
from core.engine.smplify.opinions.head_witness import HeadWitness
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.reprojection_loss import comparison_loss
from core.engine.smplify.search_selection import body_distance
from core.engine.smplify.smplify import Smplify
from core.engine.synthetic.detector import Seen
from core.geometry.crop_camera import CROP_SIZE_PX, project_to_crop
from core.geometry.row_selection import take_rows
from core.runs.fitting_profiles import STUDIO
from core.types.keypoint_sources import KeypointSource
from core.types.samples import Sample
from resources.flags.build.rendered_people import RenderedChunk
from resources.flags.build.rendered_samples import RenderedSamples, rendered_samples, true_body

TOGETHER = 64
"""People fitted together."""


GUESS = 2.0
"""How much farther off a click is where the joint cannot be seen."""


@dataclass(frozen=True)
class Touch:
    """One keypoint of one person: a row of the people, and a distinct keypoint."""

    person: int
    keypoint: int


class TouchedPeople:
    """N people with what a project knows of them, their truth, and a fit by ``fit``'s defaults.

    true_px: (N, 49, 2) of their pictures; seen_there: (N, 49) of ``Seen``, how joints show there.
    errors_mm: (N,) of the fits, 14 joints after Procrustes.
    """

    def __init__(
        self,
        model: BodyModel,
        prior: PosePrior,
        chunk: RenderedChunk,
        *,
        seed: int,
        at_most: int | None = None,
        after: int = 0,
        otherwise: bool = False,
    ) -> None:
        """Fit those that follow the first ``after``; ``otherwise`` as in ``rendered_samples``."""
        people: RenderedSamples = rendered_samples(chunk, seed=seed, otherwise=otherwise)
        people = people.first(at_most or len(people), after=after)
        self.samples, self._detections = list(people.samples), people.detections
        self.smplify = Smplify(model, prior, STUDIO)
        self.body, self.fitting = (
            self.smplify.body,
            CorrectedFitting(self.smplify, body_name=model.name),
        )
        self._witness = HeadWitness(self.body)
        self.head, self.lifter = load_detector_head(), Lifter.load()
        self._assessor = FlagAssessor(self.body, prior)
        true = [true_body(chunk, sample.id, sample) for sample in self.samples]
        estimate = BodyEstimate.from_parameters(true)
        points = self.body.keypoints(estimate.rotations, estimate.betas)
        cameras = camera_tensors([each.camera for each in true])
        in_crop = project_to_crop(points, estimate.camera_translation, cameras).numpy()
        self.true_px = np.stack(
            [
                (at - CROP_SIZE_PX / 2) * sample.box.side_px / CROP_SIZE_PX + _middle(sample)
                for at, sample in zip(in_crop, self.samples, strict=True)
            ]
        )
        self.seen_there = chunk.seen[[sample.id for sample in self.samples]]
        self._truth = self.body.keypoints(people.truth.rotations, people.truth.betas)
        self.fits = self.fitted(self.samples)
        self.errors_mm = self.errors_of(self.fits, list(range(len(self))))

    def __len__(self) -> int:
        return len(self.samples)

    def keypoints(self, samples: Sequence[Sample]) -> Keypoints2D:
        """What a fit is given."""
        known = Keypoints2D.of_samples(samples)
        return with_detections(known, samples, self._detections, self._witness)

    def seen(self, samples: Sequence[Sample]) -> list[SeenSample]:
        """What the head is given."""
        found = [self._detections.get(sample.id) for sample in samples]
        return [
            SeenSample(
                keypoints_crop_px=sample.fitted_keypoints_crop_px,
                landmarks=detection,
                trunk_features=None if detection is None else detection.trunk_features,
            )
            for sample, detection in zip(samples, found, strict=True)
        ]

    def inputs_of(self, rows: Tensor) -> TouchInputs:
        """What the program knows of some of the people with their fits."""
        return self.inputs([self.samples[row] for row in rows.tolist()], take_rows(self.fits, rows))

    @torch.no_grad()
    def inputs(self, samples: Sequence[Sample], fits: BodyEstimate) -> TouchInputs:
        """What the program knows of samples with these fits; lifter and head look at them."""
        keypoints, seen = self.keypoints(samples), seen_people(self.seen(samples))
        body, name = self.body, self.fitting.body_name
        alternatives = (
            lifter_alternative(
                self.lifter, body, keypoints, has_betas=self.lifter.body_name == name
            ),
            head_alternative(
                self.head, body, seen, keypoints, has_betas=self.head.body_name == name
            ),
        )
        losses = comparison_loss(body, fits, keypoints)
        flags = FlagInputs(keypoints, fits, losses, alternatives)
        picture = InPicture.of(samples, self._detections)
        return TouchInputs(flags, self._assessor.assess(flags), seen, picture)

    def fitted(self, samples: Sequence[Sample], start: BodyEstimate | None = None) -> BodyEstimate:
        """Fits as the product makes them, or makes them again after a correction."""
        parts = []
        for rows in torch.arange(len(samples)).split(TOGETHER):
            some = [samples[row] for row in rows.tolist()]
            keypoints = self.keypoints(some)
            begun = None if start is None else take_rows(start, rows)
            fits = self.fitting.fit(keypoints, seen_people(self.seen(some)), begun)
            parts.append(fits.under(keypoints.cameras))
        return BodyEstimate.joined(parts)

    def errors_of(self, fits: BodyEstimate, people: Sequence[int]) -> Tensor:
        """Mean errors ``(R,)`` in mm of bodies of these people, 14 joints after Procrustes."""
        points = self.body.keypoints(fits.rotations, fits.betas)
        error: Tensor = 1e3 * body_distance(points, self._truth[list(people)])
        return error

    def touches(self) -> list[Touch]:
        """Every keypoint that counts, of everybody, and the limbs' joints that have none."""
        placed = placeable(self.body).tolist()
        return [
            Touch(row, keypoint)
            for row, sample in enumerate(self.samples)
            for keypoint in range(self.body.num_distinct)
            if self._counting(sample, keypoint) or placed[keypoint]
        ]

    def counting(self, samples: Sequence[Sample]) -> NDArray[np.bool_]:
        """``(R, U)``: which distinct keypoints samples have that count."""
        present = np.stack([sample.keypoints_px[:, 2] > 0 for sample in samples])
        return np.stack([present[:, names].any(1) for names in self._names_of], axis=1)

    def residuals_px(self, samples: Sequence[Sample], fits: BodyEstimate) -> NDArray[np.floating]:
        """How far bodies miss distinct keypoints ``(R, U)``, pixels of the crop; −∞ without one.

        Of several names the farthest.
        """
        keypoints = Keypoints2D.of_samples(samples)
        points = self.body.keypoints(fits.rotations, fits.betas)
        seen = project_to_crop(points, fits.camera_translation, keypoints.cameras)
        apart = torch.linalg.vector_norm(seen - keypoints.positions_crop_px, dim=-1)
        there = keypoints.body_confidence > 0
        residual = torch.where(there, apart, -torch.inf).numpy()
        none = np.full(len(samples), -np.inf, residual.dtype)
        return np.stack(
            [residual[:, names].max(1) if names else none for names in self._names_of], axis=1
        )

    def is_missing(self, touch: Touch) -> bool:
        """Whether the touch places a keypoint that is not there."""
        return not self._counting(self.samples[touch.person], touch.keypoint)

    def shows(self, touch: Touch) -> Seen:
        """How the joint shows in the picture."""
        index = self._names(self.samples[touch.person], touch.keypoint)[0]
        return Seen(int(self.seen_there[touch.person, index]))

    def can_place(self, touch: Touch) -> bool:
        """Whether a person can: a missing joint outside the picture cannot be."""
        return self.shows(touch) is not Seen.OUTSIDE or not self.is_missing(touch)

    def touched(self, sample: Sample, touch: Touch, click: NDArray[np.floating]) -> Sample:
        """The sample with the keypoint where it truly is, off by ``click`` (2,) box sides.

        A missing joint that something hides is guessed at: off by ``GUESS`` times as much.
        """
        if self.is_missing(touch) and self.shows(touch) is Seen.BEHIND_OTHERS:
            click = GUESS * click
        keypoints, sources = sample.keypoints_px.copy(), sample.keypoint_sources.copy()
        for index in self._names(sample, touch.keypoint):
            place = self.true_px[touch.person, index] + click * sample.box.side_px
            keypoints[index] = (*place, 1.0)
            sources[index] = KeypointSource.MARKED
        return replace(sample, keypoints_px=keypoints, keypoint_sources=sources)

    def off_px(self, touch: Touch) -> float:
        """How far the keypoint is from the truth, pixels of the crop; infinite without one."""
        sample = self.samples[touch.person]
        if self.is_missing(touch):
            return float("inf")
        return max(
            float(np.hypot(*(sample.keypoints_px[index, :2] - self.true_px[touch.person, index])))
            * CROP_SIZE_PX
            / sample.box.side_px
            for index in self._names(sample, touch.keypoint)
        )

    def gains(self, touches: Sequence[Touch], clicks: NDArray[np.floating]) -> NDArray[np.float64]:
        """By how many mm the error of each touched person falls; clicks: ``(R, 2)`` box sides.

        What cannot be placed gains nothing: the touch is spent.
        """
        people = [touch.person for touch in touches]
        samples = [
            self.touched(self.samples[touch.person], touch, click)
            for touch, click in zip(touches, clicks, strict=True)
        ]
        again = self.fitted(samples, take_rows(self.fits, torch.tensor(people)))
        gains: NDArray[np.float64] = (
            (self.errors_mm[people] - self.errors_of(again, people)).double().numpy()
        )
        return np.where([self.can_place(touch) for touch in touches], gains, 0.0)

    @cached_property
    def _names_of(self) -> list[list[int]]:
        """The names of each distinct keypoint that count for a body."""
        names = self.body.distinct_of_keypoint.tolist()
        return [
            [
                index
                for index, place in enumerate(names)
                if place == keypoint and index not in IGNORED_KEYPOINTS
            ]
            for keypoint in range(self.body.num_distinct)
        ]

    def _counting(self, sample: Sample, keypoint: int) -> list[int]:
        """The names of a distinct keypoint that the sample has and that count."""
        return [index for index in self._names_of[keypoint] if sample.keypoints_px[index, 2] > 0]

    def _names(self, sample: Sample, keypoint: int) -> list[int]:
        """The names that a touch places: those that are there, or the one that is asked for."""
        there = self._counting(sample, keypoint)
        if there:
            return there
        asked = asked_names(torch.from_numpy(sample.keypoints_px[None, :, 2] > 0))[0]
        return [index for index in self._names_of[keypoint] if asked[index]]


def drawn_clicks(count: int, rng: np.random.Generator, *, largest: float) -> NDArray[np.float64]:
    """How far clicks are off ``(N, 2)``, box sides: uniform from 0 to ``largest``, any way."""
    distance, angle = rng.uniform(0, largest, count), rng.uniform(0, 2 * np.pi, count)
    return distance[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])


def _middle(sample: Sample) -> NDArray[np.float64]:
    return np.array([sample.box.center_x_px, sample.box.center_y_px])
