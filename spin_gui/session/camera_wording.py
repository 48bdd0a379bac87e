"""Cameras of pictures and of bodies put into words. Knows nothing of Qt."""

from __future__ import annotations

import math

from core.geometry.crop_camera import CROP_SIZE_PX
from core.pictures.exif_lens import FILM_DIAGONAL_MM
from core.types.bodies import BodyParameters
from core.types.cameras import SOURCE_MEANINGS, CameraSource, PictureCamera
from core.types.samples import Sample
from spin_gui.session.wording import count_text, number

_LONG_FROM_PX = 2000.0
"""Of a focal length on the crop: a view of less than 6.5°, in which perspective is hardly seen."""

_SAME_POINT_PX = 0.01
_SAME_CAMERA = 0.005
"""Of the focal length. Less is hardly seen in a distance, and corrected boxes round."""

BEHIND = "The body lies behind the camera: this fit cannot be right."
LONG_LENS_MEANING = (
    "This is not the photographer's distance: the body was fitted through a long lens, with a "
    "focal length of {focal} px on the crop, and so from farther away."
)
ASSUMED_MEANING = (
    "Nothing is known of the picture's camera: its focal length is assumed from the picture's "
    "size, and so is the distance. Correct ▸ Camera… says what is known."
)
KNOWN_MEANING = (
    "The focal length is {source}: as far as it holds, this is the distance that the picture was "
    "taken from."
)
FORMER_MEANING = (
    "The body was fitted under another camera than the picture has now; a refit (F5) fits it under "
    "that one."
)
OF_BEFORE_MEANING = (
    "The picture was imported before cameras were kept. Correct ▸ Camera… gives it the one that "
    "its EXIF data tells, or an assumed one; then refit (F5)."
)


def of_before_text(count: int) -> str:
    """What is said when a project opens some of whose pictures were imported without cameras."""
    pictures = "One picture was" if count == 1 else f"{count_text(count)} pictures were"
    return (
        f"{pictures} imported before cameras were kept, and fitted through a long lens. Correct ▸ "
        "Camera… gives them theirs; then refit."
    )


def camera_text(camera: PictureCamera) -> str:
    """The focal length of a picture's camera, and where it comes from."""
    if camera.source is CameraSource.LONG_LENS:
        return "long lens, 5000 px"
    return f"{number(camera.focal_length_px)} px, {camera.source}"


def camera_explained(camera: PictureCamera, size_px: tuple[int, int]) -> str:
    """The same in a few lines: source, what it means in other units, distortion."""
    meaning = SOURCE_MEANINGS[camera.source]
    if camera.source is CameraSource.LONG_LENS:
        lines = [meaning]
    else:
        lines = [f"{number(camera.focal_length_px)} px, {meaning}"]
    if camera.note:
        lines.append(camera.note)
    if camera.source is not CameraSource.LONG_LENS:
        lines.append(lens_text(camera.focal_length_px, size_px))
        x_px, y_px = camera.principal_point_px
        lines.append(f"principal point {number(x_px)}, {number(y_px)} px")
    if camera.distortion:
        shown = ", ".join(f"{coefficient:g}" for coefficient in camera.distortion)
        lines.append(f"distortion {shown}")
    return "\n".join(lines)


def lens_text(focal_length_px: float, size_px: tuple[int, int]) -> str:
    """A focal length in the units that people know."""
    diagonals = focal_length_px / math.hypot(*size_px)
    across = math.degrees(2 * math.atan(size_px[0] / (2 * focal_length_px)))
    return (
        f"{number(FILM_DIAGONAL_MM * diagonals)} mm on 35 mm film, {number(across)}° across, "
        f"{number(diagonals)} diagonals"
    )


def distance_text(body: BodyParameters, sample: Sample) -> str:
    """How far a body stands from its camera, and how much that means."""
    distance = f"{number(float(body.camera_translation[2]))} m"
    if _is_long(body):
        return f"{distance}, long lens"
    if _is_of_former_camera(body, sample):
        return f"{distance}, former camera"
    if sample.camera.is_distance_assumed:
        return f"{distance}, distance assumed"
    return distance


def distance_meaning(body: BodyParameters, sample: Sample) -> str:
    """What the distance says about the size of the person in the picture, and what it rests on."""
    depth_m = float(body.camera_translation[2])
    if not (math.isfinite(depth_m) and depth_m > 0):
        return BEHIND
    crop_px = body.camera.focal_length_px / depth_m
    picture_px = crop_px * sample.box.side_px / CROP_SIZE_PX
    size = (
        f"1 m of the body covers {number(crop_px)} px of the {CROP_SIZE_PX} px crop, "
        f"{number(picture_px)} px of the picture."
    )
    lines = [size]
    if _is_long(body):
        lines.append(LONG_LENS_MEANING.format(focal=f"{body.camera.focal_length_px:.0f}"))
    if sample.camera.source is CameraSource.LONG_LENS and sample.camera.note:
        lines.append(OF_BEFORE_MEANING)
    elif _is_of_former_camera(body, sample):
        lines.append(FORMER_MEANING)
    elif sample.camera.source is CameraSource.ASSUMED:
        lines.append(ASSUMED_MEANING)
    elif not _is_long(body):
        lines.append(KNOWN_MEANING.format(source=SOURCE_MEANINGS[sample.camera.source]))
    return " ".join(lines)


def _is_long(body: BodyParameters) -> bool:
    """Whether a body was made under SPIN's camera, which looks straight through the crop.

    The camera of a picture may be as long on the small crop of someone far away, but is off centre.
    A box that was corrected since has scaled the focal length, and moved both points alike.
    """
    camera = body.camera
    off_px = max(
        abs(camera.principal_x_px - camera.axis_x_px), abs(camera.principal_y_px - camera.axis_y_px)
    )
    return camera.focal_length_px >= _LONG_FROM_PX and off_px < _SAME_POINT_PX


def _is_of_former_camera(body: BodyParameters, sample: Sample) -> bool:
    """Whether the picture was given another camera after the body was made."""
    if sample.camera.source is CameraSource.LONG_LENS:
        return not _is_long(body)
    then, now = body.camera, sample.crop_camera
    moved_px = max(
        abs(then.focal_length_px - now.focal_length_px),
        abs(then.principal_x_px - now.principal_x_px),
        abs(then.principal_y_px - now.principal_y_px),
    )
    return moved_px > _SAME_CAMERA * now.focal_length_px
