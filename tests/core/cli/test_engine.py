"""The seconds in which PyTorch loads."""

from __future__ import annotations

import io
import signal

import pytest

from core.cli.console import Console
from core.cli.engine import loading_engine


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def python_hears_ctrl_c():
    """As in a program that a shell starts in the foreground."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("python_hears_ctrl_c")
def test_ctrl_c_while_the_engine_loads_ends_at_once_and_is_heard_again_afterwards():
    with loading_engine(Console(io.StringIO(), io.StringIO())):
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("python_hears_ctrl_c")
def test_ctrl_c_is_heard_again_where_loading_failed():
    with pytest.raises(ImportError), loading_engine(Console(io.StringIO(), io.StringIO())):
        raise ImportError
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_terminal_says_what_it_waits_for_and_a_log_does_not():
    terminal, log = Terminal(), io.StringIO()
    for stream in (terminal, log):
        with loading_engine(Console(io.StringIO(), stream)):
            pass
    assert "Loading PyTorch" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
    assert log.getvalue() == ""
