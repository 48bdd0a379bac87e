"""Which samples a list shows, in which order, and how many: everything by indexed columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from core.dictionary.search.column_cache import ColumnCache, Rows
from core.dictionary.search.fit_fates import FitFates, fit_fates
from core.dictionary.search.likeness import Likeness
from core.dictionary.search.query import LikeRule, SampleQuery, SortKey
from core.dictionary.search.query_sql import SORT_COLUMNS, conditions_of, where_clause
from core.dictionary.search.sample_index import SampleIndex
from core.dictionary.search.work_facts import WorkFacts, work_facts
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import SampleIds, check_all_found, id_list
from core.dictionary.storage.picture_paths import PicturePaths
from core.types.fits import Origin, Verdict
from core.types.limits import MIN_USABLE_KEYPOINTS
from core.types.samples import SampleRow

_NEVER_NULL = frozenset(
    {SortKey.ID, SortKey.NAME, SortKey.KEYPOINTS, SortKey.IMPORTED, SortKey.LIKENESS}
)

_FLAG_SEPARATOR = "\x1f"

_SELECT_ROWS = """
SELECT id, name, picture_path, dataset, current_verdict, current_origin, current_loss,
    current_max_abs_beta, current_depth_m, visible_keypoints, current_fit_id, suspicion,
    (SELECT group_concat(flags.name, char(31)) FROM flags WHERE flags.sample_id = samples.id)
        AS flag_names,
    (SELECT name FROM view_groups JOIN group_members ON view_groups.id = coalesce(
        moment_id, subject_id) WHERE sample_id = samples.id) AS group_name,
    (SELECT count(*) FROM comments WHERE comments.sample_id = samples.id
        AND removed_at IS NULL) AS comment_count
