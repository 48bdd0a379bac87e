"""The fits of a project: offering new ones, reading those that are stored, choosing among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from core.dictionary.assessment.frame_flags import derive_frame_flags
from core.dictionary.fits.fit_acceptance import (
    AcceptanceBar,
    decide,
    read_bars,
    refusal,
    rejected_copies,
    which_are_finite,
)
from core.dictionary.fits.fit_rows import (
    SELECT_FITS,
    find_identical,
    fit_from,
    fit_row,
    insert_fit,
    set_all_current,
    set_current,
)
from core.dictionary.fits.offers import identical_ids, store_offers
from core.dictionary.storage.body_ownership import BodyOwnership
from core.dictionary.storage.clock import PROGRAM_AUTHOR
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import check_all_found, id_list
from core.errors import NoSuchRecordError
from core.types.fits import Fit, NewFit, OfferOutcome, OfferResult, Origin, Verdict

_WITH_IDS = f"{SELECT_FITS} WHERE fits.id IN (SELECT value FROM json_each(?))"  # noqa: S608 - constant

_HISTORY = f"{SELECT_FITS} WHERE fits.sample_id = ? ORDER BY fits.id DESC"

_CURRENT = """
SELECT fits.*, 1 AS is_current FROM fits WHERE fits.id IN (SELECT value FROM json_each(?))
ORDER BY fits.sample_id"""

_CURRENT_IDS = """
SELECT id, current_fit_id FROM samples
WHERE current_fit_id IS NOT NULL AND id IN (SELECT value FROM json_each(?))"""

_CURRENT_VERDICTS = """
SELECT id, current_verdict FROM samples
WHERE current_fit_id IS NOT NULL AND id IN (SELECT value FROM json_each(?))"""
_SAMPLES = "SELECT id FROM samples WHERE id IN (SELECT value FROM json_each(?))"
_OWNERS = "SELECT id, sample_id FROM fits WHERE id IN (SELECT value FROM json_each(?))"

_FIRST = f"""{SELECT_FITS} WHERE fits.sample_id = ? AND NOT fits.runner_up
    AND fits.origin NOT IN (?, ?, ?) ORDER BY fits.id LIMIT 1"""

_NOT_FITTED = (Origin.IMPORTED, Origin.GROUND_TRUTH, Origin.CORRECTED)
"""Origins of fits that SMPLify did not make."""


class Fits:
    """The fits of one opened dictionary; reached as ``dictionary.fits``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def offer(
        self, new_fits: Sequence[NewFit], *, body_name: str | None = None
    ) -> list[OfferResult]:
        """Offer fits in their order, all in one transaction; the result for each.

        Args:
            new_fits: what is offered.
            body_name: whose fits they are; None where that is unknown.

        Raises:
            DictionaryError: the project belongs to another body; none is stored then.
            NoSuchRecordError: an offer names a sample that does not exist; none is stored then.
        """
        finite = which_are_finite(new_fits)
        with self._connection.writing():
            BodyOwnership(self._connection).hold(body_name)
            bars = read_bars(self._connection, {fit.sample_id for fit in new_fits})
            refusals = self._refusals(new_fits, finite, bars)
            stored = store_offers(self._connection, new_fits, refusals, bars, author=PROGRAM_AUTHOR)
            derive_frame_flags(self._connection, stored.became_current)
        return stored.results

    def offer_group(
        self, new_fits: Sequence[NewFit], *, body_name: str | None = None
    ) -> list[OfferResult]:
        """Offer the fits of one group, one a sample: all become current, or none is stored.

        One body for all pictures is of no use where one of them keeps another body. Of samples
        whose fit is accepted no fit is offered: the others' body is the accepted one.

        Args:
            new_fits: of the members of one moment or subject.
            body_name: whose fits they are; None where that is unknown.

        Raises:
            DictionaryError, NoSuchRecordError: as ``offer``.
        """
        return self.offer_groups([new_fits], body_name=body_name)[0]

    def offer_groups(
        self, groups: Sequence[Sequence[NewFit]], *, body_name: str | None = None
    ) -> list[list[OfferResult]]:
        """``offer_group`` of many groups that share no sample, all in one transaction.

        Raises:
            DictionaryError, NoSuchRecordError: as ``offer``; no group is stored then.
        """
        with self._connection.writing():
            BodyOwnership(self._connection).hold(body_name)
            members = {fit.sample_id for group in groups for fit in group}
            bars = read_bars(self._connection, members)
            results = [self._offer_whole(group, bars) for group in groups]
            became_current = {
                fit.sample_id
                for group, of_group in zip(groups, results, strict=True)
                for fit, result in zip(group, of_group, strict=True)
                if result.outcome is OfferOutcome.BECAME_CURRENT
            }
            derive_frame_flags(self._connection, became_current)
        return results

    def _offer_whole(
        self, new_fits: Sequence[NewFit], bars: Mapping[int, AcceptanceBar]
    ) -> list[OfferResult]:
        refusals = self._refusals(new_fits, which_are_finite(new_fits), bars)
        for fit, why in zip(new_fits, refusals, strict=True):
            outcome = OfferOutcome.REFUSED if why else decide(fit, bars[fit.sample_id])
            if outcome is not OfferOutcome.BECAME_CURRENT:
                reason = f"Sample {fit.sample_id} of the group: {why or outcome}"
                return [OfferResult(None, OfferOutcome.REFUSED, reason)] * len(new_fits)
        return [self._store_of_group(fit) for fit in new_fits]

    def identical_ids(self, new_fits: Sequence[NewFit]) -> list[int | None]:
        """For each fit the first of its sample's history with the same body, loss and origin."""
        with self._connection.reading():
            return identical_ids(self._connection, new_fits)

    def _refusals(
        self,
        new_fits: Sequence[NewFit],
        finite: Sequence[bool],
        bars: Mapping[int, AcceptanceBar],
    ) -> list[str]:
        """Why each fit is refused; empty where it is not."""
        copied = rejected_copies(self._connection, new_fits, finite)
        return [
            refusal(fit, bars[fit.sample_id], finite=fit_is_finite, copy_of=copy_of)
            for fit, fit_is_finite, copy_of in zip(new_fits, finite, copied, strict=True)
        ]

    def _store_of_group(self, fit: NewFit) -> OfferResult:
        row = fit_row(fit)
        fit_id = find_identical(self._connection, row)
        if fit_id is None:
            fit_id = insert_fit(self._connection, row)
        self._set_current(fit.sample_id, fit_id)
        return OfferResult(fit_id, OfferOutcome.BECAME_CURRENT)

    def _set_current(self, sample_id: int, fit_id: int) -> None:
        """Of one offered fit; flags of neighbouring frames are derived once for all of them."""
        set_current(self._connection, sample_id, fit_id, author=PROGRAM_AUTHOR, is_one_of_many=True)

    def current(self, sample_ids: Iterable[int]) -> dict[int, Fit]:
        """The current fits by sample id; samples without one are left out."""
        with self._connection.reading():
            ids = self._connection.execute(_CURRENT_IDS, (id_list(sample_ids),))
            rows = self._connection.rows(_CURRENT, (id_list(fit_id for _id, fit_id in ids),))
        return {row["sample_id"]: fit_from(row) for row in rows}

    def current_of(self, sample_id: int) -> Fit | None:
        """The fit that the sample is shown and used with, or None."""
        return self.current([sample_id]).get(sample_id)

    def current_ids(self, sample_ids: Iterable[int]) -> dict[int, int]:
        """The ids of current fits by sample id, in the order given; without a fit: left out."""
        ids = [int(sample_id) for sample_id in sample_ids]
        current = dict(self._connection.execute(_CURRENT_IDS, (id_list(ids),)))
        return {sample_id: current[sample_id] for sample_id in ids if sample_id in current}

    def current_verdicts(self, sample_ids: Iterable[int]) -> dict[int, Verdict]:
        """The verdicts of current fits by sample id; samples without a fit are left out."""
        rows = self._connection.execute(_CURRENT_VERDICTS, (id_list(sample_ids),))
        return {sample_id: Verdict(verdict) for sample_id, verdict in rows}

    def first_of(self, sample_id: int) -> Fit | None:
        """The first fit that SMPLify made for a sample, runner-ups left out, or None."""
        rows = self._connection.rows(_FIRST, (sample_id, *_NOT_FITTED))
        return fit_from(rows[0]) if rows else None

    def history(self, sample_id: int) -> list[Fit]:
        """Every fit that the sample ever had, newest first."""
        return [fit_from(row) for row in self._connection.rows(_HISTORY, (sample_id,))]

    def get_many(self, fit_ids: Sequence[int]) -> list[Fit]:
        """Fits in the order of ``fit_ids``; raises ``NoSuchRecordError`` for an unknown one."""
        rows = self._connection.rows(_WITH_IDS, (id_list(fit_ids),))
        by_id = {row["id"]: fit_from(row) for row in rows}
        check_all_found("fit", fit_ids, by_id)
        return [by_id[int(fit_id)] for fit_id in fit_ids]

    def make_current(
        self, sample_id: int, fit_id: int | None, author: str | None = None
    ) -> int | None:
        """Make any fit of the history current, or none for None, in one transaction.

        Args:
            sample_id: the sample.
            fit_id: a fit of its history; None leaves the sample without a current fit.
            author: who chose it; the user, by default.

        Returns:
            The id of the fit that was current before: what an undo makes current.

        Raises:
            NoSuchRecordError: the sample does not exist, or never had this fit.
        """
        return self.make_all_current({sample_id: fit_id}, author)[sample_id]

    def make_all_current(
        self, fit_ids: Mapping[int, int | None], author: str | None = None
    ) -> dict[int, int | None]:
        """``make_current`` of many samples, all in one transaction; what was current, by sample.

        Raises:
            NoSuchRecordError: a sample does not exist, or never had its fit; none is made current.
        """
        author = author or self._connection.author
        with self._connection.writing():
            found = self._connection.execute(_SAMPLES, (id_list(fit_ids),))
            check_all_found("sample", fit_ids, (known for (known,) in found))
            chosen = [fit_id for fit_id in fit_ids.values() if fit_id is not None]
            owners = dict(self._connection.execute(_OWNERS, (id_list(chosen),)))
            for sample_id, fit_id in fit_ids.items():
                if fit_id is not None and owners.get(fit_id) != sample_id:
                    raise NoSuchRecordError(f"Sample {sample_id} never had a fit {fit_id}.")
            former = set_all_current(self._connection, list(fit_ids.items()), author=author)
            derive_frame_flags(self._connection, fit_ids)
        return {sample_id: former.get(sample_id, fit_id) for sample_id, fit_id in fit_ids.items()}
