"""What is measured of labels: the critic's word, the detector's, the neighbours', plain geometry.

Lengths are shares of the person's size, the longer side of the labels' bounding box or of the
detector's landmarks, whichever is smaller: labels that are off make the box of labels large.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.body.compared_keypoints.exchanged_sides import side_contradiction
from core.body.label_checks.critic import CriticLogits, LabelCritic
from core.body.label_checks.places import (
    NUM_PLACES,
    PAIRS,
    PLACE_FLIP,
    SPOT_OF_PLACE,
    extents_px,
    keypoints_of_places,
)
from core.body.landmarks import COCO_17_LANDMARKS
from core.errors import ShapeError
from core.types.arrays import FloatArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

LEAST_VISIBILITY = 0.5
"""Of a landmark that is to say where a joint lies."""
OFF = 0.1
"""Of the person's size: a label farther than this from its landmark is off."""
ON_NEIGHBOUR = 0.04
"""Of the person's size: a label nearer than this to a neighbour's same joint is that joint."""
HIDDEN_CONFIDENCE = 0.5
"""Labels of at most this confidence are given as hidden."""
_EDGE = 0.002
"""Of the picture's longer side: labels nearer to its edge lie on it."""
_CUT = 0.02
"""Of the picture's longer side: joints nearer to its edge may be cut off."""
_MOST = 12.0
_LEAST_SEEN = 0.01
"""Added to a visibility before its logarithm: the detector never says less with meaning."""
_LEAST_PILE, _MOST_PILE = 1e-3, 0.5


@dataclass(frozen=True, eq=False)
class LabelSet:
    """N people's labels from one hand, and what is known of them; pixels of their pictures.

    labels: (N, 25, 3) places, absent ones 0, 0, 0. convention: (N, 25) what the data set labels at
    all. landmarks: (N, 25, 3) the detector's places with visibility, all 0 of people whom it did
    not see. picture_size_px: (N, 2). keypoint_set: which of ``LABEL_SETS``. neighbour_px: (N, 25)
    how far the same label of another person of the picture lies, ∞ where there is none.
    """

    labels: FloatArray
    convention: Mask
    landmarks: FloatArray
    picture_size_px: NDArray[np.int64]
    neighbour_px: Array

    def __post_init__(self) -> None:
        expected = (len(self.labels), NUM_PLACES)
        for name in ("labels", "convention", "landmarks", "neighbour_px"):
            array = getattr(self, name)
            if array.shape[:2] != expected:
                raise ShapeError(name, actual=array.shape, expected=f"{expected}, …")

    def __len__(self) -> int:
        return len(self.labels)

    def with_labels(self, labels: FloatArray) -> LabelSet:
        """The same people with other labels, compared with the same neighbours."""
        return replace(self, labels=labels)

    @cached_property
    def present(self) -> Mask:
        """Which places have a label, ``(N, 25)``."""
        return self.labels[..., 2] > 0

    @cached_property
    def has_picture(self) -> Mask:
        """Whom the detector saw, ``(N,)``."""
        seen: Mask = np.asarray((self.landmarks[..., 2] > 0).any(axis=1))
        return seen


@dataclass(frozen=True, eq=False)
class Evidence:
    """What speaks for an error, place by place or pair by pair, of N people.

    critic: what the network says. size_px: (N,) of the person. away: (N, 25) from the landmark, 0
    where either is not there or not seen. seen: (N, 25) the landmark's visibility, 0 of absent
    labels whose landmark lies at the picture's edge or beyond. pair_gain:
    (N, P) how much nearer a pair lies to its landmarks exchanged. sides: (N,) the same of the whole
    person, −1 to 1, NaN where it cannot be told. borrowed: (N, 25) whether the label is a
    neighbour's and off its own landmark, where there is one. pile: (N, 25) how far the second
    nearest label of another part of the body lies. outside: (N, 25) labels at the picture's edge or
    beyond.
    """

    critic: CriticLogits
    size_px: Array
    away: Array
    seen: Array
    pair_gain: Array
    sides: Array
    borrowed: Mask
    pile: Array
    outside: Mask


