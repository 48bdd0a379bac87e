"""Numbers that work is asked for with."""

from __future__ import annotations

from core.errors import StudioError


def refuse_below_one(name: str, number: int | None) -> None:
    """Raise ``StudioError`` for a number below 1; None is what was not asked for."""
    if number is not None and number < 1:
        raise StudioError(f"The {name} is {number}, expected at least 1.")
