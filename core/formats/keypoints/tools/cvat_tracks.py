"""CVAT for video 1.1: tracks, whose shapes say in which frame they are, as pictures of frames.

CVAT writes the shapes between key frames, too. Where they are missing they lie on the straight
lines between those before and after, as CVAT draws them, up to a shape that is ``outside``, which
ends what the track shows. Source: https://docs.cvat.ai, “XML annotation format, Interpolation”,
and https://github.com/cvat-ai/cvat, ``cvat/apps/dataset_manager/annotation.py``, ``TrackManager``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import numpy as np

from core.formats.keypoints.tools.cvat_images import NO_GROUP, Attributes, CvatImage
from core.formats.reader_results import BrokenEntryError, shown

_CORNERS = (("xtl", "ytl"), ("xbr", "ybr"))
_LAST_FRAME = 10**9


@dataclass(frozen=True, eq=False)
class _TrackShape:
    """A track's shape in one frame."""

    frame: int
    kind: str
    attributes: Attributes
    points: Sequence[Attributes]

    @property
    def is_outside(self) -> bool:
        return self.attributes.get("outside") == "1"


@dataclass(frozen=True, eq=False)
class CvatTrack:
    """One thing through a video; its shapes by frame."""

    shapes: Sequence[_TrackShape]


def track_of(element: ET.Element) -> CvatTrack:
    """A track as the file has it.

    Raises:
        BrokenEntryError: a shape's frame is no number.
    """
    of_track = {
        "track": f"track {element.get('id', '?')}",
        "label": element.get("label", ""),
        "group_id": element.get("group_id") or NO_GROUP,
    }
    shapes = [
        _TrackShape(
            _frame_of(shape),
            str(shape.tag),
            {**of_track, **shape.attrib},
            [dict(point.attrib) for point in shape if point.tag == "points"],
        )
        for shape in element
    ]
    return CvatTrack(sorted(shapes, key=lambda shape: shape.frame))


def frames_of(tracks: Sequence[CvatTrack], wanted: Collection[int]) -> list[CvatImage]:
    """Every frame in which a track shows something, with all that is seen there.

    wanted: the frames that there are pictures of; between two shapes only these are filled in.
    """
    images: dict[int, CvatImage] = {}
    for track in tracks:
        for shape in _shown(track, sorted(wanted)):
            image = images.setdefault(shape.frame, CvatImage(frame=shape.frame))
            image.put(shape.kind, shape.attributes, shape.points)
    return [images[frame] for frame in sorted(images)]


def _shown(track: CvatTrack, wanted: Sequence[int]) -> Iterator[_TrackShape]:
    """The shapes that are seen, those between two of the file's included."""
    for index, shape in enumerate(track.shapes):
        if shape.is_outside:
            continue
        yield shape
        if index + 1 < len(track.shapes):
            following = track.shapes[index + 1]
            first, last = np.searchsorted(wanted, [shape.frame + 1, following.frame])
            for frame in wanted[first:last]:
                share = (frame - shape.frame) / (following.frame - shape.frame)
                yield _between(shape, following, frame, share)


def _between(before: _TrackShape, after: _TrackShape, frame: int, share: float) -> _TrackShape:
    later = {point.get("label", ""): point for point in after.points}
    points = [
        _moved(point, later.get(point.get("label", ""), point), share) for point in before.points
    ]
    attributes = _moved(before.attributes, after.attributes, share)
    return _TrackShape(frame, before.kind, attributes, points)


def _moved(before: Attributes, after: Attributes, share: float) -> Attributes:
    """Attributes with their places on the way to others; what has no places there stays."""
    moved = dict(before)
    first, second = before.get("points"), after.get("points")
    if first is not None and second is not None:
        moved["points"] = _line(first, second, share)
    for corner in _CORNERS:
        for name in corner:
            if name in before and name in after:
                moved[name] = _line(before[name], after[name], share)
    return moved


def _line(before: str, after: str, share: float) -> str:
    """Numbers between those of two texts of one form, such as ``x,y;x,y``; else the first."""
    one, other = (text.replace(";", ",").split(",") for text in (before, after))
    try:
        numbers = [np.array(texts, dtype=np.float64) for texts in (one, other)]
    except ValueError:
        return before
    if numbers[0].shape != numbers[1].shape:
        return before
    place = [f"{number:.6f}" for number in numbers[0] + share * (numbers[1] - numbers[0])]
    return (
        place[0]
        if len(place) == 1
        else ";".join(map(",".join, zip(place[::2], place[1::2], strict=False)))
    )


def _frame_of(shape: ET.Element) -> int:
    text = shape.get("frame", "")
    if not text.isascii() or not text.isdigit() or len(text) > len(str(_LAST_FRAME)):
        raise BrokenEntryError(f"frame: found {shown(text)}, expected a whole number")
    return int(text)