def evidence_of(people: LabelSet, critic: LabelCritic) -> Evidence:
    """Measure everything that the scores and the reasons are made of."""
    size = _size_px(people)
    flip = list(PLACE_FLIP)
    sides = side_contradiction(
        keypoints_of_places(people.labels, 0), _landmarks_33(people.landmarks)
    )
    # A pair is compared with the rest of the person: where all is exchanged, none is by itself.
    turned = np.nan_to_num(sides) > 0
    landmarks = np.where(turned[:, None, None], people.landmarks[:, flip], people.landmarks)
    away = _away(people, landmarks, size)
    borrowed = people.neighbour_px / size[:, None] < ON_NEIGHBOUR
    known = people.present & (landmarks[..., 2] >= LEAST_VISIBILITY)
    return Evidence(
        critic=critic.logits(people.labels),
        size_px=size,
        away=away,
        seen=np.where(people.present, landmarks[..., 2], _seen_inside(people)),
        pair_gain=_pair_gain(people, landmarks, size),
        sides=sides,
        borrowed=borrowed & people.present & ~(known & (away < OFF / 2)),
        pile=_pile(people, size),
        outside=_outside(people),
    )


def label_features(people: LabelSet, evidence: Evidence) -> dict[str, Array]:
    """What the models of the kinds may take, ``(N,)`` each."""
    critic = evidence.critic
    largest = np.sort(evidence.away, axis=1)[:, ::-1]
    gains = np.sort(evidence.pair_gain, axis=1)[:, ::-1]
    missing = np.where(people.convention, critic.missing, -np.inf)
    unlabelled = people.convention & ~people.present
    seen = np.sort(np.where(unlabelled, evidence.seen, 0.0), axis=1)[:, ::-1]
    hidden = people.present & (people.labels[..., 2] <= HIDDEN_CONFIDENCE)
    certain = people.present & ~hidden
    known = certain & (people.landmarks[..., 2] > 0)
    unseen = np.sort(np.where(known, -np.log(evidence.seen + _LEAST_SEEN), 0.0), axis=1)[:, ::-1]
    return {
        "critic_sides": critic.sides.clip(-_MOST, _MOST),
        "critic_pair": _any(critic.pair),
        "critic_mixed": _any(critic.mixed),
        "critic_moved": _any(critic.moved),
        "critic_missing": _any(missing),
        "sides": np.nan_to_num(evidence.sides),
        "pair_gain": gains[:, 0],
        "pair_gain_2": gains[:, 1],
        "away_1": largest[:, 0],
        "away_2": largest[:, 1],
        "away_3": largest[:, 2],
        "away_middle": _median_away(evidence),
        "off_count": np.minimum((evidence.away > OFF).sum(axis=1), 8).astype(np.float64),
        "borrowed_count": np.minimum(evidence.borrowed.sum(axis=1), 6).astype(np.float64),
        "pile": -np.log(evidence.pile.min(axis=1).clip(_LEAST_PILE, _MOST_PILE)),
        "seen_1": seen[:, 0],
        "seen_2": seen[:, 1],
        "outside_count": np.minimum(evidence.outside.sum(axis=1), 4).astype(np.float64),
        "hidden_seen": np.minimum(np.where(hidden, evidence.seen, 0.0).sum(axis=1), 4),
        "unseen_1": unseen[:, 0],
        "unseen_2": unseen[:, 1],
        "unseen_3": unseen[:, 2],
    }


def _any(logits: Array) -> Array:
    """The logarithm of the summed odds ``(N,)`` of ``(N, K)``: that any of them is so."""
    odds: Array = np.exp(np.clip(logits, -60.0, 60.0)).sum(axis=1)
    return np.log(odds + 1e-30).clip(-_MOST, _MOST)


def _size_px(people: LabelSet) -> Array:
    labels = extents_px(people.labels)
    confident = people.landmarks * (people.landmarks[..., 2:] >= LEAST_VISIBILITY)
    seen = extents_px(confident)
    return np.where(people.has_picture & (seen > labels / 4), np.minimum(labels, seen), labels)


