"""The camera of a picture: as its EXIF block tells it, or as a person types it in."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import PictureError, StudioError
from core.formats.cameras.calibration_files import CalibrationFile
from core.formats.reader_results import BrokenEntryError, LensOf
from core.pictures.decoding import picture_header
from core.pictures.exif_lens import LensFacts, equivalent_to_px, lens_facts
from core.types.cameras import CameraSource, PictureCamera, picture_middle_px
from core.types.samples import NewSample

_PROBLEMS_TOLD = 10

STATED = "the file itself"
"""Where cameras come from that the source of the people states."""

FOCAL_LENGTHS_PX = (10.0, 1e6)
"""Less spreads a picture over all that is in front of it, more shows a body of one pixel."""

FILM_FOCAL_LENGTHS_MM = (5.0, 1500.0)
"""The lenses that there are."""

NARROWEST_DEG, WIDEST_DEG = 1.0, 170.0
"""No lens without a fisheye's distortion sees more."""

_ASKED = (
    ("focal length", " px", FOCAL_LENGTHS_PX),
    ("focal length on 35 mm film", " mm", FILM_FOCAL_LENGTHS_MM),
    ("field of view", "°", (NARROWEST_DEG, WIDEST_DEG)),
)


@dataclass(frozen=True)
class TypedLens:
    """A lens as a person types it in: one of the three, the others None.

    focal_length_px: in pixels of the picture. equivalent_mm: as on 35 mm film, diagonals compared.
    field_of_view_deg: across the width of the upright picture.

    Raises:
        StudioError: none or several are given, or one is out of its range.
    """

    focal_length_px: float | None = None
    equivalent_mm: float | None = None
    field_of_view_deg: float | None = None

    def __post_init__(self) -> None:
        numbers = (self.focal_length_px, self.equivalent_mm, self.field_of_view_deg)
        given = [
            (number, *asked)
            for number, asked in zip(numbers, _ASKED, strict=True)
            if number is not None
        ]
        if len(given) != 1:
            raise StudioError(
                f"{len(given)} of focal length, 35 mm equivalent and field of view are given, "
                "expected one of them."
            )
        ((number, name, unit, (least, most)),) = given
        if not least <= number <= most:
            raise StudioError(
                f"The {name} is {number:.7g}{unit}, expected {least:.7g} to {most:.7g}{unit}.",
                remedy="Give what belongs to the whole picture, as it stands upright.",
            )

    def camera(self, size_px: tuple[int, int]) -> PictureCamera:
        """The camera of a picture of this width and height; its principal point is the middle."""
        focal_length_px, note = self._focal_length(size_px)
        return PictureCamera(
            focal_length_px, picture_middle_px(size_px), source=CameraSource.TYPED, note=note
        )

    def _focal_length(self, size_px: tuple[int, int]) -> tuple[float, str]:
        if self.focal_length_px is not None:
            return self.focal_length_px, f"{self.focal_length_px:g} px"
        if self.equivalent_mm is not None:
            return equivalent_to_px(self.equivalent_mm, size_px), f"{self.equivalent_mm:g} mm"
        angle_deg = self.field_of_view_deg or 0.0
        half = math.radians(angle_deg) / 2
        return size_px[0] / (2 * math.tan(half)), f"{angle_deg:g}° across"


def camera_from_exif(picture: Path) -> PictureCamera | None:
    """The camera that a picture's EXIF block tells; None where it tells none or cannot be read.

    Nothing is decoded. The principal point is taken to be the middle of the picture.
    """
    try:
        header = picture_header(picture)
    except PictureError:
        return None
    facts = lens_facts(header)
    return None if facts is None else _camera_of_lens(facts, header.upright_size_px)


def _camera_of_lens(facts: LensFacts, size_px: tuple[int, int]) -> PictureCamera:
    return PictureCamera(
        facts.focal_length_px,
        picture_middle_px(size_px),
        source=CameraSource.EXIF,
        note=facts.note,
    )


class CameraLookup:
    """Finds the cameras of pictures, each once: in a calibration file, in EXIF, then in the source.

    What a source states comes last: many a method that finds bodies has guessed its focal lengths.

    Args:
        calibration: the file; None where there is none.
        lens_of: what EXIF tells of a picture, where a reader has opened it already; None: each
            picture is opened here.
        stated: what the source of the pictures' people states itself.
    """

    def __init__(
        self,
        calibration: CalibrationFile | None = None,
        *,
        lens_of: LensOf | None = None,
        stated: Callable[[Path], PictureCamera | None] | None = None,
    ) -> None:
        self._calibration, self._lens_of = calibration, lens_of
        self._stated_of = stated or _nothing_stated
        self._found: dict[Path, PictureCamera | None] = {}
        self._stated: set[Path] = set()
        self.problems: list[str] = list(calibration.problems) if calibration else []

    def camera_of(self, picture: Path, size_px: tuple[int, int]) -> PictureCamera | None:
        """The camera of a picture of this width and height; None where nothing is known."""
        if picture not in self._found:
            found = self.given_camera(picture, size_px) or self._exif_camera(picture, size_px)
            if found is None:
                found = self._stated_of(picture)
                self._stated |= set() if found is None else {picture}
            self._found[picture] = found
        return self._found[picture]

    def _exif_camera(self, picture: Path, size_px: tuple[int, int]) -> PictureCamera | None:
        if self._lens_of is None:
            return camera_from_exif(picture)
        facts = self._lens_of(picture)
        return None if facts is None else _camera_of_lens(facts, size_px)

    def with_cameras(self, samples: Iterable[NewSample]) -> list[NewSample]:
        """The samples, each with the camera of its picture; one that has a camera keeps it."""
        return [self._with_camera(sample) for sample in samples]

    def _with_camera(self, sample: NewSample) -> NewSample:
        if sample.camera is not None:
            return sample
        camera = self.camera_of(sample.picture_path, sample.picture_size_px)
        return sample if camera is None else replace(sample, camera=camera)

    def given(self) -> dict[Path, PictureCamera]:
        """The cameras that the calibration file gave, by picture."""
        return {
            picture: camera
            for picture, camera in self._found.items()
            if camera is not None
            and camera.source is CameraSource.GIVEN
            and picture not in self._stated
        }

    def counts(self) -> dict[str, int]:
        """How many pictures have a camera from each of the three; others are not counted."""
        titles = {CameraSource.GIVEN: "the calibration file", CameraSource.EXIF: "EXIF"}
        return dict(
            Counter(
                STATED if picture in self._stated else titles[camera.source]
                for picture, camera in self._found.items()
                if camera is not None
            )
        )

    def notices(self) -> list[str]:
        """What was wrong with cameras of the file, and with which pictures; the first of them."""
        problems = [*self.problems, *self._no_picture_named()]
        told = problems[:_PROBLEMS_TOLD]
        hidden = len(problems) - len(told)
        return [*told, f"and {hidden} more cameras that were not used"] if hidden else told

    def _no_picture_named(self) -> list[str]:
        """A sentence where the file was of no use."""
        if self._calibration is None or self.problems or not self._found or self.given():
            return []
        return [f"{self._calibration.path.name} names none of these pictures: it was not used"]

    def given_camera(self, picture: Path, size_px: tuple[int, int]) -> PictureCamera | None:
        """The camera of the calibration file alone; what is wrong with it becomes a problem."""
        if self._calibration is None:
            return None
        try:
            return self._calibration.camera_of(picture, size_px)
        except BrokenEntryError as error:
            self.problems.append(f"{picture.name}: {error}")
            return None


def _nothing_stated(_picture: Path) -> None:
    """Of sources without cameras."""
