"""Looks at what is to be imported, off the main thread, and hands on what there is to show."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage

from core.errors import Cancelled, DictionaryError, PictureError, StudioError, UserFileError
from core.formats.bodies.options import NO_PREDICTION_OPTIONS, PredictionOptions
from core.formats.read_options import NO_OPTIONS, ReadOptions
from core.formats.registry import FORMATS, guess_format, options_for
from core.geometry.boxes import Box, box_around
from core.pictures.decoding import crop_picture, load_picture, picture_size
from core.progress import CancelToken
from core.types.arrays import FloatArray
from core.types.samples import NewSample
from core.workflows.sources.found_source import FoundSource, SourceKind
from core.workflows.sources.inspect_source import FILE_VERBS, inspect_plain, inspect_source
from core.workflows.sources.picture_places import picture_of_project
from spin_gui.images.render_cache import image_of
from spin_gui.importing.dropped_files import SortedSources, sort_sources

MOST_ENTRIES = 5000
"""Of a data set of any size no more are read before it is shown; an import reads all."""

FAULT = "The program failed while it looked at this."
FAULT_TOLD = "Nothing was imported. The report says what failed; the log keeps it."
SHOWN_PX = 640
_MARGIN = 1.35


@dataclass(frozen=True, kw_only=True)
class LookRequest:
    """What is to be looked at, and what the user said of it so far.

    project: the open one, whose pictures bodies may be of.
    """

    paths: tuple[Path, ...]
    format_name: str | None = None
    images: Path | None = None
    options: ReadOptions = NO_OPTIONS
    prediction_options: PredictionOptions = NO_PREDICTION_OPTIONS
    project: Path | None = None


@dataclass(frozen=True, kw_only=True)
class FirstShown:
    """The first person, or the first of plain pictures, as it is drawn.

    plane: the square of the picture that is shown; image: it, None for blank paper. keypoints_px
    (49, 3) as in ``NewSample``; none of plain pictures. name: of the picture.
    """

    plane: Box
    box: Box
    keypoints_px: FloatArray
    name: str
    image: QImage | None = None


_NOTHING = SortedSources()


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What was found; or why it is of no use, and what to do.

    images: where pictures were found. of_project: bodies are of a picture that the open project
    has. format_name, can_be_told: of a source that was refused, what its format seems to be, and
    the ``ReadOptions`` that may help.
    """

    request: LookRequest
    sources: SortedSources = _NOTHING
    found: FoundSource | None = None
    images: Path | None = None
    first: FirstShown | None = None
    problem: str = ""
    remedy: str = ""
    of_project: bool = False
    format_name: str = ""
    can_be_told: frozenset[str] = frozenset()


