"""Losses of fits, measured as a project's body, prior and keypoints stand now."""

from __future__ import annotations

from collections.abc import Sequence

from core.dictionary.store import Dictionary
from core.engine.project_models import project_body, project_prior
from core.engine.smplify.detected_directions import with_detections
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.opinions.head_witness import HeadWitness
from core.engine.smplify.smplify import Smplify
from core.runs.fitting_profiles import profile_named
from core.types.bodies import BodyParameters
from core.types.fits import FitLosses
from core.types.samples import Sample

_BATCH = 256
_FITS, _MADE_ERRORS = "fits", "made_errors"


class MeasuredAgain:
    """Measures the bodies of samples and stores what they cost; the caller has the transaction."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        body, prior = project_body(dictionary), project_prior(dictionary)
        self._smplify = Smplify(body, prior, profile_named("studio"))
        self._witness = HeadWitness(self._smplify.body)

    def samples(self, sample_ids: Sequence[int]) -> None:
        """All fits of some samples, and the errors that were made in them.

        Those of people without keypoints that count keep what was measured last.
        """
        seen = {
            sample.id: sample
            for sample in self._dictionary.samples.get_many(sample_ids)
            if (sample.fitted_keypoints_crop_px[:, 2] > 0).any()
        }
        for table in (_FITS, _MADE_ERRORS):
            bodies = self._dictionary.body_rows.of_samples(table, list(seen))
            for first in range(0, len(bodies), _BATCH):
                batch = bodies[first : first + _BATCH]
                samples = [seen[sample_id] for _number, sample_id, _body in batch]
                losses = self._losses(samples, [body for *_, body in batch])
                numbers = [number for number, *_ in batch]
                self._dictionary.body_changes.set_losses(
                    table, dict(zip(numbers, losses, strict=True))
                )

    def _losses(
        self, samples: Sequence[Sample], bodies: Sequence[BodyParameters]
    ) -> list[FitLosses]:
        ids = list({sample.id for sample in samples})
        detections = self._dictionary.detections.get_many(ids, with_features=True)
        keypoints = with_detections(
            Keypoints2D.of_samples(samples), samples, detections, self._witness
        )
        estimate = BodyEstimate.from_parameters(
            bodies, keypoints.cameras, root_joints=self._smplify.body.root_joint_like
        )
        measured = self._smplify.measured(keypoints, estimate)
        return [measured.fit_losses(row) for row in range(len(bodies))]
