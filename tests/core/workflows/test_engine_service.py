"""The lines that go between the window and the engine's process."""

from __future__ import annotations

import io
import json
import threading
from dataclasses import asdict

import numpy as np

from core.errors import StudioError
from core.progress import Progress
from core.types.bodies import BodyParameters, CropCamera
from core.workflows.engine_process import (
    EngineService,
    FlagRequest,
    LiftRequest,
    body_as_lists,
    body_from_lists,
    request_line,
)

FLAG = FlagRequest(5, 64)


def answers_to(works, *requests: FlagRequest | LiftRequest) -> list[dict[str, object]]:
    said = io.StringIO()
    service = EngineService(works, said)

    def lines():
        yield from map(request_line, requests)
        # The input stays open until all is answered.
        while len(said.getvalue().splitlines()) < len(requests):
            threading.Event().wait(0.005)

    service.listen(lines())
    assert service.wait_until_idle(5)
    return [json.loads(line) for line in said.getvalue().splitlines()]


def echo(request, say, _cancel):
    say("progress", asdict(Progress("Flagging", 1, 2, 3.0)))
    say("echo", request)


def test_each_request_goes_to_its_work_with_what_it_holds():
    flagged = answers_to({"flag": echo}, FLAG)
    assert Progress(**flagged[0]["progress"]) == Progress("Flagging", 1, 2, 3.0)
    assert flagged[1] == {"echo": {"at_most": 5, "batch_size": 64}}
    lifted = answers_to({"flag": echo, "lift": echo}, LiftRequest((3, 4)))
    assert lifted[1] == {"echo": {"sample_ids": [3, 4]}}


def test_a_long_work_keeps_no_other_kind_waiting():
    lifted = threading.Event()

    def flag(_request, say, _cancel):
        assert lifted.wait(5)
        say("flagged", {})

    def lift(_request, say, _cancel):
        say("lifted", {})
        lifted.set()

    answers = answers_to({"flag": flag, "lift": lift}, FLAG, LiftRequest((1,)))
    assert answers == [{"lifted": {}}, {"flagged": {}}]


def test_errors_are_answers_too():
    def refuse(*_):
        raise StudioError("The disk is full.", remedy="Make room.")

    def break_down(*_):
        raise ValueError("oh")

    told, fault = (answers_to({"flag": item}, FLAG)[0]["broken"] for item in (refuse, break_down))
    assert (told["work"], told["message"], told["remedy"]) == (
        "flag",
        "The disk is full.",
        "Make room.",
    )
    assert fault["message"] == "ValueError: oh"
    assert "break_down" in fault["details"]
    assert not fault["remedy"]


def test_the_end_of_the_input_stops_the_work_in_hand():
    entered, told_to_stop = threading.Event(), []

    def flag(_request, _say, cancel):
        entered.set()
        while not cancel.cancelled:
            threading.Event().wait(0.005)
        told_to_stop.append(True)

    def lines():
        yield request_line(FLAG)
        yield request_line(FLAG)
        assert entered.wait(5)

    service = EngineService({"flag": flag}, io.StringIO())
    service.listen(lines())
    assert service.wait_until_idle(5)
    assert told_to_stop == [True]


def test_a_body_goes_there_and_back_to_the_last_digit():
    rng = np.random.default_rng(0)
    parts = [rng.normal(size=size).astype(np.float32) for size in (72, 10, 3)]
    body = BodyParameters(parts[0], parts[1], parts[2], CropCamera(471.3, -60.1, 230.0))
    back = body_from_lists(json.loads(json.dumps(body_as_lists(body))))
    assert back is not None
    np.testing.assert_array_equal(back.pose_axis_angle, body.pose_axis_angle)
    np.testing.assert_array_equal(back.betas, body.betas)
    np.testing.assert_array_equal(back.camera_translation, body.camera_translation)
    assert back.camera == body.camera
    assert body_from_lists(body_as_lists(None)) is None
