"""What hangs on people who are to be removed, as counts."""

from __future__ import annotations

from core.dictionary.storage.connection import Connection
from core.dictionary.storage.schema.removed_tables import owned_tables
from core.types.imports import HangingOn

_COUNTS = """
SELECT
    (SELECT count(*) FROM chosen) AS people,
    (SELECT count(*) FROM (SELECT DISTINCT picture_path FROM samples WHERE id IN chosen) AS theirs
        WHERE picture_path NOT IN
            (SELECT picture_path FROM samples WHERE id NOT IN chosen)) AS pictures,
    (SELECT count(*) FROM fits WHERE sample_id IN chosen) AS fits,
    (SELECT count(*) FROM fits WHERE sample_id IN chosen AND verdict <> 'none') AS judged,
    (SELECT count(*) FROM samples WHERE id IN chosen AND (corrections > 0
        OR EXISTS (SELECT 1 FROM fits WHERE sample_id = samples.id AND made_by IS NOT NULL)))
        AS corrected,
    (SELECT count(*) FROM predictions WHERE sample_id IN chosen) AS predictions,
    (SELECT count(*) FROM group_members WHERE sample_id IN chosen) AS grouped,
    (SELECT count(DISTINCT sample_id) FROM claims WHERE sample_id IN chosen) AS in_work"""

_MADE_BY_PEOPLE = frozenset({"comments", "set_predictions"})
"""Further tables whose rows people would miss; what the program makes by itself is not named."""


def hanging_on(connection: Connection, condition: str, value: object) -> HangingOn:
    """What goes with people.

    Args:
        connection: of the dictionary.
        condition: SQL on ``samples`` with one parameter, ``:value``, that chooses them.
        value: of the parameter.
    """
    chosen = f"WITH chosen AS MATERIALIZED (SELECT id FROM samples WHERE {condition})"  # noqa: S608
    values = {"value": value}
    with connection.reading():
        (counts,) = connection.rows(f"{chosen} {_COUNTS}", values)
        others = {}
        for table in owned_tables(connection.execute):
            if table.name in _MADE_BY_PEOPLE:
                select = f"SELECT count(*) FROM {table.name} WHERE {table.key} IN chosen"  # noqa: S608
                others[table.name] = int(connection.scalar(f"{chosen} {select}", values))
    return HangingOn(**counts, others={name: count for name, count in others.items() if count})
