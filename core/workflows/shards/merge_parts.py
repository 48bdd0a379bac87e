"""Merging what shards made: everything is offered to the project, by the dictionary's rules.

An offer that was made before changes nothing, so that a merge that was ended goes on when it is
called again, and a second one stores nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.dictionary.shards.part_files import read_part
from core.dictionary.shards.part_rows import PartRows
from core.dictionary.shards.recording import RecordedOffer, RecordedPrediction, index_of
from core.dictionary.shards.snapshots import PROJECT_KEY
from core.dictionary.storage.blobs import parameters_to_blobs
from core.dictionary.store import Dictionary
from core.errors import UserFileError
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.types.bodies import BodyParameters
from core.types.fits import NewFit
from core.types.predictions import NewPrediction, Prediction
from core.workflows.shards.found_parts import Part, found_parts, groups_of
from core.workflows.shards.merge_report import SHOWN_REFUSALS, MergeReport
from core.workflows.shards.merge_runs import MergeRuns, merge_runs

PHASE = "Merging"


def merge_parts(
    project: Path,
    paths: Sequence[Path],
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> MergeReport:
    """Offer what shards made to a project, in transactions of ``ROWS_TOGETHER``.

    Args:
        project: its folder.
        paths: parts, and folders of parts; all of one job.
        progress: told after each transaction.
        cancel: asked between transactions; those before it stay.

    Raises:
        UserFileError: a part is missing, damaged, or of other inputs than the first; nothing is
            stored then.
        StudioError: the parts are another project's, or the project cannot be written.
    """
    started, cancel = time.monotonic(), cancel or CancelToken()
    parts = found_parts(paths)
    with Dictionary.open(project) as dictionary:
        _refuse_other_project(dictionary, parts)
        with merge_runs(dictionary, parts) as runs:
            rows = sum(part.manifest.rows for part in parts)
            merge = _PartMerge(dictionary, runs, ProgressMeter(PHASE, rows, progress), cancel)
            report = merge.all(parts, _first_report(parts))
            runs.cancelled = report.cancelled
    return replace(report, seconds=time.monotonic() - started)


def _first_report(parts: Sequence[Part]) -> MergeReport:
    shards = parts[0].manifest.shard[1]
    there = {part.manifest.shard[0] for part in parts}
    missing = tuple(index for index in range(shards) if index not in there)
    return MergeReport(parts=len(parts), shards=shards, missing=missing)


def _refuse_other_project(dictionary: Dictionary, parts: Sequence[Part]) -> None:
    expected = parts[0].manifest.inputs.snapshot.project_key
    if (dictionary.settings.get(PROJECT_KEY) or "") != expected:
        raise UserFileError(
            f"the part was made from a snapshot of another project than {dictionary.project}.",
            path=parts[0].path,
            remedy="Name the project that the snapshot was made of.",
        )


@dataclass(frozen=True)
class _PartMerge:
    """Offers the rows of parts; groups only after what their members were offered alone."""

    dictionary: Dictionary
    runs: MergeRuns
    meter: ProgressMeter
    cancel: CancelToken

    def all(self, parts: Sequence[Part], report: MergeReport) -> MergeReport:
        """Everything, unless the user stops it."""
        for part in parts:
            for rows in read_part(part.path, part.manifest):
                if self.cancel.cancelled:
                    return replace(report, cancelled=True)
                report = self._rows(part, rows, report)
        groups = sum(part.manifest.groups for part in parts)
        if report.missing:
            return replace(report, groups_waiting=groups)
        for part in parts:
            for offers in groups_of(part):
                if self.cancel.cancelled:
                    return replace(report, cancelled=True)
                report = self._groups(part, offers, report)
        return report

    def _rows(self, part: Part, rows: PartRows, report: MergeReport) -> MergeReport:
        body_name = part.manifest.body_name or None
        alone = [offer for offer in rows.offers if offer.together is None]
        fits = self._as_offers(part, alone)
        results = self.dictionary.fits.offer(fits, body_name=body_name) if fits else []
        report = report.counting(results, fits)
        measured = self._measured(rows)
        predicted = self._predicted(part, rows.predictions)
        self.meter.advance(len(fits) + len(rows.detections) + len(rows.predictions))
        return replace(
            report,
            detections=report.detections + measured,
            predictions=report.predictions + predicted,
        )

    def _as_offers(self, part: Part, offers: Sequence[RecordedOffer]) -> list[NewFit]:
        """Offers of recorded fits: with the project's run, over what they were found better than.

        A fit may have been found better than one of its own job, which has a number of its own in
        the project; and one body for all pictures of a moment is truer than one for each, whichever
        shard made those.
        """
        over_own = [
            offer.fit.sample_id
            for offer in offers
            if offer.together is not None or (offer.fit.supersedes_fit_id or 0) < 0
        ]
        current = self.dictionary.fits.current(over_own)
        own_runs = set(self.runs.by_kind.values())
        made = []
        for offer in offers:
            fit, stands = offer.fit, current.get(offer.fit.sample_id)
            supersedes = fit.supersedes_fit_id
            if stands is not None and stands.run_id in own_runs:
                supersedes = stands.id
            elif supersedes is not None and supersedes < 0:
                supersedes = None
            run_id = self.runs.of(part.manifest.runs, fit.run_id)
            made.append(replace(fit, run_id=run_id, supersedes_fit_id=supersedes))
        return made

    def _groups(
        self, part: Part, groups: Sequence[Sequence[RecordedOffer]], report: MergeReport
    ) -> MergeReport:
        """Offer groups, those that are stored already left out: what stands since is a choice."""
        fits = [self._as_offers(part, group) for group in groups]
        known = iter(self.dictionary.fits.identical_ids([fit for group in fits for fit in group]))
        are_new = [None in [next(known) for _fit in group] for group in fits]
        new = [group for group, is_new in zip(fits, are_new, strict=True) if is_new]
        body_name = part.manifest.body_name or None
        results = self.dictionary.fits.offer_groups(new, body_name=body_name)
        refused = [group[0].reason for group in results if group[0].fit_id is None]
        self.meter.advance(sum(map(len, fits)))
        return replace(
            report,
            groups=report.groups + len(new) - len(refused),
            groups_refused=report.groups_refused + len(refused),
            there_already=report.there_already + sum(map(len, fits)) - sum(map(len, new)),
            refusals=(*report.refusals, *refused)[:SHOWN_REFUSALS],
        )

    def _measured(self, rows: PartRows) -> int:
        """Store what the detector saw of people whom the same networks have not measured since."""
        before = self.dictionary.detections.get_many(list(rows.detections))
        new = {
            sample_id: measured
            for sample_id, measured in rows.detections.items()
            if sample_id not in before or before[sample_id].networks != measured.networks
        }
        if new:
            self.dictionary.detections.set(new)
        return len(new)

    def _predicted(self, part: Part, recorded: Sequence[RecordedPrediction]) -> int:
        """Store predictions that are not what is stored already."""
        stored = 0
        for number in dict.fromkeys(made.set_id for made in recorded):
            some = [made.prediction for made in recorded if made.set_id == number]
            if number is None:
                stored += self._latest(part, some)
            else:
                stored += self._of_set(part, number, some)
        return stored

    def _latest(self, part: Part, predictions: Sequence[NewPrediction]) -> int:
        store = self.dictionary.predictions
        before = store.latest(made.sample_id for made in predictions)
        new = [made for made in predictions if not _is_latest(made, before.get(made.sample_id))]
        if new:
            store.store(new, body_name=part.manifest.body_name or None)
        return len(new)

    def _of_set(self, part: Part, number: int, predictions: Sequence[NewPrediction]) -> int:
        opened = part.manifest.sets[index_of(number)]
        sets = self.dictionary.prediction_sets
        set_id = sets.open(opened.name, opened.kind, source=opened.source, run_id=opened.run_id)
        before = sets.bodies(set_id, (made.sample_id for made in predictions))
        new = [
            made
            for made in predictions
            if not _same_body(made.parameters, before.get(made.sample_id))
        ]
        if new:
            sets.add(set_id, new, body_name=part.manifest.body_name or None)
        return len(new)


def _is_latest(made: NewPrediction, stored: Prediction | None) -> bool:
    return (
        stored is not None
        and (made.run_id, made.iteration) == (stored.run_id, stored.iteration)
        and _same_body(made.parameters, stored.parameters)
    )


def _same_body(made: BodyParameters, stored: BodyParameters | None) -> bool:
    return stored is not None and parameters_to_blobs(made) == parameters_to_blobs(stored)