class SourceLooker(QObject):
    """One look at a time; an older one is told no more once a newer has begun."""

    looked = Signal(object)
    """``Looked``."""
    _done = Signal(object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._token = CancelToken()
        self._is_looking = False
        self._done.connect(self._hand_on, Qt.ConnectionType.QueuedConnection)

    @property
    def is_looking(self) -> bool:
        """Whether a look is under way."""
        return self._is_looking

    def look(self, request: LookRequest) -> None:
        """Begin; ``looked`` follows."""
        self.stop()
        self._is_looking = True
        threading.Thread(
            target=self._work,
            args=(request, self._token),
            name="looking at an import",
            daemon=True,
        ).start()

    def stop(self) -> None:
        """Give up the look that is under way."""
        self._token.cancel()
        self._token = CancelToken()
        self._is_looking = False

    def _work(self, request: LookRequest, token: CancelToken) -> None:
        looked = Looked(request=request, problem=FAULT, remedy=FAULT_TOLD)
        try:
            looked = look_at(request, token)
        except Cancelled:
            return
        finally:  # a fault of the program is reported, and leaves no dialog that looks for ever
            with contextlib.suppress(RuntimeError):  # the dialog went meanwhile, and this with it
                self._done.emit(token, looked)

    @Slot(object, object)
    def _hand_on(self, token: CancelToken, looked: Looked) -> None:
        if token is self._token:
            self._is_looking = False
            self.looked.emit(looked)


def look_at(request: LookRequest, cancel: CancelToken) -> Looked:
    """Look, with whatever goes wrong in words.

    Raises:
        Cancelled: the look was given up.
    """
    sources = _NOTHING
    try:
        sources = sort_sources(request.paths)
        return _looked(request, sources, cancel)
    except Cancelled:
        raise
    except StudioError as error:
        refused = Looked(
            request=request, sources=sources, problem=_message(error), remedy=error.remedy
        )
    except OSError as error:
        refused = Looked(
            request=request,
            sources=sources,
            problem=f"It cannot be read: {error.strerror or error}.",
            remedy="See that the file is there and may be read.",
        )
    return _with_format(refused)


def _with_format(refused: Looked) -> Looked:
    """What may be said of a source that was refused: a list of results may lack its images."""
    source = refused.sources.source
    if source is None:
        return refused
    name = refused.request.format_name or guess_format(source)
    if name is None or name not in FORMATS:
        return refused
    return replace(refused, format_name=name, can_be_told=options_for(FORMATS[name], source))


def _looked(request: LookRequest, sources: SortedSources, cancel: CancelToken) -> Looked:
    if sources.source is None:
        found = inspect_plain(sources.plain, cancel=cancel)
        if found.first_picture is None and not found.videos:
            raise StudioError("No pictures and no videos are there.")
        first = None if found.first_picture is None else _picture_alone(found.first_picture)
        return Looked(request=request, sources=sources, found=found, first=first)
    images = request.images or sources.images
    found = _inspected(request, sources.source, images, cancel)
    if found.likely_images is not None and request.images is None:
        images = found.likely_images
        found = _inspected(request, sources.source, images, cancel)
    of_project = False
    if found.bodies:
        was_on_paper = found.first_is_on_paper
        found, of_project = _in_project(found, request.project)
        if was_on_paper and not found.first_is_on_paper and found.first_person is not None:
            images = found.first_person.picture_path.parent
    first = None if found.first_person is None else _shown(found.first_person)
    if found.kind is SourceKind.PICTURES:
        sources = SortedSources(plain=(sources.source,))
        first = None if found.first_picture is None else _picture_alone(found.first_picture)
    return Looked(
        request=request,
        sources=sources,
        found=found,
        images=images,
        first=first,
        of_project=of_project,
    )


def _inspected(
    request: LookRequest, source: Path, images: Path | None, cancel: CancelToken
) -> FoundSource:
    return inspect_source(
        source,
        format_name=request.format_name,
        images=images,
        options=request.options,
        prediction_options=request.prediction_options,
        most_entries=MOST_ENTRIES,
        cancel=cancel,
    )


def _in_project(found: FoundSource, project: Path | None) -> tuple[FoundSource, bool]:
    """Bodies on the picture of the open project that they name, and whether it has that."""
    person = found.first_person
    if project is None or person is None:
        return found, False
    try:
        picture = picture_of_project(project, person.picture_path)
        if picture is None or not found.first_is_on_paper or found.people:
            return found, picture is not None
        there = replace(person, picture_path=picture, picture_size_px=picture_size(picture))
    except (DictionaryError, PictureError):
        return found, False
    return replace(found, first_person=there, first_is_on_paper=False), True


def _shown(person: NewSample) -> FirstShown:
    """A person with some of what is around; the paper is blank where there is no picture."""
    keypoints_px = person.keypoints_px
    has_joint = keypoints_px[:, 2] > 0
    box = Box.of(person.box_center_px, person.box_scale)
    plane = box
    if has_joint.any():
        joints_px = keypoints_px[has_joint, :2]
        plane = box_around(joints_px, margin=_MARGIN) if np.ptp(joints_px) > 0 else box
    image = None
    with contextlib.suppress(PictureError):
        if person.picture_path.is_file():
            image = _image(person.picture_path, plane)
    return FirstShown(
        plane=plane,
        box=box,
        keypoints_px=keypoints_px,
        name=person.picture_path.name,
        image=image,
    )


def _picture_alone(picture: Path) -> FirstShown | None:
    try:
        width, height = picture_size(picture)
        plane = Box(width / 2, height / 2, float(max(width, height)))
        image = _image(picture, plane)
    except PictureError:
        return None
    no_one = np.zeros((49, 3), dtype=np.float32)
    return FirstShown(plane=plane, box=plane, keypoints_px=no_one, name=picture.name, image=image)


def _image(picture: Path, plane: Box) -> QImage:
    """What a square shows of a picture; clear where the picture has ended."""
    pixels = load_picture(picture)
    shown = crop_picture(pixels, plane, size_px=SHOWN_PX)
    inside = crop_picture(np.full_like(pixels, 255), plane, size_px=SHOWN_PX)
    return image_of(np.concatenate([shown, inside[..., :1]], axis=2))


def _message(error: StudioError) -> str:
    """Without the path that it begins with: the dialog shows that."""
    text = error.message
    if isinstance(error, UserFileError):
        text = text.removeprefix(f"{error.path}: ")
    if text.split(" ", 1)[0] in FILE_VERBS:
        return f"It {text}"
    return f"{text[:1].upper()}{text[1:]}"
