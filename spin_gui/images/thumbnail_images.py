"""Making one thumbnail: the crop with the mesh over it, read from disk when it was made before.

Runs on worker threads: ``QImage`` only, never ``QPixmap``. What decodes and draws is imported
there, too: the list of samples is painted before any of it is needed.
"""

from __future__ import annotations

import hashlib
import logging
import os
from concurrent.futures import CancelledError
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QIODevice, QSaveFile
from PySide6.QtGui import QImage

from core.errors import PictureError, RenderingError
from core.geometry.boxes import Box
from core.types.bodies import BodyParameters
from core.types.cameras import PictureCamera

if TYPE_CHECKING:
    from core.body.display_body import DisplayBody
    from core.rendering.render_thread import RenderService
    from core.rendering.views import BendingLens

THUMBNAIL_PX = 128
"""Twice the size on a plain screen, so that it stays sharp on a dense one."""

BIG_THUMBNAIL_PX = 256
"""For the grid."""

RENDER_PRIORITY = -10
"""Below anything that the big views ask for."""

RENDER_PATIENCE_S = 60.0
_JPEG_QUALITY = 88
_DRAWN_AS = 3
"""Another number each time that the same body is drawn otherwise: what was kept is made again."""
_FOLDERS = 256

_log = logging.getLogger(__name__)


class Overlay(Protocol):
    """Draws a body for a thumbnail; called on worker threads."""

    def __call__(
        self, parameters: BodyParameters, size_px: int, lens: BendingLens | None
    ) -> NDArray[np.uint8]:
        """The body seen by the crop camera, ``(size, size, 4)`` RGBA, premultiplied.

        lens: that bends what is seen, if any does.
        """
        ...


def draw_overlay(
    body: DisplayBody,
    rendering: RenderService,
    parameters: BodyParameters,
    size_px: int,
    lens: BendingLens | None = None,
) -> NDArray[np.uint8]:
    """A body through the program's one renderer, after everything the views ask for.

    Waits for the renderer; raises ``CancelledError`` when it was closed meanwhile.
    """
    from core.rendering.views import crop_view  # noqa: PLC0415 - see the module

    vertices = body.vertices(parameters)
    view = crop_view(
        vertices,
        parameters.camera_translation,
        camera=parameters.camera,
        size_px=size_px,
        lens=lens,
    )
    future = rendering.submit(view, priority=RENDER_PRIORITY)
    return future.result(timeout=RENDER_PATIENCE_S)


@dataclass(frozen=True, eq=False)
class ThumbnailJob:
    """All a worker needs to make one thumbnail, read beforehand on the main thread.

    camera: of the picture; None where it bends no lines.
    """

    sample_id: int
    fit_id: int | None
    picture_path: Path
    box: Box
    parameters: BodyParameters | None
    camera: PictureCamera | None = None


def make_thumbnail(
    job: ThumbnailJob,
    *,
    cache: Path | None,
    overlay: Overlay | None,
    side_px: int = THUMBNAIL_PX,
) -> QImage:
    """The thumbnail from the project's cache, or made and kept there. Raises ``PictureError``.

    cache: None where nothing may be read or kept.
    """
    kept = None
    if cache is not None:
        kept = _kept_file(job, cache, with_mesh=overlay is not None, side_px=side_px)
    if kept is not None and kept.is_file():
        image = QImage(str(kept))
        if not image.isNull():
            return image
    from core.pictures.decoding import crop_picture, load_picture  # noqa: PLC0415 - see the module
    from core.rendering.compositing import overlay as lay_over  # noqa: PLC0415

    pixels = crop_picture(load_picture(job.picture_path), job.box, size_px=side_px)
    complete = True
    if overlay is not None and job.parameters is not None:
        try:
            pixels = lay_over(pixels, overlay(job.parameters, side_px, _lens_of(job)))
        except (RenderingError, CancelledError, TimeoutError) as error:
            # The crop alone is worth showing, but not worth keeping as if it were the whole.
            _log.warning("Thumbnail of sample %d has no mesh: %s", job.sample_id, error)
            complete = False
    image = _to_image(pixels)
    if complete and kept is not None and _make_folders(kept.parent):
        _keep(image, kept)
    return image


def _lens_of(job: ThumbnailJob) -> BendingLens | None:
    from core.rendering.views import bending_lens  # noqa: PLC0415 - see the module

    if job.parameters is None or job.camera is None:
        return None
    return bending_lens(job.parameters.camera, job.camera, job.box)


def _kept_file(job: ThumbnailJob, cache: Path, *, with_mesh: bool, side_px: int) -> Path:
    """The file of this sample, fit, box, camera and state of the picture; another has another name.

    A folder for each size: keeping one of a sample drops what older fits of it left there.
    """
    try:
        changed_ns = job.picture_path.stat().st_mtime_ns
    except OSError as error:
        raise PictureError(
            f"cannot be read ({error.strerror}).",
            path=job.picture_path,
            remedy="If pictures were moved, find them again: File ▸ Find pictures…",
        ) from error
    kind = "mesh" if with_mesh else "plain"
    seen = view_digest(job)
    name = f"{job.sample_id}_{job.fit_id or 0}_{changed_ns}_{kind}_{side_px}_{seen}.jpg"
    return cache / f"thumbnails_{side_px}" / f"{job.sample_id % _FOLDERS:02x}" / name


def view_digest(job: ThumbnailJob) -> str:
    """Of its box and cameras: a correction moves them, and the fit keeps its number."""
    camera = () if job.parameters is None else astuple(job.parameters.camera)
    lens = () if job.camera is None else _lens_numbers(job.camera)
    numbers = np.array([_DRAWN_AS, *astuple(job.box), *camera, *lens], dtype=np.float32)
    return hashlib.blake2b(numbers.tobytes(), digest_size=6).hexdigest()


def _lens_numbers(camera: PictureCamera) -> tuple[float, ...]:
    return (camera.focal_length_px, *camera.principal_point_px, *camera.distortion)


def _make_folders(folder: Path) -> bool:
    """Make ``folder`` and those between it and the project; False where the project is gone."""
    try:
        for missing in (folder.parents[1], folder.parent, folder):
            missing.mkdir(exist_ok=True)
    except FileNotFoundError:
        return False
    return True


def _to_image(pixels: NDArray[np.uint8]) -> QImage:
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    view = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return view.copy()  # the array's memory goes when this function returns


def _keep(image: QImage, file: Path) -> None:
    """Write whole or not at all, and drop what older fits of the sample left."""
    sample_id = file.name.split("_", 1)[0]
    # Not ``glob``: its matching holds the interpreter's lock for 2 ms where a thousand files lie.
    for name in os.listdir(file.parent):  # noqa: PTH208 - a path for each name costs as much
        if name.startswith(f"{sample_id}_") and name.endswith(".jpg"):
            (file.parent / name).unlink(missing_ok=True)
    target = QSaveFile(str(file))
    if not target.open(QIODevice.OpenModeFlag.WriteOnly):
        return
    # The stubs ask for bytes, which PySide6 itself refuses.
    if image.save(target, "JPG", _JPEG_QUALITY):  # type: ignore[call-overload]
        target.commit()
