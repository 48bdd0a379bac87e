"""Look at a file or folder that is to be imported: what it is, what it holds, what to do with it.

Everything is read as an import reads it, so that nothing is promised that an import does not keep.
Nothing is written, and no person is looked for in plain pictures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.body.conventions import KEYPOINT_NAMES
from core.dictionary.storage.project_folder import is_project
from core.errors import AnnotationError
from core.formats.annotation_format import AnnotationFormat
from core.formats.bodies.options import NO_PREDICTION_OPTIONS, PredictionOptions
from core.formats.bodies.prediction_files import ForeignPredictions, read_foreign_predictions
from core.formats.cameras.calibration_files import read_calibration
from core.formats.read_options import NO_OPTIONS, ReadOptions, as_typed
from core.formats.reader_results import (
    AnnotationSource,
    ReadProblem,
    ReadResult,
    SkippedEntry,
)
from core.formats.registry import (
    FORMATS,
    guess_format,
    open_format,
    options_for,
    recognise_source,
)
from core.formats.source_looks import files_in
from core.progress import CancelToken
from core.types.foreign.imported_bodies import BODIES_FORMAT_NAME
from core.types.samples import NewSample
from core.workflows.annotations.import_annotations import check_options, format_named
from core.workflows.photos.picture_files import PHOTOS, VIDEO, guess_plain, plain_files
from core.workflows.sources.first_body import NO_CAMERA, first_body
from core.workflows.sources.found_source import FoundSource, SourceKind
from core.workflows.sources.picture_places import likely_images

MAX_PROBLEMS_KEPT = 1000
FILE_VERBS = frozenset(
    ("is", "has", "holds", "lacks", "cannot", "asks", "unpacks", "names", "needs")
)
"""With which messages begin that say something of their file."""
MOST_WITHOUT_PICTURE = 100
"""Where no picture is there, the first person is looked for in this many entries."""


def inspect_source(
    source: Path,
    *,
    format_name: str | None = None,
    images: Path | None = None,
    options: ReadOptions = NO_OPTIONS,
    prediction_options: PredictionOptions = NO_PREDICTION_OPTIONS,
    most_entries: int | None = None,
    cancel: CancelToken | None = None,
) -> FoundSource:
    """What a file or folder is and holds, whatever of all that is read it may be.

    Args:
        source: the file or folder.
        format_name: a key of ``FORMATS``, ``photos`` or ``video`` where the user names it.
        images: the folder of the pictures of annotations; None: beside them.
        options: what the user says of annotations.
        prediction_options: what the user says of bodies.
        most_entries: of annotations no more are looked at; None: all.
        cancel: asked before every entry.

    Raises:
        AnnotationError: of no use, named for what it is, with what to do.
        UnsafePickleError: a pickle that asks for what results do not need; nothing of it is run.
        PictureError: plain pictures that are not there.
        Cancelled: the user asked to stop.
        StudioError: an unknown format, or an option that does not belong to it.
    """
    if not source.exists():
        raise AnnotationError("no such file or folder.", path=source)
    if is_project(source):
        return _project()
    name = format_name or guess_plain(source) or guess_format(source)
    if name in (PHOTOS, VIDEO):
        return replace(inspect_plain([source], cancel=cancel), format_name=name)
    asked = _Asked(source, images, options, prediction_options, most_entries, cancel)
    if name is None:
        return _other(asked)
    found = _annotations(format_named(name), asked)
    if name != BODIES_FORMAT_NAME:
        return found
    return _with_bodies(found, _bodies(asked))


@dataclass(frozen=True)
class _Asked:
    """What ``inspect_source`` was asked."""

    source: Path
    images: Path | None
    options: ReadOptions
    prediction_options: PredictionOptions
    most_entries: int | None
    cancel: CancelToken | None

    @property
    def folder(self) -> Path:
        """Where the pictures are looked for."""
        beside = self.source if self.source.is_dir() else self.source.parent
        return beside if self.images is None else self.images


def _project() -> FoundSource:
    return FoundSource(
        kind=SourceKind.PROJECT,
        title="a project of SPIN Studio",
        what_next="Open it (File ▸ Open project…); a project is not imported into another one.",
    )


def inspect_plain(sources: Sequence[Path], *, cancel: CancelToken | None = None) -> FoundSource:
    """What plain pictures, videos and folders of them hold, together.

    Raises:
        PictureError: one is not there, or neither a picture nor a video.
        Cancelled: the user asked to stop.
    """
    files = plain_files(sources, cancel=cancel)
    return FoundSource(
        kind=SourceKind.PICTURES,
        format_name=PHOTOS if files.pictures else VIDEO,
        title="plain pictures and videos, without annotations",
        pictures=len(files.pictures),
        videos=len(files.videos),
        first_picture=next(iter(files.pictures), None),
        what_next="Import it, and the people in it are looked for.",
    )


def _annotations(one_format: AnnotationFormat, asked: _Asked) -> FoundSource:
    check_options(one_format, asked.options)
    opened, tally = _opened(one_format, asked, asked.options), _ReadPeople()
    is_complete = tally.read(opened.entries, asked.most_entries, asked.cancel)
    notes = opened.notes
    fields = {f"the field {name}": count for name, count in notes.unused_fields.items()}
    can_be_told = options_for(one_format, asked.source)
    told = f" What it does not say itself is told with {as_typed(can_be_told)}."
    found = FoundSource(
        kind=SourceKind.ANNOTATIONS,
        format_name=one_format.name,
        title=one_format.title,
        pictures=len(tally.pictures),
        people=tally.people,
        joints=tally.joints(),
        first_person=tally.first,
        can_be_told=can_be_told,
        is_complete=is_complete,
        entries=opened.total,
        cameras=len(tally.with_camera),
        not_used={**tally.skipped, **notes.dropped, **fields},
        assumed=dict(notes.assumed),
        notices=tuple(notes.notices),
        problems=tuple(tally.problems),
        problem_count=tally.problem_count,
        what_next=(f"Import it as {one_format.name}." + (told if can_be_told else ""))
        if tally.people
        else "Nothing of it can be imported; the problems say why. --images names the pictures' "
        "folder.",
    )
    return found if tally.people else _on_paper(found, one_format, asked)


def _opened(one_format: AnnotationFormat, asked: _Asked, options: ReadOptions) -> AnnotationSource:
    return open_format(
        one_format,
        asked.source,
        asked.images,
        dataset=one_format.name,
        options=options,
        cancel=asked.cancel,
    )


def _on_paper(found: FoundSource, one_format: AnnotationFormat, asked: _Asked) -> FoundSource:
    """The first person whose picture is not there, as if it were blank paper."""
    options = replace(asked.options, blank_pictures=True)
    tally = _ReadPeople()
    entries = _opened(one_format, asked, options).entries
    tally.read(entries, MOST_WITHOUT_PICTURE, asked.cancel)
    if tally.first is None:
        return found
    folder = asked.folder.resolve()
    return replace(
        found,
        first_person=tally.first,
        first_is_on_paper=not tally.first.picture_path.is_file(),
        likely_images=likely_images(
            asked.source, (picture.relative_to(folder) for picture in tally.pictures)
        ),
    )


class _ReadPeople:
    """Counts what a reader delivers, and keeps the first person."""

    def __init__(self) -> None:
        self.pictures: set[Path] = set()
        self.with_camera: set[Path] = set()
        self.people = 0
        self.first: NewSample | None = None
        self.skipped: Counter[str] = Counter()
        self.problems: list[ReadProblem] = []
        self.problem_count = 0
        self._have = np.zeros(len(KEYPOINT_NAMES), dtype=np.int64)

    def read(
        self,
        entries: Iterable[Sequence[ReadResult]],
        most: int | None,
        cancel: CancelToken | None,
    ) -> bool:
        """Count the results of entries; returns whether that was all of them."""
        for number, results in enumerate(entries):
            if cancel is not None:
                cancel.raise_if_cancelled()
            if number == most:
                return False
            for result in results:
                self.take(result)
        return True

    @property
    def has_first(self) -> bool:
        """Whether there is a person with joints."""
        return self.first is not None and bool(self.first.keypoints_px[:, 2].any())

    def take(self, result: NewSample | SkippedEntry | ReadProblem) -> None:
        """Count one result."""
        if isinstance(result, SkippedEntry):
            self.skipped[result.reason] += 1
        elif isinstance(result, ReadProblem):
            self.problem_count += 1
            if len(self.problems) < MAX_PROBLEMS_KEPT:
                self.problems.append(result)
        else:
            self._take_person(result)

    def _take_person(self, person: NewSample) -> None:
        self.people += 1
        self.pictures.add(person.picture_path)
        if person.camera is not None:
            self.with_camera.add(person.picture_path)
        has_joint = person.keypoints_px[:, 2] > 0
        self._have += has_joint
        if self.first is None or (has_joint.any() and not self.has_first):
            self.first = person

    def joints(self) -> dict[str, int]:
        """People by the name of a keypoint that they have."""
        pairs = zip(KEYPOINT_NAMES, self._have.tolist(), strict=True)
        return {name: count for name, count in pairs if count}


def _other(asked: _Asked) -> FoundSource:
    """Bodies or a calibration; what is neither is named for what it is."""
    source = asked.source
    try:
        return _bodies(asked)
    except AnnotationError as error:
        not_bodies = error
    try:
        return _calibration(source)
    except AnnotationError:
        known = recognise_source(source)
    if known is None:
        raise _unknown(source) from not_bodies
    if known.holds_bodies:  # and a reader has tried: what it found is what there is to say
        raise AnnotationError(
            f"this is {known.what}{_reason(not_bodies)}",
            path=source,
            remedy=not_bodies.remedy or known.remedy,
        ) from not_bodies
    raise AnnotationError(
        f"this is {known.what}.", path=source, remedy=known.remedy
    ) from not_bodies


def _unknown(source: Path) -> AnnotationError:
    """Of a folder what lies in it is told; a file is JSON here, all others have a name."""
    remedy = f"Name the format: {', '.join(sorted(FORMATS))}."
    if not source.is_dir():
        return AnnotationError(
            "is JSON, but neither annotations, bodies nor a calibration that is known.",
            path=source,
            remedy=remedy,
        )
    endings = Counter(path.suffix.lower() or path.name for path in files_in(source))
    listed = ", ".join(f"{count} × {ending}" for ending, count in endings.most_common(4))
    return AnnotationError(
        f"holds neither annotations, bodies, pictures nor a project that is known ({listed})."
        if endings
        else "is a folder without files in it.",
        path=source,
        remedy=remedy if endings else "Give the folder that the files lie in.",
    )


def _reason(error: AnnotationError) -> str:
    """A message without the path that it begins with, as the end of a sentence."""
    text = error.message.removeprefix(f"{error.path}: ")
    is_of_file = text.split(" ", 1)[0] in FILE_VERBS
    return f"; it {text}" if is_of_file else f", and it cannot be used: {text}"


def _with_bodies(people: FoundSource, bodies: FoundSource) -> FoundSource:
    """People and bodies of one file."""
    return replace(
        people,
        bodies=bodies.bodies,
        bodies_can_be_told=bodies.bodies_can_be_told,
        body_names=bodies.body_names,
        cameras=bodies.cameras,
        not_used={**people.not_used, **bodies.not_used},
        assumed={**people.assumed, **bodies.assumed},
        notices=(*people.notices, *bodies.notices),
        what_next=f"Import it as {BODIES_FORMAT_NAME}; its bodies become fits to vet."
        if people.people
        else people.what_next,
    )


def _bodies(asked: _Asked) -> FoundSource:
    found = read_foreign_predictions(asked.source, asked.prediction_options, asked.cancel)
    notes = found.notes
    named = {name for name in found.picture_names if name}
    first = first_body(found, asked.folder)
    person, has_camera = first or (None, True)
    is_there = person is not None and person.picture_path.is_file()
    fields = {f"the field {name}": count for name, count in notes.unused_fields.items()}
    return FoundSource(
        kind=SourceKind.BODIES,
        title="bodies of another method",
        pictures=len(named),
        first_person=person,
        first_is_on_paper=person is not None and not is_there,
        likely_images=None
        if person is None or is_there
        else likely_images(asked.source, (Path(Path(name).name) for name in named)),
        bodies_can_be_told=_bodies_can_be_told(found),
        bodies=len(found),
        body_names=sorted({name for name in found.body_names or ("smpl",) if name}),
        cameras=_cameras_of(found),
        not_used={**found.without_body, **notes.dropped, **fields},
        assumed=dict(notes.assumed),
        notices=(*notes.notices, *(() if has_camera else (NO_CAMERA,))),
        problems=found.problems[:MAX_PROBLEMS_KEPT],
        problem_count=len(found.problems),
        what_next=_next_of_bodies(_cameras_of(found)),
    )


def _next_of_bodies(cameras: int) -> str:
    if cameras:
        return (
            f"Import it as {BODIES_FORMAT_NAME}: who is in the project at the place of a body gets "
            "it as a fit to vet, others come in as new people. import-fits takes who is there "
            "alone, import-predictions brings bodies to compare with."
        )
    return (
        "Import the people of its pictures first, then import-fits (bodies to vet) or "
        "import-predictions (bodies to compare with)."
    )


def _bodies_can_be_told(found: ForeignPredictions) -> frozenset[str]:
    """The ``PredictionOptions`` that mean something for a file; none for what we wrote."""
    if found.own_export:
        return frozenset()
    told = {"frame"} if not found.without_roots else set()
    if found.raw_boxes is not None:
        told.add("boxes")
    if found.has_scales:
        told.add("scale")
    if _cameras_of(found):
        told.add("camera")
    return frozenset(told)


def _cameras_of(found: ForeignPredictions) -> int:
    if found.picture_cameras is not None:
        return int(np.isfinite(found.picture_cameras.translation).all(axis=1).sum())
    return int(np.isfinite(found.camera_translation).all(axis=1).sum())


def _calibration(source: Path) -> FoundSource:
    cameras = read_calibration(source)
    return FoundSource(
        kind=SourceKind.CALIBRATION,
        title="a calibration of cameras",
        cameras=len(cameras.by_name) + len(cameras.by_picture),
        notices=tuple(cameras.problems),
        what_next="Give it beside annotations as --cameras, or to pictures that are there with "
        "the command cameras.",
    )
