"""The 49 keypoints of a body without its mesh, for arrays of NumPy and for tensors.

They equal those of the full mesh to rounding and cost a fortieth of it. With G_k the rotation of
bone k and c_k its joint (``core.body.kinematics``), and a_p, o_p the mass and the offset of point p
(``core.body.keypoint_collapse``)::

    y_p        = G_k o_p + a_p c_k             k the bone of p                      metres
    keypoint_u = Σ y_p                         over the points p of keypoint u

docs/method.md, "The keypoint-only body"; the body itself is that of Loper et al. 2015, section 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import NUM_POSE_FEATURES, BodyArrays
from core.body.keypoint_collapse import CollapsedKeypoints
from core.body.kinematics import BodyKinematics, pose_features
from core.geometry.array_namespace import ArrayT, array_namespace
from core.types.arrays import NUM_BETAS


@dataclass(frozen=True, eq=False)
class PosedKeypoints(Generic[ArrayT]):
    """Keypoints of a batch of bodies, and what their derivatives are made of.

    All are in the frame that the root rotation leads to, which is the camera's for a fit, and not
    translated.

    distinct: (B, U, 3) metres, each distinct keypoint once.
    points: (B, P, 3) metres, y_p, what each point contributes to its keypoint.
    bone_rotations: (B, 24, 3, 3), G_j.
    parent_rotations: (B, 24, 3, 3), G_parent(j); the identity for the root.
    joints: (B, 24, 3) metres, c_j.
    """

    distinct: ArrayT
    points: ArrayT
    bone_rotations: ArrayT
    parent_rotations: ArrayT
    joints: ArrayT


class KeypointPosing(Generic[ArrayT]):
    """The keypoints of one body as a function of pose and betas.

    distinct_of_keypoint: (49,) which of the U distinct keypoints each of the 49 is.
    bone: (P,) the joint that carries each point; offset_slopes: (10 + 207, 3·P), how the offsets
    change with the betas and with R − I.
    """

    def __init__(
        self,
        arrays: BodyArrays,
        collapsed: CollapsedKeypoints,
        as_array: Callable[[NDArray[Any]], ArrayT],
    ) -> None:
        """Keep the body's constants.

        Args:
            arrays: the body.
            collapsed: its keypoints on its bones.
            as_array: puts a constant, whole numbers or double precision, into the library,
                precision and place in which bodies will be posed.
        """
        self.kinematics = BodyKinematics(arrays, as_array)
        self.distinct_of_keypoint = as_array(collapsed.distinct_of_keypoint)
        self.bone = as_array(collapsed.bone)
        self._mass = as_array(collapsed.mass[:, None])
        points = len(collapsed.owner)
        # o = template + [betas | R − I] slopes: (B, 10 + 207) @ (217, 3·P) -> (B, 3·P). One product
        # for shape and pose together is a single large matrix product a batch.
        self._offset_template = as_array(collapsed.offset_template.reshape(-1))
        by_shape = collapsed.offset_shape.reshape(3 * points, NUM_BETAS)
        by_pose = collapsed.offset_pose.reshape(3 * points, NUM_POSE_FEATURES)
        self.offset_slopes = as_array(np.concatenate([by_shape, by_pose], axis=1).T)
        self._of_keypoint = as_array(np.eye(collapsed.num_distinct)[:, collapsed.owner])

    def posed(self, pose_matrices: ArrayT, betas: ArrayT) -> PosedKeypoints[ArrayT]:
        """Pose a batch, and keep what the derivatives need.

        Args:
            pose_matrices: ``(B, 24, 3, 3)`` rotations relative to the parent, root first.
            betas: ``(B, 10)``.

        Raises:
            ShapeError: the pose or the betas have another shape.
        """
        xp = array_namespace(betas)
        bones = self.kinematics.posed(pose_matrices, betas)
        drivers = xp.concat([betas, pose_features(pose_matrices)], axis=1)
        offsets = self._offset_template + drivers @ self.offset_slopes
        # y_p = G_k o_p + a_p c_k                        (B, P, 3, 3) @ (B, P, 3, 1) -> (B, P, 3)
        offsets = xp.reshape(offsets, (len(betas), len(self.bone), 3, 1))
        turned = (bones.rotations[:, self.bone] @ offsets)[..., 0]
        points = turned + self._mass * bones.joints[:, self.bone]
        return PosedKeypoints(
            self._of_keypoint @ points,
            points,
            bones.rotations,
            bones.parent_rotations,
            bones.joints,
        )
