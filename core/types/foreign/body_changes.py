"""A project's move to another body, as it is remembered."""

from __future__ import annotations

from dataclasses import dataclass

from core.types.foreign.imported_bodies import Conversion


@dataclass(frozen=True, kw_only=True)
class ConversionErrors:
    """How far bodies lie from those that they were made of, in millimetres.

    Of each body it is the mean distance of its vertices, or of its 24 joints. over_limit: how many
    bodies lie farther off than ``limit_mm``. All are 0 where there are no bodies.
    """

    bodies: int
    mean_mm: float
    p95_mm: float
    worst_mm: float
    limit_mm: float
    over_limit: int


@dataclass(frozen=True, kw_only=True)
class BodyMove:
    """Every body of a project was converted; at: UTC, ISO 8601. errors: of its fits."""

    id: int
    at: str
    author: str
    from_body: str
    to_body: str
    conversion: Conversion
    errors: ConversionErrors


@dataclass(frozen=True, kw_only=True)
class FitConversion:
    """That one fit was made with another body, and how far it lies from what it was."""

    from_body: str
    conversion: Conversion
    error_mm: float

    def __str__(self) -> str:
        """As ``converted from open body (through joints, 2.1 mm off)``."""
        return f"converted from {self.from_body} ({self.conversion}, {self.error_mm:.1f} mm off)"
