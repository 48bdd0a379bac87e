"""Reviewers and their shares as people write them: ``maria=2, jan=1``."""

from __future__ import annotations

from core.errors import StudioError


def reviewers_from_text(text: str) -> dict[str, float]:
    """Shares by name, of ``maria,jan`` or ``maria=2,jan=1``.

    Raises:
        StudioError: a share is no number, a name stands there twice, or none stands there.
    """
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, equals, share = part.partition("=")
        if name.strip() in shares:
            raise StudioError(
                f"'{name.strip()}' is named twice.",
                remedy="Name each reviewer once: maria=2,jan=1.",
            )
        try:
            shares[name.strip()] = float(share) if equals else 1.0
        except ValueError as error:
            raise StudioError(
                f"'{part}': {share!r} is no share.", remedy="Write maria=2,jan=1."
            ) from error
    return shares
