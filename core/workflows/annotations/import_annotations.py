"""Import: an annotation source becomes samples of a project, all of its good entries or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.formats.annotation_format import AnnotationFormat
from core.formats.cameras.calibration_files import read_calibration
from core.formats.read_options import NO_OPTIONS, ReadOptions, as_typed
from core.formats.reader_results import AnnotationSource, ReadProblem, SkippedEntry
from core.formats.registry import FORMATS, guess_format, open_format
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.system.garbage import rare_searches
from core.types.imports import ImportSource
from core.types.keypoint_sources import KeypointSource
from core.types.samples import AddedSamples, NewSample
from core.types.sources import SourceEntry
from core.workflows.annotations.exchanged_sides import sides_asked_of_keypoints
from core.workflows.annotations.import_report import ImportReport
from core.workflows.annotations.update_people import (
    NO_ONE_MET,
    MetAgain,
    annotated_twice,
    meet_again,
)
from core.workflows.cameras.give_cameras import compare_of
from core.workflows.cameras.picture_cameras import CameraLookup
from core.workflows.new_projects import NewProject, made_project

__all__ = [
    "FORMATS",
    "AnnotationFormat",
    "ImportReport",
    "ReadOptions",
    "ReadProblem",
    "check_options",
    "format_named",
    "guess_format",
    "import_annotations",
]

MAX_PROBLEMS_KEPT = 1000
"""A wrong folder of pictures breaks every entry; no one reads a hundred thousand lines."""

_NOTHING_ADDED = AddedSamples([], 0)


@rare_searches()
def import_annotations(
    project: Path | Dictionary | NewProject,
    format_name: str,
    source: Path,
    images: Path | None = None,
    *,
    dataset: str | None = None,
    options: ReadOptions = NO_OPTIONS,
    update: bool = False,
    cameras: Path | None = None,
    opened: AnnotationSource | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ImportReport:
    """Read a source and add its people to a project, in one transaction.

    Broken entries are reported and the rest goes in. People are told by their joints: a second
    import of the same source adds nothing. Cancelled or failed, nothing of it is in the project.

    Args:
        project: the project's folder, or its dictionary when the caller has it open; or a project
            that is made once something was read that can go into it, and not before.
        format_name: a key of ``FORMATS``.
        source: the annotation file or folder.
        images: the folder of the pictures; None: beside the annotations.
        dataset: the name the samples get; None: the format's name.
        options: what the user says of the source.
        update: give people that are there already the source's joints and box, unless a person
            corrected them.
        cameras: a calibration file, also for pictures that are there. Else EXIF, then the source.
        opened: the source, where it was opened another way than its format does.
        progress: told entry by entry, with rate.
        cancel: asked before every entry.

    Raises:
        AnnotationError: nothing of the source can be used.
        Cancelled: the user asked to stop; nothing was added.
        StudioError: an unknown format, or an option that does not belong to it.
        DictionaryError: the project cannot be opened, made or written.
    """
    one_format = format_named(format_name)
    check_options(one_format, options)
    with ExitStack() as stack:
        if isinstance(project, Path):
            project = stack.enter_context(Dictionary.open(project))
        meter = ProgressMeter("Opening the annotations", 1, progress)
        name = dataset or one_format.name
        opened = opened or open_format(
            one_format, source, images, dataset=name, options=options, cancel=cancel
        )
        meter.advance()
        tally = _Tally(progress, cancel or CancelToken())
        lookup = _lookup(cameras, opened)
        samples = lookup.with_cameras(tally.samples_of(opened))
        if isinstance(project, NewProject):
            if not samples:
                return tally.report(opened)
            project = stack.enter_context(made_project(project))
        origin = ImportSource(format=format_name, sources=[source], dataset=name)
        return _write(project, samples, opened, tally, update=update, lookup=lookup, origin=origin)


def _lookup(cameras: Path | None, source: AnnotationSource) -> CameraLookup:
    calibration = None if cameras is None else read_calibration(cameras)
    return CameraLookup(calibration, lens_of=source.lens_of, stated=source.camera_of)


def _write(
    dictionary: Dictionary,
    samples: Sequence[NewSample],
    source: AnnotationSource,
    tally: _Tally,
    *,
    update: bool,
    lookup: CameraLookup,
    origin: ImportSource,
) -> ImportReport:
    met = meet_again(dictionary, samples, update=update)
    added = dictionary.samples.add(
        met.samples,
        document=source.document,
        left_over=tally.left_over,
        source=origin,
        updated=met.updated,
    )
    given = lookup.given()
    if given and added.already_there:  # pictures that were there take it, too
        dictionary.cameras.set(given, compare=compare_of(dictionary))
    report = tally.report(source, met, added, annotated_twice(dictionary, added.added_ids))
    notices = (*report.notices, *sides_asked_of_keypoints(samples), *lookup.notices())
    return replace(report, cameras=lookup.counts(), notices=notices)


class _Tally:
    """Lets samples through, counts everything else, and reports the way."""

    def __init__(self, progress: ProgressCallback, cancel: CancelToken) -> None:
        self._progress, self._cancel = progress, cancel
        self._writing: ProgressMeter | None = None
        self.skipped: Counter[str] = Counter()
        self.problems: list[ReadProblem] = []
        self.problem_count = 0
        self.without_keypoints = self.projected = 0
        self.left_over: list[SourceEntry] = []
        """Entries that became no sample, for writing them back."""

    def samples_of(self, source: AnnotationSource) -> Iterator[NewSample]:
        """Every sample of the source; the dictionary writes when it has seen the last."""
        meter = ProgressMeter("Reading annotations", source.total, self._progress)
        for results in source.entries:
            self._cancel.raise_if_cancelled()
            for result in results:
                if isinstance(result, NewSample):
                    is_projected = result.keypoint_source is KeypointSource.PROJECTED
                    has_none = not (result.keypoints_px[:, 2] > 0).any()
                    self.projected += is_projected
                    self.without_keypoints += has_none and not is_projected
                    yield result
                else:
                    self._count(result)
            meter.advance()
        self._cancel.raise_if_cancelled()
        self._writing = ProgressMeter("Writing to the project", 1, self._progress)

    def report(
        self,
        source: AnnotationSource,
        met: MetAgain = NO_ONE_MET,
        added: AddedSamples = _NOTHING_ADDED,
        twice: str | None = None,
    ) -> ImportReport:
        """What came of it; the transaction is done. twice: a notice of people annotated twice."""
        if self._writing is not None:
            self._writing.advance()
        notes = source.notes
        return ImportReport(
            added=len(added.added_ids),
            already_there=added.already_there - met.different - met.updated,
            different=met.different,
            kept_by_hand=met.kept_by_hand,
            updated=met.updated,
            without_keypoints=self.without_keypoints,
            projected=self.projected,
            skipped=dict(self.skipped),
            dropped=dict(notes.dropped),
            assumed=dict(notes.assumed),
            unused_fields=dict(notes.unused_fields),
            notices=(*notes.notices, *(name for name in (met.notice(), twice) if name)),
            problems=self.problems,
            problem_count=self.problem_count,
            import_id=added.import_id,
        )

    def _count(self, result: SkippedEntry | ReadProblem) -> None:
        if result.source is not None:
            self.left_over.append(result.source)
        if isinstance(result, SkippedEntry):
            self.skipped[result.reason] += 1
        else:
            self.problem_count += 1
            if len(self.problems) < MAX_PROBLEMS_KEPT:
                self.problems.append(result)


def format_named(name: str) -> AnnotationFormat:
    """The annotation format of a name; raises ``StudioError`` for any other name."""
    if name not in FORMATS:
        raise StudioError(
            f"No format is called {name[:80]!r}, expected one of {', '.join(sorted(FORMATS))}."
        )
    return FORMATS[name]


def check_options(one_format: AnnotationFormat, options: ReadOptions) -> None:
    """Raises ``StudioError`` for options that mean nothing for a format."""
    strange = options.given() - one_format.options
    if strange:
        raise StudioError(
            f"{one_format.title} has no option {as_typed(strange)}.",
            remedy="Leave it out for this format.",
        )
