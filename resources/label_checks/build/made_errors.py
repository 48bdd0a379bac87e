"""Right labels of a person made wrong, in the ways that people and programs get them wrong.

Labels are places ``(N, 25, 3)``: x, y, confidence, 0, 0, 0 where absent. Every function returns
changed copies, and what it did to whom; a person with too few joints for an error is left as given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.body.label_checks.places import (
    NUM_PLACES,
    PAIRS,
    PLACE_FLIP,
    extents_px,
)
from core.types.arrays import FloatArray

Mask = NDArray[np.bool_]

HIDDEN = 0.4
"""The confidence of joints that are labelled as hidden."""
_LEAST_APART = 0.06
"""Of the person's size: pairs that lie nearer to each other are not worth an alarm."""
_ARM, _LEG = (5, 7, 9), (11, 13, 15, 19, 21, 23)
_EXCHANGED_GROUPS: tuple[tuple[int, ...], ...] = (
    _ARM, (7, 9), (5,), (7,), (9,), _LEG, (13, 15, 19, 21, 23), (11,), (13,), (15, 19, 21, 23),
    (1, 3),
)  # fmt: skip
"""The left joints of what is exchanged with its right counterpart."""
_LEFT_ARM, _RIGHT_ARM = _ARM, (6, 8, 10)
_LEFT_LEG, _RIGHT_LEG = _LEG, (12, 14, 16, 20, 22, 24)
_BORROWED_GROUPS: tuple[tuple[int, ...], ...] = (
    _LEFT_ARM, _RIGHT_ARM, (7, 9), (8, 10), _LEFT_LEG, _RIGHT_LEG, (13, 15, 19, 21, 23),
    (14, 16, 20, 22, 24), (*_LEFT_LEG, *_RIGHT_LEG), (*_LEFT_ARM, *_RIGHT_ARM),
    (0, 1, 2, 3, 4, 17, 18), (*_LEFT_ARM, *_LEFT_LEG), (*_RIGHT_ARM, *_RIGHT_LEG),
)  # fmt: skip
"""What of a person may belong to a neighbour."""
_BODY = tuple(range(5, 17))
"""Shoulders to ankles: the joints that are moved, piled and left out."""


@dataclass(frozen=True, eq=False)
class MadeError:
    """Changed labels ``(N, 25, 3)``, who was changed ``(N,)``, and which joints ``(N, 25)``."""

    labels: FloatArray
    changed: Mask
    places: Mask


@dataclass(frozen=True, eq=False)
class SeenPlaces:
    """What can be seen of N people.

    visible: (N, 25) plainly seen. unseen: (N, 25) behind other things, or outside of the picture.
    convention: (N, 25) labelled by their data set. picture_size_px: (N, 2).
    """

    visible: Mask
    unseen: Mask
    convention: Mask
    picture_size_px: NDArray[np.int64]


def exchange_sides(labels: FloatArray, rng: np.random.Generator) -> MadeError:
    """Left and right of the whole person exchanged."""
    del rng
    made = labels[:, list(PLACE_FLIP)].copy()
    apart = _apart(labels)
    changed = (apart > _LEAST_APART).sum(axis=1) >= 2
    made[~changed] = labels[~changed]
    places = np.broadcast_to(changed[:, None], (len(labels), NUM_PLACES)) & (made[..., 2] > 0)
    return MadeError(made, changed, places.copy())


def exchange_pair(labels: FloatArray, rng: np.random.Generator) -> MadeError:
    """One pair, or an arm or a leg with its counterpart, exchanged."""
    made, places = labels.copy(), _none(labels)
    apart = np.zeros((len(labels), NUM_PLACES))
    for (left, right), distance in zip(PAIRS, _apart(labels).T, strict=True):
        apart[:, left] = apart[:, right] = distance
    for row in range(len(labels)):
        for number in rng.permutation(len(_EXCHANGED_GROUPS)):
            joints = [joint for joint in _EXCHANGED_GROUPS[number] if apart[row, joint] > 0]
            if joints and apart[row, joints].max() > _LEAST_APART:
                both = [*joints, *(PLACE_FLIP[joint] for joint in joints)]
                made[row, both] = labels[row, [PLACE_FLIP[joint] for joint in both]]
                places[row, both] = True
                break
    return _made(made, places)


def mix_people(labels: FloatArray, neighbours: FloatArray, rng: np.random.Generator) -> MadeError:
    """Some joints replaced by those of ``neighbours (N, 25, 3)``, row by row."""
    made, places = labels.copy(), _none(labels)
    extents = extents_px(labels)
    both = (labels[..., 2] > 0) & (neighbours[..., 2] > 0)
    away = np.linalg.norm(labels[..., :2] - neighbours[..., :2], axis=-1) / extents[:, None]
    for row in range(len(labels)):
        for number in rng.permutation(len(_BORROWED_GROUPS)):
            taken = [joint for joint in _BORROWED_GROUPS[number] if both[row, joint]]
            own = (labels[row, :, 2] > 0).sum() - len(taken)
            if len(taken) >= 2 and own >= len(taken) and away[row, taken].max() > 2 * _LEAST_APART:
                made[row, taken] = neighbours[row, taken]
                places[row, taken] = True
                break
    return _made(made, places)


