"""Fits on offer: which becomes current, which only enters the history, which is refused.

Human decisions outrank the loop: an accepted fit stays, and near copies of rejected ones stay out
(docs/database.md, "What an offered fit has to pass").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from operator import attrgetter

import numpy as np

from core.dictionary.fits.rejected_duplicates import first_near_copy
from core.dictionary.storage.blobs import are_finite, from_blob
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import check_all_found, id_list, removed_samples
from core.types.arrays import NUM_JOINTS, FloatArray
from core.types.fits import FitLosses, NewFit, OfferOutcome, Verdict

_TERMS = tuple(term.name for term in fields(FitLosses))
_LOSSES = attrgetter(*_TERMS)


@dataclass(frozen=True)
class AcceptanceBar:
    """What an offer to a sample has to beat: its current fit's id, verdict and loss, if it has one.

    loss: None where it is not known, too. has_keypoints: whether there is anything to measure fits
    by. corrections: how often people have corrected the sample's keypoints or box. removed: the
    sample is there no more.
    """

    fit_id: int | None
    verdict: Verdict | None
    loss: float | None
    corrections: int
    removed: bool = False
    has_keypoints: bool = True

    def replaced_by(self, fit: NewFit, fit_id: int | None) -> AcceptanceBar:
        """The bar for the next offer after ``fit`` has become current: it bears no verdict yet."""
        loss = fit.losses.comparison if fit.losses.is_measured else None
        return replace(self, fit_id=fit_id, verdict=Verdict.NONE, loss=loss)


def which_are_finite(fits: Sequence[NewFit]) -> list[bool]:
    """Of each fit, whether every loss and parameter is a finite number, or the loss not known."""
    losses = np.array([_LOSSES(fit.losses) for fit in fits], dtype=np.float64)
    losses = losses.reshape(len(fits), len(_TERMS))
    unknown = np.isposinf(losses) & (np.array(_TERMS) == "comparison")
    finite = (np.isfinite(losses) | unknown).all(axis=1)
    finite &= are_finite([fit.parameters for fit in fits])
    answers: list[bool] = finite.tolist()
    return answers


def refusal(fit: NewFit, bar: AcceptanceBar, *, finite: bool, copy_of: int | None) -> str:
    """Why an offer is refused; empty where it is not."""
    if bar.removed:
        return f"Sample {fit.sample_id} was removed."
    if not finite or (bar.has_keypoints and not fit.losses.is_measured):
        return "The fit holds numbers that are not finite."
    if fit.annotation_revision is not None and fit.annotation_revision != bar.corrections:
        return "The fit belongs to keypoints or a box that were corrected since."
    if copy_of is not None:
        return f"The fit is a near copy of the rejected fit {copy_of}."
    return ""


def decide(fit: NewFit, bar: AcceptanceBar) -> OfferOutcome:
    """What becomes of a fit that is not refused."""
    if fit.runner_up:
        return OfferOutcome.KEPT
    if bar.verdict is Verdict.ACCEPTED:
        return OfferOutcome.LOCKED
    # A rejected fit sets no bar: its loss was low for a wrong body.
    if bar.fit_id is None or bar.verdict is Verdict.REJECTED:
        return OfferOutcome.BECAME_CURRENT
    if not fit.losses.is_measured:  # nothing speaks for it
        return OfferOutcome.KEPT
    if bar.loss is None or fit.losses.comparison < bar.loss:
        return OfferOutcome.BECAME_CURRENT
    if fit.supersedes_fit_id is not None and fit.supersedes_fit_id == bar.fit_id:
        return OfferOutcome.BECAME_CURRENT
    return OfferOutcome.KEPT


def read_bars(connection: Connection, sample_ids: Iterable[int]) -> dict[int, AcceptanceBar]:
    """What offers to samples have to beat, by sample id.

    A sample that was removed since its fit was begun has a bar that nothing passes.

    Raises:
        NoSuchRecordError: there never was such a sample.
    """
    ids = list(sample_ids)
    rows = connection.execute(
        "SELECT id, current_fit_id, current_verdict, current_loss, corrections, "
        "usable_keypoints > 0 FROM samples "
        "WHERE id IN (SELECT value FROM json_each(?))",
        (id_list(ids),),
    )
    bars = {
        sample_id: AcceptanceBar(
            fit_id,
            None if verdict is None else Verdict(verdict),
            loss,
            corrections,
            has_keypoints=bool(has_keypoints),
        )
        for sample_id, fit_id, verdict, loss, corrections, has_keypoints in rows
    }
    for sample_id in removed_samples(connection, set(ids) - set(bars)):
        bars[sample_id] = AcceptanceBar(None, None, None, 0, removed=True)
    check_all_found("sample", ids, bars)
    return bars


def rejected_copies(
    connection: Connection, fits: Sequence[NewFit], finite: Sequence[bool]
) -> list[int | None]:
    """For each offer the rejected fit of its sample that it nearly repeats, or None."""
    rejected = _rejected_poses(connection, {fit.sample_id for fit in fits})
    return first_near_copy(
        [fit.parameters.pose_axis_angle for fit in fits],
        [
            rejected.get(fit.sample_id, []) if fit_is_finite else []
            for fit, fit_is_finite in zip(fits, finite, strict=True)
        ],
    )


def _rejected_poses(
    connection: Connection, sample_ids: Iterable[int]
) -> dict[int, list[tuple[int, FloatArray]]]:
    rows = connection.execute(
        "SELECT sample_id, id, pose_axis_angle FROM fits "
        "WHERE verdict = 'rejected' AND sample_id IN (SELECT value FROM json_each(?))",
        (id_list(sample_ids),),
    )
    poses: dict[int, list[tuple[int, FloatArray]]] = {}
    for sample_id, fit_id, blob in rows:
        pose = from_blob(blob, (3 * NUM_JOINTS,), what=f"pose_axis_angle of fit {fit_id}")
        poses.setdefault(sample_id, []).append((fit_id, pose))
    return poses
