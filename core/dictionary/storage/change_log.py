"""Reading the log of changed samples; triggers write it (``change_schema``)."""

from __future__ import annotations

from core.dictionary.storage.connection import Connection


def newest_change(connection: Connection) -> int:
    """The number of the newest change; 0 where nothing ever changed."""
    return int(connection.scalar("SELECT coalesce(max(id), 0) FROM changes"))


def changed_samples(connection: Connection, *, after: int, at_most: int) -> list[int] | None:
    """The ids of samples that changed after a certain change, those that are gone included.

    None where more than ``at_most`` changes were logged since, or the log does not reach back so
    far: a reader that keeps a copy then reads everything again.
    """
    oldest, newest = connection.execute(
        "SELECT (SELECT min(id) FROM changes), (SELECT max(id) FROM changes)"
    )[0]
    if newest is None or newest == after:
        return []
    if newest < after or newest - after > at_most or oldest > after + 1:
        return None
    rows = connection.execute("SELECT DISTINCT sample_id FROM changes WHERE id > ?", (after,))
    return [sample_id for (sample_id,) in rows]
