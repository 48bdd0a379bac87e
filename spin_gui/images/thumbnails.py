"""Thumbnails for the rows on screen, made in the background, the rows asked for last first."""

from __future__ import annotations

import os
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtGui import QImage, QPixmap

from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.system.priority_executor import PriorityExecutor
from core.types.fits import Fit
from core.types.samples import Sample, SampleRow
from spin_gui.images.byte_cache import pixmap_bytes
from spin_gui.images.memory_budgets import LIST_THUMBNAILS
from spin_gui.images.produced_cache import AHEAD, ProducedCache
from spin_gui.images.thumbnail_images import (
    THUMBNAIL_PX,
    Overlay,
    ThumbnailJob,
    make_thumbnail,
    view_digest,
)

WORKERS = 1 if (os.cpu_count() or 1) <= 2 else 2
"""On two cores a second one would only take turns with the window: grid at 12 px a frame, nothing
made before, 32 against 42 ms of stall."""
MAX_WAITING = 48
"""A few screens of rows; scrolling on, one no longer needs what was asked for before."""
FEW = 8
CALM_MS = 80
"""More new rows than that within this time are more than can be made: nothing is begun until no
new ones have come for as long. Rows that fly past are blank then, and the window stays quick."""


class ThumbnailKey(NamedTuple):
    """A sample as its current fit shows it."""

    sample_id: int
    fit_id: int | None


