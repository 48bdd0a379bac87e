"""What an export is asked for, whatever the format: of whom, where to, and how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

import numpy as np

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.storage.ids import SampleIds
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress

_PAGE = 1000
_EVERYTHING = SampleQuery()
_IN_ORDER = SampleQuery(sort=SortKey.ID)

LEAST_SIDE_PX, MOST_SIDE_PX = 16, 8192


class DrawnView(StrEnum):
    """What an exported picture shows of a person."""

    OVERLAY = "overlay"
    TOP = "top"
    SIDE = "side"
    PICTURE = "picture"


VIEW_MEANINGS = {
    DrawnView.OVERLAY: "the body over its crop",
    DrawnView.TOP: "the body from above",
    DrawnView.SIDE: "the body from the side",
    DrawnView.PICTURE: "everybody over the whole picture, in its own size",
}


@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """What some of the formats let one choose.

    together: meshes of one picture in one file, before one camera. skeleton: GLB with bones and
    skin. as_npz: SMPLify-X's results as npz in place of pickles. frame_rate_hz: of sequences, where
    their videos do not tell; None: 30. views and size_px: of drawn pictures, and the side of their
    crops in pixels.

    Raises:
        StudioError: a rate that is not above 0, a size outside 16..8192, or no view.
    """

    together: bool = False
    skeleton: bool = True
    as_npz: bool = False
    frame_rate_hz: float | None = None
    views: tuple[DrawnView, ...] = (DrawnView.OVERLAY,)
    size_px: int = 512

    def __post_init__(self) -> None:
        if self.frame_rate_hz is not None and not 0 < self.frame_rate_hz < float("inf"):
            raise StudioError(
                f"The frame rate is {self.frame_rate_hz:g}, expected frames a second above 0."
            )
        if not LEAST_SIDE_PX <= self.size_px <= MOST_SIDE_PX:
            raise StudioError(
                f"The size is {self.size_px} px, expected {LEAST_SIDE_PX} to {MOST_SIDE_PX}."
            )
        if not self.views:
            raise StudioError("There is no view to draw.", remedy=f"Name some of {[*DrawnView]}.")


@dataclass(frozen=True, kw_only=True)
class ExportRequest:
    """One export. Of whom: ``sample_ids`` where they are given, else whom a query lets through.

    out: the file to write, or the folder where a format makes a file of each body.
    """

    out: Path
    query: SampleQuery = _EVERYTHING
    sample_ids: tuple[int, ...] | None = None
    overwrite: bool = False
    options: ExportOptions = field(default_factory=ExportOptions)
    progress: ProgressCallback = ignore_progress
    cancel: CancelToken | None = None

    @property
    def is_everything(self) -> bool:
        """Whether it asks for all people of the project."""
        in_order = replace(self.query, sort=SortKey.ID, descending=False)
        return self.sample_ids is None and in_order == _IN_ORDER

    def ids(self, dictionary: Dictionary) -> SampleIds:
        """``(N,)`` of whom, in the order of their ids; people who were removed are left out."""
        if self.sample_ids is None:
            return dictionary.search.ids(replace(self.query, sort=SortKey.ID, descending=False))
        asked = np.array(sorted(set(self.sample_ids)), dtype=np.int64)
        return asked[np.isin(asked, dictionary.search.ids())]

    def pages(self, ids: Sequence[int] | SampleIds, phase: str) -> Iterator[list[int]]:
        """The ids a thousand at a time, with progress.

        Raises:
            Cancelled: the user asked to stop.
        """
        meter = ProgressMeter(phase, len(ids), self.progress)
        for start in range(0, len(ids), _PAGE):
            if self.cancel is not None:
                self.cancel.raise_if_cancelled()
            page = [int(sample_id) for sample_id in ids[start : start + _PAGE]]
            yield page
            meter.advance(len(page))
