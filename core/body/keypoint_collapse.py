"""The mesh reduced to what the keypoints need of it, exactly and once for each body.

A keypoint that is a weighted sum Σ_v r_v vertex_v collapses onto the bones k, because skinning is
linear in the rest vertices v::

    Σ_v r_v Σ_k w_vk (G_k (v − J_k) + c_k)  =  Σ_k (G_k o_k + a_k c_k)

    a_k = Σ_v r_v w_vk                         "mass", a constant
    o_k = Σ_v r_v w_vk v − a_k J_k             "offset", metres

G_k is the rotation of bone k, c_k its posed joint, J_k its joint at rest, w_vk the skinning weight
and r_v the row of the keypoint's regressor. The rest vertex v is linear in the betas and in the
pose features R − I, hence so is o_k. Each pair (keypoint, bone) with any weight becomes one
*point*; a joint of the skeleton is a point with a = 1 and o = 0. The 49 names mean 34 distinct
keypoints, each of which is kept once. docs/method.md, "The keypoint-only body"; the skinning is
that of Loper et al. 2015, section 3, equation 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import BodyArrays
from core.body.conventions import KEYPOINT_TO_RAW_JOINT
from core.body.kinematics import rest_joints

NUM_SKELETON_JOINTS = 24
_FIRST_EXTRA_JOINT = 45


@dataclass(frozen=True, eq=False)
class CollapsedKeypoints:
    """P points on bones that add up to U distinct keypoints; lengths in metres.

    The offset of a point is o = offset_template + offset_shape β + offset_pose vec(R − I).

    distinct_of_keypoint: (49,) which distinct keypoint each of the 49 is.
    owner: (P,) the distinct keypoint that a point belongs to.
    bone: (P,) the joint that carries it.
    mass: (P,) a.
    offset_template: (P, 3); offset_shape: (P, 3, 10); offset_pose: (P, 3, 207).
    """

    distinct_of_keypoint: NDArray[np.int64]
    owner: NDArray[np.int64]
    bone: NDArray[np.int64]
    mass: NDArray[np.float64]
    offset_template: NDArray[np.float64]
    offset_shape: NDArray[np.float64]
    offset_pose: NDArray[np.float64]

    @property
    def num_distinct(self) -> int:
        """U, how many of the 49 keypoints are distinct."""
        return int(self.distinct_of_keypoint.max()) + 1


def collapse_keypoints(
    arrays: BodyArrays, *, picked_vertices: list[int], extra_regressor: NDArray[np.float64]
) -> CollapsedKeypoints:
    """Collapse the 49 keypoints of a body.

    Args:
        arrays: the body.
        picked_vertices: the 21 vertices that are raw joints 24 to 44.
        extra_regressor: ``(9, V)``, the rows r of raw joints 45 to 53, dense or mostly zero.
    """
    distinct = sorted(set(KEYPOINT_TO_RAW_JOINT))
    owners, bones, vertex_weights = [], [], []
    for index, raw_joint in enumerate(distinct):
        if raw_joint < NUM_SKELETON_JOINTS:
            owners.append(index)
            bones.append(raw_joint)
            vertex_weights.append(np.zeros(arrays.num_vertices))
            continue
        regressor = _regressor_row(raw_joint, picked_vertices, extra_regressor)
        for bone in range(NUM_SKELETON_JOINTS):
            # r_v w_vk of every vertex; a pair without any would only add zeros to every product.
            weight = regressor * arrays.weights[:, bone]
            if weight.any():
                owners.append(index)
                bones.append(bone)
                vertex_weights.append(weight)
    return _collapsed(arrays, distinct, np.array(owners), np.array(bones), np.stack(vertex_weights))


def _regressor_row(
    raw_joint: int, picked_vertices: list[int], extra_regressor: NDArray[np.float64]
) -> NDArray[np.float64]:
    if raw_joint >= _FIRST_EXTRA_JOINT:
        extra_row: NDArray[np.float64] = extra_regressor[raw_joint - _FIRST_EXTRA_JOINT]
        return extra_row
    row = np.zeros(extra_regressor.shape[1])
    row[picked_vertices[raw_joint - NUM_SKELETON_JOINTS]] = 1
    return row


def _collapsed(
    arrays: BodyArrays,
    distinct: list[int],
    owner: NDArray[np.int64],
    bone: NDArray[np.int64],
    vertex_weights: NDArray[np.float64],
) -> CollapsedKeypoints:
    # A skeleton joint has no vertices: the sums give it the offset 0; its mass of 1 is set apart.
    on_mesh = np.array([distinct[index] >= NUM_SKELETON_JOINTS for index in owner])
    joints, joints_by_shape = rest_joints(arrays)
    skinned = vertex_weights.sum(axis=1)
    # Most vertices carry no keypoint: the sums go over the others.
    seen = vertex_weights.any(axis=0)
    weights = vertex_weights[:, seen]
    # o = Σ_v r_v w_vk v − a J_k, term by term of v = v_template + shapedirs β + posedirs vec(R − I)
    # and J = J_regressor (v_template + shapedirs β); J does not change with the pose.
    # (P, V) @ (V, 3) -> (P, 3), then (P, 3, 10) and (P, 3, 207)
    template = weights @ arrays.v_template[seen] - skinned[:, None] * joints[bone]
    by_shape = np.tensordot(weights, arrays.shapedirs[seen], axes=1)
    by_pose = np.tensordot(weights, arrays.posedirs[seen], axes=1)
    return CollapsedKeypoints(
        distinct_of_keypoint=np.array([distinct.index(raw) for raw in KEYPOINT_TO_RAW_JOINT]),
        owner=owner,
        bone=bone,
        mass=np.where(on_mesh, skinned, 1.0),
        offset_template=template,
        offset_shape=by_shape - skinned[:, None, None] * joints_by_shape[bone],
        offset_pose=by_pose,
    )
