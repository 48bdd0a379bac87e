"""Drags a body by a joint: the solver runs a few iterations for each place of the pointer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.body.drag_handles import DragHandle, handle_of
from core.body.kinematics import BodyKinematics
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.dragging.drag_stage import DragStage, DragState
from core.engine.smplify.dragging.joint_targets import JointTargets
from core.engine.smplify.pose_prior import PosePrior
from core.errors import StudioError
from core.geometry.levenberg_marquardt import minimise
from core.geometry.rotations import (
    axis_angle_to_matrix,
    matrix_to_axis_angle,
    wrap_rotation_vector,
)
from core.types.arrays import NUM_JOINTS
from core.types.bodies import BodyParameters

_Array = NDArray[np.float64]

ITERATIONS = 3
"""For each place of the pointer; each begins where the last one ended."""

SETTLING_ITERATIONS = 20
"""Where the pointer has come to rest: enough to end at the minimum."""

TARGET_WEIGHT = 1e7
"""px²/m² across the line of sight: a millimetre costs as much as three pixels of a keypoint."""

SIGHT_WEIGHT = 1e4
"""px²/m² along the line of sight: a decimetre costs as much. Which depth a person means who drags
in a picture is a guess, so a limb that is too short for it need not tear the body along."""

LARGEST_SQUARE_PX2 = 40.0
"""From where on the pointer draws no harder: at 1e7 px²/m² that is 2 mm, and a force of 2e4 px²/m,
ten times what bends a limb within its prior and a fifth of what takes a foot 10 cm from its place.
"""

PIN_WEIGHT = 1e7
ANCHOR_WEIGHT = 1e5
"""px²/m²: pins as the pointer; the ends of other limbs give a little."""

LIMB_STIFFNESS, OTHER_STIFFNESS, ROOT_STIFFNESS = 20.0, 1e4, 1e4
"""px²/rad² of the joints that follow freely, of all others and of the root."""


@dataclass(frozen=True, eq=False)
class DragTarget:
    """Where a dragged joint belongs.

    place_m: (3,) metres in the crop's frame, the translation included.
    sight: (3,) unit vector in the crop's frame along which the place is only a guess; None where
    all three coordinates are meant.
    """

    place_m: NDArray[np.floating]
    sight: NDArray[np.floating] | None = None


class BodyDragger:
    """Begins drags of one kind of body; holds nothing of any drag, so every thread may use it."""

    def __init__(self, body: BodyModel, prior: PosePrior) -> None:
        self._prior = prior
        self._kinematics: BodyKinematics[_Array] = BodyKinematics(body.arrays, np.ascontiguousarray)

    def joints_m(self, parameters: BodyParameters) -> NDArray[np.float64]:
        """The joints ``(24, 3)`` in metres in the crop's frame, the translation included."""
        (joints,) = _places(self._kinematics, _state(parameters))
        return np.asarray(joints, np.float64)

    def begin(
        self, parameters: BodyParameters, joint: int, *, pinned: Collection[int] = ()
    ) -> BodyDrag:
        """Take a body by a joint.

        Args:
            parameters: the body as it is.
            joint: one of ``DRAG_HANDLES``.
            pinned: joints that stay where they are.

        Raises:
            StudioError: a body cannot be taken by this joint.
        """
        try:
            handle = handle_of(joint)
        except KeyError:
            raise StudioError(
                f"A body cannot be dragged by joint {joint}.",
                remedy="Take it by a hand, foot, knee, elbow or shoulder, the head or the hips.",
            ) from None
        precisions = self._precisions(_state(parameters).body_pose)
        return BodyDrag(self._kinematics, precisions, parameters, handle, frozenset(pinned))

    def _precisions(self, body_pose: _Array) -> _Array:
        """``(1, 69, 69)`` per rad²: of the component of the prior that a pose is likeliest by."""
        pose = torch.from_numpy(body_pose)
        component = self._prior.evaluate(pose).component
        mixture = self._prior.components(dtype=pose.dtype, device=pose.device)
        precisions: _Array = mixture.precisions[component].numpy()
        return precisions


class BodyDrag:
    """One drag; use it on one thread at a time."""

    def __init__(
        self,
        kinematics: BodyKinematics[_Array],
        pose_precisions: _Array,
        parameters: BodyParameters,
        handle: DragHandle,
        pinned: frozenset[int],
    ) -> None:
        self._parameters, self._joint = parameters, handle.joint
        self._state = _state(parameters)
        held = sorted((set(handle.anchors) | pinned) - {handle.joint})
        weights = np.array([PIN_WEIGHT if joint in pinned else ANCHOR_WEIGHT for joint in held])
        self._held = JointTargets(
            tuple(held),
            _places(kinematics, self._state)[:, held],
            weights[None, :, None, None] * np.eye(3),
            np.full(len(held), np.inf),
        )
        stiffness = np.full(NUM_JOINTS, OTHER_STIFFNESS)
        stiffness[0] = ROOT_STIFFNESS
        stiffness[list(handle.limb)] = LIMB_STIFFNESS
        self._stage = DragStage(
            kinematics,
            self._state,
            self._held,
            pose_precisions=pose_precisions,
            stiffness=stiffness,
        )

    def toward(self, target: DragTarget, *, iterations: int = ITERATIONS) -> BodyParameters:
        """The body drawn toward a place, from where the last call left it.

        A place that cannot be reached is approached; the body then stretches toward it, and no
        farther than the other terms allow.
        """
        stage = self._stage.with_targets(self._toward(target))
        self._state, _ = minimise(stage, self._state, iterations=iterations)
        root, body_pose = matrix_to_axis_angle(self._state.root[0]), self._state.body_pose[0]
        return replace(
            self._parameters,
            pose_axis_angle=np.concatenate([root, body_pose]).astype(np.float32),
            camera_translation=self._state.camera_translation[0].astype(np.float32),
        )

    def _toward(self, target: DragTarget) -> JointTargets[_Array]:
        weight = TARGET_WEIGHT * np.eye(3)
        if target.sight is not None:
            weight -= (TARGET_WEIGHT - SIGHT_WEIGHT) * np.outer(target.sight, target.sight)
        place = np.asarray(target.place_m, np.float64)
        return JointTargets(
            (self._joint, *self._held.joints),
            np.concatenate([place[None, None], self._held.places_m], axis=1),
            np.concatenate([weight[None, None], self._held.weights], axis=1),
            np.concatenate([[LARGEST_SQUARE_PX2], self._held.bounds]),
        )


def _state(parameters: BodyParameters) -> DragState[_Array]:
    """In double precision, where steps of a millimetre at 50 m are exact."""
    vectors = parameters.pose_axis_angle.astype(np.float64).reshape(1, NUM_JOINTS, 3)
    return DragState(
        axis_angle_to_matrix(vectors[:, 0]),
        wrap_rotation_vector(vectors[:, 1:]).reshape(1, -1),
        parameters.betas.astype(np.float64)[None],
        parameters.camera_translation.astype(np.float64)[None],
    )


def _places(kinematics: BodyKinematics[_Array], state: DragState[_Array]) -> _Array:
    """Of the joints, ``(1, 24, 3)`` metres in the crop's frame."""
    bones = kinematics.posed(state.pose_matrices, state.betas)
    return bones.joints + state.camera_translation[:, None]