class ThumbnailProvider(ProducedCache[ThumbnailKey, QPixmap]):
    """Hands out pixmaps it has and makes those it lacks.

    Ask with ``pixmap`` while painting; ``ready`` and ``failed`` name the ``ThumbnailKey``. Reading
    the dictionary and making pixmaps happens on the main thread, decoding on workers.
    """

    def __init__(
        self,
        dictionary: Dictionary,
        *,
        overlay: Overlay | None = None,
        parent: QObject | None = None,
        side_px: int = THUMBNAIL_PX,
        shown_px: int | None = None,
        budget_bytes: int = LIST_THUMBNAILS,
    ) -> None:
        super().__init__(budget=budget_bytes, size_of=pixmap_bytes, parent=parent)
        self._dictionary, self._overlay = dictionary, overlay
        self._side_px = side_px
        # Made to measure on the worker: scaled while painting, each one cost most of a millisecond.
        self._shown_px = min(shown_px or side_px, side_px)
        self._asked: list[ThumbnailKey] = []
        self._waiting: list[ThumbnailKey] = []
        self._jobs: dict[ThumbnailKey, ThumbnailJob] = {}
        self._seen: dict[ThumbnailKey, str] = {}
        self._executor = PriorityExecutor("thumbnails", threads=WORKERS)
        self._start_soon = QTimer(self, singleShot=True, interval=0)
        self._start_soon.timeout.connect(self._start)
        self._new = 0
        self._calm = QTimer(self, singleShot=True, interval=CALM_MS)
        self._calm.timeout.connect(self._start_calmly)

    def pixmap(self, row: SampleRow) -> QPixmap | None:
        """The thumbnail if it is at hand; otherwise it is requested, and None now."""
        key = ThumbnailKey(row.id, row.current_fit_id)
        known = self.get(key)
        if known is None and not (self.is_pending(key) or self.is_done(key) or self._closed):
            self._asked.append(key)
            self._start_soon.start()
        return known

    def problem(self, row: SampleRow) -> str:
        """Why this row has no thumbnail, or an empty text."""
        return self.failure(ThumbnailKey(row.id, row.current_fit_id)) or ""

    @property
    def idle(self) -> bool:
        """Whether nothing is waiting and nothing is being made."""
        return not (self._asked or self._waiting or self.pending_count)

    @Slot(object)
    def forget_moved(self, sample_ids: set[int]) -> None:
        """Make those again whose box or camera was corrected: their fits keep their numbers."""
        keys = [key for key in self._values if key.sample_id in sample_ids]
        try:
            jobs = self._read_jobs(keys)
        except StudioError:  # the dictionary cannot be read, which its next reader tells
            return
        for key, job in jobs.items():
            if self._seen.get(key) != view_digest(job):
                self._values.pop(key, None)

    def close(self) -> None:
        """Drop what waits and wait for what is being made."""
        super().close()
        self._start_soon.stop()
        self._calm.stop()
        self._asked.clear()
        self._waiting.clear()
        self._executor.close()

    def _start(self) -> None:
        """Give free workers the newest requests, in the order in which the rows are painted."""
        new = len(set(self._asked).difference(self._waiting))
        self._waiting = list(dict.fromkeys([*self._asked, *self._waiting]))[:MAX_WAITING]
        self._asked.clear()
        if self._flies_past(new):
            return
        free = WORKERS - self.pending_count
        starting, self._waiting = self._waiting[:free], self._waiting[free:]
        self._jobs = self._read_jobs(starting)
        starting = list(self._jobs)
        kept = {*self._values, *self._pending}
        self._seen = {key: seen for key, seen in self._seen.items() if key in kept}
        self._seen |= {key: view_digest(job) for key, job in self._jobs.items()}
        self.request_also(dict.fromkeys(starting, AHEAD))

    def _flies_past(self, new: int) -> bool:
        """Whether rows come too fast for their thumbnails; ``new``: how many just now."""
        self._new += new
        flies = self._new > FEW
        if new and (flies or not self._calm.isActive()):
            self._calm.start()
        return flies

    def _start_calmly(self) -> None:
        self._new = 0
        self._start()

    def _read_jobs(self, keys: list[ThumbnailKey]) -> dict[ThumbnailKey, ThumbnailJob]:
        """Those of people who were removed meanwhile are left out: no row asks for them again."""
        if not keys:
            return {}
        ids = [key.sample_id for key in keys]
        fits = self._dictionary.fits.current(ids)
        samples = {sample.id: sample for sample in self._dictionary.samples.still_there(ids)}
        return {
            key: _job_of(samples[key.sample_id], fits.get(key.sample_id))
            for key in keys
            if key.sample_id in samples
        }

    def _produce(self, key: ThumbnailKey, priority: int) -> Future[QImage]:
        """Have it made on a worker.

        The key is the one asked for: where another process has put a newer fit in its place, the
        newer body is shown until the row is read again, and not asked for in a circle.
        """
        # In another project's place nothing is kept: the thumbnails would be those of its samples.
        cache = self._dictionary.file.cache_folder if self._dictionary.file.in_place else None
        return self._executor.submit(partial(self._make, self._jobs[key], cache), priority=priority)

    def _make(self, job: ThumbnailJob, cache: Path | None) -> QImage:
        """On a worker thread."""
        image = make_thumbnail(job, cache=cache, overlay=self._overlay, side_px=self._side_px)
        return _ready_to_paint(image, self._shown_px)

    def _value_of(self, produced: QImage) -> QPixmap:
        return QPixmap.fromImage(produced)

    def _on_finished(self, key: ThumbnailKey, future: Future[QImage]) -> None:
        if not self._closed:
            self._start_soon.start()
        super()._on_finished(key, future)

    def _take_failure(self, key: ThumbnailKey, error: Exception) -> None:
        super()._take_failure(key, error)
        if not isinstance(error, StudioError):
            raise error  # a fault of the program: the window shows where it comes from


def _ready_to_paint(image: QImage, side_px: int) -> QImage:
    if image.width() != side_px:
        smooth = Qt.TransformationMode.SmoothTransformation
        image = image.scaled(side_px, side_px, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def _job_of(sample: Sample, fit: Fit | None) -> ThumbnailJob:
    return ThumbnailJob(
        sample_id=sample.id,
        fit_id=fit.id if fit else None,
        picture_path=sample.picture_path,
        box=sample.box,
        parameters=fit.parameters if fit else None,
        camera=sample.camera if sample.camera.bends_lines else None,
    )
