"""Which way up a picture is, and which of its people are upright another way.

How sure a network is that there is a person tells nothing of this, but how sure it is of the
person's keypoints does: of people who lie or stand on their heads they are cold
(docs/detector.md, "Turned pictures and people").
"""

from __future__ import annotations

from collections.abc import Sequence

from core.engine.detection.candidates import Candidate
from core.geometry.boxes import box_overlap

_SAME_PLACE = 0.4
"""Overlap of the boxes of one person who is seen in two turns."""
_CLEARLY_SURER = 1.2
_SURE_ALONE = 0.35
"""How sure the keypoints of a person must be who is seen in another turn alone."""


def turns_of_picture(views: Sequence[Sequence[Candidate]]) -> int:
    """By how many quarters a picture is turned to be upright, of the people found in each turn.

    The turn of the greatest Σ (mean confidence of the keypoints)²: the square lets one person who
    is seen well count more than several who are guessed. The first of equal ones.
    """
    sureness = [sum(person.keypoint_sureness**2 for person in view) for view in views]
    return max(range(len(views)), key=lambda turns: sureness[turns])


def replaced_by_turned(
    upright: Sequence[Candidate], turned: Sequence[Candidate]
) -> list[Candidate]:
    """People of the picture's own turn, and those of other turns who are clearly surer there."""
    people = list(upright)
    for person in sorted(turned, key=lambda candidate: -candidate.keypoint_sureness):
        rivals = [other for other in people if _overlap(person, other) > _SAME_PLACE]
        if not rivals:
            if person.keypoint_sureness > _SURE_ALONE:
                people.append(person)
        elif person.keypoint_sureness > _CLEARLY_SURER * max(
            rival.keypoint_sureness for rival in rivals
        ):
            people = [other for other in people if other not in rivals] + [person]
    return people


def _overlap(first: Candidate, second: Candidate) -> float:
    return box_overlap(first.box, second.box)
