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
from core.geometry.array_namespace import ArrayT, array_namespace, batch_first, batch_last
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
    bone: (P,) the joint that carries each point; offset_slopes: (3·P, 10 + 207), how the offsets
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
        self._mass = as_array(collapsed.mass[:, None, None])
        points = len(collapsed.owner)
        # o = template + slopes [betas | R − I]: (3·P, 217) @ (217, B) -> (3·P, B). One product
        # for shape and pose together is a single large matrix product a batch.
        self._offset_template = as_array(collapsed.offset_template.reshape(-1, 1))
        by_shape = collapsed.offset_shape.reshape(3 * points, NUM_BETAS)
        by_pose = collapsed.offset_pose.reshape(3 * points, NUM_POSE_FEATURES)
        self.offset_slopes = as_array(np.concatenate([by_shape, by_pose], axis=1))
        self._of_keypoint = as_array(np.eye(collapsed.num_distinct)[:, collapsed.owner])

    def posed(self, pose_matrices: ArrayT, betas: ArrayT) -> PosedKeypoints[ArrayT]:
        """Pose a batch, and keep what the derivatives need.

        Args:
            pose_matrices: ``(B, 24, 3, 3)`` rotations relative to the parent, root first.
            betas: ``(B, 10)``.

        Raises:
            ShapeError: the pose or the betas have another shape.
        """
        xp, batch = array_namespace(betas), len(betas)
        # Everything here has the batch as its last dimension, up to the results.
        bones = self.kinematics.posed_batch_last(pose_matrices, betas)
        drivers = batch_last(xp.concat([betas, pose_features(pose_matrices)], axis=1))
        offsets = self._offset_template + self.offset_slopes @ drivers
        offsets = xp.reshape(offsets, (len(self.bone), 1, 3, batch))
        # y_p = G_k o_p + a_p c_k                   (P, 3, 3, B) · (P, 1, 3, B) -> (P, 3, B)
        turned = xp.sum(xp.take(bones.rotations, self.bone, axis=0) * offsets, axis=2)
        points = turned + self._mass * xp.take(bones.joints, self.bone, axis=0)
        distinct = self._of_keypoint @ xp.reshape(points, (len(self.bone), 3 * batch))
        return PosedKeypoints(
            batch_first(xp.reshape(distinct, (len(distinct), 3, batch))),
            batch_first(points),
            batch_first(bones.rotations),
            batch_first(bones.parent_rotations),
            batch_first(bones.joints),
        )
