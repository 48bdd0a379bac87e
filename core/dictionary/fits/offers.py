"""Storing offered fits, a whole batch with each statement.

What becomes of each fit is decided in their order, as if they had come one by one. Then the new
ones are inserted, and those that became current are made so, by one statement a table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.dictionary.fits.fit_acceptance import AcceptanceBar, decide
from core.dictionary.fits.fit_rows import fit_rows, insert_fits, set_all_current
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import id_list
from core.types.fits import NewFit, OfferOutcome, OfferResult, Verdict

_WITH_HISTORY = (
    "SELECT DISTINCT sample_id FROM fits WHERE sample_id IN (SELECT value FROM json_each(?))"
)

_OFFERED = "(?, ?, ?, ?, ?, ?, ?, ?)"
_IDENTICAL = """
WITH offered (place, sample_id, comparison_loss, origin, pose_axis_angle, betas,
    camera_translation, crop_camera) AS (VALUES {})
SELECT offered.place, fits.id, fits.run_id, fits.iteration, fits.verdict
FROM offered CROSS JOIN fits ON fits.sample_id = offered.sample_id
    AND fits.comparison_loss = offered.comparison_loss AND fits.origin = offered.origin
    AND fits.pose_axis_angle = offered.pose_axis_angle AND fits.betas = offered.betas
    AND fits.camera_translation = offered.camera_translation
    AND fits.crop_camera IS offered.crop_camera
ORDER BY offered.place, fits.id"""
_SAME = (
    "sample_id", "comparison_loss", "origin", "pose_axis_angle", "betas", "camera_translation",
    "crop_camera",
)  # fmt: skip
"""What two fits agree in that are one and the same; SQL and Python compare all of it."""
_AT_ONCE = 64
"""Rows of one search: the statement is kept ready for batches of this size."""

_KNOWN_ALREADY = "The history holds this very fit already."


@dataclass(frozen=True)
class _StoredFit:
    """A fit with the very same body, loss and origin as an offered one."""

    id: int
    run_id: int | None
    iteration: int | None
    verdict: Verdict

    def is_made_again_by(self, row: Row) -> bool:
        """Whether the row is it, from an iteration that its run repeats after a crash.

        One that a person judged is not made again: it stays what it was judged as.
        """
        if row["run_id"] is None or row["iteration"] is None or self.iteration is None:
            return False
        same_run = row["run_id"] == self.run_id and self.iteration >= row["iteration"]
        return same_run and self.verdict is Verdict.NONE


@dataclass(frozen=True)
class StoredOffers:
    """results: of each offer, in their order. became_current: the samples whose fit changed."""

    results: list[OfferResult]
    became_current: set[int]


class _Decisions:
    """What becomes of the fits of a batch, and what has to be written for it.

    Args:
        bars: what to beat, by sample; they rise with the fits that become current.
        next_id: of the first new fit.
    """

    def __init__(self, bars: dict[int, AcceptanceBar], next_id: int) -> None:
        self._bars, self._next_id = bars, next_id
        self._made: dict[tuple[object, ...], list[_StoredFit]] = defaultdict(list)
        self.new_rows: list[Row] = []
        self.current: list[tuple[int, int]] = []

    def result(self, fit: NewFit, row: Row, stored: Sequence[_StoredFit]) -> OfferResult:
        """Decide on one fit that is not refused; ``stored`` are those identical with it."""
        same = tuple(row[name] for name in _SAME)
        alike = [*stored, *self._made[same]]
        # A run that was thrown back makes its fits again, and then they count as they did before.
        fit_id = next((known.id for known in alike if known.is_made_again_by(row)), None)
        if fit_id is None and alike:
            # Two processes that fit the same samples make the same fits; the history holds each
            # once.
            return OfferResult(alike[0].id, OfferOutcome.KEPT, _KNOWN_ALREADY)
        if fit_id is None:
            fit_id, self._next_id = self._next_id, self._next_id + 1
            self.new_rows.append({"id": fit_id, **row})
            self._made[same].append(_StoredFit(fit_id, fit.run_id, fit.iteration, Verdict.NONE))
        bar = self._bars[fit.sample_id]
        outcome = decide(fit, bar)
        if outcome is OfferOutcome.BECAME_CURRENT:
            self.current.append((fit.sample_id, fit_id))
            self._bars[fit.sample_id] = bar.replaced_by(fit, fit_id)
        return OfferResult(fit_id, outcome)


def store_offers(
    connection: Connection,
    new_fits: Sequence[NewFit],
    refusals: Sequence[str],
    bars: Mapping[int, AcceptanceBar],
    *,
    author: str,
) -> StoredOffers:
    """Store what is not refused, and make current what beats its bar.

    The caller holds the transaction, and derives the flags of neighbouring frames.

    Args:
        connection: of the dictionary.
        new_fits: in the order of the offer; several may be of one sample.
        refusals: why each is refused; empty where it is not.
        bars: what to beat, by sample.
        author: who makes fits current.
    """
    rows = fit_rows(new_fits)
    decided = _Decisions(dict(bars), _newest_id(connection) + 1)
    offers = zip(new_fits, rows, _identical(connection, rows), refusals, strict=True)
    results = [
        OfferResult(None, OfferOutcome.REFUSED, why) if why else decided.result(fit, row, alike)
        for fit, row, alike, why in offers
    ]
    insert_fits(connection, decided.new_rows)
    set_all_current(connection, decided.current, author=author)
    return StoredOffers(results, {sample_id for sample_id, _ in decided.current})


def identical_ids(connection: Connection, new_fits: Sequence[NewFit]) -> list[int | None]:
    """For each fit the id of the first stored one with the very same body, loss and origin."""
    alike = _identical(connection, fit_rows(new_fits))
    return [known[0].id if known else None for known in alike]


def _newest_id(connection: Connection) -> int:
    """The largest number that any fit ever had: no number is used twice."""
    newest = connection.scalar("SELECT seq + 0 AS newest FROM sqlite_sequence WHERE name = 'fits'")
    return int(newest or 0)


def _identical(connection: Connection, rows: Sequence[Row]) -> list[list[_StoredFit]]:
    """For each row the stored fits that have the very same body, loss and origin."""
    asked = id_list({row["sample_id"] for row in rows})
    with_history = {sample_id for (sample_id,) in connection.execute(_WITH_HISTORY, (asked,))}
    found: list[list[_StoredFit]] = [[] for _ in rows]
    places = [place for place, row in enumerate(rows) if row["sample_id"] in with_history]
    for first in range(0, len(places), _AT_ONCE):
        some = places[first : first + _AT_ONCE]
        values = [value for place in some for value in (place, *(rows[place][n] for n in _SAME))]
        sql = _IDENTICAL.format(", ".join([_OFFERED] * len(some)))
        for place, fit_id, run_id, iteration, verdict in connection.execute(sql, values):
            found[place].append(_StoredFit(fit_id, run_id, iteration, Verdict(verdict)))
    return found
