"""Who of a source is in the project already: told by the person's joints, not by a number alone.

A detector lists people in another order the next time, and two annotators both count from 1. A
person is the one whose joints lie where theirs do; the same number makes it likelier, and lets
joints lie farther apart, since people correct them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.body.compared_keypoints.same_person import joint_distances
from core.dictionary.samples.known_people import KnownPerson
from core.geometry.boxes import Box, box_overlap
from core.types.arrays import FloatArray
from core.types.samples import NewSample

NEAR = 0.1
"""Median distance of joints over the person's extent, up to which two people are one."""
NEAR_UNDER_SAME_KEY = 0.2
_LEAST_OVERLAP = 0.5
"""Of boxes, intersection over union, where there are no joints to compare."""
_SAME_PX = 0.01
_SAME_CONFIDENCE = 0.001


@dataclass(frozen=True, eq=False)
class Identified:
    """A person of a source. sample: under the key it has, or gets, in the project.

    known: who it is; None for a new one. differs: the known one has other joints, or another box.
    """

    sample: NewSample
    known: KnownPerson | None
    differs: bool = False


def identify(samples: Sequence[NewSample], known: Sequence[KnownPerson]) -> Iterator[Identified]:
    """People of one picture and data set against those that the project has there.

    The best pairs first: each known person is met once. A new person whose key another one bears
    gets it with a number behind.
    """
    matches = _matches(samples, known)
    taken = {person.person_key for person in known}
    for index, sample in enumerate(samples):
        person = matches.get(index)
        if person is not None:
            found = replace(sample, person_key=person.person_key)
            yield Identified(found, person, differs=_differs(sample, person))
            continue
        key = _free_key(sample.person_key, taken)
        taken.add(key)
        same = key == sample.person_key
        yield Identified(sample if same else replace(sample, person_key=key), None)


def _matches(samples: Sequence[NewSample], known: Sequence[KnownPerson]) -> dict[int, KnownPerson]:
    matches = _unchanged(samples, known)
    met = {person.sample_id for person in matches.values()}
    rows = [row for row in range(len(samples)) if row not in matches]
    others = [person for person in known if person.sample_id not in met]
    matches.update(
        {
            rows[row]: person
            for row, person in _nearest([samples[row] for row in rows], others).items()
        }
    )
    return matches


def _unchanged(
    samples: Sequence[NewSample], known: Sequence[KnownPerson]
) -> dict[int, KnownPerson]:
    """People with the same key and the very same joints: no other could be nearer."""
    by_key = {person.person_key: person for person in known if _has_joints(person.keypoints_px)}
    matches = {}
    for row, sample in enumerate(samples):
        person = by_key.get(sample.person_key)
        if person is not None and np.array_equal(sample.keypoints_px, person.keypoints_px):
            matches[row] = by_key.pop(sample.person_key)
    return matches


def _nearest(samples: Sequence[NewSample], known: Sequence[KnownPerson]) -> dict[int, KnownPerson]:
    if not samples or not known:
        return {}
    apart = joint_distances(
        np.stack([new_sample.keypoints_px for new_sample in samples]),
        np.stack([item.keypoints_px for item in known]),
    )
    pairs = []
    for row, sample in enumerate(samples):
        for column, person in enumerate(known):
            same_key = sample.person_key == person.person_key
            distance = _distance(float(apart[row, column]), sample, person, same_key=same_key)
            if distance <= (NEAR_UNDER_SAME_KEY if same_key else NEAR):
                # Same joints first, among them the same key; then the nearest.
                pairs.append((distance - (NEAR if same_key else 0), not same_key, row, column))
    matches: dict[int, KnownPerson] = {}
    met: set[int] = set()
    for _, _, row, column in sorted(pairs):
        if row not in matches and column not in met:
            matches[row] = known[column]
            met.add(column)
    return matches


def _distance(apart: float, sample: NewSample, person: KnownPerson, *, same_key: bool) -> float:
    """Of joints; where there are none to compare, boxes that overlap well count as near."""
    both = _has_joints(sample.keypoints_px) and _has_joints(person.keypoints_px)
    if np.isfinite(apart) or (both and not same_key):
        return apart
    box = Box.of(sample.box_center_px, sample.box_scale)
    return NEAR if box_overlap(box, person.box) >= _LEAST_OVERLAP else float("inf")


def _has_joints(keypoints_px: FloatArray) -> bool:
    return bool((keypoints_px[:, 2] > 0).any())


def _differs(sample: NewSample, person: KnownPerson) -> bool:
    new, old = sample.keypoints_px, person.keypoints_px
    if not np.array_equal(new[:, 2] > 0, old[:, 2] > 0):
        return True
    seen = new[:, 2] > 0
    moved = np.abs(new[seen, :2] - old[seen, :2]) > _SAME_PX
    weighed = np.abs(new[seen, 2] - old[seen, 2]) > _SAME_CONFIDENCE
    return bool(moved.any() or weighed.any()) or (
        not person.by_hand and _box_differs(sample, person)
    )


def _box_differs(sample: NewSample, person: KnownPerson) -> bool:
    box = Box.of(sample.box_center_px, sample.box_scale)
    numbers = (box.center_x_px, box.center_y_px, box.side_px)
    others = (person.box.center_x_px, person.box.center_y_px, person.box.side_px)
    return not np.allclose(numbers, others, rtol=1e-5, atol=_SAME_PX)


def _free_key(key: str, taken: set[str]) -> str:
    """The key itself, else ``key (2)``, ``key (3)`` and so on."""
    free, number = key, 2
    while free in taken:
        free, number = f"{key} ({number})", number + 1
    return free
