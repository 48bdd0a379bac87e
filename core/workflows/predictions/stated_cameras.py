"""The cameras that a file of bodies states of pictures, as cameras of a project's pictures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from core.dictionary.store import Dictionary
from core.formats.bodies.file_bodies import ForeignPredictions
from core.types.cameras import CameraSource, PictureCamera
from core.types.counted_nouns import counted
from core.types.samples import NewSample
from core.workflows.cameras.give_cameras import give_cameras

_SAME_SHARE = 0.01
"""Of the focal length: what rows of one picture may differ by in it and in the principal point."""


class StatedCameras:
    """Gathers what the rows of a file state of their pictures' cameras.

    What fewer than half of a picture's rows agree about are cameras of people, not of the picture:
    such a picture gets none.

    Args:
        found: the file's bodies.
        source: the file, which the cameras' notes name.
    """

    def __init__(self, found: ForeignPredictions, source: Path) -> None:
        self._stated = None if found.cameras_are_assumed else found.picture_cameras
        self._note = source.name
        self._rows: dict[Path, list[tuple[float, float, float]]] = {}
        """By picture, for each of its people: focal length and principal point, in pixels."""

    def take(self, row: int, sample: NewSample) -> None:
        """Note what a row states of the picture that its person is in."""
        if self._stated is None:
            return
        one = self._stated.rows([row])
        x_px, y_px = one.principal_in(sample.picture_size_px)[0].tolist()
        camera = (float(one.focal_px[0].mean()), x_px, y_px)
        self._rows.setdefault(sample.picture_path, []).append(camera)

    def camera_of(self, picture: Path) -> PictureCamera | None:
        """The camera of a picture; None where the file states none, or several."""
        rows = np.array(self._rows.get(picture, ()))
        if not len(rows):
            return None
        middle = np.median(rows, axis=0)
        is_like = np.all(np.abs(rows - middle) <= _SAME_SHARE * middle[0], axis=1)
        if 2 * is_like.sum() <= len(rows):
            return None
        focal_px, x_px, y_px = rows[is_like][0].tolist()
        return PictureCamera(focal_px, (x_px, y_px), source=CameraSource.GIVEN, note=self._note)

    def notices(self) -> list[str]:
        """A sentence where cameras could not be used."""
        several = sum(self.camera_of(picture) is None for picture in self._rows)
        if not several:
            return []
        pictures = counted(several, "picture", "pictures")
        return [f"{pictures}: the file states another camera for each person, so none was taken"]

    def give(self, dictionary: Dictionary) -> int:
        """Give their cameras to the pictures that are in the project and have only assumed ones.

        Returns:
            How many pictures have the camera that the file states now.
        """
        wanted: Mapping[Path, PictureCamera | None] = {
            picture: self.camera_of(picture) for picture in self._rows
        }
        known = [
            found
            for picture, camera in wanted.items()
            if camera is not None and (found := dictionary.cameras.of_picture(picture)) is not None
        ]
        waiting = [found for found in known if found.camera.source is CameraSource.ASSUMED]
        report = give_cameras(dictionary, waiting, lambda picture: wanted[picture.path])
        return len(report.before) + sum(found.camera == wanted[found.path] for found in known)
