"""How far a detector's directions of bones can be trusted, bone by bone.

The detector's own score does not tell: it is 1.00 on people whom it has wrong by a right angle.
What tells is whether its landmarks in metres, seen from the camera, lie along the sample's
keypoints. Let d be a bone's direction, s the length of its part in the picture's plane (d_x, d_y),
and a the angle there between that part and the bone between the keypoints::

    c_b = 2 s² (1 − cos a)      the squared distance of (d_x, d_y) from where keypoints have it
    A   = Σ_b c_b / Σ_b s_b²    of the whole person

    x, y:  σ_b² = α_b + 0.014 (1 − v_b) + 0.029 A + 0.230 c_b       v_b: the visibility of the bone
    z:     σ_b² = α_b + 0.069 (1 − v_b) + 0.262 A + 0.057 c_b

σ_b² is the mean squared error of a component of the unit vector. The numbers and α_b were fitted to
500 rendered people in poses of motion capture, by the likelihood of a gamma distribution, and hold
on others and on real people (docs/measurements.md, "How far directions of bones can be trusted").

A witness who has not seen the landmarks tells more: the head behind the detector makes a body of
the keypoints and of features of the picture. Where its bone differs by h_b, component by component,
the landmarks are probably wrong, or the witness is::

    x, y, z:  σ_b² = α_b + … + ε h_b²

A keypoint of low confidence is a guess and no witness. So with κ_b the lesser confidence of a
bone's two keypoints, c_b and s_b² count κ_b times in A, and κ_b c_b + (1 − κ_b) A s_b² takes the
place of c_b.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.body.bone_directions import BONES, bone_directions, bone_visibility
from core.errors import ShapeError
from core.geometry.array_namespace import Array, ArrayT, array_like, array_namespace, constant_like
from core.types.arrays import NUM_KEYPOINTS

_SYSTEMATIC = (
    (0.00, 0.04, -0.05), (0.01, 0.07, -0.05), (0.00, 0.04, -0.05), (-0.01, 0.07, -0.05),
    (0.09, 0.06, -0.03), (-0.03, 0.04, -0.05), (-0.09, 0.06, -0.03), (0.03, 0.04, -0.05),
    (0.09, 0.00, 0.00), (0.05, 0.00, 0.00), (0.04, -0.01, 0.02), (-0.04, -0.01, 0.02),
)  # fmt: skip
"""What BlazePose's unit vectors are off by on average, mirrored for the other side: its hips lie
farther apart than the body's, for one thing."""

_ARMS_AND_LEGS = (0, 1, 0, 1, 2, 3, 2, 3, 4, 5, 6, 6)
"""Of each bone its kind: upper arm, forearm, thigh, shin, hips, shoulders, flank."""


@dataclass(frozen=True)
class ErrorCauses:
    """What makes landmarks doubtful: 1 − v_b, A and c_b, each ``(..., 12)`` or like it."""

    invisible: Array
    of_person: Array
    of_bone: Array


@dataclass(frozen=True)
class _ErrorModel:
    """What σ_b² of a component is made of; least: α of each kind of bone."""

    least: tuple[float, ...]
    invisible: float
    of_person: float
    of_bone: float
    of_witness: float = 0.0

    def variance(self, causes: ErrorCauses, squared_difference: Array | None = None) -> Any:
        """σ_b² ``(..., 12)``; ``squared_difference`` is h_b² of the component."""
        least = constant_like(causes.of_bone, [self.least[kind] for kind in _ARMS_AND_LEGS])
        variance = (
            least
            + self.invisible * causes.invisible
            + self.of_person * causes.of_person
            + self.of_bone * causes.of_bone
        )
        if squared_difference is None:
            return variance
        return variance + self.of_witness * squared_difference


_IN_PLANE = _ErrorModel((0.007, 0.011, 0.004, 0.003, 0.007, 0.005, 0.001), 0.014, 0.029, 0.230)
_IN_DEPTH = _ErrorModel((0.086, 0.099, 0.038, 0.031, 0.020, 0.016, 0.019), 0.069, 0.262, 0.057)
"""Even a visible bone along its keypoints is off in depth: by 0.14 (flanks) to 0.31 (forearms)."""

_WITNESSED_IN_PLANE = _ErrorModel(
    (0.005, 0.006, 0.002, 0.001, 0.005, 0.002, 0.001), 0.019, 0.005, 0.085, 0.62
)
_WITNESSED_IN_DEPTH = _ErrorModel(
    (0.061, 0.064, 0.032, 0.019, 0.015, 0.013, 0.011), 0.077, 0.016, 0.027, 0.71
)
"""The same, where there is a witness: ``python -m benchmarks.detection.landmark_trust --fit``."""

_TWIN_OF_KEYPOINT = {
    2: 33, 3: 32, 4: 31, 5: 34, 6: 35, 7: 36, 9: 27, 10: 26, 11: 25, 12: 28, 13: 29, 14: 30,
}  # fmt: skip
_LEAST_BONES = 3
_DOUBTFUL = 0.3
"""A of a person with fewer bones between keypoints: as for some 30° of disagreement."""
_SHORTEST = 1e-6


def corrected_bone_directions(landmarks_m: ArrayT) -> ArrayT:
    """``bone_directions`` ``(..., 12, 3)`` without the detector's systematic error.

    A bone without a direction has none here.

    Raises:
        ShapeError: the last dimensions are not (33, 3).
    """
    directions = bone_directions(landmarks_m)
    xp = array_namespace(directions)
    moved = directions - constant_like(directions, _SYSTEMATIC)
    # The correction is at most 0.11 long, so what is left of a unit vector is never short.
    length = xp.linalg.vector_norm(moved, axis=-1, keepdims=True)
    known = xp.any(directions != 0, axis=-1, keepdims=True)
    corrected: ArrayT = xp.where(known, moved / length, 0.0)
    return corrected


