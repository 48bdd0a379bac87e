"""Work divided among reviewers: whose sample is whose, and of which a second opinion is wanted.

Draws are reproducible: samples are put in the order of their names in the project (picture, data
set, person), not of their numbers, and shuffled by a seed, so that a copy draws the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.dictionary.search.reviewer_rules import ASKED_OF
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import id_list
from core.dictionary.storage.logged_edits import log_assignments
from core.errors import StudioError

_UNITS = """
SELECT samples.id, coalesce('m' || moment_id, 's' || samples.id)
FROM samples LEFT JOIN group_members ON group_members.sample_id = samples.id
WHERE samples.id IN (SELECT value FROM json_each(?))
ORDER BY picture_path, dataset, person_key"""

_ASSIGNED_NOW = """
SELECT sample_id, reviewer FROM assignments
WHERE sample_id IN (SELECT value FROM json_each(?))"""

_JUDGED = """
SELECT samples.id, samples.current_fit_id, coalesce(fits.verdict_by, '')
FROM samples JOIN fits ON fits.id = samples.current_fit_id
WHERE fits.verdict IN ('accepted', 'rejected') AND samples.id IN (SELECT value FROM json_each(?))
    AND samples.id NOT IN (SELECT sample_id FROM second_opinions)
    AND samples.id NOT IN (SELECT sample_id FROM known_cases)
    AND samples.id NOT IN (SELECT sample_id FROM made_errors)
ORDER BY picture_path, dataset, person_key"""

Assigned = Mapping[int, str | None]
"""Reviewers by sample; None for no one's."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """Assignments before and after, by sample."""

    before: Assigned
    after: Assigned

    def counts(self) -> dict[str, int]:
        """How many samples each reviewer has of these."""
        names = [name for name in self.after.values() if name is not None]
        return {name: names.count(name) for name in dict.fromkeys(names)}


