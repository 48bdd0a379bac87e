"""People as the first network sees them, and where to look at them closely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import COCO_17_TO_KEYPOINTS, KEYPOINT_TWINS
from core.engine.detection.regions import Region
from core.engine.detection.similarity import extent_px, oks, person_area_px2
from core.errors import StudioError
from core.geometry.boxes import Box, box_around
from core.types.arrays import NUM_KEYPOINTS, check_shape

_MARGIN = 1.5
"""The side of a person's crop over the person's size."""
_BOX_MARGIN = 1.2
"""What boxes of samples have already."""
_LEAST_SIDE_PX = 16.0
_QUARTER_RAD = np.pi / 2
_FEWEST_KEYPOINTS = 2
_LEAST_SAME, _SURELY_SAME = 0.2, 0.5
_LEAST_IN_BOX, _SURELY_IN_BOX = 0.15, 0.4


@dataclass(frozen=True, eq=False)
class Candidate:
    """One person.

    coco_keypoints_px: (17, 3) x, y in picture pixels, confidence; score: of the person, from 0 to
    1; quarter_turns: by how many quarters, counter-clockwise, the picture was turned.
    """

    coco_keypoints_px: NDArray[np.float64]
    score: float
    quarter_turns: int = 0

    @property
    def keypoint_sureness(self) -> float:
        """The mean confidence of all keypoints, from 0 to 1."""
        return float(self.coco_keypoints_px[:, 2].mean())

    @property
    def box(self) -> Box:
        """The square about the person, with the margin that boxes of samples have."""
        corners = extent_px(self.coco_keypoints_px).reshape(2, 2)
        return box_around(corners, margin=_BOX_MARGIN)


def region_about(
    keypoints_px: NDArray[np.floating], quarter_turns: int, *, margin: float = _MARGIN
) -> Region:
    """The square about ``(K, 3)`` keypoints, ``margin`` times as wide as they are."""
    left, top, right, bottom = extent_px(keypoints_px)
    center = np.array([left + right, top + bottom]) / 2
    side = margin * max(float(right - left), float(bottom - top), _LEAST_SIDE_PX)
    return Region(center, side, quarter_turns * _QUARTER_RAD)


def region_in_box(box: Box, quarter_turns: int) -> Region:
    """The square about a box with as much margin as about keypoints."""
    center = np.array([box.center_x_px, box.center_y_px])
    side = _MARGIN / _BOX_MARGIN * max(box.side_px, _LEAST_SIDE_PX)
    return Region(center, side, quarter_turns * _QUARTER_RAD)


@dataclass(frozen=True, eq=False)
class WantedPerson:
    """A person who is known by keypoints ``(17, 3)``, by a box, or by both."""

    coco_keypoints_px: NDArray[np.float64] | None
    box: Box | None
    picture_size_px: tuple[int, int]
    """Width and height."""

    @classmethod
    def of(
        cls,
        keypoints_px: NDArray[np.floating] | None,
        box: Box | None,
        *,
        picture_size_px: tuple[int, int],
    ) -> WantedPerson:
        """Of the 49 keypoints ``(49, 3)``; they tell who is meant where two of COCO's are there.

        Raises:
            ShapeError: for other shapes.
            StudioError: neither keypoints nor a box tell who is meant.
        """
        if keypoints_px is not None:
            check_shape("keypoints_px", keypoints_px, (NUM_KEYPOINTS, 3))
            coco = coco_keypoints(keypoints_px)
            if (coco[:, 2] > 0).sum() >= _FEWEST_KEYPOINTS:
                return cls(coco, box, picture_size_px)
        if box is None:
            raise StudioError(
                "A person is measured by keypoints or by a box; neither is given.",
                remedy="Mark two keypoints of the person, or draw the box.",
            )
        return cls(None, box, picture_size_px)

    @property
    def surely_alike(self) -> float:
        """From which likeness on there is no need to look further."""
        return _SURELY_IN_BOX if self.coco_keypoints_px is None else _SURELY_SAME

    def region(self, quarter_turns: int) -> Region:
        """Where to look."""
        if self.box is not None:
            return region_in_box(self.box, quarter_turns)
        known = self.coco_keypoints_px
        assert known is not None  # noqa: S101 - one of the two is there
        return region_about(known[known[:, 2] > 0], quarter_turns)

    def likest(self, candidates: Sequence[Candidate]) -> tuple[float, Candidate | None]:
        """The candidate most like the person and how like, from 0 to 1; None if none is.

        Of two who are about as like, the one whose keypoints are surer.
        """
        least = _LEAST_IN_BOX if self.coco_keypoints_px is None else _LEAST_SAME
        likeness = [self._likeness(candidate) for candidate in candidates]
        if max(likeness, default=0.0) < least:
            return 0.0, None
        value = [
            alike * candidate.keypoint_sureness
            for alike, candidate in zip(likeness, candidates, strict=True)
        ]
        best = int(np.argmax(value))
        return likeness[best], candidates[best]

    def _likeness(self, found: Candidate) -> float:
        known = self.coco_keypoints_px
        if known is not None:
            seen = known[:, 2] > 0
            return oks(
                found.coco_keypoints_px, known, area_px2=person_area_px2(known[seen]), seen=seen
            )
        return 0.0 if self.box is None else self._overlap(found.box, self.box)

    def _overlap(self, first: Box, second: Box) -> float:
        """Intersection over union of what of two boxes lies in the picture."""
        corners = [self._inside(box) for box in (first, second)]
        low = np.maximum(corners[0][0], corners[1][0])
        high = np.minimum(corners[0][1], corners[1][1])
        shared = float(np.clip(high - low, 0, None).prod())
        areas = [float((end - start).prod()) for start, end in corners]
        return shared / max(sum(areas) - shared, 1.0)

    def _inside(self, box: Box) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Top left and bottom right corner of a box, cut off at the picture's edges."""
        middle, half = np.array([box.center_x_px, box.center_y_px]), box.side_px / 2
        size = np.array(self.picture_size_px, dtype=np.float64)
        return np.clip(middle - half, 0, size), np.clip(middle + half, 0, size)


def coco_keypoints(keypoints_px: NDArray[np.floating]) -> NDArray[np.float64]:
    """COCO's ``(17, 3)`` of the 49 keypoints; the surer one where two name the same place."""
    keypoints = np.asarray(keypoints_px, dtype=np.float64)
    sources = [(index, *KEYPOINT_TWINS[index]) for index in COCO_17_TO_KEYPOINTS]
    return np.stack(
        [
            max((keypoints[index] for index in twins), key=lambda point: point[2])
            for twins in sources
        ]
    )
