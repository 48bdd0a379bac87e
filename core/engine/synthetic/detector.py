"""Keypoints as a detector finds them: near the truth, sometimes missing, swapped or far off.

Sizes are shares of the box's side, because detectors look at resized crops: 0.008 of the side is
1.8 px of the 224 px crop.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import COCO_17_TO_KEYPOINTS, KEYPOINT_FLIP, KEYPOINT_NAMES
from core.types.arrays import NUM_KEYPOINTS

NUM_BODY_25 = 25


class Seen(IntEnum):
    """How a joint shows in the picture."""

    VISIBLE = 0
    BEHIND_SELF = 1
    BEHIND_OTHERS = 2
    OUTSIDE = 3


@dataclass(frozen=True)
class DetectorNoise:
    """How bad the detector is.

    jitter_share: standard deviation of a visible joint, share of the box's side, and how much
        larger it is behind the own body and behind other things.
    miss: probability of no detection, per ``Seen``.
    outlier, swap: probability that a joint is far off; that a person's arms or legs are swapped.
    """

    jitter_share: float = 0.008
    jitter_factor: tuple[float, float, float] = (1.0, 2.2, 3.5)
    miss: tuple[float, float, float, float] = (0.01, 0.08, 0.6, 1.0)
    outlier: float = 0.012
    outlier_share: float = 0.15
    swap: float = 0.03


_TOES_AND_HEELS = tuple(
    i for i, name in enumerate(KEYPOINT_NAMES[:NUM_BODY_25]) if name.endswith(("Toe", "Heel"))
)
_RIGHT_ARM = (2, 3, 4)
_RIGHT_LEG = (9, 10, 11, 22, 23, 24)


def detect_body_25(
    true_px: NDArray[np.floating],
    seen: NDArray[np.integer],
    *,
    side_px: float,
    rng: np.random.Generator,
    noise: DetectorNoise = DetectorNoise(),
) -> NDArray[np.float32]:
    """What a BODY_25 detector reports.

    Args:
        true_px: ``(49, 2)`` true positions in picture pixels.
        seen: ``(49,)`` of ``Seen``.
        side_px: side of the person's box in the picture.
        rng: where the noise comes from.
        noise: how bad the detector is.

    Returns:
        ``(49, 3)`` x, y, confidence; the first 25 filled, absent ones 0, 0, 0.
    """
    truth, kind = np.asarray(true_px[:NUM_BODY_25], np.float64), np.asarray(seen[:NUM_BODY_25])
    spread = np.array([*noise.jitter_factor, 0.0])[kind] * noise.jitter_share * side_px
    spread[list(_TOES_AND_HEELS)] *= 1.4
    # Heavier tails than a Gaussian: most joints are good, some are clearly off.
    tails = np.sqrt(5 / np.maximum(rng.chisquare(5, NUM_BODY_25), 0.3))
    found = truth + rng.normal(0, 1, (NUM_BODY_25, 2)) * (spread * tails)[:, None]
    far_off = rng.random(NUM_BODY_25) < noise.outlier
    wrong = rng.normal(0, noise.outlier_share * side_px, (NUM_BODY_25, 2))
    found[far_off] += wrong[far_off]
    confidence = _confidence(np.linalg.norm(found - truth, axis=1) / side_px, kind, rng)
    for limb in (_RIGHT_ARM, _RIGHT_LEG):
        if rng.random() < noise.swap:
            found, confidence = _swapped(found, confidence, limb, rng)
    missing = rng.random(NUM_BODY_25) < np.array(noise.miss)[kind]
    detections = np.zeros((NUM_KEYPOINTS, 3), np.float32)
    detections[:NUM_BODY_25] = np.column_stack([found, confidence])
    detections[:NUM_BODY_25][missing] = 0
    return detections


def annotate_coco_17(
    true_px: NDArray[np.floating],
    seen: NDArray[np.integer],
    *,
    side_px: float,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """What a person marks: the 17 COCO joints that can be seen or guessed, confidence 1.

    Same arguments as ``detect_body_25``; returns ``(49, 3)`` with the other joints absent.
    """
    keypoints = np.zeros((NUM_KEYPOINTS, 3), np.float32)
    marked = np.array(COCO_17_TO_KEYPOINTS)
    marked = marked[seen[marked] <= Seen.BEHIND_SELF]
    careless = np.where(seen[marked] == Seen.VISIBLE, 0.005, 0.015) * side_px
    keypoints[marked, :2] = true_px[marked] + rng.normal(size=(len(marked), 2)) * careless[:, None]
    keypoints[marked, 2] = 1.0
    return keypoints


def _confidence(
    error_share: NDArray[np.float64], seen: NDArray[np.integer], rng: np.random.Generator
) -> NDArray[np.float64]:
    """High where the error is small; a detector is less sure of what it cannot see."""
    level = np.array([0.92, 0.72, 0.38, 0.0])[seen]
    confidence = level * np.exp(-((error_share / 0.05) ** 2)) + rng.normal(0, 0.06, len(seen))
    clipped: NDArray[np.float64] = np.clip(confidence, 0.12, 0.99)
    return clipped


def _swapped(
    found: NDArray[np.float64],
    confidence: NDArray[np.float64],
    right: tuple[int, ...],
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The limb's right and left joints exchanged; the detector is a little less sure of them."""
    order = np.arange(NUM_BODY_25)
    left = [KEYPOINT_FLIP[joint] for joint in right]
    order[[*right, *left]] = [*left, *right]
    certainty = np.ones(NUM_BODY_25)
    certainty[[*right, *left]] = rng.uniform(0.6, 0.9)
    return found[order], confidence[order] * certainty
