"""Settings of a project that are facts about its data, such as the body its betas belong to."""

from __future__ import annotations

from core.dictionary.storage.connection import Connection


def setting(connection: Connection, key: str) -> str | None:
    """A setting's value, or None where it was never set."""
    value: str | None = connection.scalar("SELECT value FROM settings WHERE key = ?", (key,))
    return value


def set_setting(connection: Connection, key: str, value: str) -> None:
    """Set a value in one transaction."""
    with connection.writing():
        put_setting(connection, key, value)


def put_setting(connection: Connection, key: str, value: str) -> None:
    """Set a value inside a transaction."""
    connection.execute(
        "INSERT INTO settings (key, value) VALUES (?, ?) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )
