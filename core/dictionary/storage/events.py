"""The log of changes: who changed what of a sample, when, from what, to what."""

from __future__ import annotations

from collections.abc import Iterable

from core.dictionary.storage.connection import Connection
from core.dictionary.storage.logged_edits import VERDICT, log_edits
from core.types.events import Event

__all__ = ["VERDICT"]

CURRENT_FIT = "current fit"
KEYPOINTS = "keypoints"
BOX = "box"
SAMPLE = "sample"
CAMERA = "camera"
GROUP = "group"


def log_events(connection: Connection, events: Iterable[Event]) -> None:
    """Append events; the caller holds the transaction of the change, and has made it."""
    events = list(events)
    connection.execute_many(
        "INSERT INTO events (at, author, sample_id, fit_id, what, before, after) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                event.at,
                event.author,
                event.sample_id,
                event.fit_id,
                event.what,
                event.before,
                event.after,
            )
            for event in events
        ],
    )
    log_edits(connection, events)


class Events:
    """The log of one opened dictionary; reached as ``dictionary.events``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, sample_id: int) -> list[Event]:
        """Who changed what of a sample, oldest first."""
        rows = self._connection.rows(
            "SELECT at, author, sample_id, fit_id, what, before, after FROM events "
            "WHERE sample_id = ? ORDER BY id",
            (sample_id,),
        )
        return [Event(**row) for row in rows]
