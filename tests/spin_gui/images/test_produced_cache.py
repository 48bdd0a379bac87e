"""What is requested is produced once, by urgency; what is not any more is cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.errors import StudioError
from spin_gui.images.produced_cache import AHEAD, URGENT, ProducedCache


class Held(ProducedCache[str, str]):
    """Produces texts when the test says so."""

    def __init__(self) -> None:
        super().__init__(budget=30, size_of=len)
        self.begun: list[tuple[str, int, Future[str]]] = []
        self.missing: set[str] = set()

    def _produce(self, key: str, priority: int) -> Future[str] | None:
        if key == "forbidden":
            raise StudioError("No such text.", remedy="Write it.")
        if key in self.missing:
            return None
        future: Future[str] = Future()
        self.begun.append((key, priority, future))
        return future

    def take(self, key: str) -> Future[str]:
        """The future of the last request for a key."""
        return [future for begun, _, future in self.begun if begun == key][-1]


@pytest.fixture
def held(qtbot: QtBot) -> Iterator[Held]:
    held = Held()
    yield held
    held.close()


def finish(qtbot: QtBot, held: Held, key: str, text: str = "") -> None:
    with qtbot.waitSignal(held.ready):
        held.take(key).set_result(text or 10 * key)


def test_a_value_is_produced_once_and_kept(qtbot: QtBot, held: Held) -> None:
    for _ in range(2):
        held.request({"a": URGENT})
    assert held.is_pending("a")
    assert not held.is_done("a")
    finish(qtbot, held, "a")
    held.request({"a": URGENT})
    assert (held.get("a"), len(held.begun), held.pending_count) == ("aaaaaaaaaa", 1, 0)


def test_what_has_not_begun_is_cancelled_and_what_has_is_kept(qtbot: QtBot, held: Held) -> None:
    held.request({"a": URGENT, "b": URGENT})
    held.take("a").set_running_or_notify_cancel()
    held.request({})
    assert held.take("b").cancelled()
    finish(qtbot, held, "a")
    assert held.get("a") == "aaaaaaaaaa"


def test_a_more_urgent_request_takes_the_place_of_the_first(held: Held) -> None:
    held.request({"a": AHEAD})
    held.request({"a": URGENT})
    held.request({"a": AHEAD})
    assert [(key, priority) for key, priority, _ in held.begun] == [("a", AHEAD), ("a", URGENT)]
    assert held.begun[0][2].cancelled()
    assert not held.begun[1][2].cancelled()


def test_what_has_begun_is_not_begun_again_when_it_becomes_urgent(held: Held) -> None:
    held.request({"a": AHEAD})
    held.take("a").set_running_or_notify_cancel()
    held.request({"a": URGENT})
    assert len(held.begun) == 1
    held.take("a").set_result("a")


def test_a_further_request_cancels_nothing(held: Held) -> None:
    held.request({"a": AHEAD})
    held.request_also({"b": AHEAD})
    assert held.pending_count == 2
    assert not held.take("a").cancelled()


def test_a_failure_is_remembered_until_the_key_is_left_out(qtbot: QtBot, held: Held) -> None:
    held.request({"a": URGENT})
    with qtbot.waitSignal(held.failed) as failed:
        held.take("a").set_exception(ValueError("no ink"))
    assert failed.args == ["a", "ValueError: no ink"]
    held.request({"a": URGENT})
    assert held.is_done("a")
    assert len(held.begun) == 1
    held.request({})
    held.request({"a": URGENT})
    assert len(held.begun) == 2


def test_failures_are_tried_again_once_they_are_forgotten(qtbot: QtBot, held: Held) -> None:
    held.request_also({"a": AHEAD})
    with qtbot.waitSignal(held.failed):
        held.take("a").set_exception(ValueError("no ink"))
    held.forget_failures()
    assert held.failure("a") is None
    held.request_also({"a": AHEAD})
    assert len(held.begun) == 2


def test_what_cannot_even_begin_is_told_with_its_remedy(qtbot: QtBot, held: Held) -> None:
    with qtbot.waitSignal(held.failed):
        held.request({"forbidden": URGENT})
    assert held.failure("forbidden") == "No such text. Write it."


def test_a_view_may_request_something_else_when_it_is_told_of_a_failure(held: Held) -> None:
    held.failed.connect(lambda _key, _why: held.request({"c": URGENT}))
    held.request({"forbidden": URGENT, "b": URGENT})
    assert (held.is_pending("b"), held.is_pending("c")) == (False, True)


def test_a_value_whose_parts_are_missing_waits_for_them(qtbot: QtBot, held: Held) -> None:
    held.missing.add("a")
    held.request({"a": URGENT})
    assert not held.begun
    held.missing.clear()
    held._begin("a")
    finish(qtbot, held, "a")


def test_a_value_whose_parts_went_away_meanwhile_still_comes(qtbot: QtBot, held: Held) -> None:
    held.request({"a": AHEAD})
    held.missing.add("a")
    held.request({"a": URGENT})  # cancels the first and cannot begin the second
    assert not held.is_pending("a")
    held.request({"a": AHEAD})
    held.missing.clear()
    held._begin("a")
    finish(qtbot, held, "a")


def test_the_values_used_last_stay_within_the_budget(qtbot: QtBot, held: Held) -> None:
    for key in "abcd":
        held.request_also({key: AHEAD})
        finish(qtbot, held, key)
    assert [held.get(key) is not None for key in "abcd"] == [False, True, True, True]


def test_a_result_after_closing_does_no_harm(qtbot: QtBot, held: Held) -> None:
    held.request({"a": URGENT})
    held.take("a").set_running_or_notify_cancel()
    held.close()
    with qtbot.assertNotEmitted(held.ready):
        held.take("a").set_result("late")
        QApplication.sendPostedEvents()
    assert held.get("a") is None
