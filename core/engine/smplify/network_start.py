"""Fits that begin at what the detector's head says of a person, and stay loosely near it.

The head makes a body of keypoints, and where the detector has looked at the picture, of its
landmarks and trunk features as well; it also says how far each joint is probably off.
docs/method.md, "Where fits start" and "The detector's head".
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.engine.regression.detector_head import DetectorHead, SeenPeople
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.opinions.arm_flips import with_arms_tried
from core.engine.smplify.opinions.head_body import head_body
from core.engine.smplify.prediction_prior import EstimatePrior, joint_weights
from core.engine.smplify.smplify import FitBatch, Smplify
from core.runs.fitting_profiles import Solver

PULL_KEYPOINT_NOISE_PX = 1.5
"""σ_k of the pull, crop pixels. Less than a detector's keypoints are off by, because the head saw
the same keypoints and directions: its errors are not independent of theirs, and on real people they
are larger than the head believes. Chosen on made people, MPI-INF-3DHP and Panoptic."""

BLIND_KEYPOINT_NOISE_PX = 2.0
"""The same of people whom no detector has seen: only the keypoints were seen twice."""

POSE_PRIOR_SHARE = 0.5
"""Of SMPLify's pose prior: the head was trained on poses like those that the prior was made of."""

DEPTH_SPREAD = 0.1
"""σ_e of the depth as a share of it."""

LARGEST_JOINT_WEIGHT = 1e5
"""px²/rad²: no joint is held more firmly than an error of half a degree justifies."""


class NetworkFitting:
    """Fits bodies that begin at the head's, by the profile of a solver.

    ``studio`` holds each joint to the head's body as firmly as the head believes in it; ``paper``
    only starts there.
    """

    def __init__(self, smplify: Smplify, head: DetectorHead, *, body_name: str) -> None:
        """Take a head in use; the betas of one that was trained on another body mean nothing."""
        self._smplify, self._head = smplify, head.eval()
        self._uses_prior = smplify.profile.solver is Solver.LEVENBERG_MARQUARDT
        self._has_betas = head.body_name == body_name

    @torch.no_grad()
    def opinion(self, keypoints: Keypoints2D, people: SeenPeople) -> EstimatePrior:
        """What the head says of B people: the bodies (``target``), and how firmly to hold to them.

        Args:
            keypoints: that the bodies are fitted to, with their cameras.
            people: the same B people as the head sees them.
        """
        said = self._head.bodies(people)
        target = head_body(said, self._smplify.body, keypoints, has_betas=self._has_betas)
        noise_px = torch.where(people.in_picture, PULL_KEYPOINT_NOISE_PX, BLIND_KEYPOINT_NOISE_PX)
        like = target.rotations
        return prior_by_spread(target, said.spread_rad.to(like), noise_px.to(like))

    def fit(self, keypoints: Keypoints2D, people: SeenPeople) -> FitBatch:
        """Fit B people."""
        return self.fit_with_prior(keypoints, people)[0]

    def fit_with_prior(
        self, keypoints: Keypoints2D, people: SeenPeople
    ) -> tuple[FitBatch, EstimatePrior | None]:
        """Fit B people, and say what held the fits to the head's bodies; None in ``paper``."""
        opinion = self.opinion(keypoints, people)
        prior = opinion if self._uses_prior else None
        fits = self._smplify.fit(keypoints, opinion.target, estimate_prior=prior)
        return with_arms_tried(self._smplify, keypoints, fits, prior), prior


def prior_by_spread(estimate: BodyEstimate, spread_rad: Tensor, noise_px: Tensor) -> EstimatePrior:
    """The prior toward B bodies; its weights are shares of what keypoints weigh.

    The betas have no weight: the shape prior knows as much of them as keypoints tell a network.

    Args:
        estimate: B bodies.
        spread_rad: ``(B, 24)`` root mean square angles by which their joints are probably off.
        noise_px: ``(B,)`` σ_k of each body, crop pixels.
    """
    variance = noise_px.square()
    # A weight is proportional to σ_k², which is each body's own.
    of_one_px = joint_weights(
        spread_rad.square(), keypoint_noise_px=1.0, largest_weight=LARGEST_JOINT_WEIGHT
    )
    # A share of the depth, so its weight is the sample's own: (B,) px²/m².
    depth_spread = DEPTH_SPREAD * estimate.camera_translation[:, 2]
    return EstimatePrior(
        estimate,
        (variance[:, None] * of_one_px).clamp_max(LARGEST_JOINT_WEIGHT),
        torch.zeros_like(estimate.betas[0]),
        2 * variance / depth_spread**2,
        POSE_PRIOR_SHARE,
    )
