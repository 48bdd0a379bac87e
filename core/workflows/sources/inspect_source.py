"""Look at a file or folder that is to be imported: what it is, what it holds, what to do with it.

Everything is read as an import reads it, so that nothing is promised that an import does not keep.
Nothing is written, and no person is looked for in plain pictures.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.body.conventions import KEYPOINT_NAMES
from core.dictionary.storage.project_folder import is_project
from core.errors import AnnotationError
from core.formats.annotation_format import AnnotationFormat
from core.formats.bodies.prediction_files import ForeignPredictions, read_foreign_predictions
from core.formats.cameras.calibration_files import read_calibration
from core.formats.keypoints.datasets.people_of_bodies import BODIES_FORMAT
from core.formats.read_options import NO_OPTIONS, ReadOptions, as_typed
from core.formats.reader_results import ReadProblem, SkippedEntry
from core.formats.registry import (
    FORMATS,
    guess_format,
    open_format,
    options_for,
    recognise_source,
)
from core.formats.source_looks import files_in
from core.progress import CancelToken
from core.types.samples import NewSample
from core.workflows.annotations.import_annotations import check_options, format_named
from core.workflows.photos.picture_files import PHOTOS, VIDEO, guess_plain, plain_files
from core.workflows.sources.found_source import FoundSource, SourceKind

MAX_PROBLEMS_KEPT = 1000


def inspect_source(
    source: Path,
    *,
    format_name: str | None = None,
    images: Path | None = None,
    options: ReadOptions = NO_OPTIONS,
    cancel: CancelToken | None = None,
) -> FoundSource:
    """What a file or folder is and holds, whatever of all that is read it may be.

    Args:
        source: the file or folder.
        format_name: a key of ``FORMATS``, ``photos`` or ``video`` where the user names it.
        images: the folder of the pictures of annotations; None: beside them.
        options: what the user says of annotations.
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
        return _plain(source, name, cancel)
    if name is None:
        return _other(source, cancel)
    found = _annotations(format_named(name), source, images, options, cancel)
    if name != BODIES_FORMAT.name:
        return found
    return _with_bodies(found, _bodies(read_foreign_predictions(source, cancel=cancel)))


def _project() -> FoundSource:
    return FoundSource(
        kind=SourceKind.PROJECT,
        title="a project of SPIN Studio",
        what_next="Open it (File ▸ Open project…); a project is not imported into another one.",
    )


def _plain(source: Path, name: str, cancel: CancelToken | None) -> FoundSource:
    files = plain_files([source], cancel=cancel)
    return FoundSource(
        kind=SourceKind.PICTURES,
        format_name=name,
        title="plain pictures and videos, without annotations",
        pictures=len(files.pictures),
        videos=len(files.videos),
        what_next="Import it, and the people in it are looked for.",
    )


def _annotations(
    one_format: AnnotationFormat,
    source: Path,
    images: Path | None,
    options: ReadOptions,
    cancel: CancelToken | None,
) -> FoundSource:
    check_options(one_format, options)
    opened = open_format(
        one_format, source, images, dataset=one_format.name, options=options, cancel=cancel
    )
    tally = _ReadPeople()
    for results in opened.entries:
        if cancel is not None:
            cancel.raise_if_cancelled()
        for result in results:
            tally.take(result)
    notes = opened.notes
    fields = {f"the field {name}": count for name, count in notes.unused_fields.items()}
    can_be_told = options_for(one_format, source)
    told = f" What it does not say itself is told with {as_typed(can_be_told)}."
    return FoundSource(
        kind=SourceKind.ANNOTATIONS,
        format_name=one_format.name,
        title=one_format.title,
        pictures=len(tally.pictures),
        people=tally.people,
        joints=tally.joints(),
        first_person=tally.first,
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
        if self.first is None or (has_joint.any() and not self.first.keypoints_px[:, 2].any()):
            self.first = person

    def joints(self) -> dict[str, int]:
        """People by the name of a keypoint that they have."""
        pairs = zip(KEYPOINT_NAMES, self._have.tolist(), strict=True)
        return {name: count for name, count in pairs if count}


def _other(source: Path, cancel: CancelToken | None) -> FoundSource:
    """Bodies or a calibration; what is neither is named for what it is."""
    try:
        return _bodies(read_foreign_predictions(source, cancel=cancel))
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
            f"this is {known.what}, and it cannot be read: {_reason(not_bodies)}",
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
    """A message without the path that it begins with."""
    return error.message.removeprefix(f"{error.path}: ")


def _with_bodies(people: FoundSource, bodies: FoundSource) -> FoundSource:
    """People and bodies of one file."""
    return replace(
        people,
        bodies=bodies.bodies,
        body_names=bodies.body_names,
        cameras=bodies.cameras,
        not_used={**people.not_used, **bodies.not_used},
        assumed={**people.assumed, **bodies.assumed},
        notices=(*people.notices, *bodies.notices),
        what_next=f"Import it as {BODIES_FORMAT.name}; its bodies become fits to vet."
        if people.people
        else people.what_next,
    )


def _bodies(found: ForeignPredictions) -> FoundSource:
    notes = found.notes
    fields = {f"the field {name}": count for name, count in notes.unused_fields.items()}
    return FoundSource(
        kind=SourceKind.BODIES,
        title="bodies of another method",
        pictures=len(set(found.picture_names)),
        bodies=len(found),
        body_names=sorted({name for name in found.body_names or ("smpl",) if name}),
        cameras=_cameras_of(found),
        not_used={**found.without_body, **notes.dropped, **fields},
        assumed=dict(notes.assumed),
        notices=tuple(notes.notices),
        problems=found.problems[:MAX_PROBLEMS_KEPT],
        problem_count=len(found.problems),
        what_next="Import the people of its pictures first, then import-fits (bodies to vet) or "
        "import-predictions (bodies to compare with).",
    )


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
