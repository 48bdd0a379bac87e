"""Small videos for tests."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np

FRAMES_PER_S = 10
_QUARTER_CLOCKWISE = (0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
_BEFORE_MATRIX = 4 + 4 + 20 + 16
"""Name, version, times and numbers, reserved: what stands in ``tkhd`` before its matrix."""


def make_video(path: Path, *, size_px: tuple[int, int], frames: int) -> Path:
    """A video whose upper left quarter is red, and that turns blue over its frames."""
    width, height = size_px
    pictures = []
    for number in range(frames):
        picture = np.zeros((height, width, 3), np.uint8)
        picture[: height // 2, : width // 2, 0] = 255
        picture[..., 2] = 240 * number // max(frames - 1, 1)
        pictures.append(picture)
    return video_of(path, pictures)


def video_of(path: Path, pictures: Sequence[np.ndarray]) -> Path:
    """A video of pictures ``(H, W, 3)``, ten a second."""
    height, width = pictures[0].shape[:2]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=FRAMES_PER_S)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate = 4_000_000
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def turn_clockwise(video: Path, turned: Path) -> Path:
    """The same MP4, said to be turned by a quarter, as phones that are held upright write it."""
    data = bytearray(video.read_bytes())
    start = data.index(b"tkhd") + _BEFORE_MATRIX
    data[start : start + 36] = struct.pack(">9i", *_QUARTER_CLOCKWISE)
    turned.write_bytes(data)
    return turned
