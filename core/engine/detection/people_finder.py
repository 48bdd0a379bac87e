"""Finds the people of a picture, and measures people who are known already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.body.landmarks import COCO_17_LANDMARKS
from core.engine.detection.blazepose import BlazePose
from core.engine.detection.candidates import (
    Candidate,
    WantedPerson,
    region_about,
)
from core.engine.detection.merged_keypoints import merged_keypoints
from core.engine.detection.movenet import MoveNet
from core.engine.detection.regions import Region, region_of_person
from core.engine.detection.similarity import (
    oks,
    person_area_px2,
    without_doubles,
)
from core.engine.detection.trunk_features import trunk_features
from core.engine.detection.whole_pictures import shrunk, turned_back
from core.errors import ShapeError
from core.geometry.boxes import Box
from core.progress import CancelToken
from core.types.detections import LEAST_AGREEMENT, DetectedPerson

Picture = NDArray[np.uint8]

_SIZES_PX = (256, 512)
"""The picture is looked at in both: large people are found in the small one."""
_CROP_PX = 256
_MOST_PEOPLE, _MOST_IN_CROP = 60, 4
_LEAST_SCORE, _LEAST_CROP_SCORE = 0.2, 0.15
_LEAST_JOINTS, _SURE = 4, 0.15
_DOUBLES = 0.5
_SAME_PERSON = 0.3
_LEAST_LANDMARK_SCORE = 0.5
_DOUBTFUL_COUNTS = 0.1
"""What a person counts whom one network alone sees, next to an agreement of at most 1."""


class PeopleFinder:
    """Both networks; one finder may be used by one thread at a time."""

    def __init__(self, movenet: MoveNet, blazepose: BlazePose) -> None:
        self._movenet, self._blazepose = movenet, blazepose

    @classmethod
    def load(cls) -> PeopleFinder:
        """The shipped networks; takes about 50 ms.

        Raises:
            SetupError: a file is missing.
            UserFileError: a file is damaged.
        """
        return cls(MoveNet.load(), BlazePose.load())

    def find(self, rgb: Picture, *, cancel: CancelToken | None = None) -> list[DetectedPerson]:
        """The people of a picture ``(H, W, 3)``, the surest first; none is an answer, no error.

        Where nothing is found for sure, the picture is turned by quarters too.

        Raises:
            ShapeError: for other shapes.
            Cancelled: the user asked to stop.
        """
        _check_picture(rgb)
        people = self._found(rgb, 0, cancel)
        if not any(person.agreement >= LEAST_AGREEMENT for person in people):
            turned = [self._found(rgb, turns, cancel) for turns in (1, 2, 3)]
            people = max([people, *turned], key=_sureness)
        return people

    def measure(
        self,
        rgb: Picture,
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
            StudioError: neither keypoints nor a box are given.
            Cancelled: the user asked to stop.
        """
        _check_picture(rgb)
        wanted = WantedPerson.of(keypoints_px, box)
        best, best_value = None, 0.0
        for turns in range(4):
            _ask(cancel)
            candidates = self._in_region(rgb, wanted.region(turns), turns)
            likeness, candidate = wanted.likest(candidates)
            if candidate is None:
                continue
            person = self._measured(rgb, candidate, cancel)
            value = likeness * (_DOUBTFUL_COUNTS + person.agreement)
            if value > best_value:
                best, best_value = person, value
            if likeness >= wanted.surely_alike and person.agreement >= LEAST_AGREEMENT:
                break
        return best

    def _found(
        self, rgb: Picture, quarter_turns: int, cancel: CancelToken | None
    ) -> list[DetectedPerson]:
        """The people of the picture when it is turned."""
        turned = np.ascontiguousarray(np.rot90(rgb, quarter_turns))
        candidates: list[Candidate] = []
        for longest_px in _SIZES_PX:
            _ask(cancel)
            candidates += self._in_picture(turned, longest_px)
        height, width = rgb.shape[:2]
        upright = [
            replace(
                candidate,
                coco_keypoints_px=turned_back(
                    candidate.coco_keypoints_px, quarter_turns, size_px=(width, height)
                ),
                quarter_turns=quarter_turns,
            )
            for candidate in without_doubles(candidates, most_alike=_DOUBLES)
        ]
        closer = [self._looked_at_closely(rgb, candidate, cancel) for candidate in upright]
        people = [
            self._measured(rgb, candidate, cancel)
            for candidate in without_doubles(closer, most_alike=_DOUBLES)
        ]
        return sorted(people, key=lambda person: -person.score)

    def _in_picture(self, picture: Picture, longest_px: int) -> list[Candidate]:
        """The people of a whole picture, looked at so large."""
        small, scale = shrunk(picture, longest_px)
        found = self._movenet.people(small, least_score=_LEAST_SCORE, most=_MOST_PEOPLE)
        keypoints = found.keypoints_px.copy()
        keypoints[..., :2] = (keypoints[..., :2] + 0.5) / scale - 0.5
        return _candidates(keypoints, found.scores, quarter_turns=0)

    def _in_region(self, rgb: Picture, region: Region, quarter_turns: int) -> list[Candidate]:
        crop = region.crop(rgb, _CROP_PX)
        found = self._movenet.people(crop, least_score=_LEAST_CROP_SCORE, most=_MOST_IN_CROP)
        keypoints = found.keypoints_px.copy()
        keypoints[..., :2] = region.to_picture(keypoints[..., :2], _CROP_PX)
        return _candidates(keypoints, found.scores, quarter_turns=quarter_turns)

    def _looked_at_closely(
        self, rgb: Picture, candidate: Candidate, cancel: CancelToken | None
    ) -> Candidate:
        """The same person in a crop of their own, or the candidate as it was."""
        _ask(cancel)
        region = region_about(candidate.coco_keypoints_px, candidate.quarter_turns)
        known = candidate.coco_keypoints_px
        area = person_area_px2(known)
        best, best_oks = candidate, _SAME_PERSON
        for found in self._in_region(rgb, region, candidate.quarter_turns):
            same = oks(found.coco_keypoints_px, known, area_px2=area)
            if same > best_oks:
                best, best_oks = replace(found, score=max(found.score, candidate.score)), same
        return best

    def _measured(
        self, rgb: Picture, candidate: Candidate, cancel: CancelToken | None
    ) -> DetectedPerson:
        """The person with BlazePose's landmarks, where it sees the same one."""
        coco = candidate.coco_keypoints_px
        _ask(cancel)
        first = self._blazepose.landmarks(rgb, region_of_person(coco))
        _ask(cancel)
        # The network's own idea of the region is the better one.
        landmarks = self._blazepose.landmarks(rgb, first.region)
        own = landmarks.points_px[list(COCO_17_LANDMARKS)]
        agreement = oks(own, coco, area_px2=person_area_px2(coco), seen=coco[:, 2] > _SURE)
        agree = agreement >= LEAST_AGREEMENT and landmarks.score >= _LEAST_LANDMARK_SCORE
        _ask(cancel)
        trunk = None
        if candidate.quarter_turns == 0:
            trunk = trunk_features(self._movenet.network, rgb, coco)
        height, width = rgb.shape[:2]
        return DetectedPerson(
            keypoints_px=merged_keypoints(
                coco,
                landmarks.points_px if agree else None,
                picture_size_px=(width, height),
            ),
            coco_keypoints_px=coco.astype(np.float32),
            landmarks_px=landmarks.points_px.astype(np.float32) if agree else None,
            landmarks_m=landmarks.points_m.astype(np.float32) if agree else None,
            agreement=agreement,
            score=candidate.score,
            quarter_turns=candidate.quarter_turns,
            trunk_features=trunk,
        )


def _candidates(
    keypoints_px: NDArray[np.float64], scores: NDArray[np.float64], *, quarter_turns: int
) -> list[Candidate]:
    """Of N people ``(N, 17, 3)`` those of whom enough is seen."""
    return [
        Candidate(points, float(score), quarter_turns)
        for points, score in zip(keypoints_px, scores, strict=True)
        if (points[:, 2] > _SURE).sum() >= _LEAST_JOINTS
    ]


def _sureness(people: Sequence[DetectedPerson]) -> float:
    """Of all people together; the networks' own scores do not tell whether a picture is upright."""
    return sum(person.agreement for person in people)


def _check_picture(rgb: Picture) -> None:
    if rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape or rgb.dtype != np.uint8:
        raise ShapeError("rgb", actual=rgb.shape, expected="(H, W, 3), 8 bits")


def _ask(cancel: CancelToken | None) -> None:
    if cancel is not None:
        cancel.raise_if_cancelled()
