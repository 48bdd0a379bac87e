"""Another method's predictions become a prediction set of a project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.body.conventions import KEYPOINT_NAMES
from core.dictionary.fits.prediction_sets import SetKind
from core.dictionary.store import Dictionary
from core.engine.project_models import project_body, record_body
from core.errors import AnnotationError, printable
from core.formats.bodies.options import NO_PREDICTION_OPTIONS, PredictionOptions
from core.formats.bodies.prediction_files import ForeignPredictions, read_foreign_predictions
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.runs.installed_bodies import InstalledBodies
from core.runs.project_body import body_file
from core.types.foreign.imported_bodies import Conversion
from core.workflows.predictions.body_conversion import (
    BetasRule,
    BodyOf,
    ConvertedBodies,
    ReadBodies,
    convert_bodies,
)
from core.workflows.predictions.camera_placement import PredictionPlacer
from core.workflows.predictions.import_report import ImportPredictionsReport
from core.workflows.predictions.person_matching import (
    FittingLayout,
    Matches,
    Unmatched,
    fitting_layout,
    match_people,
)
from core.workflows.predictions.source_storage import SourceStorage

__all__ = ["BetasRule", "ImportPredictionsReport", "import_predictions"]

PHASE = "Importing predictions"
_BATCH = 512


def import_predictions(
    project: Path,
    name: str,
    source: Path,
    *,
    betas: BetasRule = "auto",
    options: PredictionOptions = NO_PREDICTION_OPTIONS,
    own_body: Path | None = None,
    read: ReadBodies | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ImportPredictionsReport:
    """Read a file of predictions into a prediction set; importing the same file again replaces it.

    Args:
        project: folder of the project; its dictionary is opened here, for this thread.
        name: of the set.
        source: see ``core.formats.bodies.prediction_files``.
        betas: ``keep`` takes them as the project's body's, ``mean`` drops them. ``auto``
            goes by whose they are (docs/formats.md, "Bodies as fits").
        options: what the user says of the file.
        own_body: a file of the body that the betas belong to; others are looked for beside the
            project's own.
        read: what was read of the file, where that is done already.
        progress: told after each batch.
        cancel: asked between batches; what was stored before stays.

    Raises:
        AnnotationError: the file cannot be used, or no one in it belongs to the project.
        DictionaryError: the name is taken by a set from elsewhere.
        Cancelled: the user asked to stop.
    """
    cancel = cancel or CancelToken()
    found = read.found if read is not None else read_bodies(source, options, cancel)
    with Dictionary.open(project) as dictionary:
        matches = _matches(dictionary, found, source)
        body = project_body(dictionary)
        if read is None:
            body_of = _installed(dictionary, own_body)
            converted = convert_bodies(found, body.arrays, body.name, betas=betas, body_of=body_of)
            read = ReadBodies(found, converted)
        set_id = dictionary.prediction_sets.open(
            name, SetKind.IMPORTED, source=printable(source.resolve())
        )
        record_body(dictionary, body)
        placer = PredictionPlacer(dictionary, body, found, read.converted)
        storage = SourceStorage(
            dictionary, read, method=name.strip(), source=source, options=options
        )
        meter = ProgressMeter(PHASE, len(matches.sample_by_row), progress)
        for batch in _batches(sorted(matches.sample_by_row)):
            cancel.raise_if_cancelled()
            made = placer.predictions(batch, [matches.sample_by_row[row].id for row in batch])
            made = storage.with_bodies(batch, made)
            dictionary.prediction_sets.add(set_id, made, body_name=body.name)
            meter.advance(len(batch))
        storage.store_others(matches.sample_by_row)
        truth = _true_joints(dictionary, found, matches)
    return replace(_report(name, found, matches, placer, read.converted), true_joints=truth)


def _true_joints(dictionary: Dictionary, found: ForeignPredictions, matches: Matches) -> int:
    """Store what the file states as measured in space; of how many people.

    Joints of the bodies themselves are no truth, and what is known already stays.
    """
    joints = found.joints_3d
    if joints is None or not joints.measured or joints.names != KEYPOINT_NAMES:
        return 0
    stated = np.concatenate([joints.positions_m, joints.confidence[..., None]], axis=2)
    taken = dictionary.known_people.add_true_joints(
        {
            sample.id: stated[row].astype(np.float32)
            for row, sample in matches.sample_by_row.items()
            if joints.confidence[row].any()
        }
    )
    return len(taken)


def _batches(rows: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(rows), _BATCH):
        yield rows[first : first + _BATCH]


def read_bodies(
    source: Path, options: PredictionOptions, cancel: CancelToken | None
) -> ForeignPredictions:
    """The bodies of a file; raises ``AnnotationError`` where there is none."""
    found = read_foreign_predictions(source, options, cancel)
    if not len(found):
        raise _no_usable_rows(source, found)
    return found


def _installed(dictionary: Dictionary, own_body: Path | None) -> BodyOf:
    """The bodies whose files are at hand: the one that is named, and those beside the project's."""
    installed = InstalledBodies(body_file(dictionary), own_body)
    return installed.arrays


