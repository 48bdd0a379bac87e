"""Thumbnails for the rows on screen, made in the background, the rows asked for last first."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.system.thread_priority import give_way
from core.types.samples import SampleRow
from spin_gui.images.memory_budgets import LIST_THUMBNAILS
from spin_gui.images.thumbnail_images import THUMBNAIL_PX, Overlay, ThumbnailJob, make_thumbnail

WORKERS = 1 if (os.cpu_count() or 1) <= 2 else 2
"""On two cores a second one would only take turns with the window: grid at 12 px a frame, nothing
made before, 32 against 42 ms of stall."""
MAX_WAITING = 48
"""A few screens of rows; who scrolls on no longer wants what was asked for before."""
FEW = 8
CALM_MS = 80
"""More new rows than so few within that time are more than can be made: nothing is begun until no
new ones have come for as long. Rows that fly past are blank then, and the window stays quick."""


class ThumbnailKey(NamedTuple):
    """A sample as its current fit shows it."""

    sample_id: int
    fit_id: int | None


class ThumbnailProvider(QObject):
    """Hands out pixmaps it has and makes those it lacks.

    Ask with ``pixmap`` while painting; ``ready`` names the sample once its thumbnail can be had.
    Reading the dictionary and making pixmaps happens on the main thread, decoding on workers.
    """

    ready = Signal(int)
    _made = Signal(object, object, object)

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
        super().__init__(parent)
        self._dictionary, self._overlay = dictionary, overlay
        self._side_px = side_px
        # Made to measure on the worker: scaled while painting, each one cost most of a millisecond.
        self._shown_px = min(shown_px or side_px, side_px)
        self._remembered = budget_bytes // (4 * self._shown_px**2)
        self._pixmaps: OrderedDict[ThumbnailKey, QPixmap] = OrderedDict()
        self._problems: dict[ThumbnailKey, str] = {}
        self._asked: list[ThumbnailKey] = []
        self._waiting: list[ThumbnailKey] = []
        self._in_work: set[ThumbnailKey] = set()
        self._workers = ThreadPoolExecutor(
            WORKERS, thread_name_prefix="thumbnails", initializer=give_way
        )
        self._closed = False
        self._made.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._start_soon = QTimer(self, singleShot=True, interval=0)
        self._start_soon.timeout.connect(self._start)
        self._new = 0
        self._calm = QTimer(self, singleShot=True, interval=CALM_MS)
        self._calm.timeout.connect(self._start_calmly)

    def pixmap(self, row: SampleRow) -> QPixmap | None:
        """The thumbnail if it is at hand; otherwise it is asked for, and None now."""
        key = ThumbnailKey(row.id, row.current_fit_id)
        known = self._pixmaps.get(key)
        if known is not None:
            self._pixmaps.move_to_end(key)
            return known
        if key not in self._in_work and key not in self._problems and not self._closed:
            self._asked.append(key)
            self._start_soon.start()
        return None

    def problem(self, row: SampleRow) -> str:
        """Why this row has no thumbnail, or an empty text."""
        return self._problems.get(ThumbnailKey(row.id, row.current_fit_id), "")

    @property
    def idle(self) -> bool:
        """Whether nothing is waiting and nothing is being made."""
        return not (self._asked or self._waiting or self._in_work)

    def forget_problems(self) -> None:
        """Try missing pictures again, for instance after the window came to the front."""
        self._problems.clear()

    def close(self) -> None:
        """Drop what waits and wait for what is being made."""
        self._closed = True
        self._start_soon.stop()
        self._calm.stop()
        self._asked.clear()
        self._waiting.clear()
        self._workers.shutdown(wait=True, cancel_futures=True)

    def _start(self) -> None:
        """Give free workers the newest requests, in the order in which the rows are painted."""
        new = len(set(self._asked).difference(self._waiting))
        self._waiting = _without_repeats([*self._asked, *self._waiting])[:MAX_WAITING]
        self._asked.clear()
        if self._flies_past(new):
            return
        # In another project's place nothing is kept: the thumbnails would be those of its samples.
        cache = self._dictionary.cache_folder if self._dictionary.in_place else None
        free = WORKERS - len(self._in_work)
        starting, self._waiting = self._waiting[:free], self._waiting[free:]
        for key, job in zip(starting, self._jobs(starting), strict=True):
            self._in_work.add(key)
            self._workers.submit(self._work, key, job, cache)

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

    def _jobs(self, keys: list[ThumbnailKey]) -> list[ThumbnailJob]:
        if not keys:
            return []
        ids = [key.sample_id for key in keys]
        fits = self._dictionary.current_fits(ids)
        jobs = []
        for sample in self._dictionary.samples(ids):
            fit = fits.get(sample.id)
            jobs.append(
                ThumbnailJob(
                    sample_id=sample.id,
                    fit_id=fit.id if fit else None,
                    picture_path=sample.picture_path,
                    box=sample.box,
                    parameters=fit.parameters if fit else None,
                )
            )
        return jobs

    def _work(self, key: ThumbnailKey, job: ThumbnailJob, cache: Path | None) -> None:
        """On a worker thread; whatever happens, ``_take`` hears of it exactly once.

        The key is the one asked for: where another process has put a newer fit in its place, the
        newer body is shown until the row is read again, and not asked for in a circle.
        """
        image, error = None, None
        try:
            image = make_thumbnail(job, cache=cache, overlay=self._overlay, side_px=self._side_px)
            image = _ready_to_paint(image, self._shown_px)
        except Exception as caught:  # noqa: BLE001 - raised again on the main thread
            error = caught
        self._made.emit(key, image, error)

    def _take(self, key: ThumbnailKey, image: QImage | None, error: Exception | None) -> None:
        self._in_work.discard(key)
        if self._closed:
            return
        if image is not None:
            self._pixmaps[key] = QPixmap.fromImage(image)
            while len(self._pixmaps) > self._remembered:
                self._pixmaps.popitem(last=False)
        else:
            self._problems[key] = str(error)
        self.ready.emit(key.sample_id)
        self._start_soon.start()
        if error is not None and not isinstance(error, StudioError):
            raise error


def _ready_to_paint(image: QImage, side_px: int) -> QImage:
    if image.width() != side_px:
        smooth = Qt.TransformationMode.SmoothTransformation
        image = image.scaled(side_px, side_px, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def _without_repeats(keys: Iterable[ThumbnailKey]) -> list[ThumbnailKey]:
    return list(dict.fromkeys(keys))
