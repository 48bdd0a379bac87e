"""What a person wrote about a sample."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Comment:
    """One comment: who wrote what, when (UTC in ISO 8601)."""

    id: int
    sample_id: int
    author: str
    at: str
    text: str
