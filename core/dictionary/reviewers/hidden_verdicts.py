"""What a reviewer is not to see yet, kept out of everything that one dictionary reads.

Of a fit on which a second opinion is asked for, or of a hidden known case, the verdict that was
given is hidden until the reviewer has given theirs. It would show in many places: lists, filters,
counts, histograms, charts, logs. So it is hidden in one: temporary views take the place of the
tables that tell of it, for all that is read outside of write transactions
(``Connection.mask``). No query knows of them, and none can forget them.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.dictionary.fits.case_answers import waiting_cases
from core.dictionary.reviewers.shares import asked_fits
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import id_list
from core.types.fits import Verdict

_HIDDEN = "temp.hidden_fits"

_MAKE = "CREATE TEMP TABLE hidden_fits (fit_id INTEGER PRIMARY KEY, sample_id INTEGER NOT NULL)"
_FILL = "INSERT INTO temp.hidden_fits (fit_id, sample_id) VALUES (?, ?)"

_OF_FITS = "SELECT id, sample_id FROM main.fits WHERE id IN (SELECT value FROM json_each(?))"

_NONE = f"'{Verdict.NONE.value}'"
_VERDICT_COLUMNS = {
    "samples": {"current_verdict": _NONE},
    "fits": {"verdict": _NONE, "reject_reason": "NULL", "verdict_at": "NULL", "verdict_by": "NULL"},
}
"""What the columns of a hidden fit show."""

_OF_ROW = {"samples": "current_fit_id", "fits": "id"}

_WITHOUT = {
    "events": "what = 'verdict' AND fit_id IN",
    "opinions": "fit_id IN",
}
"""Rows that are not there, by the hidden fits."""


@dataclass(frozen=True)
class HiddenFit:
    """A fit of which the present reviewer is not to see what was said."""

    fit_id: int
    sample_id: int


class HiddenVerdicts:
    """Of one opened dictionary and its author; reached as ``dictionary.hidden``.

    Nothing is hidden until ``update`` is called: by the window, not by what exports, trains
    or counts.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._hidden: frozenset[HiddenFit] = frozenset()

    @property
    def fit_ids(self) -> frozenset[int]:
        """The fits whose verdicts are hidden now."""
        return frozenset(hidden.fit_id for hidden in self._hidden)

    def update(self) -> frozenset[int]:
        """Look again what is to be hidden from the author of this dictionary.

        Returns:
            The samples that show otherwise from now on; nothing else changed in the project.
        """
        hidden = self._to_be_hidden()
        changed = hidden ^ self._hidden
        if changed:
            self._hide(hidden)
            self._hidden = hidden
        return frozenset(hidden_fit.sample_id for hidden_fit in changed)

    def _to_be_hidden(self) -> frozenset[HiddenFit]:
        author = self._connection.author
        with self._connection.reading():
            asked = asked_fits(self._connection, author) | waiting_cases(self._connection, author)
            rows = self._connection.execute(_OF_FITS, (id_list(asked),)) if asked else []
        return frozenset(HiddenFit(*row) for row in rows)

    def _hide(self, hidden: frozenset[HiddenFit]) -> None:
        mask = self._connection.mask
        with self._connection.translated_errors():
            is_new, raw = not mask.is_made, mask.made()
            if is_new:
                for statement in (_MAKE, *_views(self._connection)):
                    raw.execute(statement)
            raw.execute("BEGIN")
            raw.execute(f"DELETE FROM {_HIDDEN}")  # noqa: S608 - own words
            raw.executemany(_FILL, [(fit.fit_id, fit.sample_id) for fit in hidden])
            raw.execute("COMMIT")


def _views(connection: Connection) -> list[str]:
    """The views that take the place of the tables of their names."""
    shown = [
        f"CREATE TEMP VIEW {table} AS SELECT {_columns(connection, table)} "  # noqa: S608
        f"FROM main.{table} AS stored LEFT JOIN {_HIDDEN} AS hidden "
        f"ON hidden.fit_id = stored.{_OF_ROW[table]}"
        for table in _VERDICT_COLUMNS
    ]
    left_out = [
        f"CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} "  # noqa: S608 - own words
        f"WHERE NOT coalesce({condition} (SELECT fit_id FROM {_HIDDEN}), 0)"
        for table, condition in _WITHOUT.items()
    ]
    return [*shown, *left_out]


def _columns(connection: Connection, table: str) -> str:
    shown = _VERDICT_COLUMNS[table]
    names = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
    return ", ".join(
        f"CASE WHEN hidden.fit_id IS NULL THEN stored.{name} ELSE {shown[name]} END AS {name}"
        if name in shown
        else f"stored.{name} AS {name}"
        for name in names
    )
