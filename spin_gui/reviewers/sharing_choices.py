"""What the dialog about sharing the work asks for."""

from __future__ import annotations

from dataclasses import dataclass

from core.types.reviewing.made_errors import ErrorKind


@dataclass(frozen=True, kw_only=True)
class Division:
    """Whose samples are, by sample; None for everyone's."""

    assigned: dict[int, str | None]


@dataclass(frozen=True, kw_only=True)
class OpinionsWanted:
    """A share of the judged ones among some samples; reviewer None: anyone but the first."""

    sample_ids: tuple[int, ...]
    share: float
    reviewer: str | None


@dataclass(frozen=True, kw_only=True)
class ErrorsWanted:
    """Made errors among the listed samples, or among all."""

    only_listed: bool
    count: int
    kinds: tuple[ErrorKind, ...]
    ask_everyone: bool


@dataclass(frozen=True, kw_only=True)
class ExpertsCases:
    """Fits that an expert judged, among some samples."""

    sample_ids: tuple[int, ...]
    count: int
    expert: str


@dataclass(frozen=True)
class NothingMore:
    """No second opinion and no hidden case is asked about any more."""


SharingChoice = Division | OpinionsWanted | ErrorsWanted | ExpertsCases | NothingMore
