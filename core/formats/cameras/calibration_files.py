"""Calibration files: a camera for all pictures, for each folder, or for each picture.

Known are OpenCV's and ROS's files (YAML, XML, JSON), objects of cameras by name, lists of cameras
with a name, and COCO-like files whose images have a camera of their own or name one of a list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from core.errors import AnnotationError
from core.files.foreign_files import foreign_file
from core.formats.cameras.camera_extrinsics import (
    UNIT_NAMES,
    Extrinsics,
    extrinsics_of,
    stated_unit,
    unknown_unit,
)
from core.formats.cameras.camera_fields import Intrinsics, has_intrinsics, intrinsics_of
from core.formats.cameras.opencv_storage import check_is_file, read_storage
from core.formats.cameras.picture_names import CameraNames, PictureOfCamera
from core.formats.reader_results import BrokenEntryError, shown
from core.types.camera_poses import CameraPose
from core.types.cameras import CameraSource, PictureCamera, picture_middle_px

MAX_CAMERAS = 2_000_000
_REMEDY = (
    "Give a calibration as OpenCV writes it, or JSON with a camera for each name, such as "
    '{"cam1": {"K": [[fx, 0, cx], [0, fy, cy], [0, 0, 1]], "distortion": [k1, k2, p1, p2]}}.'
)
_NAMES = ("name", "camera_name", "serial", "id", "camera_id", "cam_id")
_LISTS = ("cameras", "Cameras", "intrinsics")
_OF_IMAGE = ("camera_id", "cam_id", "camera", "camera_name", "cam_idx", "cam_name")
_SAME_SHAPE = 0.01


@dataclass(frozen=True)
class CalibrationFile:
    """The cameras of a file.

    by_name: of cameras and folders; the empty name stands for all pictures. by_picture: by the file
    names of pictures, as the file has them. problems: what was wrong with others.
    """

    path: Path
    by_name: Mapping[str, Intrinsics]
    by_picture: Mapping[str, Intrinsics]
    problems: Sequence[str] = field(default=())

    def camera_of(self, picture: Path, size_px: tuple[int, int]) -> PictureCamera | None:
        """The camera of a picture of this width and height; None where the file names none.

        Raises:
            BrokenEntryError: several cameras may be its, or the one was calibrated for pictures of
                another shape.
        """
        name, found = self._names.of(picture)
        if found is None:
            return None
        note = f"{self.path.name}{f', {name}' if name else ''}"
        return replace(_camera_for(found, size_px, note=note), pose=self._pose_of(found))

    def taken_by(self, picture: Path) -> PictureOfCamera | None:
        """Which of the cameras took a picture, and which frame; None where the names do not tell.

        A name of no use, such as one of several cameras, tells nothing.
        """
        try:
            return self._names.taken_by(picture)
        except BrokenEntryError:
            return None

    @property
    def places(self) -> list[Extrinsics]:
        """Where the named cameras stood, those that say so."""
        return [each.extrinsics for each in self.by_name.values() if each.extrinsics is not None]

    @cached_property
    def world(self) -> str:
        """What the places of the cameras share: the file, or its folder where it holds only one.

        Calibrations of one name are told apart by what they say.
        """
        cameras = (*self.by_name.items(), *self.by_picture.items())
        places = sorted(f"{name} {each.extrinsics}" for name, each in cameras if each.extrinsics)
        if len(places) < 2:
            return f"{self.path.parent.name}/"
        digest = hashlib.sha256(repr(places).encode()).hexdigest()
        return f"{self.path.name} {digest[:8]}"

    def _pose_of(self, found: Intrinsics) -> CameraPose | None:
        place = found.extrinsics
        if place is None:
            return None
        return CameraPose(place.rotation, place.translation, self.world, place.metres_per_unit)

    @cached_property
    def _names(self) -> CameraNames[Intrinsics]:
        return CameraNames(self.by_name, self.by_picture)


def read_calibration(path: Path) -> CalibrationFile:
    """The cameras of a file.

    Raises:
        AnnotationError: the file is missing, damaged, or holds no camera that can be used.
    """
    with foreign_file(path, AnnotationError, expected="a calibration", remedy=_REMEDY):
        check_is_file(path)
        collected = _Collected()
        collected.take(read_storage(path))
    if not collected.by_name and not collected.by_picture:
        why = f" ({collected.problems[0]})" if collected.problems else ""
        raise AnnotationError(f"holds no camera that can be used{why}.", path=path, remedy=_REMEDY)
    return CalibrationFile(path, collected.by_name, collected.by_picture, tuple(collected.problems))


class _Collected:
    """Gathers the cameras of a document; what is wrong with one does not stop the others."""

    def __init__(self) -> None:
        self.by_name: dict[str, Intrinsics] = {}
        self.by_picture: dict[str, Intrinsics] = {}
        self.problems: list[str] = []
        self._unit: float | None = None
        self._unknown_unit: str | None = None

    def take(self, document: Any) -> None:
        if isinstance(document, list):
            self._take_list(document)
            return
        self._unit = stated_unit(document) if isinstance(document, Mapping) else None
        if not isinstance(document, Mapping):
            raise BrokenEntryError(f"found {shown(document)}, expected an object")
        self._unknown_unit = unknown_unit(document)
        listed = next((document[name] for name in _LISTS if _is_cameras(document.get(name))), None)
        if listed is not None:
            self._take_cameras(listed)
        elif has_intrinsics(document):
            self._keep(self.by_name, "", document)
        elif not isinstance(document.get("images"), list):
            self._take_cameras(document)
        if isinstance(document.get("images"), list):
            self._take_images(document["images"])

    def _take_cameras(self, cameras: Any) -> None:
        if isinstance(cameras, list):
            self._take_list(cameras)
            return
        for name, entry in list(cameras.items())[:MAX_CAMERAS]:
            if isinstance(entry, Mapping) and has_intrinsics(entry):
                self._keep(_kind_of(self, str(name)), str(name), entry)

    def _take_list(self, cameras: Sequence[Any]) -> None:
        for number, entry in enumerate(cameras[:MAX_CAMERAS]):
            if not isinstance(entry, Mapping):
                self.problems.append(f"camera {number}: found {shown(entry)}, expected an object")
                continue
            name = next((str(entry[name]) for name in _NAMES if entry.get(name) is not None), None)
            if name is None:
                self.problems.append(f"camera {number}: no name, expected one of {_NAMES}")
            else:
                self._keep(self.by_name, name, entry)

    def _take_images(self, images: Sequence[Any]) -> None:
        for entry in images[:MAX_CAMERAS]:
            if not isinstance(entry, Mapping) or not isinstance(entry.get("file_name"), str):
                continue
            name = entry["file_name"]
            if has_intrinsics(entry):
                self._keep(self.by_picture, name, entry)
            else:
                wanted = next((entry[key] for key in _OF_IMAGE if key in entry), None)
                if isinstance(wanted, int | str) and str(wanted) in self.by_name:
                    self.by_picture[name] = self.by_name[str(wanted)]

    def _keep(self, kept: dict[str, Intrinsics], name: str, entry: Mapping[str, Any]) -> None:
        try:
            kept[name] = intrinsics_of(entry)
            # A place that cannot be read takes nothing from the lens.
            place = self._place_of(entry)
            kept[name] = replace(kept[name], extrinsics=place)
            self._tell_unknown_unit(name, entry, place)
        except BrokenEntryError as error:
            self.problems.append(f"{name or 'the camera'}: {error}")

    def _tell_unknown_unit(
        self, name: str, entry: Mapping[str, Any], place: Extrinsics | None
    ) -> None:
        """Say it where distances are of a unit that is not known; that of the file only once."""
        if place is None or place.metres_per_unit is not None:
            return
        own, of_file = unknown_unit(entry), self._unknown_unit
        unit = own or of_file
        if unit is None:
            return
        where = (name or "the camera") if own else "the file"
        problem = (
            f"{where}: the unit {shown(unit)} is not known, expected {UNIT_NAMES}; where the "
            "cameras stood is read without one"
        )
        if problem not in self.problems:
            self.problems.append(problem)

    def _place_of(self, entry: Mapping[str, Any]) -> Extrinsics | None:
        place = extrinsics_of(entry)
        if place is None or place.metres_per_unit is not None:
            return place
        return replace(place, metres_per_unit=self._unit)


def _kind_of(collected: _Collected, name: str) -> dict[str, Intrinsics]:
    """Whether the key of an object is a picture's file name, or a camera's or folder's."""
    return collected.by_picture if PurePosixPath(name).suffix else collected.by_name


