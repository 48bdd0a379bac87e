"""The frames of a video, decoded once in their order, upright, each with its time.

PyAV hands out frames as they are stored and says beside them how they are to be turned. A file may
name other files and addresses that a decoder follows; containers that can do so are not opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import PictureError
from core.files.foreign_files import foreign_file
from core.pictures.decoding import MAX_PIXELS

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

VIDEO_SUFFIXES: tuple[str, ...] = (".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".3gp")

_CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts"
"""What FFmpeg may take a file for; its lists of other files (concat, HLS) are not among them."""

_EXPECTED = "a video"
_REMEDY = "Save the video as MP4, MOV, MKV, WebM or AVI, or give its frames as pictures."
_USUAL_RATE = 30.0
_QUARTER_DEG = 90


@dataclass(frozen=True)
class VideoFacts:
    """What a file says of its frames before any is decoded.

    frames: how many there are, by the file's own words or by its length; 0 where neither is known.
    frames_per_s: the mean.
    """

    frames: int
    frames_per_s: float


@dataclass(frozen=True, eq=False)
class DecodedFrame:
    """A frame: its number from 0, seconds since the video began, and ``(H, W, 3)`` RGB, upright."""

    number: int
    time_s: float
    rgb: NDArray[np.uint8]


def video_facts(path: Path) -> VideoFacts:
    """Look at a video's header.

    Raises:
        PictureError: it is no video, or too large.
    """
    with foreign_file(path, PictureError, expected=_EXPECTED, remedy=_REMEDY):
        container, stream = _opened(path)
        with container:
            rate = float(stream.average_rate or stream.guessed_rate or _USUAL_RATE)
            return VideoFacts(stream.frames or round(_duration_s(container, stream) * rate), rate)


def frames_of(path: Path, *, wanted: Callable[[int], bool]) -> Iterator[DecodedFrame]:
    """The wanted frames of a video, by their number, in the order of showing.

    Raises:
        PictureError: it is no video, too large, or damaged from here on; the frames before were
            handed out.
    """
    with foreign_file(path, PictureError, expected=_EXPECTED, remedy=_REMEDY):
        container, stream = _opened(path)
        with container:
            for number, frame in enumerate(container.decode(stream)):
                if wanted(number):
                    yield DecodedFrame(number, _time_s(frame, number, stream), _upright(frame))


def _opened(path: Path) -> tuple[InputContainer, VideoStream]:
    import av  # noqa: PLC0415 - few imports are of videos

    if not path.is_file():
        raise PictureError("no such file, expected a video.", path=path)
    options = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "file"}
    container = av.open(str(path), options=options)
    if not container.streams.video:
        container.close()
        raise PictureError("the file holds no pictures, only sound.", path=path, remedy=_REMEDY)
    stream = container.streams.video[0]
    if stream.width * stream.height > MAX_PIXELS:
        container.close()
        size = f"{stream.width}×{stream.height}"
        raise PictureError(
            f"a frame has {size} px, expected at most {MAX_PIXELS} pixels.", path=path
        )
    stream.thread_type = "AUTO"
    return container, stream


def _duration_s(container: InputContainer, stream: VideoStream) -> float:
    import av  # noqa: PLC0415 - as above

    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return 0.0 if container.duration is None else container.duration / av.time_base


def _time_s(frame: VideoFrame, number: int, stream: VideoStream) -> float:
    """Since the first frame's time; where a file keeps no times, from the mean rate."""
    if frame.time is None:
        return number / float(stream.average_rate or _USUAL_RATE)
    starts = stream.start_time
    begin = float(starts * stream.time_base) if starts and stream.time_base else 0.0
    return max(0.0, frame.time - begin)


def _upright(frame: VideoFrame) -> NDArray[np.uint8]:
    """``(H, W, 3)``; its rotation says how many degrees counter-clockwise to turn it."""
    rgb = np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
    return np.ascontiguousarray(np.rot90(rgb, round(frame.rotation / _QUARTER_DEG)))