FROM samples WHERE id IN (SELECT value FROM json_each(?))"""

_WITHOUT_FIT = """
FROM samples WHERE usable_keypoints >= ? AND NOT EXISTS
    (SELECT 1 FROM fits WHERE fits.origin = ? AND fits.iteration IS NULL
        AND fits.sample_id = samples.id)"""
# A prediction that a training stored as a fit has an iteration; it is no fit from that start.
_UNUSABLE = "FROM samples WHERE usable_keypoints < ?"
_IS_ACCEPTED = f"current_verdict IS '{Verdict.ACCEPTED.value}'"
_AWAITING_FIT = f"SELECT id {_WITHOUT_FIT} AND NOT {_IS_ACCEPTED}"

_AMONG = "AND id IN (SELECT value FROM json_each(?))"

_EVERYTHING = SampleQuery()


class Search:
    """The lists of one opened dictionary; reached as ``dictionary.search``."""

    def __init__(self, connection: Connection, pictures: PicturePaths) -> None:
        self._connection, self._pictures = connection, pictures
        self.likeness = Likeness(connection, pictures)

    # By a query

    def ids(self, query: SampleQuery = _EVERYTHING) -> SampleIds:
        """``(N,)`` ids of the samples that a query lets through, in its order.

        Samples without a value in the sorted column come last, whatever the direction: SQLite would
        put them first in ascending order, and NULLS LAST would keep it from using the index.
        """
        if query.like is not None:
            return self._ids_alike(query, query.like)
        conditions, parameters = conditions_of(query)
        column = SORT_COLUMNS[query.sort]

        def ordered(column: str, *more: str) -> SampleIds:
            select = _ordered([*conditions, *more], column, descending=query.descending)
            return self._ids(select, parameters)

        if query.sort in _NEVER_NULL:
            return ordered(column)
        with self._connection.reading():
            return np.concatenate(
                [ordered(column, f"{column} IS NOT NULL"), ordered("id", f"{column} IS NULL")]
            )

    def count(self, query: SampleQuery = _EVERYTHING) -> int:
        """How many samples a query lets through."""
        if query.like is not None:
            return len(self.ids(query))
        conditions, parameters = conditions_of(query)
        return int(
            self._connection.scalar(
                f"SELECT count(*) FROM samples {where_clause(conditions)}",  # noqa: S608 - own words
                parameters,
            )
        )

    def verdict_counts(self, query: SampleQuery = _EVERYTHING) -> dict[Verdict, int]:
        """How many current fits bear each verdict, by every filter but the one for verdicts.

        Samples without a fit are in none of the counts; ``count`` with ``only_without_fit`` has
        them.
        """
        conditions, parameters = conditions_of(replace(query, verdicts=frozenset(), like=None))
        if query.like is not None:
            conditions.append("id IN (SELECT value FROM json_each(?))")
            parameters.append(id_list(self.likeness.ranked(query.like).ids))
        where = where_clause([*conditions, "current_verdict IS NOT NULL"])
        counts = dict.fromkeys(Verdict, 0)
        for verdict, number in self._connection.execute(
            f"SELECT current_verdict, count(*) FROM samples {where} "  # noqa: S608 - own words
            "GROUP BY current_verdict",
            parameters,
        ):
            counts[Verdict(verdict)] = number
        return counts

    # Of samples

    def rows(self, ids: Iterable[int]) -> list[SampleRow]:
        """List rows in the order of ``ids``; raises ``NoSuchRecordError`` for an unknown one."""
        sample_ids = [int(sample_id) for sample_id in ids]
        rows = self.rows_there(sample_ids)
        check_all_found("sample", sample_ids, [row.id for row in rows])
        return rows

    def rows_there(self, ids: Iterable[int]) -> list[SampleRow]:
        """The same without those that are not in the project any more."""
        sample_ids = [int(sample_id) for sample_id in ids]
        found = self._connection.rows(_SELECT_ROWS, (id_list(sample_ids),))
        by_id = {row["id"]: _sample_row_from(row, self._pictures) for row in found}
        return [by_id[sample_id] for sample_id in sample_ids if sample_id in by_id]

    def fit_fates(self, ids: Iterable[int] | None = None) -> FitFates:
        """How many of some people, or of all, have a fit that leaves the project as good."""
        return fit_fates(self._connection, ids)

    def work_facts(self) -> WorkFacts:
        """How far the work is, from import to export; about a second for 300 000 samples."""
        return work_facts(self._connection)

    # In memory

    def snapshot(self) -> ColumnCache:
        """What lists are sorted and filtered by, of all samples; may go to another thread."""
        return ColumnCache.read(self._connection)

    def snapshot_in_order(self) -> tuple[ColumnCache, Mapping[SortKey, Rows]]:
        """A snapshot and its rows in every order; both of one moment."""
        with self._connection.reading():
            snapshot = self.snapshot()
            return snapshot, self.index(snapshot).made_orders()

    def index(
        self, snapshot: ColumnCache, orders: Mapping[SortKey, Rows] | None = None
    ) -> SampleIndex:
        """Answers queries from a snapshot, on this object's thread, and keeps it up to date.

        orders: of the snapshot; those that are not given are made when they are asked for.
        """
        return SampleIndex(self._connection, snapshot, ids_by_sql=self.ids, orders=orders)

    # What waits for a fit

    def awaiting_fit(self, origin: Origin, *, among: Iterable[int] | None = None) -> SampleIds:
        """``(N,)`` ids of samples with enough keypoints and without a fit of this origin, by id.

        Predictions that a training stored as fits do not count.

        Where a person accepted the current fit none is awaited: no other could take its place.

        Args:
            origin: of the fits that are made next.
            among: only these ids; None for all.
        """
        condition, ids = _among(among)
        return self._ids(
            f"{_AWAITING_FIT} {condition} ORDER BY id", (MIN_USABLE_KEYPOINTS, origin, *ids)
        )

    def count_accepted_without_fit(
        self, origin: Origin, *, among: Iterable[int] | None = None
    ) -> int:
        """How many usable samples await no fit of this origin because theirs is accepted."""
        condition, ids = _among(among)
        return int(
            self._connection.scalar(
                f"SELECT count(*) {_WITHOUT_FIT} AND {_IS_ACCEPTED} {condition}",
                (MIN_USABLE_KEYPOINTS, origin, *ids),
            )
        )

    def count_unusable(self, *, among: Iterable[int] | None = None) -> int:
        """How many samples, or of those ``among`` some, have too few keypoints for any fit."""
        condition, ids = _among(among)
        return int(
            self._connection.scalar(
                f"SELECT count(*) {_UNUSABLE} {condition}", (MIN_USABLE_KEYPOINTS, *ids)
            )
        )

    def _ids_alike(self, query: SampleQuery, rule: LikeRule) -> SampleIds:
        """The samples of a rule that the rest of the query lets through."""
        ranked, kept = self.likeness.ranked(rule).ids, self.ids(replace(query, like=None))
        if query.sort is not SortKey.LIKENESS:
            return kept[np.isin(kept, ranked)]
        among = ranked[np.isin(ranked, kept)]
        return among[::-1] if query.descending else among

    def _ids(self, select: str, parameters: Sequence[object]) -> SampleIds:
        """The ids of a SELECT with an ORDER BY, as one text.

        300 000 rows take 45 ms like this and 120 ms as Python tuples, most of it without the
        interpreter's lock. SQLite keeps a subquery's order for group_concat (select.c, where it
        omits needless ORDER BY clauses, names this exception).
        """
        text = self._connection.scalar(
            f"SELECT group_concat(id, ' ') FROM ({select})",  # noqa: S608 - own words
            parameters,
        )
        return np.fromstring(text, dtype=np.int64, sep=" ") if text else np.empty(0, np.int64)


def _ordered(conditions: Sequence[str], column: str, *, descending: bool) -> str:
    """The SELECT of ids that conditions let through, ordered by a column and then by id."""
    direction = "DESC" if descending else "ASC"
    order = f"{column} {direction}" + ("" if column == "id" else f", id {direction}")
    return f"SELECT id FROM samples {where_clause(conditions)} ORDER BY {order}"  # noqa: S608


def _among(ids: Iterable[int] | None) -> tuple[str, tuple[str, ...]]:
    """The condition that a sample is among some, with its parameter; nothing for None."""
    return ("", ()) if ids is None else (_AMONG, (id_list(ids),))


def _sample_row_from(row: Row, pictures: PicturePaths) -> SampleRow:
    verdict, origin, flag_names = row["current_verdict"], row["current_origin"], row["flag_names"]
    return SampleRow(
        id=row["id"],
        name=row["name"],
        picture_path=pictures.absolute(row["picture_path"]),
        dataset=row["dataset"],
        verdict=Verdict.NONE if verdict is None else Verdict(verdict),
        origin=None if origin is None else Origin(origin),
        loss=row["current_loss"],
        max_abs_beta=row["current_max_abs_beta"],
        depth_m=row["current_depth_m"],
        flags=tuple(sorted(flag_names.split(_FLAG_SEPARATOR))) if flag_names else (),
        visible_keypoints=row["visible_keypoints"],
        current_fit_id=row["current_fit_id"],
        suspicion=row["suspicion"],
        group=row["group_name"],
        comments=row["comment_count"],
    )