def pile_joints(labels: FloatArray, rng: np.random.Generator) -> MadeError:
    """Three to eight joints of different parts of the body moved to about one spot."""
    made, places = labels.copy(), _none(labels)
    extents = extents_px(labels)
    for row in range(len(labels)):
        there = [joint for joint in _BODY if labels[row, joint, 2] > 0]
        if len(there) >= 5:
            taken = rng.choice(there, min(int(rng.integers(3, 9)), len(there) - 1), replace=False)
            spot = labels[row, taken[0], :2] + 0.1 * extents[row] * rng.normal(size=2)
            near = 0.004 * extents[row] * rng.uniform() * rng.normal(size=(len(taken), 2))
            made[row, taken, :2] = spot + near
            places[row, taken] = True
    return _made(made, places)


def drop_joints(labels: FloatArray, visible: Mask, rng: np.random.Generator) -> MadeError:
    """One to three ``visible (N, 25)`` joints left out."""
    made, places = labels.copy(), _none(labels)
    for row in range(len(labels)):
        there = [joint for joint in _BODY if labels[row, joint, 2] > 0 and visible[row, joint]]
        if len(there) >= 6:
            taken = rng.choice(there, int(rng.integers(1, 4)), replace=False)
            made[row, taken] = 0
            places[row, taken] = True
    return _made(made, places)


def move_joint(labels: FloatArray, rng: np.random.Generator) -> MadeError:
    """One or two joints moved by 0.1 to 0.4 of the person's size."""
    made, places = labels.copy(), _none(labels)
    extents = extents_px(labels)
    for row in range(len(labels)):
        there = [joint for joint in _BODY if labels[row, joint, 2] > 0]
        if len(there) >= 5:
            taken = rng.choice(there, int(rng.integers(1, 3)), replace=False)
            angle = rng.uniform(0, 2 * np.pi, len(taken))
            far = extents[row] * rng.uniform(0.1, 0.4, len(taken))
            made[row, taken, :2] += far[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
            places[row, taken] = True
    return _made(made, places)


def mistake_visibility(
    labels: FloatArray,
    positions_px: NDArray[np.floating],
    people: SeenPlaces,
    rng: np.random.Generator,
) -> MadeError:
    """Joints whose visibility is wrong, one of three ways a person.

    What can't be seen is given as seen, at a guessed place or at the picture's edge; an absent
    joint is given as seen at the picture's corner; joints that are plainly seen are given as
    hidden.
    """
    made, places = labels.copy(), _none(labels)
    guessed = positions_px + 0.04 * extents_px(labels)[:, None, None] * rng.normal(
        size=positions_px.shape
    )
    inside = np.clip(guessed, 0, people.picture_size_px[:, None] - 1)
    for row in range(len(labels)):
        absent = people.convention[row] & (labels[row, :, 2] == 0)
        given = (labels[row, :, 2] > HIDDEN) & np.isin(np.arange(NUM_PLACES), _BODY)
        choices = (
            (absent & people.unseen[row], inside[row], 1.0, (1, 7)),
            (absent, np.zeros((NUM_PLACES, 2)), 1.0, (1, 4)),
            (given & people.visible[row], labels[row, :, :2], HIDDEN, (2, 7)),
        )
        for number in rng.choice(3, 3, replace=False, p=(0.45, 0.2, 0.35)):
            there, points, confidence, counts = choices[number]
            if there.sum() >= counts[0]:
                many = min(int(rng.integers(*counts)), int(there.sum()))
                taken = rng.choice(np.flatnonzero(there), many, replace=False)
                made[row, taken, :2], made[row, taken, 2] = points[taken], confidence
                places[row, taken] = True
                break
    return _made(made, places)


def _made(labels: FloatArray, places: Mask) -> MadeError:
    changed: Mask = np.asarray(places.any(axis=1))
    return MadeError(labels, changed, places)


def _apart(labels: FloatArray) -> NDArray[np.float64]:
    """How far left lies from right, ``(N, P)`` of the person's size; 0 where one lacks."""
    pairs = labels[:, np.array(PAIRS)]
    distance = np.linalg.norm(pairs[:, :, 0, :2] - pairs[:, :, 1, :2], axis=-1)
    share: NDArray[np.float64] = distance / extents_px(labels)[:, None]
    return np.where((pairs[..., 2] > 0).all(axis=2), share, 0.0)


def _none(labels: FloatArray) -> Mask:
    return np.zeros((len(labels), NUM_PLACES), bool)
