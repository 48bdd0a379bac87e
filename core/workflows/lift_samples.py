"""What the lifting network makes of a project's people, as bodies to look at."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.body.usable_keypoints import has_usable_keypoints
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.regression.lifter import Lifter
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.lifted_start import lifted_bodies
from core.types.bodies import BodyParameters
from core.types.samples import Sample


class SampleLifter:
    """Lifts samples with the shipped lifter; safe to use from one thread at a time."""

    def __init__(self, body: BodyModel) -> None:
        """Loads the network; raises ``UserFileError`` where its file cannot be read."""
        self._body = KeypointBody(body)
        self._lifter = Lifter.load()
        self._has_betas = self._lifter.body_name == body.name

    @torch.no_grad()
    def bodies(self, samples: Sequence[Sample]) -> dict[int, BodyParameters]:
        """Bodies by sample id, with the cameras that limb lengths suggest.

        Samples with too few keypoints are left out.
        """
        if not samples:
            return {}
        seen = Keypoints2D.of_samples(samples)
        usable = has_usable_keypoints(seen.confidence).tolist()
        lifted = lifted_bodies(self._lifter, self._body, seen, has_betas=self._has_betas).estimate
        return {
            sample.id: body
            for sample, can, body in zip(
                samples, usable, lifted.to_parameters(seen.cameras), strict=True
            )
            if can
        }