def _matches(dictionary: Dictionary, found: ForeignPredictions, source: Path) -> Matches:
    """Whose the rows are; raises ``AnnotationError`` where none belongs to a person."""
    samples = dictionary.samples.all_keys()
    matches = match_people(found, samples)
    other_reading = fitting_layout(found, matches, samples)
    if other_reading is not None:
        raise _other_layout(source, other_reading)
    if not matches.sample_by_row:
        raise _no_match(source, found, matches.unmatched)
    return matches


def _report(
    name: str,
    found: ForeignPredictions,
    matches: Matches,
    placer: PredictionPlacer,
    converted: ConvertedBodies,
) -> ImportPredictionsReport:
    return ImportPredictionsReport(
        kept_as=name.strip(),
        imported=len(matches.sample_by_row),
        unmatched=matches.unmatched,
        problems=found.problems,
        without_body=found.without_body,
        solved_cameras=placer.solved_cameras,
        without_betas=Conversion.MEAN_SHAPE in converted.rules and bool(found.betas.any()),
        conversion_error_mm=converted.known_error_mm,
        reasons=Counter(match.reason for match in matches.unmatched),
        median_error_px=placer.check.median_error_px,
        unused_fields=tuple(found.notes.unused_fields),
        notices=(*found.notes.notices, *placer.check.notices()),
    )


def _no_usable_rows(source: Path, found: ForeignPredictions) -> AnnotationError:
    """Every row says why itself; the most frequent reason is the file's."""
    causes = [f"{count} without a body: {why}" for why, count in found.without_body.items()]
    if found.problems:
        reasons = Counter(problem.reason for problem in found.problems)
        (first, count), *others = reasons.most_common()
        more = f", and {len(others)} other reasons" if others else ""
        causes.append(f"{count} cannot be read: {first}{more}")
    return AnnotationError(
        f"none of its rows can be used ({'; '.join(causes) or 'it has none'}).",
        path=source,
        remedy="Mend the file, or give another one.",
    )


def _other_layout(source: Path, reading: FittingLayout) -> AnnotationError:
    return AnnotationError(
        f"its boxes lie on no person as they are read, but on {reading.people} of "
        f"{reading.entries} people with {reading.meaning}.",
        path=source,
        remedy=f"Say so: --{reading.option}, or choose it in the dialog.",
    )


def _no_match(
    source: Path, found: ForeignPredictions, unmatched: Sequence[Unmatched]
) -> AnnotationError:
    reason, count = Counter(entry.reason for entry in unmatched).most_common(1)[0]
    first = next(entry.picture_name for entry in unmatched if entry.reason == reason)
    return AnnotationError(
        f"none of its {len(found)} entries belongs to a person of the project ({count}: {reason}; "
        f"the first is {first!r}).",
        path=source,
        remedy="Import the pictures and people that the predictions are of first.",
    )
