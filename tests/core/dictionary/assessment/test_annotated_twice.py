"""People who are in a picture twice are found by comparing only pictures where people are near."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.body.compared_keypoints.same_person import joint_distances
from core.dictionary.assessment.annotated_twice import LIMIT, derive_twice_flags
from core.types.flags import FlagName


def crowd(rng: np.random.Generator, people: int) -> np.ndarray:
    """Keypoints of people of a picture: beside, over and on one another, some with few joints."""
    joints = np.concatenate(
        [rng.uniform(0, 100, (people, 49, 2)), np.ones((people, 49, 1))], axis=2
    )
    for person in range(1, people):
        model = int(rng.integers(person))
        shift = rng.choice([0.0, 3.0, 6.0, 40.0, 140.0])
        joints[person] = joints[model] + [shift, *rng.normal(0, 1.5, 1), 0]
    seen = rng.random((people, 49, 1)) < rng.uniform(0.2, 1)
    return (joints * seen).astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_near_people_are_flagged_as_if_everybody_were_compared(dictionary, make_sample, seed):
    rng = np.random.default_rng(seed)
    pictures = [crowd(rng, int(rng.integers(1, 6))) for _ in range(40)]
    samples = [
        replace(make_sample(10 * number + person, picture=f"{number}.jpg"), keypoints_px=keypoints)
        for number, people in enumerate(pictures)
        for person, keypoints in enumerate(people)
    ]
    ids = iter(dictionary.samples.add(samples).added_ids)
    expected = set()
    for people in pictures:
        apart = joint_distances(people, people)
        np.fill_diagonal(apart, np.inf)
        here = [next(ids) for _ in people]
        expected |= {one for one, row in zip(here, apart, strict=True) if row.min() < LIMIT}
    flagged = set(dictionary.flags.sample_ids([FlagName.ANNOTATED_TWICE]).tolist())
    assert flagged == expected
    assert 10 < len(expected) < len(samples)
    with dictionary._connection.writing():
        derive_twice_flags(dictionary._connection, [f"/pictures/{n}.jpg" for n in range(40)])
    assert set(dictionary.flags.sample_ids([FlagName.ANNOTATED_TWICE]).tolist()) == expected
