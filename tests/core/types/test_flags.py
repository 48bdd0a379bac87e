"""What a flag says of a sample, in the words of now."""

from __future__ import annotations

import pytest

from core.types.flags import off_keypoints_words, reason_in_present_words


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("144 px² a keypoint, 12 px off", "the joints lie 12.0 px off"),
        ("133 px² a keypoint", "the joints lie 11.5 px off"),
        ("a beta of 4.1", "a beta of 4.1"),
        ("where the lifter puts it", "where the lifted pose puts it"),
    ],
)
def test_stored_reasons_are_said_in_the_words_of_now(stored: str, said: str) -> None:
    assert reason_in_present_words(stored) == said


def test_words_of_now_stay_as_they_are() -> None:
    assert reason_in_present_words(off_keypoints_words(110.0)) == off_keypoints_words(110.0)
