"""Fits on offer: which becomes current, which only enters the history, which is refused.

Human decisions outrank the loop: an accepted fit stays, and near copies of rejected ones stay out
(docs/database.md, "What an offered fit has to pass").
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace

from core.dictionary.fits.fit_rows import (
    find_identical,
    find_made_again,
    fit_row,
    insert_fit,
    set_current,
)
from core.dictionary.fits.rejected_duplicates import first_near_copy
from core.dictionary.storage.blobs import from_blob, is_finite
from core.dictionary.storage.body_ownership import hold_body
from core.dictionary.storage.clock import PROGRAM_AUTHOR
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import check_all_found, id_list
from core.types.arrays import NUM_JOINTS, FloatArray
from core.types.fits import NewFit, OfferOutcome, OfferResult, Verdict


@dataclass(frozen=True)
class _Bar:
    """What an offer to a sample has to beat: its current fit's id, verdict and loss, if it has one.

    corrections: how often people have corrected the sample's keypoints or box.
    """

    fit_id: int | None
    verdict: Verdict | None
    loss: float | None
    corrections: int


def offer(
    connection: Connection, fits: Sequence[NewFit], *, body_name: str | None = None
) -> list[OfferResult]:
    """Offer fits in their order, all in one transaction.

    Args:
        connection: of the project.
        fits: what is offered.
        body_name: whose fits they are; None where nobody knows.

    Raises:
        DictionaryError: the project belongs to another body; none is stored then.
        NoSuchRecordError: an offer names a sample that does not exist; none is stored then.
    """
    finite = [_is_finite_fit(fit) for fit in fits]
    results = []
    with connection.writing():
        hold_body(connection, body_name)
        bars = _bars(connection, {fit.sample_id for fit in fits})
        copied = _near_copies(connection, fits, finite)
        for fit, fit_is_finite, copy_of in zip(fits, finite, copied, strict=True):
            bar = bars[fit.sample_id]
            refusal = _refusal(fit, bar, is_finite_fit=fit_is_finite, copy_of=copy_of)
            if refusal:
                results.append(OfferResult(None, OfferOutcome.REFUSED, refusal))
                continue
            result = _store(connection, fit, bar)
            if result.outcome is OfferOutcome.BECAME_CURRENT:
                bars[fit.sample_id] = replace(
                    bar, fit_id=result.fit_id, verdict=Verdict.NONE, loss=fit.losses.comparison
                )
            results.append(result)
    return results


def _is_finite_fit(fit: NewFit) -> bool:
    losses_are_finite = all(math.isfinite(term) for term in astuple(fit.losses))
    return losses_are_finite and is_finite(fit.parameters)


def _refusal(fit: NewFit, bar: _Bar, *, is_finite_fit: bool, copy_of: int | None) -> str:
    """Why an offer is refused; empty where it is not."""
    if not is_finite_fit:
        return "The fit holds numbers that are not finite."
    if fit.annotation_revision is not None and fit.annotation_revision != bar.corrections:
        return "The fit belongs to keypoints or a box that were corrected since."
    if copy_of is not None:
        return f"The fit is a near copy of the rejected fit {copy_of}."
    return ""


def _decide(fit: NewFit, bar: _Bar) -> OfferOutcome:
    """What becomes of a fit that is not refused."""
    if fit.runner_up:
        return OfferOutcome.KEPT
    if bar.verdict is Verdict.ACCEPTED:
        return OfferOutcome.LOCKED
    # A rejected fit sets no bar: its loss was low for a wrong body.
    if bar.loss is None or bar.verdict is Verdict.REJECTED or fit.losses.comparison < bar.loss:
        return OfferOutcome.BECAME_CURRENT
    if fit.supersedes_fit_id is not None and fit.supersedes_fit_id == bar.fit_id:
        return OfferOutcome.BECAME_CURRENT
    return OfferOutcome.KEPT


def _store(connection: Connection, fit: NewFit, bar: _Bar) -> OfferResult:
    row = fit_row(fit)
    # A run that was thrown back makes its fits again, and then they count as they did before.
    fit_id = find_made_again(connection, row)
    if fit_id is None:
        # Two processes that fit the same samples make the same fits; the history holds each once.
        known = find_identical(connection, row)
        if known is not None:
            return OfferResult(known, OfferOutcome.KEPT, "The history holds this very fit already.")
        fit_id = insert_fit(connection, row)
    outcome = _decide(fit, bar)
    if outcome is OfferOutcome.BECAME_CURRENT:
        set_current(connection, fit.sample_id, fit_id, author=PROGRAM_AUTHOR)
    return OfferResult(fit_id, outcome)


def _bars(connection: Connection, sample_ids: Iterable[int]) -> dict[int, _Bar]:
    wanted = list(sample_ids)
    rows = connection.execute(
        "SELECT id, current_fit_id, current_verdict, current_loss, corrections FROM samples "
        "WHERE id IN (SELECT value FROM json_each(?))",
        (id_list(wanted),),
    )
    bars = {
        sample_id: _Bar(fit_id, None if verdict is None else Verdict(verdict), loss, corrections)
        for sample_id, fit_id, verdict, loss, corrections in rows
    }
    check_all_found("sample", wanted, bars)
    return bars


def _near_copies(
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
