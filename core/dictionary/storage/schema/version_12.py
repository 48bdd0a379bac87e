"""Version 12: what a fit's objective holds for the directions of bones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def add_bone_directions(database: Database) -> None:
    """Bring a file of schema 11 to schema 12; the caller holds the transaction.

    Fits from before were made without directions, so their share of the objective is 0.
    """
    database.execute("ALTER TABLE fits ADD COLUMN bone_direction_loss REAL NOT NULL DEFAULT 0")
