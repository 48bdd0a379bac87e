"""Flags a project in a process of its own, for a window that goes without PyTorch.

    python -m core.pipeline.flag_service PROJECT

Requests come as lines of JSON on the standard input, answers go as lines to the standard output::

    {"at_most": 256, "batch_size": 64}   ->   {"progress": {...}} …, then {"report": {...}}
                                              or {"error": {"message", "remedy", "details"}}

The end of the input ends the process: at once while nothing is assessed, else after the batch in
work. Should that take long, it ends in the middle: what is not committed was never written.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from core.errors import StudioError
from core.pipeline.flag_report import FlagReport
from core.progress import CancelToken, Progress

GRACE_S = 2.0
NICENESS = 10
"""What the user does comes first."""


@dataclass(frozen=True)
class FlagRequest:
    """How many samples at most (None for all), and how many together."""

    at_most: int | None
    batch_size: int

    def line(self) -> str:
        """As it is written to the process."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def of_line(cls, line: str) -> FlagRequest:
        """Read it again."""
        return cls(**json.loads(line))


Flag = Callable[[FlagRequest, Callable[[Progress], None], CancelToken], FlagReport]


class FlagService:
    """Answers requests one after another until the input ends."""

    def __init__(self, flag: Flag, answers: TextIO) -> None:
        self._flag, self._answers = flag, answers
        self._cancel = CancelToken()
        self._requests: queue.SimpleQueue[FlagRequest | None] = queue.SimpleQueue()
        self._idle = threading.Event()
        self._idle.set()

    def listen(self, lines: Iterable[str]) -> None:
        """Take requests from ``lines``; at their end stop the work, and end the process soon."""
        for line in lines:
            self._idle.clear()
            self._requests.put(FlagRequest.of_line(line))
        self._cancel.cancel()
        self._requests.put(None)

    def wait_until_idle(self, seconds: float) -> bool:
        """Whether the work in hand ended within so long."""
        return self._idle.wait(seconds)

    def serve(self) -> None:
        """Work requests off until the input has ended."""
        while (request := self._requests.get()) is not None:
            self._answer(request)
            self._idle.set()

    def _answer(self, request: FlagRequest) -> None:
        try:
            report = self._flag(request, self._tell, self._cancel)
        except StudioError as error:
            self._say(error={"message": error.message, "remedy": error.remedy, "details": ""})
        except Exception as error:  # noqa: BLE001 - the boundary: the window shows it
            self._say(
                error={
                    "message": f"{type(error).__name__}: {error}",
                    "remedy": "",
                    "details": traceback.format_exc(),
                }
            )
        else:
            self._say(report=asdict(report))

    def _tell(self, progress: Progress) -> None:
        self._say(progress=asdict(progress))

    def _say(self, **answer: object) -> None:
        try:
            self._answers.write(json.dumps(answer) + "\n")
            self._answers.flush()
        except BrokenPipeError:
            self._cancel.cancel()  # nobody listens any more


def main() -> None:
    """Serve one project until the input ends."""
    project = Path(sys.argv[1])
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no answer
    service = FlagService(_flagging_of(project), answers)
    threading.Thread(target=_listen, args=(service,), daemon=True).start()
    service.serve()


def _listen(service: FlagService) -> None:
    service.listen(sys.stdin)
    service.wait_until_idle(GRACE_S)
    # Not by sys.exit: the other thread may be deep in an import or a batch.
    os._exit(0)


def _flagging_of(project: Path) -> Flag:
    def flag(
        request: FlagRequest, progress: Callable[[Progress], None], cancel: CancelToken
    ) -> FlagReport:
        # Late: the end of the input must be heard while PyTorch loads.
        from core.pipeline.flagging import flag_samples  # noqa: PLC0415

        # Only now: on a busy machine loading took minutes otherwise.
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        return flag_samples(
            project,
            at_most=request.at_most,
            batch_size=request.batch_size,
            progress=progress,
            cancel=cancel,
        )

    return flag


if __name__ == "__main__":
    main()
