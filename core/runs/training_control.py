"""How a training is paused and ended from another thread."""

from __future__ import annotations

import threading
from enum import StrEnum

from core.progress import CancelToken


class TrainingState(StrEnum):
    """Where a training stands."""

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
    """Told by a person's thread, asked by the training between two iterations; thread-safe.

    ``stop`` keeps everything and leaves a checkpoint to go on from; ``cancel`` takes back what the
    run did since it was started or resumed. The stronger wish wins, whatever the order.
    """

    def __init__(self, stop_token: CancelToken | None = None) -> None:
        """``stop_token``, such as Ctrl+C sets, means ``stop`` once it is set."""
        self._stop_token = stop_token or CancelToken()
        self._condition = threading.Condition()
        self._paused = self._stopped = self._cancelled = False

    def pause(self) -> None:
        """Hold the training before its next iteration."""
        with self._condition:
            self._paused = True

    def resume(self) -> None:
        """Let a paused training go on."""
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
        """Whether the training is to hold; a wish to end overrules a pause."""
        return self._paused and not self.ending

    @property
    def stop_requested(self) -> bool:
        """Whether to end and keep everything."""
        return self.ending and not self._cancelled

    @property
    def cancel_requested(self) -> bool:
        """Whether to end and discard."""
        return self._cancelled

    @property
    def ending(self) -> bool:
        """Whether to end, one way or the other."""
        return self._stopped or self._cancelled or self._stop_token.cancelled

    def wait_while_paused(self, timeout_s: float | None = None) -> None:
        """Sleep until the pause is over or the training is to end; at most ``timeout_s``."""
        with self._condition:
            self._condition.wait_for(lambda: not self.paused, timeout=timeout_s)
