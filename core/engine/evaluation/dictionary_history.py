"""How good the dictionary was in the course of a run, where the truth is known.

The history holds every fit, and the log of changes when each became current, so the dictionary of
any moment can be put together again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.dictionary.search.query import SampleQuery
from core.dictionary.storage.events import CURRENT_FIT
from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.engine.evaluation.body_errors import BodyErrors, ErrorSummary, body_errors
from core.engine.evaluation.tables import Spread, Table
from core.engine.project_models import project_body
from core.engine.smplify.inputs import BodyEstimate, cameras_of
from core.errors import StudioError
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.types.events import Event
from core.types.fits import Fit
from core.types.runs import Run, RunStatus
from core.types.samples import Sample

PHASE = "Reading the history"
_ALL_SAMPLES = SampleQuery()


@dataclass(frozen=True)
class DictionaryMoment:
    """The dictionary after an iteration of a run; 0 is before it began."""

    iteration: int
    errors: ErrorSummary


@dataclass(frozen=True)
class _Change:
    """From this iteration on the fit was current."""

    iteration: int
    fit: Fit


def dictionary_over_run(
    project: Path,
    run_id: int,
    *,
    moments: int = 10,
    where: SampleQuery = _ALL_SAMPLES,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> list[DictionaryMoment]:
    """Errors of the current fits before a run and at this many moments of it.

    Args:
        project: folder of the project; its dictionary is opened here, for this thread.
        run_id: of a training.
        moments: how many, evenly spread, the last one at the run's end.
        where: which samples.
        progress: told after each sample.
        cancel: asked between samples.

    Raises:
        StudioError: there is no such run, or no selected sample has both a fit and a true body.
        Cancelled: when asked to stop.
    """
    with Dictionary.open(project) as dictionary:
        run = _run(dictionary, run_id)
        body = project_body(dictionary)
        samples = dictionary.samples.get_many(dictionary.search.ids(where).tolist())
        with_truth = [sample for sample in samples if sample.ground_truth.parameters is not None]
        meter, changes = ProgressMeter(PHASE, len(with_truth), progress), []
        for sample in with_truth:
            if cancel is not None:
                cancel.raise_if_cancelled()
            changes.append(_changes(dictionary, sample, run))
            meter.advance()
    if not any(changes):
        raise StudioError(f"No sample of run {run_id} has both a fit and a true body.")
    errors = _errors(body, with_truth, changes)
    return [
        DictionaryMoment(iteration, errors.rows(_current_rows(changes, iteration)).summary())
        for iteration in _iterations(run, changes, moments)
    ]


def _errors(
    body: BodyModel, samples: Sequence[Sample], changes: Sequence[Sequence[_Change]]
) -> BodyErrors:
    """Errors of all changes, one sample's after the other's, against the samples' true bodies."""
    found = [
        (change.fit.parameters, truth, sample)
        for sample, changes_of_sample in zip(samples, changes, strict=True)
        if (truth := sample.ground_truth.parameters) is not None
        for change in changes_of_sample
    ]
    *pairs, of_samples = zip(*found, strict=True)
    cameras = cameras_of(of_samples)
    fitted, true = (BodyEstimate.from_parameters(side, cameras) for side in pairs)
    return body_errors(body, fitted, true)


def moments_table(moments: Sequence[DictionaryMoment], *, run_id: int) -> Table:
    """A row a moment."""
    return Table(
        "dictionary_over_run",
        f"The current fits in the course of run {run_id}",
        ("iteration", "people", "reconstruction, mm", "median, mm", "MPJPE, mm", "root > 60°, %"),
        tuple(
            (
                str(moment.iteration),
                str(moment.errors.people),
                Spread((moment.errors.reconstruction_mm,)),
                Spread((moment.errors.median_reconstruction_mm,)),
                Spread((moment.errors.mpjpe_mm,)),
                Spread((100 * moment.errors.wrong_root_share,)),
            )
            for moment in moments
        ),
    )


def _run(dictionary: Dictionary, run_id: int) -> Run:
    for run in dictionary.runs.all():
        if run.id == run_id:
            return run
    raise StudioError(f"{dictionary.project} has no run {run_id}.")


def _changes(dictionary: Dictionary, sample: Sample, run: Run) -> list[_Change]:
    """The fit that was current when the run began, and those that the run made current."""
    fits = {fit.id: fit for fit in dictionary.fits.history(sample.id)}
    events = [item for item in dictionary.events.of(sample.id) if item.what == CURRENT_FIT]
    before = _current_at(events, run.started_at, fits)
    changes = [] if before is None else [_Change(0, before)]
    for event in events:
        fit = _fit(event.after, fits)
        if fit is not None and fit.run_id == run.id and fit.iteration is not None:
            changes.append(_Change(fit.iteration, fit))
    return changes


def _current_at(events: Sequence[Event], moment: str, fits: Mapping[int, Fit]) -> Fit | None:
    earlier = [event for event in events if event.at < moment]
    return _fit(earlier[-1].after, fits) if earlier else None


def _fit(text: str | None, fits: Mapping[int, Fit]) -> Fit | None:
    return None if text is None else fits.get(int(text))


def _current_rows(changes: Sequence[Sequence[_Change]], iteration: int) -> list[int]:
    """Rows, among all changes one after the other, of the fits that were current then."""
    rows, first = [], 0
    for found in changes:
        reached = [index for index, one in enumerate(found) if one.iteration <= iteration]
        if reached:
            rows.append(first + reached[-1])
        first += len(found)
    return rows


def _iterations(run: Run, changes: Sequence[Sequence[_Change]], moments: int) -> list[int]:
    """0, and ``moments`` iterations up to the run's last.

    A run that did not finish did not reach what was planned: it ends at its last change.
    """
    planned = run.configuration.get("iterations")
    last = max((change.iteration for found in changes for change in found), default=0)
    if run.status is RunStatus.FINISHED and isinstance(planned, int):
        last = max(last, planned)
    return sorted({round(value) for value in np.linspace(0, last, moments + 1)})
