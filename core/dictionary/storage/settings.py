"""Settings of a project that are facts about its data, such as the body its betas belong to."""

from __future__ import annotations

from core.dictionary.storage.connection import Connection

_PUT = """
INSERT INTO settings (key, value) VALUES (?, ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value"""


class Settings:
    """The settings of one opened dictionary; reached as ``dictionary.settings``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, key: str) -> str | None:
        """A setting such as ``body_file``, or None where it was never set."""
        value: str | None = self._connection.scalar(
            "SELECT value FROM settings WHERE key = ?", (key,)
        )
        return value

    def set(self, key: str, value: str) -> None:
        """Store a setting in one transaction."""
        with self._connection.writing():
            self.put(key, value)

    def put(self, key: str, value: str) -> None:
        """Store a setting; the caller holds the transaction."""
        self._connection.execute(_PUT, (key, value))
