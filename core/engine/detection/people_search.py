"""MoveNet on whole pictures and on parts of them, turned by quarters; people in picture pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.engine.detection.candidates import Candidate, region_about
from core.engine.detection.movenet import FoundPeople, MoveNet
from core.engine.detection.regions import Region
from core.engine.detection.similarity import oks, person_area_px2, without_doubles
from core.engine.detection.turned_people import replaced_by_turned, turns_of_picture
from core.engine.detection.whole_pictures import shrunk, turned_back
from core.progress import CancelToken

_SMALL_PX, _LARGE_PX = 256, 512
"""The picture is looked at in both: large people are found in the small one."""
_CROP_PX = 256
_CROP_MARGINS = (1.5, 2.0)
"""The sides of a person's crops over the person's size."""
_LEAST_CENTER, _LEAST_CENTER_IN_CROP = 0.2, 0.15
_MOST_PEOPLE, _MOST_IN_CROP = 60, 4
_LEAST_JOINTS, _LEAST_CONFIDENCE = 4, 0.15
_DOUBLES = 0.5
"""People who are more alike, by OKS, are one person."""
_SAME_PERSON = 0.3
_CORNER_PX = 0.3
"""Where the network counts its pixels from: what mirrored pictures agree by (docs/detector.md)."""


class PeopleSearch:
    """Finds candidates: people as one network sees them."""

    def __init__(self, movenet: MoveNet) -> None:
        self._movenet = movenet

    def in_whole(self, rgb: NDArray[np.uint8], cancel: CancelToken | None) -> list[Candidate]:
        """The people of a picture ``(H, W, 3)``, each upright in one of its four turns."""
        views = [self._in_picture(rgb, _SMALL_PX, turns, cancel) for turns in range(4)]
        turns = turns_of_picture(views)
        larger = self._in_picture(rgb, _LARGE_PX, turns, cancel)
        upright = without_doubles([*views[turns], *larger], most_alike=_DOUBLES)
        others = [found for other, view in enumerate(views) if other != turns for found in view]
        people = replaced_by_turned(upright, others)
        closer = [self._looked_at_closely(rgb, candidate, cancel) for candidate in people]
        return without_doubles(closer, most_alike=_DOUBLES)

    def in_region(
        self, rgb: NDArray[np.uint8], region: Region, quarter_turns: int, cancel: CancelToken | None
    ) -> list[Candidate]:
        """The people in a region, which is turned by a number of quarters."""
        ask(cancel)
        crop = region.crop(rgb, _CROP_PX)
        found = self._movenet.people(crop, least_center=_LEAST_CENTER_IN_CROP, most=_MOST_IN_CROP)
        keypoints = found.keypoints_px.copy()
        keypoints[..., :2] = region.to_picture(keypoints[..., :2] - _CORNER_PX, _CROP_PX)
        return _candidates(found, keypoints, quarter_turns)

    def _in_picture(
        self,
        rgb: NDArray[np.uint8],
        longest_px: int,
        quarter_turns: int,
        cancel: CancelToken | None,
    ) -> list[Candidate]:
        """The people of a whole picture, made small and turned by quarters."""
        ask(cancel)
        small, scale = shrunk(rgb, longest_px, quarter_turns)
        found = self._movenet.people(small, least_center=_LEAST_CENTER, most=_MOST_PEOPLE)
        keypoints = found.keypoints_px.copy()
        keypoints[..., :2] = (keypoints[..., :2] - _CORNER_PX + 0.5) / scale - 0.5
        height, width = rgb.shape[:2]
        return _candidates(
            found, turned_back(keypoints, quarter_turns, size_px=(width, height)), quarter_turns
        )

    def _looked_at_closely(
        self, rgb: NDArray[np.uint8], candidate: Candidate, cancel: CancelToken | None
    ) -> Candidate:
        """The same person in crops of their own, the surer of two; or the candidate as it was."""
        known = candidate.coco_keypoints_px
        area, turns = person_area_px2(known), candidate.quarter_turns
        closer: list[Candidate] = []
        for margin in _CROP_MARGINS:
            found = self.in_region(rgb, region_about(known, turns, margin=margin), turns, cancel)
            alike = [oks(other.coco_keypoints_px, known, area_px2=area) for other in found]
            if max(alike, default=0.0) > _SAME_PERSON:
                closer.append(found[int(np.argmax(alike))])
        return max(closer, key=lambda other: other.keypoint_sureness, default=candidate)


def _candidates(
    found: FoundPeople, keypoints_px: NDArray[np.float64], quarter_turns: int
) -> list[Candidate]:
    """Those of N people ``(N, 17, 3)`` of whom enough is seen."""
    return [
        Candidate(points, float(score), quarter_turns)
        for points, score in zip(keypoints_px, found.scores, strict=True)
        if (points[:, 2] > _LEAST_CONFIDENCE).sum() >= _LEAST_JOINTS
    ]


def ask(cancel: CancelToken | None) -> None:
    """Raise ``Cancelled`` where there is a token and it says so."""
    if cancel is not None:
        cancel.raise_if_cancelled()
