"""Bodies that the lifting network makes of samples, one by one on a thread of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from core.dictionary.records import Sample
from core.records import BodyParameters
from spin_gui.models.byte_cache import ByteCache
from spin_gui.models.work_queue import WorkQueue

if TYPE_CHECKING:
    from core.pipeline.lifted import SampleLifter

REMEMBERED = 4096
_Key = tuple[int, bytes]
"""A sample and its keypoints: who corrects them gets another body."""


class LiftedBodies(QObject):
    """Lifts what is wanted and remembers it; all methods belong to the main thread."""

    ready = Signal(int)
    """The id of a sample whose body is known now, or cannot be made."""
    _lifted = Signal(object, object)
    _broke = Signal(object, str)

    def __init__(self, body_file: Path | None) -> None:
        super().__init__()
        self._maker = _LazyLifter(body_file)
        self._known: ByteCache[_Key, BodyParameters | None] = ByteCache(REMEMBERED)
        self._lifted.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._broke.connect(self._take_failure, Qt.ConnectionType.QueuedConnection)
        self._queue = WorkQueue(
            "lifting", threads=1, done=self._lifted.emit, failed=self._broke.emit
        )

    def get(self, sample: Sample) -> BodyParameters | None:
        """The body, where it is known."""
        return self._known.get(_key(sample))

    def is_settled(self, sample: Sample) -> bool:
        """Whether the body is known, or it is known that there is none."""
        return _key(sample) in self._known

    def want(self, samples: Sequence[Sample]) -> None:
        """Lift these, the first ones first; what was wanted before and is not begun is dropped."""
        missing = {key: one for one in samples if (key := _key(one)) not in self._known}
        self._queue.keep_only(missing)
        for place, (key, sample) in enumerate(missing.items()):
            self._queue.submit(key, _Lifting(self._maker, sample), priority=-place)

    def close(self) -> None:
        """End the thread."""
        self._queue.close()

    def _take(self, key: _Key, body: BodyParameters | None) -> None:
        self._known.put(key, body, 1)
        self.ready.emit(key[0])

    def _take_failure(self, key: _Key, _message: str) -> None:
        self._take(key, None)


class _LazyLifter:
    """Loads the network when it is needed first; used by the one thread only."""

    def __init__(self, body_file: Path | None) -> None:
        self._body_file = body_file
        self._lifter: SampleLifter | None = None

    def lift(self, sample: Sample) -> BodyParameters | None:
        self._lifter = self._lifter or self._loaded()
        return self._lifter.bodies([sample]).get(sample.id)

    def _loaded(self) -> SampleLifter:
        from core.body.files import load_body  # noqa: PLC0415 - loads PyTorch
        from core.pipeline.lifted import SampleLifter  # noqa: PLC0415 - as above

        return SampleLifter(load_body(self._body_file))


class _Lifting:
    def __init__(self, maker: _LazyLifter, sample: Sample) -> None:
        self._maker, self._sample = maker, sample

    def __call__(self) -> BodyParameters | None:
        return self._maker.lift(self._sample)


def _key(sample: Sample) -> _Key:
    return sample.id, sample.keypoints_crop_px.tobytes()
