"""Counts with their nouns, for sentences that a user reads."""

from __future__ import annotations


def counted(count: int, one: str, many: str) -> str:
    """A count with its noun in the right number: ``1 person``, ``3 people``."""
    return f"{count} {one if count == 1 else many}"
