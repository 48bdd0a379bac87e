"""Values that are requested, produced in the background, and kept while they fit.

::

    request() ──> _produce() ──> Future ──(any thread)──> queued signal ──> cache ──> ready, failed

The views say as one whole what they need and how urgently. What was requested before, is not any
more, and has not begun is cancelled. All methods and signals belong to the main thread.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any, Generic, TypeVar

from cachetools import LRUCache
from PySide6.QtCore import QObject, Qt, Signal

from core.errors import StudioError
from core.system.priority_executor import PRESSING
from spin_gui.images.byte_cache import byte_cache

URGENT, AHEAD = PRESSING, 0
"""What the current sample needs; the least of what neighbours will need."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class ProducedCache(QObject, Generic[Key, Value]):
    """Has values produced and keeps those used last; a subclass says how one is produced.

    Args:
        budget: how much the values may take together; the last one is kept whatever its size.
        size_of: how much of the budget a value takes.
        parent: of the QObject.
    """

    ready = Signal(object)
    """The key of a value that is there now."""
    failed = Signal(object, str)
    """The key of a value that cannot be produced, and why; ``failure`` remembers it."""
    _finished = Signal(object, object)

    def __init__(
        self, *, budget: int, size_of: Callable[[Value], int], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._values: LRUCache[Key, Value] = byte_cache(budget, size_of)
        self._requested: dict[Key, int] = {}
        self._pending: dict[Key, tuple[Future[Any], int]] = {}
        self._failures: dict[Key, str] = {}
        self._closed = False
        self._finished.connect(self._on_finished, Qt.ConnectionType.QueuedConnection)

    def get(self, key: Key) -> Value | None:
        """The value, if it is there; it thereby becomes the one used last."""
        return self._values.get(key)

    def failure(self, key: Key) -> str | None:
        """Why the value cannot be produced; None where nothing is known against it."""
        return self._failures.get(key)

    def put(self, key: Key, value: Value) -> None:
        """Keep a value that was produced elsewhere, so that it need not be requested."""
        self._values[key] = value

    def is_done(self, key: Key) -> bool:
        """Whether the value is there, or it is known that it cannot be produced."""
        return key in self._values or key in self._failures

    def is_pending(self, key: Key) -> bool:
        """Whether the value is being produced, or waits to be."""
        return key in self._pending

    @property
    def pending_count(self) -> int:
        """How many values are being produced, or wait to be."""
        return len(self._pending)

    def request(self, priorities: Mapping[Key, int]) -> None:
        """Produce these and no others; what has begun is finished all the same.

        A failed value is tried again once it was left out of a request.
        """
        self._requested = {key: rank for key, rank in priorities.items() if key not in self._values}
        self._failures = {key: why for key, why in self._failures.items() if key in priorities}
        for key in [key for key in self._pending if key not in self._requested]:
            if self._pending[key][0].cancel():
                del self._pending[key]
        for key in list(self._requested):
            self._begin(key)

    def request_also(self, priorities: Mapping[Key, int]) -> None:
        """Produce these, too, which are neither there nor known to fail."""
        self._requested.update(priorities)
        for key in priorities:
            self._begin(key)

    def forget_failures(self) -> None:
        """Try what failed again when it is requested next."""
        self._failures.clear()

    def forget(self) -> None:
        """Let all values go."""
        self._values.clear()

    def close(self) -> None:
        """Cancel what waits; no signal comes after this."""
        self.request({})
        self._closed = True

    def _produce(self, key: Key, priority: int) -> Future[Any] | None:
        """Start producing a value, on another thread or in another process.

        None where something it is made of is not there yet; the subclass calls ``_begin`` then.
        What is wrong is raised as ``StudioError``, or comes through the future.
        """
        raise NotImplementedError

    def _value_of(self, produced: Any) -> Value:
        """What is kept of what came through the future; called on the main thread."""
        value: Value = produced
        return value

    def _begin(self, key: Key) -> None:
        """Have a requested value produced, unless it is done, or pending as urgently as this."""
        priority = self._requested.get(key)
        # A view that is told of a failure may have requested something else meanwhile.
        if self._closed or priority is None or self.is_done(key):
            return
        if key in self._pending:
            pending, known = self._pending[key]
            if known >= priority or not pending.cancel():
                return
            del self._pending[key]  # where the next one cannot begin yet, nothing is on its way
        try:
            future = self._produce(key, priority)
        except StudioError as error:
            self._take_failure(key, error)
            return
        if future is not None:
            self._pending[key] = (future, priority)
            future.add_done_callback(partial(self._hand_on, key))

    def _hand_on(self, key: Key, future: Future[Any]) -> None:
        """Called on the thread that produced the value: nothing but a signal."""
        if not future.cancelled() and not self._closed:
            self._finished.emit(key, future)

    def _on_finished(self, key: Key, future: Future[Any]) -> None:
        if self._closed:
            return
        error = future.exception()
        if isinstance(error, Exception):
            self._take_failure(key, error)
            return
        self._pending.pop(key, None)
        self._requested.pop(key, None)
        self._values[key] = self._value_of(future.result())
        self.ready.emit(key)

    def _take_failure(self, key: Key, error: Exception) -> None:
        self._pending.pop(key, None)
        self._requested.pop(key, None)
        name = "" if isinstance(error, StudioError) else f"{type(error).__name__}: "
        self._failures[key] = f"{name}{error}"
        self.failed.emit(key, self._failures[key])