def _is_cameras(value: object) -> bool:
    """Whether a value is a list of cameras, or an object of them by name."""
    return any(isinstance(entry, Mapping) and has_intrinsics(entry) for entry in _entries(value))


def _entries(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _camera_for(found: Intrinsics, size_px: tuple[int, int], *, note: str) -> PictureCamera:
    """A camera for a picture, scaled where it was calibrated for pictures of another size."""
    scale = 1.0
    if found.size_px is not None and found.size_px != size_px:
        across, down = (now / then for now, then in zip(size_px, found.size_px, strict=True))
        if abs(across / down - 1) > _SAME_SHAPE:
            raise BrokenEntryError(
                f"found a picture of {size_px[0]}×{size_px[1]} px, expected the shape of "
                f"{found.size_px[0]}×{found.size_px[1]} px that the camera was calibrated for"
            )
        scale = across
    principal = picture_middle_px(size_px)
    if found.principal_point_px is not None:
        x_px, y_px = found.principal_point_px
        # The centre of the first pixel is 0, so its edge, at −0.5, is what scales.
        principal = ((x_px + 0.5) * scale - 0.5, (y_px + 0.5) * scale - 0.5)
    return PictureCamera(
        found.focal_length_px * scale, principal, found.distortion, CameraSource.GIVEN, note
    )
