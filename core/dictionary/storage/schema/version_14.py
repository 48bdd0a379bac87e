"""Version 14: why fits were rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def add_reject_reasons(database: Database) -> None:
    """Bring a file of schema 13 to schema 14; the caller holds the transaction.

    Of fits that were rejected before, no reason is known.
    """
    database.execute("ALTER TABLE fits ADD COLUMN reject_reason TEXT")
