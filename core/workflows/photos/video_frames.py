"""Frames of a video as pictures of a project: which are looked at, and where they are written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2

from core.errors import StudioError
from core.files.atomic_write import atomic_write
from core.pictures.videos import DecodedFrame, video_facts
from core.types.requested_numbers import refuse_below_one

FRAMES_FOLDER = "pictures"
_HASHED_BYTES = 1 << 16
_JPEG_QUALITY = 95


@dataclass(frozen=True)
class VideoPlan:
    """A video, which of its frames are looked at, and the folder that they go to.

    every: the distance between two of them, the first one being frame 0. expected: about how many
    they are.
    """

    video: Path
    every: int
    expected: int
    folder: Path

    def is_wanted(self, number: int) -> bool:
        """Whether a frame is looked at."""
        return number % self.every == 0

    def picture_of(self, number: int, time_s: float) -> Path:
        """The picture of a frame, named by video, time and frame.

        The frame comes last: lists show the end of a long name.
        """
        name = f"{self.video.stem}_{time_s:.3f}s_frame_{number:06d}.jpg"
        return self.folder / name


def plan_video(video: Path, project: Path, every: int | None) -> VideoPlan:
    """Look at a video's header; without ``every``, about one frame a second is looked at.

    The folder's name tells videos of one name apart by their content, wherever they are moved to.

    Raises:
        PictureError: it is no video.
        StudioError: ``every`` is below 1.
    """
    facts = video_facts(video)
    if every is None:
        every = max(1, round(facts.frames_per_s))
    refuse_below_one("distance between frames", every)
    folder = project.absolute() / FRAMES_FOLDER / f"{video.stem}-{_fingerprint(video)}"
    return VideoPlan(video, every, -(-facts.frames // every), folder)


def write_frame(frame: DecodedFrame, picture: Path) -> None:
    """Write a frame as JPEG.

    Raises:
        StudioError: the folder cannot be written.
    """
    bgr = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2BGR)
    _done, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    try:
        picture.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError(
            f"{picture.parent}: the folder for the video's frames cannot be made "
            f"({error.strerror}).",
            remedy="Make the project's folder writable for you.",
        ) from error
    with atomic_write(picture, overwrite=True) as stream:
        stream.write(encoded.tobytes())


def _fingerprint(video: Path) -> str:
    with video.open("rb") as stream:
        start = stream.read(_HASHED_BYTES)
    size = video.stat().st_size
    return hashlib.sha256(start + size.to_bytes(8, "little")).hexdigest()[:8]
