"""Version 13: where the cameras of pictures stood."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def add_extrinsics(database: Database) -> None:
    """Bring a file of schema 12 to schema 13; the caller holds the transaction.

    Of cameras from before nothing is known: their calibration files are read again by
    ``cameras PROJECT FILE``.
    """
    database.execute("ALTER TABLE cameras ADD COLUMN extrinsics TEXT")
