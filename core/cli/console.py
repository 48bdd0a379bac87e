"""What a subcommand writes to: results on one stream, progress and errors on the other."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TextIO

from core.progress import CancelToken, Progress, duration_text

INTERRUPTED = 130
"""What a shell expects of a program ended by Ctrl+C."""

LINE_INTERVAL_S = 5.0
"""Between progress lines in a log; on a terminal one line is rewritten in place instead."""


@dataclass(frozen=True)
class Console:
    """``out`` takes results that scripts may read, ``log`` everything meant for people."""

    out: TextIO
    log: TextIO

    def result(self, text: str) -> None:
        """One line of result."""
        _write(self.out, f"{text}\n")

    def json(self, value: Mapping[str, object]) -> None:
        """One JSON object on one line."""
        self.result(json.dumps(value, ensure_ascii=False))

    def note(self, text: str) -> None:
        """A line for people."""
        _write(self.log, f"{text}\n")

    def passing(self, text: str) -> None:
        """Something to read while it lasts, on a terminal only; the next line takes its place."""
        if self.log.isatty():
            self.log.write(f"{_line_start(self.log)}{text}")
            self.log.flush()


class ProgressLine:
    """Shows progress with rate and time to go."""

    def __init__(self, console: Console) -> None:
        self._log = console.log
        self._in_place = console.log.isatty()
        self._written_at = float("-inf")
        self._phase = ""

    def __call__(self, progress: Progress) -> None:
        """Write the line when it is due; the end of a phase always is."""
        now = time.monotonic()
        ended = progress.done >= progress.total
        due = self._in_place or now - self._written_at >= LINE_INTERVAL_S
        if not (due or ended or progress.phase != self._phase):
            return
        self._written_at, self._phase = now, progress.phase
        text = describe(progress)
        line_end = "" if self._in_place and not ended else "\n"
        _write(self._log, f"{text}{line_end}")


def _write(stream: TextIO, text: str) -> None:
    """Write a text; characters that the stream's encoding cannot say become escapes.

    Names of files may hold bytes that are no text, and a message must never fail.
    """
    encoding = stream.encoding or "utf-8"
    printed = text.encode(encoding, "backslashreplace").decode(encoding)
    stream.write(f"{_line_start(stream)}{printed}")
    stream.flush()


def _line_start(stream: TextIO) -> str:
    """What wipes a progress line that work left unfinished off a terminal; nothing for a file."""
    return "\r\x1b[K" if stream.isatty() else ""


def describe(progress: Progress) -> str:
    """``fitting: 64 of 128 · 12.3 a second · 5 s to go``."""
    parts = [f"{progress.phase}: {progress.done} of {progress.total}"]
    if progress.rate_per_s > 0 and progress.total > 1:
        parts.append(f"{progress.rate_per_s:.1f} a second")
    if progress.eta_s is not None and progress.done < progress.total:
        parts.append(f"{duration_text(progress.eta_s)} to go")
    return " · ".join(parts)


@contextmanager
def cancel_on_interrupt() -> Iterator[CancelToken]:
    """A token that Ctrl+C and SIGTERM set: the work ends at its next item and keeps what is done.

    A second Ctrl+C interrupts at once.
    """
    token = CancelToken()
    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(number: int, _frame: FrameType | None) -> None:
        if token.cancelled:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        token.cancel()

    for number in previous:
        signal.signal(number, stop)
    try:
        yield token
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
