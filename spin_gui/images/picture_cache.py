"""Windows of pictures as images, decoded and shrunk on two threads ahead of being looked at."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from core.geometry.boxes import Box
from core.pictures.decoding import crop_picture, load_picture
from core.system.priority_executor import PriorityExecutor
from spin_gui.images.byte_cache import byte_cache
from spin_gui.images.memory_budgets import DECODED_PICTURES, PICTURE_WINDOWS
from spin_gui.images.produced_cache import ProducedCache


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
        self._cache: LRUCache[Path, NDArray[np.uint8]] = byte_cache(
            budget_bytes, lambda picture: picture.nbytes
        )
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
        """Let the decoded pictures go."""
        with self._lock:
            self._cache.clear()

    def _decoded(self, path: Path) -> NDArray[np.uint8]:
        with self._lock:
            picture = self._cache.get(path)
        if picture is None:
            picture = load_picture(path)
            with self._lock:
                self._cache[path] = picture
        return picture


class PictureImages(ProducedCache[PictureKey, QImage]):
    """Cuts the windows of pictures that are requested."""

    def __init__(self) -> None:
        super().__init__(budget=PICTURE_WINDOWS, size_of=QImage.sizeInBytes)
        self._pictures = DecodedPictures()
        self._executor = PriorityExecutor("pictures", threads=2)

    def forget(self) -> None:
        """Let all images go, and the pictures they were cut from."""
        super().forget()
        self._pictures.forget()

    def close(self) -> None:
        """End the threads."""
        super().close()
        self._executor.close()

    def _produce(self, key: PictureKey, priority: int) -> Future[QImage]:
        return self._executor.submit(partial(_cut, self._pictures, key), priority=priority)


def _cut(pictures: DecodedPictures, key: PictureKey) -> QImage:
    pixels = crop_picture(pictures.get(key.path), key.square, size_px=key.size_px)
    bytes_a_row = 3 * key.size_px
    image = QImage(pixels.data, key.size_px, key.size_px, bytes_a_row, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)
