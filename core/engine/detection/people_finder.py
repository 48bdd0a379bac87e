"""Finds the people of a picture, and measures people who are known already."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.body.landmarks import COCO_17_LANDMARKS
from core.engine.detection.blazepose import BlazePose
from core.engine.detection.candidates import Candidate, WantedPerson
from core.engine.detection.merged_keypoints import merged_keypoints
from core.engine.detection.movenet import MoveNet
from core.engine.detection.people_search import PeopleSearch, ask
from core.engine.detection.phantom_people import is_person
from core.engine.detection.regions import region_of_person
from core.engine.detection.similarity import oks, person_area_px2
from core.engine.detection.trunk_features import trunk_features
from core.errors import ShapeError
from core.geometry.boxes import Box
from core.progress import CancelToken
from core.types.detections import LEAST_AGREEMENT, DetectedPerson

_LEAST_CONFIDENCE = 0.15
_LEAST_LANDMARK_SCORE = 0.5
_SURELY_UPRIGHT = 0.5
"""No person whose keypoints are this sure on average was ever better seen in another turn."""


class PeopleFinder:
    """Both networks; one finder may be used by one thread at a time."""

    def __init__(self, movenet: MoveNet, blazepose: BlazePose) -> None:
        self._movenet, self._blazepose = movenet, blazepose
        self._search = PeopleSearch(movenet)

    @classmethod
    def load(cls) -> PeopleFinder:
        """The shipped networks.

        Raises:
            SetupError: a file is missing.
            UserFileError: a file is damaged.
        """
        return cls(MoveNet.load(), BlazePose.load())

    def find(
        self, rgb: NDArray[np.uint8], *, cancel: CancelToken | None = None
    ) -> list[DetectedPerson]:
        """The people of a picture ``(H, W, 3)``, the surest first; none is an answer, no error.

        Turned pictures are noticed, and so are people who lie or stand on their heads.

        Raises:
            ShapeError: for other shapes.
            Cancelled: the user asked to stop.
        """
        _check_picture(rgb)
        candidates = self._search.in_whole(rgb, cancel)
        measured = (self._measured(rgb, candidate, cancel) for candidate in candidates)
        return [person for person in measured if is_person(person)]

    def measure(
        self,
        rgb: NDArray[np.uint8],
        *,
        keypoints_px: NDArray[np.floating] | None = None,
        box: Box | None = None,
        cancel: CancelToken | None = None,
    ) -> DetectedPerson | None:
        """One person of a picture ``(H, W, 3)`` who is known by keypoints or by a box.

        Args:
            rgb: the picture.
            keypoints_px: ``(49, 3)`` x, y and confidence.
            box: about the person; with keypoints, only where to look.
            cancel: asked between passes.

        Returns:
            What the networks see there, never the given keypoints; None where they see no such
            person.

        Raises:
            ShapeError: for other shapes.
            StudioError: neither keypoints nor a box tell who is meant.
            Cancelled: the user asked to stop.
        """
        _check_picture(rgb)
        height, width = rgb.shape[:2]
        wanted = WantedPerson.of(keypoints_px, box, picture_size_px=(width, height))
        candidate = self._likest(rgb, wanted, cancel)
        return None if candidate is None else self._measured(rgb, candidate, cancel)

    def _likest(
        self, rgb: NDArray[np.uint8], wanted: WantedPerson, cancel: CancelToken | None
    ) -> Candidate | None:
        """Who is most like the wanted person, in the turn in which that one is surest."""
        best, best_value = None, 0.0
        for turns in range(4):
            found = self._search.in_region(rgb, wanted.region(turns), turns, cancel)
            likeness, candidate = wanted.likest(found)
            if candidate is None:
                continue
            value = likeness * candidate.keypoint_sureness
            if value > best_value:
                best, best_value = candidate, value
            if likeness > wanted.surely_alike and candidate.keypoint_sureness > _SURELY_UPRIGHT:
                break
        return best

    def _measured(
        self, rgb: NDArray[np.uint8], candidate: Candidate, cancel: CancelToken | None
    ) -> DetectedPerson:
        """The person with BlazePose's landmarks, where it sees the same one."""
        coco = candidate.coco_keypoints_px
        region = region_of_person(coco)
        for _ in range(2):  # The network's own idea of the region is the better one.
            ask(cancel)
            landmarks = self._blazepose.landmarks(rgb, region)
            region = landmarks.region
        own = landmarks.points_px[list(COCO_17_LANDMARKS)]
        seen = coco[:, 2] > _LEAST_CONFIDENCE
        agreement = oks(own, coco, area_px2=person_area_px2(coco), seen=seen)
        agree = agreement >= LEAST_AGREEMENT and landmarks.score >= _LEAST_LANDMARK_SCORE
        points = landmarks.points_px.astype(np.float32) if agree else None
        height, width = rgb.shape[:2]
        return DetectedPerson(
            keypoints_px=merged_keypoints(coco, points, picture_size_px=(width, height)),
            coco_keypoints_px=coco.astype(np.float32),
            landmarks_px=points,
            landmarks_m=landmarks.points_m.astype(np.float32) if agree else None,
            agreement=agreement,
            score=candidate.score,
            quarter_turns=candidate.quarter_turns,
            trunk_features=self._trunk(rgb, candidate, cancel),
        )

    def _trunk(
        self, rgb: NDArray[np.uint8], candidate: Candidate, cancel: CancelToken | None
    ) -> NDArray[np.float16] | None:
        """Features of the person, who must be upright in the picture."""
        if candidate.quarter_turns:
            return None
        ask(cancel)
        return trunk_features(self._movenet.network, rgb, candidate.coco_keypoints_px)


def _check_picture(rgb: NDArray[np.uint8]) -> None:
    if rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape or rgb.dtype != np.uint8:
        raise ShapeError("rgb", actual=rgb.shape, expected="(H, W, 3), 8 bits")
