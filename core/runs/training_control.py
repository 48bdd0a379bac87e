"""How a training is paused and ended from another thread."""

from __future__ import annotations

import threading
from enum import StrEnum

from core.progress import CancelToken


class TrainingState(StrEnum):
    """What a training is doing, or how it ended."""

    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    CANCELLING = "cancelling"
    FINISHED = "finished"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    FAILED = "failed"


class TrainingControl:
    """Requests of a person's thread, which the training reads between two iterations; thread-safe.

    ``stop`` keeps everything and leaves a checkpoint to resume from; ``cancel`` takes back what the
    run did since it was started or resumed. ``cancel`` wins over ``stop``, and ``stop`` over
    ``pause``, whatever the order.
    """

    def __init__(self, stop_token: CancelToken | None = None) -> None:
        """Treat ``stop_token`` as ``stop`` once it is cancelled, as Ctrl+C does."""
        self._stop_token = stop_token or CancelToken()
        self._condition = threading.Condition()
        self._paused = self._stopped = self._cancelled = False

    def pause(self) -> None:
        """Hold the training before its next iteration."""
        with self._condition:
            self._paused = True

    def resume(self) -> None:
        """Let a paused training continue."""
        with self._condition:
            self._paused = False
            self._condition.notify_all()

    def stop(self) -> None:
        """End after this iteration and keep everything."""
        with self._condition:
            self._stopped = True
            self._condition.notify_all()

    def cancel(self) -> None:
        """End after this iteration and discard what this run did."""
        with self._condition:
            self._cancelled = True
            self._condition.notify_all()

    @property
    def paused(self) -> bool:
        """Whether the training should hold; a request to end overrules a pause."""
        return self._paused and not self.ending

    @property
    def stop_requested(self) -> bool:
        """Whether the training should end and keep everything."""
        return self.ending and not self._cancelled

    @property
    def cancel_requested(self) -> bool:
        """Whether the training should end and discard what it did."""
        return self._cancelled

    @property
    def ending(self) -> bool:
        """Whether the training should end, one way or the other."""
        return self._stopped or self._cancelled or self._stop_token.cancelled

    def wait_while_paused(self, timeout_s: float | None = None) -> None:
        """Sleep until the pause is over or the training should end, at most ``timeout_s``."""
        with self._condition:
            self._condition.wait_for(lambda: not self.paused, timeout=timeout_s)
