"""Work that no one waits for gives back to the window the time that the window waited."""

from __future__ import annotations

import sys
import threading

import pytest

from core.system import main_thread_waits
from core.system.main_thread_waits import LONGEST_PAUSE_S, MainThreadWaits, main_thread_waited_s
from core.system.priority_executor import PRESSING, PriorityExecutor


def test_a_pause_is_as_long_as_the_main_thread_waited_and_no_longer_than_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited_s, now_s = [3.0], [10.0]
    monkeypatch.setattr(main_thread_waits, "main_thread_waited_s", lambda: waited_s[0])
    monkeypatch.setattr(main_thread_waits.time, "monotonic", lambda: now_s[0])
    waits = MainThreadWaits()
    pauses = []
    for more_s, later_s in ((0.02, 0.1), (0.0, 0.1), (0.4, 0.45), (0.03, 5.0)):
        waited_s[0] += more_s
        now_s[0] += later_s
        pauses.append(waits.pause_s())
    assert pauses == pytest.approx([0.02, 0.0, LONGEST_PAUSE_S, 0.0])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")
def test_what_the_main_thread_waited_is_told_to_any_thread() -> None:
    told: list[float] = []
    thread = threading.Thread(target=lambda: told.append(main_thread_waited_s()))
    thread.start()
    thread.join()
    assert 0.0 < told[0] <= main_thread_waited_s()


def test_what_is_pressing_is_done_while_the_rest_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MainThreadWaits, "pause_s", lambda _self: 60.0)
    executor = PriorityExecutor("test")
    ahead = executor.submit(lambda: "ahead", priority=PRESSING - 1)
    assert executor.submit(lambda: "seen", priority=PRESSING).result(10) == "seen"
    assert not ahead.done()
    executor.close()
    assert ahead.cancelled()


def test_work_that_a_person_waits_for_never_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MainThreadWaits, "pause_s", lambda _self: 60.0)
    executor = PriorityExecutor("test", awaited=True)
    assert executor.submit(lambda: "now").result(10) == "now"
    executor.close()
