"""People followed through neighbouring frames."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrackMember:
    """One sample of a track.

    place: which picture of the sequence, from 0; the places where the person was not seen are
    missing.
    """

    sample_id: int
    place: int
