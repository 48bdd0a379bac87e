"""What the command line shows of progress, and how it is interrupted."""

from __future__ import annotations

import io
import signal

from core.cli.console import Console, ProgressLine, cancel_on_interrupt, describe
from core.progress import Progress


def test_progress_says_rate_and_time_to_go() -> None:
    text = describe(Progress("fitting", 64, 128, rate_per_s=12.8))
    assert text == "fitting: 64 of 128 · 12.8 a second · 5 s to go"
    text = describe(Progress("fitting", 64, 6464, rate_per_s=10.0))
    assert text.endswith("10 min 40 s to go")


def test_one_thing_to_do_has_no_rate() -> None:
    assert describe(Progress("writing", 1, 1, rate_per_s=3.3)) == "writing: 1 of 1"


def test_a_log_file_gets_few_lines_but_always_the_last() -> None:
    log = io.StringIO()
    line = ProgressLine(Console(io.StringIO(), log))
    for done in range(101):
        line(Progress("importing", done, 100, rate_per_s=50.0))
    lines = log.getvalue().splitlines()
    assert lines[-1].startswith("importing: 100 of 100")
    assert len(lines) <= 3


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_message_takes_the_place_of_an_unfinished_progress_line() -> None:
    log = Terminal()
    console = Console(io.StringIO(), log)
    ProgressLine(console)(Progress("fitting", 3, 100))
    console.note("Cancelled by the user.")
    assert log.getvalue().rsplit("\r\x1b[K", 1)[-1] == "Cancelled by the user.\n"
    assert "\n" not in log.getvalue()[:-1]


def test_interrupt_sets_the_token_and_handlers_come_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with cancel_on_interrupt() as token:
        assert not token.cancelled
        signal.raise_signal(signal.SIGINT)
        assert token.cancelled
    assert signal.getsignal(signal.SIGINT) is before
