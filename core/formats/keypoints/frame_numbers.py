"""Frames of a video that two programs count differently: OpenPose from 0, ffmpeg from 1."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

_NUMBERED = re.compile(r"(.*?)([0-9]{1,18})", re.ASCII | re.DOTALL)


def frames_off_by_one(keypoint_names: Iterable[str], picture_names: Iterable[str]) -> str | None:
    """A notice where keypoints are numbered from 0 and pictures of the same name from 1.

    Args:
        keypoint_names: of the files, without what stands behind the number.
        picture_names: of the pictures, without suffix.
    """
    keypoints, pictures = _first_numbers(keypoint_names), _first_numbers(picture_names)
    for name, first in keypoints.items():
        if first == 0 and pictures.get(name) == 1:
            return (
                f"the keypoints of {name!r} are numbered from 0 and its pictures from 1; the "
                "keypoints of one frame may lie on the picture of another. Number both from the "
                "same frame (ffmpeg: -start_number 0)."
            )
    return None


def _first_numbers(names: Iterable[str]) -> dict[str, int]:
    numbers: dict[str, list[int]] = defaultdict(list)
    for name in names:
        match = _NUMBERED.fullmatch(name)
        if match:
            numbers[match[1]].append(int(match[2]))
    return {name: min(found) for name, found in numbers.items() if len(found) > 1}
