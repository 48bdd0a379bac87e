"""The lines that go between the window and the process that flags."""

from __future__ import annotations

import io
import json
import threading

from core.errors import StudioError
from core.pipeline.flag_report import FlagReport
from core.pipeline.flag_service import FlagRequest, FlagService
from core.progress import Progress


def answers_to(flag, *requests: FlagRequest) -> list[dict[str, dict[str, object]]]:
    said = io.StringIO()
    service = FlagService(flag, said)
    service.listen([one.line() for one in requests])
    service.serve()
    return [json.loads(line) for line in said.getvalue().splitlines()]


def test_requests_are_answered_in_order_with_progress_before_the_report():
    def flag(request, progress, _cancel):
        progress(Progress("Flagging", 1, 2, 3.0))
        return FlagReport(assessed=request.at_most)

    answers = answers_to(flag, FlagRequest(5, 64), FlagRequest(7, 64))
    assert [next(iter(one)) for one in answers] == ["progress", "report", "progress", "report"]
    assert Progress(**answers[0]["progress"]) == Progress("Flagging", 1, 2, 3.0)
    assert [FlagReport(**answers[index]["report"]).assessed for index in (1, 3)] == [5, 7]


def test_errors_are_answers_too():
    def refuse(*_):
        raise StudioError("The disk is full.", remedy="Make room.")

    def break_down(*_):
        raise ValueError("oh")

    told, fault = (
        answers_to(one, FlagRequest(None, 64))[0]["error"] for one in (refuse, break_down)
    )
    assert (told["message"], told["remedy"]) == ("The disk is full.", "Make room.")
    assert fault["message"] == "ValueError: oh"
    assert "break_down" in str(fault["details"])
    assert not fault["remedy"]


def test_the_end_of_the_input_stops_the_work_in_hand():
    entered, told_to_stop = threading.Event(), []

    def flag(_request, _progress, cancel):
        entered.set()
        while not cancel.cancelled:
            threading.Event().wait(0.005)
        told_to_stop.append(True)
        return FlagReport(cancelled=True)

    service = FlagService(flag, io.StringIO())
    thread = threading.Thread(target=service.serve)

    def lines():
        yield FlagRequest(None, 64).line()
        thread.start()
        assert entered.wait(5)

    service.listen(lines())
    assert service.wait_until_idle(5)
    thread.join(5)
    assert told_to_stop
