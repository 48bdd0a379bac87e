"""Drags a body by a joint: the solver runs a few iterations for each place of the pointer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body.drag_handles import DragHandle, handle_of
from core.body.kinematics import BodyKinematics
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.dragging.drag_stage import DragStage
from core.engine.smplify.dragging.joint_targets import JointTargets
from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.state import BodyState
from core.errors import StudioError
from core.geometry.levenberg_marquardt import minimise
from core.types.arrays import NUM_JOINTS
from core.types.bodies import BodyParameters

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
        self._kinematics: BodyKinematics[Tensor] = BodyKinematics(body.arrays, torch.from_numpy)

    def joints_m(self, parameters: BodyParameters) -> NDArray[np.float64]:
        """The joints ``(24, 3)`` in metres in the crop's frame, the translation included."""
        return self._joints(_state(parameters)).numpy()

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
        return BodyDrag(self._kinematics, self._prior, parameters, handle, frozenset(pinned))

    def _joints(self, state: BodyState) -> Tensor:
        bones = self._kinematics.posed(state.pose_matrices, state.betas)
        return bones.joints[0] + state.camera_translation


class BodyDrag:
    """One drag; use it on one thread at a time."""

    def __init__(
        self,
        kinematics: BodyKinematics[Tensor],
        prior: PosePrior,
        parameters: BodyParameters,
        handle: DragHandle,
        pinned: frozenset[int],
    ) -> None:
        self._kinematics, self._parameters = kinematics, parameters
        self._joint = handle.joint
        self._state = _state(parameters)
        held = sorted((set(handle.anchors) | pinned) - {handle.joint})
        places = self._places(self._state)
        of_held = [PIN_WEIGHT if joint in pinned else ANCHOR_WEIGHT for joint in held]
        self._held = JointTargets(
            tuple(held),
            places[:, held],
            torch.eye(3, dtype=torch.float64) * torch.tensor(of_held).view(1, -1, 1, 1),
            torch.full((len(held),), torch.inf, dtype=torch.float64),
        )
        stiffness = torch.full((NUM_JOINTS,), OTHER_STIFFNESS, dtype=torch.float64)
        stiffness[0] = ROOT_STIFFNESS
        stiffness[list(handle.limb)] = LIMB_STIFFNESS
        self._stage = DragStage(kinematics, prior, self._state, self._held, stiffness)

    def toward(self, target: DragTarget, *, iterations: int = ITERATIONS) -> BodyParameters:
        """The body drawn toward a place, from where the last call left it.

        A place that cannot be reached is approached; the body then stretches toward it, and no
        farther than the other terms allow.
        """
        stage = self._stage.with_targets(self._toward(target))
        self._state, _ = minimise(stage, self._state, iterations=iterations)
        (drawn,) = self._state.estimate().to_parameters()
        return replace(drawn, betas=self._parameters.betas, camera=self._parameters.camera)

    def _places(self, state: BodyState) -> Tensor:
        """``(1, 24, 3)`` metres in the crop's frame."""
        bones = self._kinematics.posed(state.pose_matrices, state.betas)
        return bones.joints + state.camera_translation[:, None]

    def _toward(self, target: DragTarget) -> JointTargets:
        place = torch.from_numpy(np.asarray(target.place_m, np.float64)).view(1, 1, 3)
        weight = TARGET_WEIGHT * torch.eye(3, dtype=torch.float64)
        if target.sight is not None:
            sight = torch.from_numpy(np.asarray(target.sight, np.float64))
            weight -= (TARGET_WEIGHT - SIGHT_WEIGHT) * torch.outer(sight, sight)
        return JointTargets(
            (self._joint, *self._held.joints),
            torch.cat([place, self._held.places_m], dim=1),
            torch.cat([weight.view(1, 1, 3, 3), self._held.weights], dim=1),
            torch.cat([self._held.bounds.new_tensor([LARGEST_SQUARE_PX2]), self._held.bounds]),
        )


def _state(parameters: BodyParameters) -> BodyState:
    """In double precision, where steps of a millimetre at 50 m are exact."""
    estimate = BodyEstimate.from_parameters([parameters])
    return BodyState.of(estimate.to(device=torch.device("cpu"), dtype=torch.float64))