def bone_error_variances(
    landmarks_m: ArrayT,
    landmarks_px: ArrayT,
    keypoints_px: ArrayT,
    own_keypoints: Array,
    *,
    witness: ArrayT | None = None,
) -> ArrayT:
    """σ_b² ``(..., 12, 3)`` of each component, infinite where a bone has no direction.

    Args:
        landmarks_m: ``(..., 33, 3)`` metres, as a camera sees them that looks at the person.
        landmarks_px: ``(..., 33, 3)``, of which the visibility counts.
        keypoints_px: ``(..., 49, 3)`` x, y, confidence, in pixels of the picture or of the crop.
        own_keypoints: ``(..., 49)`` bool, whether the detector placed a keypoint itself. It merges
            both of its networks' points, so half of their disagreement is left, and c_b counts
            four times.
        witness: ``(..., 12, 3)`` unit vectors along the bones as the head behind the detector has
            them without the landmarks; None where it was not asked.

    Raises:
        ShapeError: an array has another shape.
    """
    if tuple(keypoints_px.shape[-2:]) != (NUM_KEYPOINTS, 3):
        raise ShapeError("keypoints_px", actual=keypoints_px.shape, expected="(..., 49, 3)")
    xp = array_namespace(landmarks_m)
    directions = bone_directions(landmarks_m)
    causes = error_causes(directions, landmarks_px, keypoints_px, own_keypoints)
    if witness is None:
        plane, depth = _IN_PLANE.variance(causes), _IN_DEPTH.variance(causes)
    else:
        if tuple(witness.shape) != tuple(directions.shape):
            raise ShapeError("witness", actual=witness.shape, expected=str(directions.shape))
        squares = (witness - corrected_bone_directions(landmarks_m)) ** 2
        in_plane = (squares[..., 0] + squares[..., 1]) / 2
        plane = _WITNESSED_IN_PLANE.variance(causes, in_plane)
        depth = _WITNESSED_IN_DEPTH.variance(causes, squares[..., 2])
    variance = xp.stack([plane, plane, depth], axis=-1)
    known = xp.any(directions != 0, axis=-1)[..., None] & xp.isfinite(variance)
    variances: ArrayT = xp.where(known, variance, xp.full_like(variance, float("inf")))
    return variances


def error_causes(
    directions: Array, landmarks_px: Array, keypoints_px: Array, own_keypoints: Array
) -> ErrorCauses:
    """What makes bones with the detector's directions ``(..., 12, 3)`` doubtful.

    The other arguments are those of ``bone_error_variances``.
    """
    xp = array_namespace(directions)
    in_plane = directions[..., :2]
    bones_px, sureness, own = _bones_between(keypoints_px, own_keypoints)
    squared_length = xp.sum(in_plane**2, axis=-1)
    cosine = xp.sum(_unit(in_plane) * _unit(bones_px), axis=-1)
    disagreement = 2 * squared_length * xp.clip(1 - cosine, 0.0, None)
    # A bone cannot disagree more than one that points the other way.
    disagreement = xp.where(own, xp.minimum(4 * disagreement, 4 * squared_length), disagreement)
    of_person = _of_person(sureness * disagreement, sureness * squared_length, sureness)[..., None]
    of_bone = sureness * disagreement + (1 - sureness) * of_person * squared_length
    invisible = 1 - xp.clip(bone_visibility(landmarks_px), 0.0, 1.0)
    return ErrorCauses(invisible, of_person, of_bone)


def _of_person(disagreement: Array, seen: Array, sureness: Array) -> Any:
    """A ``(...)``: Σ κ_b c_b / Σ κ_b s_b² over the bones between keypoints."""
    xp = array_namespace(disagreement)
    total, whole = xp.sum(disagreement, axis=-1), xp.sum(seen, axis=-1)
    bones = xp.sum(xp.astype(sureness > 0, seen.dtype), axis=-1)
    enough = (bones >= _LEAST_BONES) & (whole > _SHORTEST)
    share = total / xp.where(enough, whole, xp.ones_like(whole))
    return xp.where(enough, share, xp.full_like(share, _DOUBTFUL))


def _bones_between(keypoints_px: Array, own_keypoints: Array) -> tuple[Any, Any, Any]:
    """Bones ``(..., 12, 2)`` px, how sure the less sure end is, and whether one is detected."""
    xp = array_namespace(keypoints_px)
    present = keypoints_px[..., 2] > 0
    ends = []
    for end in (0, 1):
        first = array_like(keypoints_px, [bone[end] for bone in BONES])
        twin = array_like(keypoints_px, [_TWIN_OF_KEYPOINT[bone[end]] for bone in BONES])
        # Data sets place a joint in either half of the 49 keypoints.
        use_first = xp.take(present, first, axis=-1)
        ends.append(
            (
                xp.where(
                    use_first[..., None],
                    xp.take(keypoints_px, first, axis=-2),
                    xp.take(keypoints_px, twin, axis=-2),
                ),
                xp.where(
                    use_first,
                    xp.take(own_keypoints, first, axis=-1),
                    xp.take(own_keypoints, twin, axis=-1),
                ),
            )
        )
    (start, start_own), (end, end_own) = ends
    sureness = xp.clip(xp.minimum(start[..., 2], end[..., 2]), 0.0, 1.0)
    return end[..., :2] - start[..., :2], sureness, start_own | end_own


def _unit(vectors: Array) -> Any:
    """Vectors ``(..., 2)`` over their lengths; 0 where they have none."""
    xp = array_namespace(vectors)
    length = xp.linalg.vector_norm(vectors, axis=-1, keepdims=True)
    return vectors / xp.clip(length, _SHORTEST, None)
