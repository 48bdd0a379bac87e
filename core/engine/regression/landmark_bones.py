"""Bones that the frozen detector's landmarks show, and how far each points along which axis.

A bone is a pair of places of the body, each a landmark of BlazePose's 33 or the middle of two. The
landmarks in metres tell its direction in the camera's axes, x right, y down, z forward, and its
length. The directions are biased, and alike so on made and real people: depth comes out short, and
feet, ears and neck mean something else to BlazePose than to the body. The head learns that;
docs/method.md, "The detector's head".
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.body.conventions import KEYPOINT_FLIP
from core.errors import ShapeError

NUM_LANDMARKS = 33

Place = tuple[int, ...]
"""Keypoints whose middle an end of a bone is."""

_EARS, _SHOULDERS, _HIPS = (17, 18), (2, 5), (9, 12)

LANDMARK_BONES: tuple[tuple[Place, Place], ...] = (
    ((2,), (3,)), ((3,), (4,)), ((5,), (6,)), ((6,), (7,)),
    ((9,), (10,)), ((10,), (11,)), ((12,), (13,)), ((13,), (14,)),
    ((9,), (12,)), ((2,), (5,)), ((9,), (2,)), ((12,), (5,)),
    ((11,), (22,)), ((14,), (19,)), ((24,), (22,)), ((21,), (19,)),
    ((17,), (18,)), (_EARS, (0,)), (_SHOULDERS, _EARS), (_HIPS, _SHOULDERS),
)  # fmt: skip
"""20 bones as pairs of places among the 49 keypoints: arms, legs, hip and shoulder line, flanks,
feet, ear line, ears to nose, shoulders to ears, hips to shoulders."""

NUM_LANDMARK_BONES = len(LANDMARK_BONES)

_LANDMARK_OF_KEYPOINT = {
    0: 0, 2: 12, 3: 14, 4: 16, 5: 11, 6: 13, 7: 15, 9: 24, 10: 26, 11: 28, 12: 23, 13: 25, 14: 27,
    17: 8, 18: 7, 19: 31, 21: 29, 22: 32, 24: 30,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class LandmarkBones:
    """The 20 bones of B people; all zero for a bone that is not seen.

    directions: (B, 20, 3) unit vectors, x right, y down, z forward. lengths_m: (B, 20) as the
    landmarks have them. visibility: (B, 20) in 0..1, that of the less visible end.

    Raises:
        ShapeError: a tensor has another shape.
    """

    directions: Tensor
    lengths_m: Tensor
    visibility: Tensor

    def __post_init__(self) -> None:
        batch = len(self.directions)
        for name, shape in (
            ("directions", (batch, NUM_LANDMARK_BONES, 3)),
            ("lengths_m", (batch, NUM_LANDMARK_BONES)),
            ("visibility", (batch, NUM_LANDMARK_BONES)),
        ):
            actual = tuple(getattr(self, name).shape)
            if actual != shape:
                raise ShapeError(name, actual=actual, expected=str(shape))

    def __len__(self) -> int:
        return len(self.directions)

    @classmethod
    def none(cls, count: int) -> LandmarkBones:
        """What ``count`` people show whom no detector has seen."""
        return cls(
            torch.zeros(count, NUM_LANDMARK_BONES, 3),
            torch.zeros(count, NUM_LANDMARK_BONES),
            torch.zeros(count, NUM_LANDMARK_BONES),
        )

    def where(self, seen: Tensor) -> LandmarkBones:
        """The same with the bones outside the mask ``(B, 20)`` not seen."""
        return LandmarkBones(
            torch.where(seen[..., None], self.directions, 0),
            torch.where(seen, self.lengths_m, 0),
            torch.where(seen, self.visibility, 0),
        )

    def mirrored(self) -> LandmarkBones:
        """The bones of the mirrored people, about x = 0, left and right exchanged."""
        order, signs = list(_MIRROR_ORDER), self.directions.new_tensor(_MIRROR_SIGNS)
        along = self.directions.new_tensor([-1.0, 1.0, 1.0])
        return LandmarkBones(
            self.directions[:, order] * signs[:, None] * along,
            self.lengths_m[:, order],
            self.visibility[:, order],
        )


def bones_of_landmarks(landmarks_m: Tensor, visibility: Tensor) -> LandmarkBones:
    """The bones between BlazePose's landmarks.

    Args:
        landmarks_m: ``(B, 33, 3)`` metres; a landmark that is not finite hides its bones.
        visibility: ``(B, 33)`` in 0..1.

    Raises:
        ShapeError: for other shapes.
    """
    batch = len(landmarks_m)
    if landmarks_m.shape != (batch, NUM_LANDMARKS, 3):
        raise ShapeError("landmarks_m", actual=landmarks_m.shape, expected=f"({batch}, 33, 3)")
    if visibility.shape != (batch, NUM_LANDMARKS):
        raise ShapeError("visibility", actual=visibility.shape, expected=f"({batch}, 33)")
    usable = torch.isfinite(landmarks_m).all(-1) & torch.isfinite(visibility)
    surest = torch.where(usable, visibility, 0)
    places = torch.where(usable[..., None], landmarks_m, 0)
    at_end = (_LANDMARK_ROWS != 0).to(surest.device)
    least = torch.where(at_end, surest[:, None], torch.inf).amin(-1)
    return _bones(_LANDMARK_ROWS.to(places) @ places, least)


def bones_of_keypoints(keypoints: Tensor) -> LandmarkBones:
    """The bones of bodies with keypoints ``(B, 49, 3)`` in metres, all of them seen."""
    vectors = _KEYPOINT_ROWS.to(keypoints) @ keypoints
    return _bones(vectors, torch.ones_like(vectors[..., 0]))


def _bones(vectors: Tensor, visibility: Tensor) -> LandmarkBones:
    lengths = vectors.norm(dim=-1)
    # A bone of no length has no direction.
    seen = (visibility > 0) & (lengths > 1e-6)
    directions = vectors / lengths.clamp_min(1e-6)[..., None]
    return LandmarkBones(directions, lengths, visibility).where(seen)


def _rows(columns: int, column_of: dict[int, int]) -> Tensor:
    """``(20, columns)``: what makes end minus beginning of each bone."""
    rows = torch.zeros(NUM_LANDMARK_BONES, columns)
    for bone, ends in enumerate(LANDMARK_BONES):
        for place, sign in zip(ends, (-1.0, 1.0), strict=True):
            for keypoint in place:
                rows[bone, column_of[keypoint]] += sign / len(place)
    return rows


def _mirror(bone: tuple[Place, Place]) -> tuple[int, float]:
    """Which bone a bone is in the mirror, and whether it points the same way there."""
    begin, end = (tuple(sorted(KEYPOINT_FLIP[keypoint] for keypoint in place)) for place in bone)
    if (begin, end) in LANDMARK_BONES:
        return LANDMARK_BONES.index((begin, end)), 1.0
    return LANDMARK_BONES.index((end, begin)), -1.0


_KEYPOINT_ROWS = _rows(49, {keypoint: keypoint for keypoint in range(49)})
_LANDMARK_ROWS = _rows(NUM_LANDMARKS, _LANDMARK_OF_KEYPOINT)
_MIRROR_ORDER = tuple(_mirror(bone)[0] for bone in LANDMARK_BONES)
_MIRROR_SIGNS = tuple(_mirror(bone)[1] for bone in LANDMARK_BONES)
