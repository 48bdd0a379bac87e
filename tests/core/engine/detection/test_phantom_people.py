"""What is no person does not count as one, and people who are hard to see still do."""

from __future__ import annotations

import numpy as np
import pytest

from core.engine.detection.phantom_people import is_person
from core.engine.synthetic.backgrounds import paint_background
from core.types.detections import DetectedPerson


def found(*, agreement: float, score: float, sureness: float) -> DetectedPerson:
    keypoints = np.full((49, 3), sureness, np.float32)
    return DetectedPerson(
        keypoints_px=keypoints,
        coco_keypoints_px=keypoints[:17],
        landmarks_px=None,
        landmarks_m=None,
        agreement=agreement,
        score=score,
        quarter_turns=0,
    )


@pytest.mark.parametrize(
    ("seen", "counts"),
    [
        ({"agreement": 0.29, "score": 0.17, "sureness": 0.24}, False),
        ({"agreement": 0.0, "score": 0.19, "sureness": 0.24}, False),
        ({"agreement": 0.6, "score": 0.1, "sureness": 0.1}, True),
        ({"agreement": 0.0, "score": 0.25, "sureness": 0.23}, True),
        ({"agreement": 0.27, "score": 0.12, "sureness": 0.28}, True),
    ],
)
def test_a_person_is_agreed_on_or_seen_surely_by_one_network(seen, counts):
    assert is_person(found(**seen)) is counts


@pytest.fixture(scope="module")
def wall():
    """A rendered background in which MoveNet sees a person."""
    return (paint_background((600, 600), np.random.default_rng(1014)).canvas * 255).astype(np.uint8)


def test_a_wall_that_one_network_takes_for_a_person_shows_none(people_finder, wall):
    assert people_finder._search.in_whole(wall, None)
    assert people_finder.find(wall) == []
