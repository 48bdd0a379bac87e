"""What the other pictures of a moment say of a person's body.

The head's body of every other picture has that picture's camera. The fits of two pictures of one
moment are one body, so their roots F_i and F_j tell how the cameras are turned: the root that
picture j says, H_j, is F_i F_jᵀ H_j before the camera of picture i.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.inputs import AlternativeEstimate
from core.engine.regression.detector_head import DetectorHead
from core.engine.regression.seen_people import seen_people
from core.engine.smplify.initial_camera import camera_start
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.geometry.rotations import nearest_rotation
from core.types.fits import Fit
from core.types.samples import Sample
from core.workflows.predictions.head_predictor import seen_samples

WHO = "the other views"


class OtherViews:
    """Asks the head about the other pictures of moments."""

    def __init__(self, dictionary: Dictionary, head: DetectorHead, body: KeypointBody) -> None:
        self._dictionary, self._head, self._body = dictionary, head, body

    def of(
        self, samples: Sequence[Sample], keypoints: Keypoints2D, fits: Sequence[Fit]
    ) -> AlternativeEstimate | None:
        """The mean of what the other pictures say, of samples that have any; else None.

        Args:
            samples: B of them.
            keypoints: theirs.
            fits: their current fits.
        """
        others = self._others([sample.id for sample in samples])
        if not others:
            return None
        views = _AskedViews.asked(self._dictionary, self._head, others)
        estimate = BodyEstimate.from_parameters([fit.parameters for fit in fits])
        rotations, betas = estimate.rotations.clone(), estimate.betas.clone()
        present = torch.zeros(len(samples), dtype=torch.bool)
        for row, sample in enumerate(samples):
            rows = [views.rows[other] for other in others.get(sample.id, ()) if other in views.rows]
            if rows:
                said = views.before(rotations[row, 0], rows)
                rotations[row] = nearest_rotation(said.sum(0))
                betas[row] = views.betas[rows].mean(0)
                present[row] = True
        here = keypoints.to(device=self._body.device, dtype=self._body.dtype)
        camera = camera_start(self._body.keypoints(rotations, betas), here)
        return AlternativeEstimate(
            WHO, BodyEstimate(rotations, betas, camera), present, sees_picture=True
        )

    def _others(self, ids: Sequence[int]) -> dict[int, list[int]]:
        """The other samples of each sample's moment; those left out belong to it no longer."""
        memberships = self._dictionary.groups.of(ids)
        found = {}
        for sample_id, membership in memberships.items():
            if membership.moment is None or membership.left_out:
                continue
            moment = self._dictionary.groups.in_moment(sample_id)
            others = [other for other in moment if other != sample_id]
            if others:
                found[sample_id] = others
        return found


@dataclass(frozen=True, eq=False)
class _AskedViews:
    """What the head says of N pictures that have a fit and were looked at.

    rows: where each sample stands. rotations: (N, 24, 3, 3); betas: (N, 10). fitted_roots:
    (N, 3, 3) of the fits.
    """

    rows: Mapping[int, int]
    rotations: Tensor
    betas: Tensor
    fitted_roots: Tensor

    @classmethod
    def asked(
        cls, dictionary: Dictionary, head: DetectorHead, others: Mapping[int, Sequence[int]]
    ) -> _AskedViews:
        wanted = sorted({other for views in others.values() for other in views})
        fits = dictionary.fits.current(wanted)
        samples = [sample for sample in dictionary.samples.get_many(wanted) if sample.id in fits]
        people = seen_people(seen_samples(dictionary, samples))
        seen = people.in_picture.nonzero()[:, 0]
        said = head.bodies(people)
        ids = [samples[row].id for row in seen.tolist()]
        roots = BodyEstimate.from_parameters(
            [fits[sample_id].parameters for sample_id in ids]
        ).rotations[:, 0]
        rows = {sample_id: row for row, sample_id in enumerate(ids)}
        return cls(rows, said.rotations[seen], said.betas[seen], roots)

    def before(self, root: Tensor, rows: Sequence[int]) -> Tensor:
        """Rotations ``(V, 24, 3, 3)`` of some views before the camera of a fit's root (3, 3)."""
        said = self.rotations[rows].clone()
        said[:, 0] = root @ self.fitted_roots[rows].transpose(-1, -2) @ said[:, 0]
        return said
