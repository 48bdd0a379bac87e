"""Windows of pictures as images, decoded and shrunk ahead of their being looked at.

As with drawn bodies, the views say as one whole what they want; the rest is forgotten. Decoding
runs on two threads; results come back to the main thread by queued signals.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from core.geometry.boxes import Box
from core.pictures.decoding import crop_picture, load_picture
from spin_gui.images.lru_cache import ByteCache
from spin_gui.images.memory_budgets import DECODED_PICTURES, PICTURE_WINDOWS
from spin_gui.images.posed_fits import NEVER
from spin_gui.images.priority_workers import WorkQueue


@dataclass(frozen=True)
class PictureKey:
    """A square of a picture (in its pixels) shown with ``size_px`` pixels a side."""

    path: Path
    square: Box
    size_px: int

    def __hash__(self) -> int:
        """Once for each key, as of ``MeshKey``."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.path, self.square, self.size_px))


class DecodedPictures:
    """Pictures as they were decoded, for several threads; each is decoded once at a time."""

    def __init__(self, budget_bytes: int = DECODED_PICTURES) -> None:
        self._lock = threading.Lock()
        self._cache: ByteCache[Path, NDArray[np.uint8]] = ByteCache(budget_bytes)
        self._decoding: dict[Path, threading.Lock] = {}

    def get(self, path: Path) -> NDArray[np.uint8]:
        """The picture ``(H, W, 3)``. Raises ``PictureError``."""
        with self._lock:
            decoding = self._decoding.setdefault(path, threading.Lock())
        try:
            with decoding:
                return self._decoded(path)
        finally:
            with self._lock:
                self._decoding.pop(path, None)

    def forget(self) -> None:
        """Let the pictures go that nobody is decoding."""
        with self._lock:
            self._cache.clear()

    def _decoded(self, path: Path) -> NDArray[np.uint8]:
        with self._lock:
            picture = self._cache.get(path)
        if picture is None:
            picture = load_picture(path)
            with self._lock:
                self._cache.put(path, picture, picture.nbytes)
        return picture


@dataclass(frozen=True, eq=False)
class _Cutting:
    pictures: DecodedPictures
    key: PictureKey

    def __call__(self) -> QImage:
        key = self.key
        pixels = crop_picture(self.pictures.get(key.path), key.square, size_px=key.size_px)
        image = QImage(
            pixels.data, key.size_px, key.size_px, 3 * key.size_px, QImage.Format.Format_RGB888
        )
        return image.convertToFormat(QImage.Format.Format_RGB32)


class PictureImages(QObject):
    """Cuts the windows of pictures that are wanted and keeps the images used last."""

    ready = Signal(object)
    """The ``PictureKey`` of an image that is there now."""
    failed = Signal(object)
    """The ``PictureKey`` of an image that cannot be made; ``failure`` says why."""
    _cut = Signal(object, object)
    _broke = Signal(object, str)

    def __init__(self) -> None:
        super().__init__()
        self._cache: ByteCache[PictureKey, QImage] = ByteCache(PICTURE_WINDOWS)
        self._pictures = DecodedPictures()
        self._pending: dict[PictureKey, int] = {}
        self._failures: dict[PictureKey, str] = {}
        self._cut.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._broke.connect(self._take_failure, Qt.ConnectionType.QueuedConnection)
        self._queue = WorkQueue("pictures", threads=2, done=self._cut.emit, failed=self._broke.emit)

    def get(self, key: PictureKey) -> QImage | None:
        """The image, if it is there."""
        return self._cache.get(key)

    def failure(self, key: PictureKey) -> str | None:
        """Why the image cannot be made; None where nothing is known against it."""
        return self._failures.get(key)

    def want(self, wishes: Mapping[PictureKey, int]) -> None:
        """Make these images, with these priorities; forget every other that was not begun."""
        for stale in self._queue.keep_only(wishes):
            self._pending.pop(cast("PictureKey", stale), None)
        self._failures = {key: why for key, why in self._failures.items() if key in wishes}
        for key, priority in wishes.items():
            if key in self._cache or key in self._failures:
                continue
            if self._pending.get(key, NEVER) < priority:
                self._pending[key] = priority
                self._queue.submit(key, _Cutting(self._pictures, key), priority=priority)

    def forget(self) -> None:
        """Let all images go, and the pictures they were cut from."""
        self._cache.clear()
        self._pictures.forget()

    def close(self) -> None:
        """End the threads."""
        self._queue.close()

    def _take(self, key: PictureKey, image: QImage) -> None:
        self._pending.pop(key, None)
        self._cache.put(key, image, image.sizeInBytes())
        self.ready.emit(key)

    def _take_failure(self, key: PictureKey, message: str) -> None:
        self._pending.pop(key, None)
        self._failures[key] = message
        self.failed.emit(key)
