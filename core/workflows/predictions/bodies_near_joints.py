"""Bodies of the project whose joints lie where those of another body do.

Two models with SMPL's skeleton differ in their proportions: in one pose and the nearest shape their
joints still lie centimetres apart. The solver for points in space brings them together, held to the
other body's rotations, which tell the twists that joints leave open (docs/method.md, "Fitting to
points in space").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.body.arrays import BodyArrays
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.space.points_3d import KEYPOINT_NOISE_PX, Points3D
from core.engine.smplify.space.space_fitting import SpaceFitting
from core.types.arrays import NUM_BETAS, NUM_JOINTS

JOINT_SIGMA_M = 0.005
"""Joints of another body are exact, but need not be those of any body of this model."""

ROTATION_SIGMA_RAD = 0.05
"""How far the rotations of two models that look alike differ: 3°, about each axis."""

ITERATIONS = 10
"""From a pose that is near."""

_HELD_SHAPE = 1e9
"""px² a unit of beta: more than anything else in the objective."""

_PRIOR_SHARE = 1e-3
"""Another body is not to be drawn to poses that are more usual."""


@dataclass(frozen=True, eq=False)
class NearBodies:
    """N bodies: pose_axis_angle (N, 72), betas (N, 10), error_mm (N,), root_joint_m (N, 3).

    error_mm is the mean distance of the 24 joints; root_joint_m where the root joint came to lie.
    """

    pose_axis_angle: NDArray[np.float32]
    betas: NDArray[np.float32]
    error_mm: NDArray[np.float64]
    root_joint_m: NDArray[np.float64]


def bodies_near_joints(
    body: BodyArrays,
    joints_m: NDArray[np.floating],
    pose_matrices: NDArray[np.floating],
    betas: NDArray[np.floating],
    *,
    holds_shapes: bool = False,
) -> NearBodies:
    """Move bodies of one model until their joints lie at given places.

    Args:
        body: the model.
        joints_m: ``(N, 24, 3)`` metres, in one frame a body.
        pose_matrices: ``(N, 24, 3, 3)``, the rotations of the other bodies.
        betas: ``(N, 10)`` of this model, to begin with.
        holds_shapes: whether the betas are to stay.
    """
    model = BodyModel(body, name="", dtype=torch.float32)
    fitting = SpaceFitting(model, PosePrior.load())
    places = torch.from_numpy(np.ascontiguousarray(joints_m, np.float32))
    points = Points3D.of_joints(places, sigma_m=JOINT_SIGMA_M)
    rotations, shapes = (
        torch.from_numpy(np.ascontiguousarray(part, np.float32)) for part in (pose_matrices, betas)
    )
    target = BodyEstimate(rotations, shapes, torch.zeros(len(places), 3))
    root = fitting.body.root_joint(shapes)
    start = BodyEstimate(rotations, shapes, places[:, 0] - root)
    pull = EstimatePrior(
        target,
        torch.full((NUM_JOINTS,), (KEYPOINT_NOISE_PX / ROTATION_SIGMA_RAD) ** 2),
        torch.full((NUM_BETAS,), _HELD_SHAPE if holds_shapes else 0.0),
        torch.zeros(()),
        pose_prior_share=_PRIOR_SHARE,
    )
    fits = fitting.fit(points, start, estimate_prior=pull, iterations=ITERATIONS)
    found = fits.estimate
    return NearBodies(
        found.to_axis_angle().numpy(),
        found.betas.numpy(),
        1000 * fits.mean_distance_m.double().numpy(),
        (fitting.body.root_joint(found.betas) + found.camera_translation).double().numpy(),
    )
