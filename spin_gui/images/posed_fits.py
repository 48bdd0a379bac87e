"""Bodies posed on a thread of their own, for the views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from core.body.display_body import DisplayBody
from core.geometry.crop_camera import seen_in_crop
from core.types.arrays import FloatArray
from core.types.bodies import BodyParameters
from spin_gui.images.lru_cache import ByteCache
from spin_gui.images.memory_budgets import POSED_BODIES
from spin_gui.images.priority_workers import WorkQueue

NEVER = -1
"""Below every priority."""


@dataclass(frozen=True, eq=False)
class PosedFit:
    """A posed body in its crop's camera.

    vertices: (V, 3) metres, not translated; camera_translation: (3,) metres.
    keypoints_crop_px: (49, 2), where the body's keypoints are seen in the crop.
    """

    vertices: FloatArray
    camera_translation: FloatArray
    keypoints_crop_px: FloatArray

    @property
    def size_bytes(self) -> int:
        """What it takes in memory."""
        return self.vertices.nbytes + self.keypoints_crop_px.nbytes


def pose_fit(body: DisplayBody, parameters: BodyParameters) -> PosedFit:
    """Pose one body and see its keypoints in the crop."""
    vertices, keypoints = body.posed(parameters)
    seen = seen_in_crop(keypoints, parameters.camera_translation)
    return PosedFit(
        vertices=vertices,
        camera_translation=parameters.camera_translation,
        keypoints_crop_px=seen.astype(np.float32),
    )


class PosedFits(QObject):
    """Poses the bodies that are wanted, the most urgent first, and keeps those used last."""

    ready = Signal(str)
    """The digest of a body that was posed."""
    failed = Signal(str, str)
    """The digest of a body that could not be posed, and why."""
    _posed = Signal(object, object)
    _broke = Signal(object, str)

    def __init__(self, body: DisplayBody) -> None:
        super().__init__()
        self._body = body
        self._cache: ByteCache[str, PosedFit] = ByteCache(POSED_BODIES)
        self._pending: dict[str, int] = {}
        self._failures: dict[str, str] = {}
        self._posed.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._broke.connect(self._take_failure, Qt.ConnectionType.QueuedConnection)
        # One thread: two would pose two bodies at half the speed on the same cores.
        self._queue = WorkQueue("posing", threads=1, done=self._posed.emit, failed=self._broke.emit)

    def get(self, digest: str) -> PosedFit | None:
        """The posed body, if it is there."""
        return self._cache.get(digest)

    def failure(self, digest: str) -> str | None:
        """Why the body could not be posed."""
        return self._failures.get(digest)

    def want(self, bodies: Mapping[str, tuple[BodyParameters, int]]) -> None:
        """Pose these (parameters and priority by digest); what is wanted no longer is dropped."""
        for stale in self._queue.keep_only(bodies):
            self._pending.pop(cast("str", stale), None)
        self._failures = {key: why for key, why in self._failures.items() if key in bodies}
        for digest, (parameters, priority) in bodies.items():
            if digest in self._cache or digest in self._failures:
                continue
            if self._pending.get(digest, NEVER) < priority:
                self._pending[digest] = priority
                self._queue.submit(digest, self._work(parameters), priority=priority)

    def forget(self) -> None:
        """Let all bodies go."""
        self._cache.clear()

    def close(self) -> None:
        """End the thread."""
        self._queue.close()

    def _work(self, parameters: BodyParameters) -> _Posing:
        return _Posing(self._body, parameters)

    def _take(self, digest: str, posed: PosedFit) -> None:
        self._pending.pop(digest, None)
        self._cache.put(digest, posed, posed.size_bytes)
        self.ready.emit(digest)

    def _take_failure(self, digest: str, message: str) -> None:
        self._pending.pop(digest, None)
        self._failures[digest] = message
        self.failed.emit(digest, message)


@dataclass(frozen=True, eq=False)
class _Posing:
    body: DisplayBody
    parameters: BodyParameters

    def __call__(self) -> PosedFit:
        return pose_fit(self.body, self.parameters)