class Shares:
    """Of one opened dictionary; reached as ``dictionary.shares``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def split(
        self,
        sample_ids: Iterable[int],
        reviewers: Mapping[str, float],
        *,
        seed: int | None = 0,
    ) -> Split:
        """``planned_split``, done in one transaction."""
        return self.assign(self.planned_split(sample_ids, reviewers, seed=seed))

    def planned_split(
        self,
        sample_ids: Iterable[int],
        reviewers: Mapping[str, float],
        *,
        seed: int | None = 0,
    ) -> dict[int, str | None]:
        """Whose samples would be; all samples of a moment go together. Nothing is written.

        Args:
            sample_ids: those to divide; the others stay whose they are.
            reviewers: how large each one's share is, in any unit; equal numbers are equal shares.
            seed: of the draw; None divides them into ranges by their order.

        Raises:
            StudioError: there is no reviewer, one without a name, or a share that is not positive.
        """
        _check(reviewers)
        ids = [int(sample_id) for sample_id in sample_ids]
        units = self._units(ids)
        order = list(units)
        if seed is not None:
            np.random.default_rng(seed).shuffle(order)
        after: dict[int, str | None] = {}
        sizes = np.cumsum([len(units[unit]) for unit in order])
        total, shares = len(ids), np.cumsum(list(reviewers.values()))
        bounds = shares / shares[-1] * total
        names = list(reviewers)
        for unit, end in zip(order, sizes, strict=True):
            middle = end - len(units[unit]) / 2
            after |= dict.fromkeys(units[unit], names[int(np.searchsorted(bounds, middle))])
        return after

    def assign(self, assigned: Assigned, author: str | None = None) -> Split:
        """Say whose samples are, in one transaction; ``before`` of what is returned undoes it.

        author: who divides; the user, by default.
        """
        with self._connection.writing():
            now = dict(self._connection.execute(_ASSIGNED_NOW, (id_list(assigned),)))
            before = {sample_id: now.get(sample_id) for sample_id in assigned}
            changed = [key for key, name in assigned.items() if before[key] != name]
            self._connection.execute(
                "DELETE FROM assignments WHERE sample_id IN (SELECT value FROM json_each(?))",
                (id_list(changed),),
            )
            self._connection.execute_many(
                "INSERT INTO assignments (sample_id, reviewer) VALUES (?, ?)",
                [(key, assigned[key]) for key in changed if assigned[key] is not None],
            )
            log_assignments(
                self._connection,
                before,
                assigned,
                at=utc_now(),
                author=author or self._connection.author,
            )
        return Split(before=before, after=dict(assigned))

    def assigned_counts(self) -> dict[str, int]:
        """How many samples are whose."""
        return dict(
            self._connection.execute(
                "SELECT reviewer, count(*) FROM assignments GROUP BY reviewer ORDER BY reviewer"
            )
        )

    def ask_second_opinions(
        self,
        sample_ids: Iterable[int],
        share: float,
        *,
        seed: int = 0,
        reviewer: str | None = None,
    ) -> list[int]:
        """Draw a share of the accepted and rejected fits for a blind second opinion.

        Args:
            sample_ids: among which to draw; those that are asked for already stay so.
            share: of the judged ones, 0 to 1, rounded up.
            seed: of the draw.
            reviewer: who is asked; None for anyone but who judged first.

        Returns:
            The samples drawn; ``forget_second_opinions`` takes the draw back.

        Raises:
            StudioError: the share is not above 0 and at most 1.
        """
        if not 0 < share <= 1:
            raise StudioError(f"The share is {share:g}.", remedy="Give more than 0, at most 1.")
        with self._connection.writing():
            rows = self._askable(sample_ids, reviewer)
            count = share_of(len(rows), share)
            drawn = np.random.default_rng(seed).permutation(len(rows))[:count]
            chosen = [rows[index] for index in sorted(drawn)]
            self._connection.execute_many(
                "INSERT INTO second_opinions (sample_id, fit_id, first_reviewer, reviewer, "
                "asked_at) VALUES (?, ?, ?, ?, ?)",
                [(*row, reviewer, utc_now()) for row in chosen],
            )
        return [int(row[0]) for row in chosen]

    def askable_count(self, sample_ids: Iterable[int], reviewer: str | None = None) -> int:
        """Of how many accepted and rejected fits a second opinion could be asked."""
        with self._connection.mask.lifted():
            return len(self._askable(sample_ids, reviewer))

    def _askable(
        self, sample_ids: Iterable[int], reviewer: str | None
    ) -> list[tuple[int, int, str]]:
        rows = self._connection.execute(_JUDGED, (id_list(sample_ids),))
        return [(sample, fit, first) for sample, fit, first in rows if first != reviewer]

    def forget_second_opinions(self, sample_ids: Iterable[int]) -> None:
        """Ask for none of these any more, in one transaction; opinions that were given stay."""
        with self._connection.writing():
            self._connection.execute(
                "DELETE FROM second_opinions WHERE sample_id IN (SELECT value FROM json_each(?))",
                (id_list(sample_ids),),
            )

    def asked_of(self, reviewer: str) -> frozenset[int]:
        """The fits of which a reviewer's second opinion is wanted, without a look at the first."""
        return asked_fits(self._connection, reviewer)

    def _units(self, ids: Sequence[int]) -> dict[str, list[int]]:
        """Samples that stay together, in the order of their names."""
        units: dict[str, list[int]] = {}
        for sample_id, unit in self._connection.execute(_UNITS, (id_list(ids),)):
            units.setdefault(unit, []).append(sample_id)
        return units


def share_of(count: int, share: float) -> int:
    """A share of a count, rounded up."""
    return int(np.ceil(share * count - 1e-9))


def asked_fits(connection: Connection, reviewer: str) -> frozenset[int]:
    """The fits of which a reviewer's second opinion is wanted."""
    rows = connection.execute(
        f"SELECT fit_id FROM second_opinions WHERE sample_id IN ({ASKED_OF})",  # noqa: S608
        {"name": reviewer},
    )
    return frozenset(int(fit_id) for (fit_id,) in rows)


def _check(reviewers: Mapping[str, float]) -> None:
    wrong = [
        name for name, share in reviewers.items() if not name.strip() or not 0 < share < math.inf
    ]
    if wrong or not reviewers:
        raise StudioError(
            "Reviewers need names, and shares above 0." if wrong else "No reviewer is named.",
            remedy="Write them as maria=2,jan=1, or maria,jan for equal shares.",
        )
