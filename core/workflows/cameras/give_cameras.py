"""Giving pictures of a project their cameras; their people's fits are measured again under them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.body.reprojection_loss import compared_bodies
from core.dictionary.samples.cameras import PictureWithCamera
from core.dictionary.samples.state_changes import Compare
from core.dictionary.store import Dictionary
from core.errors import Cancelled
from core.formats.cameras.calibration_files import read_calibration
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.runs.project_body import display_body
from core.types.arrays import FloatArray
from core.types.bodies import BodyParameters, CropCamera
from core.types.cameras import PictureCamera, long_lens_camera
from core.types.counted_nouns import counted
from core.workflows.cameras.picture_cameras import CameraLookup, TypedLens, camera_from_exif

PHASE = "Giving pictures their cameras"
_NAMES_TOLD = 5
TOGETHER = 32
"""Pictures of a transaction: the window waits no longer than for these."""

CameraOf = Callable[[PictureWithCamera], PictureCamera | None]
"""The camera that a picture is to have, the assumed one for None."""


@dataclass(frozen=True)
class CamerasReport:
    """pictures: those that were looked at. before: the former cameras of those that changed.

    sources: how many of all pictures have a camera of each source now. sample_ids: people of the
    pictures that changed. problems: pictures whose camera could not be used.
    """

    pictures: int
    before: Mapping[Path, PictureCamera]
    sources: Mapping[str, int]
    sample_ids: Sequence[int] = ()
    problems: Sequence[str] = field(default=())
    cancelled: bool = False

    def summary(self) -> str:
        """The report in one line."""
        changed = len(self.before)
        text = f"{counted(changed, 'picture has', 'pictures have')} another camera now"
        if self.pictures > changed:
            text += f", {self.pictures - changed} the same as before"
        kinds = ", ".join(f"{count} {source}" for source, count in sorted(self.sources.items()))
        text += f" ({kinds})." if kinds else "."
        if self.cancelled:
            text = f"Cancelled: {text[0].lower()}{text[1:]}"
        return text


def give_cameras(
    dictionary: Dictionary,
    pictures: Iterable[PictureWithCamera],
    camera_of: CameraOf,
    *,
    author: str | None = None,
    problems: Sequence[str] = (),
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> CamerasReport:
    """Give pictures the cameras that a function says; what was done stays when it is cancelled.

    Args:
        dictionary: of the project.
        pictures: of the project.
        camera_of: asked for each picture before anything is written.
        author: the user, by default.
        problems: filled while ``camera_of`` is asked; becomes the report's.
        progress: told picture by picture.
        cancel: asked between pictures.
    """
    pictures = list(pictures)
    wanted = {picture.path: camera_of(picture) for picture in pictures}
    compare = compare_of(dictionary)
    before: dict[Path, PictureCamera] = {}
    touched: list[int] = []
    meter = ProgressMeter(PHASE, len(pictures), progress)
    cancelled = False
    try:
        paths = list(wanted)
        for start in range(0, len(paths), TOGETHER):
            if cancel is not None:
                cancel.raise_if_cancelled()
            chosen = {path: wanted[path] for path in paths[start : start + TOGETHER]}
            change = dictionary.cameras.set(chosen, compare=compare, author=author)
            before |= change.before
            touched += change.sample_ids
            meter.advance(len(chosen))
    except Cancelled:
        cancelled = True
    ids = [sample_id for picture in pictures for sample_id in picture.sample_ids]
    now = dictionary.cameras.of_samples(ids)
    return CamerasReport(
        pictures=len(pictures),
        before=before,
        sources=Counter(str(picture.camera.source) for picture in now),
        sample_ids=tuple(touched),
        problems=tuple(problems),
        cancelled=cancelled,
    )


def compare_of(dictionary: Dictionary) -> Compare:
    """What measures fits of a project again; its body is loaded where there is a fit."""
    body = None

    def compare(
        keypoints_crop_px: FloatArray, bodies: Sequence[BodyParameters], camera: CropCamera
    ) -> list[float] | None:
        nonlocal body
        if body is None:
            body = display_body(dictionary)
        return compared_bodies(body, keypoints_crop_px, bodies, camera)

    return compare


def typed(lens: TypedLens) -> CameraOf:
    """The camera of a lens as a person typed it in."""
    return lambda picture: lens.camera(picture.size_px)


def looked_up(picture: PictureWithCamera) -> PictureCamera | None:
    """The camera that EXIF tells, or the assumed one."""
    return camera_from_exif(picture.path)


def assumed(picture: PictureWithCamera) -> None:
    """The assumed camera, whatever is known of the picture."""


def long_lens(picture: PictureWithCamera) -> PictureCamera:
    """SPIN's camera."""
    return long_lens_camera(picture.size_px)


class FromFile:
    """The cameras of a calibration file; a picture that it does not name keeps its own.

    Raises:
        AnnotationError: the file holds no camera that can be used.
    """

    def __init__(self, file: Path) -> None:
        calibration = read_calibration(file)
        self._names = [name for name in (*calibration.by_name, *calibration.by_picture) if name]
        self._lookup = CameraLookup(calibration)
        self.unnamed = 0

    def names_text(self) -> str:
        """The first names of the file, for a message."""
        told = ", ".join(self._names[:_NAMES_TOLD])
        hidden = len(self._names) - _NAMES_TOLD
        return f"{told} and {hidden} more" if hidden > 0 else told

    @property
    def problems(self) -> list[str]:
        """What was wrong with cameras of the file, and with which pictures."""
        return self._lookup.problems

    def __call__(self, picture: PictureWithCamera) -> PictureCamera:
        """The camera of a picture."""
        found = self._lookup.given_camera(picture.path, picture.size_px)
        self.unnamed += found is None
        return picture.camera if found is None else found