def _away(people: LabelSet, landmarks: FloatArray, size: Array) -> Array:
    known = people.present & (landmarks[..., 2] >= LEAST_VISIBILITY)
    distance = np.linalg.norm(
        people.labels[..., :2].astype(np.float64) - landmarks[..., :2], axis=-1
    )
    return np.where(known, distance / size[:, None], 0.0).clip(0, 1)


def _median_away(evidence: Evidence) -> Array:
    """The median distance ``(N,)`` of labels from their landmarks, 0 where none is seen."""
    known = np.where(evidence.away > 0, evidence.away, np.nan)
    some = np.isfinite(known).any(axis=1)
    middle = np.zeros(len(known))
    if some.any():
        middle[some] = np.nanmedian(known[some], axis=1)
    return middle


def _pair_gain(people: LabelSet, landmarks: FloatArray, size: Array) -> Array:
    """``(N, P)``: distances of both of a pair from their landmarks, less those exchanged."""
    pairs = np.array(PAIRS)
    labels, seen = people.labels[:, pairs].astype(np.float64), landmarks[:, pairs]
    visible = seen[..., 2].min(axis=2)
    known = people.present[:, pairs].all(axis=2) & (visible >= LEAST_VISIBILITY)
    straight = np.linalg.norm(labels[..., :2] - seen[..., :2], axis=-1).sum(axis=2)
    crossed = np.linalg.norm(labels[..., :2] - seen[:, :, ::-1, :2], axis=-1).sum(axis=2)
    gain = visible * (straight - crossed) / size[:, None]
    return np.where(known, gain, 0.0).clip(-1, 1)


def _pile(people: LabelSet, size: Array) -> Array:
    """``(N, 25)``: how far the second nearest label of another spot lies; 1 where fewer are."""
    points = people.labels[..., :2].astype(np.float64)
    apart = np.linalg.norm(points[:, :, None] - points[:, None], axis=-1) / size[:, None, None]
    other = SPOT_OF_PLACE[:, None] != SPOT_OF_PLACE
    both = people.present[:, :, None] & people.present[:, None]
    distances = np.where(both & other, apart, 1.0)
    nearest = np.ones((len(people), NUM_PLACES, SPOT_OF_PLACE.max() + 1))
    for spot in range(nearest.shape[2]):
        # Joints of a foot count once.
        nearest[..., spot] = distances[..., spot == SPOT_OF_PLACE].min(axis=2)
    second: Array = np.sort(nearest, axis=2)[..., 1]
    return second


def _outside(people: LabelSet) -> Mask:
    return people.present & _beyond(people.labels, people.picture_size_px, _EDGE)


def _seen_inside(people: LabelSet) -> Array:
    """Visibilities ``(N, 25)``, 0 near the picture's edge: what is cut off there has no label."""
    cut = _beyond(people.landmarks, people.picture_size_px, _CUT)
    return np.where(cut, 0.0, people.landmarks[..., 2])


def _beyond(points: FloatArray, picture_size_px: NDArray[np.int64], share: float) -> Mask:
    """Whether points ``(N, 25, 3)`` lie at a picture's edge or beyond, within a share of it."""
    size = picture_size_px[:, None].astype(np.float64)
    edge = share * size.max(axis=2, keepdims=True)
    out: Mask = ((points[..., :2] <= edge) | (points[..., :2] >= size - 1 - edge)).any(axis=-1)
    return out


def _landmarks_33(places: FloatArray) -> FloatArray:
    """Places ``(N, 25, 3)`` back as landmarks, for the formula of exchanged sides."""
    landmarks = np.zeros((len(places), 33, 3), np.float32)
    landmarks[:, list(_LANDMARK_OF_PLACE)] = places[:, : len(_LANDMARK_OF_PLACE)]
    return landmarks


_LANDMARK_OF_PLACE = COCO_17_LANDMARKS
