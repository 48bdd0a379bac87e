"""Version 24: keypoints that a body's own joints stand in for, and fits whose loss is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def add_unknown_losses(database: Database) -> None:
    """Bring a file of schema 23 to schema 24; the caller holds the transaction.

    No column is new: ``keypoint_sources`` may hold a 3, which an older program would refuse person
    by person, and an infinite ``comparison_loss``, which is not known, is NULL in lists.
    """
    database.execute("UPDATE samples SET current_loss = NULL WHERE current_loss = 9e999")
