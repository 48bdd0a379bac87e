"""Flagged samples, the worst first: what the failure gallery and its reports show."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable

import numpy as np

from core.dictionary.assessment.assessments import RaisedFlag
from core.dictionary.search.query import SampleQuery
from core.dictionary.search.sql_queries import Search
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import SampleIds, id_list
from core.types.flags import FlagName, reason_in_present_words

FEWER_IS_WORSE = frozenset({FlagName.FEW_KEYPOINTS, FlagName.NO_KEYPOINTS})
"""Kinds whose score is a count of keypoints; every other score is the worse the larger it is."""

_EVERYTHING = SampleQuery()

_BY_SUSPICION = """
SELECT id FROM samples
WHERE id IN (SELECT sample_id FROM flags WHERE name IN (SELECT value FROM json_each(?)))
ORDER BY suspicion IS NULL, suspicion DESC, current_loss IS NULL, current_loss DESC, id"""


class Flags:
    """The raised flags of one opened dictionary; reached as ``dictionary.flags``."""

    def __init__(self, connection: Connection, search: Search) -> None:
        self._connection, self._search = connection, search

    def of(self, sample_id: int) -> list[RaisedFlag]:
        """The raised flags of a sample with their reasons, by name."""
        return self.by_sample([sample_id]).get(int(sample_id), [])

    def by_sample(self, ids: Iterable[int]) -> dict[int, list[RaisedFlag]]:
        """The raised flags by sample id, by name; samples without any are left out."""
        rows = self._connection.execute(
            "SELECT sample_id, name, score, reason FROM flags "
            "WHERE sample_id IN (SELECT value FROM json_each(?)) ORDER BY sample_id, name",
            (id_list(ids),),
        )
        flags: dict[int, list[RaisedFlag]] = defaultdict(list)
        for sample_id, name, score, reason in rows:
            raised = RaisedFlag(FlagName(name), score, reason_in_present_words(reason))
            flags[sample_id].append(raised)
        return dict(flags)

    def counts(self, query: SampleQuery = _EVERYTHING) -> dict[FlagName, int]:
        """How many of a query's samples bear each flag; kinds that none bears are left out."""
        if query == _EVERYTHING:
            rows = self._connection.execute("SELECT name, count(*) FROM flags GROUP BY name")
            return {FlagName(name): count for name, count in rows}
        ids_by_name = defaultdict(list)
        for name, sample_id in self._connection.execute("SELECT name, sample_id FROM flags"):
            ids_by_name[name].append(sample_id)
        among = self._search.ids(query)
        counts = {
            FlagName(name): int(np.isin(ids, among).sum()) for name, ids in ids_by_name.items()
        }
        return {name: count for name, count in counts.items() if count}

    def sample_ids(
        self, names: Collection[FlagName] = (), query: SampleQuery = _EVERYTHING
    ) -> SampleIds:
        """``(N,)`` ids of a query's samples that bear any of the flags, the worst first.

        One kind is ordered by its score, several (none named: all) by suspicion; samples that were
        not assessed yet come after the others, by loss. The query's own order does not matter.
        """
        kinds = list(names) or list(FlagName)
        if len(kinds) == 1:
            direction = "ASC" if kinds[0] in FEWER_IS_WORSE else "DESC"
            rows = self._connection.execute(
                f"SELECT sample_id FROM flags WHERE name = ? ORDER BY score {direction}, sample_id",  # noqa: S608
                (kinds[0],),
            )
        else:
            rows = self._connection.execute(_BY_SUSPICION, (_name_list(kinds),))
        ids = np.array([sample_id for (sample_id,) in rows], dtype=np.int64)
        return ids if query == _EVERYTHING else ids[np.isin(ids, self._search.ids(query))]


def _name_list(names: Iterable[FlagName]) -> str:
    return json.dumps([str(name) for name in names])
