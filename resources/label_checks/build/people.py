"""People of whom labels alone are made: recorded poses before any camera, labelled with care.

Nothing is drawn. What a labeller leaves out is guessed from the body: face joints on the far side
of the head, joints behind things, and joints outside of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.body.label_checks.places import (
    ANNOTATED_KEYPOINTS,
    NUM_PLACES,
    OPENPOSE_PLACES,
    extents_px,
)
from core.engine.body.keypoint_forward import KeypointBody
from core.types.arrays import FloatArray
from resources.lifter.build.bodies import PoseSet, training_poses
from resources.lifter.build.cameras import SeenBodies, see

Mask = NDArray[np.bool_]

_LIMBS = tuple(range(5, 17))
CONVENTIONS: tuple[tuple[int, ...], ...] = (
    tuple(range(17)),
    (0, 1, 2, 3, 4, *_LIMBS, 17, 19, 20, 21, 22, 23, 24),
    (*_LIMBS, 17, 18),
    _LIMBS,
)
"""The places that data sets label: COCO's, OpenPose's, those of MPII, LSP, CrowdPose and AI
Challenger, and limbs alone."""
CONVENTION_SHARES = (0.35, 0.3, 0.25, 0.1)
_FACE = (0, 1, 2, 3, 4)
_FACE_TURNED_AWAY = (0.05, -0.1, -0.1, -0.75, -0.75)
"""How far a face joint may point away from the camera and still be seen: minus the cosine."""
_HIDDEN_LABELLED = 0.1
_COVERED, _CUT = 0.25, 0.12
_MISSED = 0.02
_SOURCE = np.array(
    [
        annotated if annotated >= 0 else openpose
        for annotated, openpose in zip(ANNOTATED_KEYPOINTS, OPENPOSE_PLACES, strict=True)
    ]
)


@dataclass(frozen=True, eq=False)
class LabelledPeople:
    """N people with right labels.

    labels: (N, 25, 3) places in px of a crop, absent ones 0, 0, 0. convention: (N, 25) what their
    data set labels. visible: (N, 25) what can be seen of them.
    """

    labels: FloatArray
    convention: Mask
    visible: Mask

    def __len__(self) -> int:
        return len(self.labels)


def made_people(
    body: KeypointBody, poses: PoseSet, count: int, *, seed: int, together: int = 8192
) -> LabelledPeople:
    """``count`` people in some of the poses."""
    generator, rng = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    parts = []
    for start in range(0, count, together):
        drawn = training_poses(poses, min(together, count - start), generator)
        parts.append(_labelled(body, see(body, drawn, generator), rng))
    return LabelledPeople(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("labels", "convention", "visible")
        )
    )


def _labelled(body: KeypointBody, seen: SeenBodies, rng: np.random.Generator) -> LabelledPeople:
    positions = seen.positions_crop_px.numpy()[:, _SOURCE].astype(np.float64)
    points = seen.points[:, body.distinct_of_keypoint].numpy()[:, _SOURCE]
    visible = _uncovered(positions, rng)
    visible[:, _FACE] &= face_seen(points)
    convention = np.array(_convention_masks())[
        rng.choice(len(CONVENTIONS), len(positions), p=CONVENTION_SHARES)
    ]
    return LabelledPeople(careful_labels(positions, visible, convention, rng), convention, visible)


def careful_labels(
    positions_px: NDArray[np.float64], visible: Mask, convention: Mask, rng: np.random.Generator
) -> FloatArray:
    """Labels ``(N, 25, 3)`` a little off their places, of what is seen and labelled at all."""
    everything = np.concatenate([positions_px, np.ones_like(positions_px[..., :1])], axis=-1)
    size = extents_px(everything.astype(np.float32))[:, None]
    level = size * rng.uniform(0.003, 0.014, (len(positions_px), 1))
    tails = np.sqrt(4 / np.maximum(rng.chisquare(4, positions_px.shape[:2]), 0.4))
    placed = positions_px + rng.normal(size=positions_px.shape) * (level * tails)[..., None]
    guessed = ~visible & (rng.random(visible.shape) < _HIDDEN_LABELLED)
    given = convention & (visible | guessed) & (rng.random(visible.shape) >= _MISSED)
    labels = np.concatenate([placed, np.ones_like(placed[..., :1])], axis=-1)
    return np.where(given[..., None], labels, 0).astype(np.float32)


def face_seen(points_m: NDArray[np.floating]) -> Mask:
    """Whether nose, eyes and ears ``(N, 5)`` point to the camera, of places ``(N, 25, 3)`` in m."""
    ears = points_m[:, [3, 4]]
    middle = ears.mean(axis=1)
    out = points_m[:, list(_FACE)] - middle[:, None]
    length = np.maximum(np.linalg.norm(out, axis=-1), 1e-6)
    toward: NDArray[np.floating] = -out[..., 2] / length
    return toward > np.array(_FACE_TURNED_AWAY)


def _uncovered(positions: NDArray[np.float64], rng: np.random.Generator) -> Mask:
    """Places that neither a thing in front hides nor the picture's edge cuts off."""
    count = len(positions)
    low, high = positions.min(axis=1), positions.max(axis=1)
    corner = low + (high - low) * rng.uniform(-0.2, 0.9, (count, 2))
    size = (high - low) * rng.uniform(0.2, 0.7, (count, 2))
    inside = ((positions > corner[:, None]) & (positions < (corner + size)[:, None])).all(axis=-1)
    visible = ~(inside & (rng.random((count, 1)) < _COVERED))
    edge = low[:, 1] + (high - low)[:, 1] * rng.uniform(0.4, 1.0, count)
    cut = (positions[..., 1] > edge[:, None]) & (rng.random((count, 1)) < _CUT)
    return visible & ~cut


def _convention_masks() -> list[Mask]:
    return [np.isin(np.arange(NUM_PLACES), places) for places in CONVENTIONS]
