"""Which of the people that were found are people at all.

Networks see people in what is none: an engine, a curtain, the pattern of a wall. Neither network's
own score tells (docs/detector.md, "Phantom people"), but where both put their joints at the same
places there is a person, and where they do not, MoveNet must be sure alone.
"""

from __future__ import annotations

from core.types.detections import DetectedPerson

SURELY_AGREED = 0.5
"""No phantom was ever agreed on so well."""

_LEAST_SCORE, _LEAST_SURENESS = 0.2, 0.25


def is_person(found: DetectedPerson) -> bool:
    """Whether there is a person where one was found.

    Either both networks agree, OKS ≥ 0.5; or MoveNet's score is at least 0.2, as of faces in a
    crowd whose bodies are hidden; or its mean confidence of the 17 keypoints is at least 0.25.
    """
    sureness = float(found.coco_keypoints_px[:, 2].mean())
    return (
        found.agreement >= SURELY_AGREED
        or found.score >= _LEAST_SCORE
        or sureness >= _LEAST_SURENESS
    )
