"""Which samples a list shows, in which order, and how many: everything by indexed columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.search.query_sql import SORT_COLUMNS, conditions_of, where_clause
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import SampleIds, check_all_found, id_list
from core.dictionary.storage.picture_paths import PicturePaths
from core.types.fits import Origin, Verdict
from core.types.limits import MIN_USABLE_KEYPOINTS
from core.types.samples import SampleRow

_NEVER_NULL = frozenset({SortKey.ID, SortKey.NAME, SortKey.KEYPOINTS, SortKey.IMPORTED})

_FLAG_SEPARATOR = "\x1f"

_SELECT_ROWS = """
SELECT id, name, picture_path, dataset, current_verdict, current_origin, current_loss,
    current_max_abs_beta, current_depth_m, visible_keypoints, current_fit_id, suspicion,
    (SELECT group_concat(flags.name, char(31)) FROM flags WHERE flags.sample_id = samples.id)
        AS flag_names
FROM samples WHERE id IN (SELECT value FROM json_each(?))"""

_WITHOUT_FIT = """
FROM samples WHERE usable_keypoints >= ? AND NOT EXISTS
    (SELECT 1 FROM fits WHERE fits.origin = ? AND fits.sample_id = samples.id)"""
_UNUSABLE = "FROM samples WHERE usable_keypoints < ?"
_IS_ACCEPTED = f"current_verdict IS '{Verdict.ACCEPTED.value}'"
_AWAITING_FIT = f"SELECT id {_WITHOUT_FIT} AND NOT {_IS_ACCEPTED}"

_AMONG = "AND id IN (SELECT value FROM json_each(?))"


def sample_ids(connection: Connection, query: SampleQuery) -> SampleIds:
    """The ids of the samples that a query lets through, in its order.

    Samples without a value in the sorted column come last, whatever the direction: SQLite would
    put them first in ascending order, and NULLS LAST would keep it from using the index.
    """
    conditions, parameters = conditions_of(query)
    column = SORT_COLUMNS[query.sort]
    if query.sort in _NEVER_NULL:
        return _ordered_ids(connection, conditions, parameters, column, query.descending)
    with connection.reading():
        parts = [
            _ordered_ids(
                connection,
                [*conditions, f"{column} IS NOT NULL"],
                parameters,
                column,
                query.descending,
            ),
            _ordered_ids(
                connection, [*conditions, f"{column} IS NULL"], parameters, "id", query.descending
            ),
        ]
    return np.concatenate(parts)


def _ordered_ids(
    connection: Connection,
    conditions: Sequence[str],
    parameters: Sequence[object],
    column: str,
    descending: bool,  # noqa: FBT001 - private, passed through from the query
) -> SampleIds:
    direction = "DESC" if descending else "ASC"
    order = f"{column} {direction}" + ("" if column == "id" else f", id {direction}")
    return _ids(
        connection,
        f"SELECT id FROM samples {where_clause(conditions)} ORDER BY {order}",  # noqa: S608 - own words
        parameters,
    )


def _ids(connection: Connection, select: str, parameters: Sequence[object]) -> SampleIds:
    """The ids of a SELECT with an ORDER BY, as one text.

    300 000 rows take 45 ms like this and 120 ms as Python tuples, most of it without the
    interpreter's lock. SQLite keeps a subquery's order for group_concat (select.c, where it omits
    needless ORDER BY clauses, names this exception).
    """
    text = connection.scalar(f"SELECT group_concat(id, ' ') FROM ({select})", parameters)  # noqa: S608
    return np.fromstring(text, dtype=np.int64, sep=" ") if text else np.empty(0, np.int64)


def count(connection: Connection, query: SampleQuery) -> int:
    """How many samples a query lets through."""
    conditions, parameters = conditions_of(query)
    return int(
        connection.scalar(
            f"SELECT count(*) FROM samples {where_clause(conditions)}",  # noqa: S608 - own words
            parameters,
        )
    )


def verdict_counts(connection: Connection, query: SampleQuery) -> dict[Verdict, int]:
    """How many current fits bear each verdict, by every filter but the one for verdicts.

    Samples without a fit are in none of the counts; ``count`` with ``only_without_fit`` has them.
    """
    conditions, parameters = conditions_of(replace(query, verdicts=frozenset()))
    where = where_clause([*conditions, "current_verdict IS NOT NULL"])
    counts = dict.fromkeys(Verdict, 0)
    for verdict, number in connection.execute(
        f"SELECT current_verdict, count(*) FROM samples {where} "  # noqa: S608 - own words
        "GROUP BY current_verdict",
        parameters,
    ):
        counts[Verdict(verdict)] = number
    return counts


def sample_rows(
    connection: Connection, ids: Iterable[int], pictures: PicturePaths
) -> list[SampleRow]:
    """List rows in the order of ``ids``; raises ``NoSuchRecordError`` for an unknown one."""
    wanted = [int(one) for one in ids]
    found = connection.rows(_SELECT_ROWS, (id_list(wanted),))
    by_id = {row["id"]: _sample_row_from(row, pictures) for row in found}
    check_all_found("sample", wanted, by_id)
    return [by_id[one] for one in wanted]


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
    )


def samples_awaiting_fit(
    connection: Connection, origin: Origin, *, among: Iterable[int] | None = None
) -> SampleIds:
    """Samples with enough keypoints that no fit of this origin was ever made for, by id.

    Where the current fit is accepted none is awaited: no other could take its place.

    ``among``: only these ids; None for all.
    """
    return _ids(
        connection,
        f"{_AWAITING_FIT} {'' if among is None else _AMONG} ORDER BY id",
        (MIN_USABLE_KEYPOINTS, origin, *(() if among is None else (id_list(among),))),
    )


def count_accepted_without_fit(
    connection: Connection, origin: Origin, *, among: Iterable[int] | None = None
) -> int:
    """How many of those have no fit of this origin, and an accepted one of another."""
    return int(
        connection.scalar(
            f"SELECT count(*) {_WITHOUT_FIT} AND {_IS_ACCEPTED} {'' if among is None else _AMONG}",
            (MIN_USABLE_KEYPOINTS, origin, *(() if among is None else (id_list(among),))),
        )
    )


def count_unusable(connection: Connection, *, among: Iterable[int] | None = None) -> int:
    """How many samples, or of those ``among`` some, have too few keypoints for any fit."""
    return int(
        connection.scalar(
            f"SELECT count(*) {_UNUSABLE} {'' if among is None else _AMONG}",
            (MIN_USABLE_KEYPOINTS, *(() if among is None else (id_list(among),))),
        )
    )
