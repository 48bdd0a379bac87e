"""The engine in a process of its own, for a window that does not load PyTorch.

    python -m core.workflows.engine_process PROJECT

Requests come as lines of JSON on the standard input, answers go as lines to the standard output;
each kind of work has a thread of its own, so that a long search for failures keeps no one waiting::

    {"flag": {"at_most": 256, "batch_size": 64}}    ->  {"progress": …} …, then {"flagged": report}
    {"lift": {"sample_ids": [3, 5]}}                ->  {"lifted": {"3": body, "5": null}}
    whatever breaks                                 ->  {"broken": {"work", "message", …}}

The end of the input ends the process: at once while nothing is done, else after the item in work.
Should that take long, it ends in the middle: what is not committed was never written.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from core.errors import StudioError
from core.progress import CancelToken, Progress
from core.system.idle_threads import let_waiting_threads_sleep
from core.types.bodies import BodyParameters, CropCamera
from core.workflows.flag_report import FlagReport

GRACE_S = 2.0
NICENESS = 10
"""Of the search for failures."""

FLAG, LIFT = "flag", "lift"
PROGRESS, FLAGGED, LIFTED, BROKEN = "progress", "flagged", "lifted", "broken"

Answer = Callable[[str, object], None]
"""Says one answer: its name and what it holds."""

Work = Callable[[Mapping[str, Any], Answer, CancelToken], None]
"""Does what a request asks for and answers it."""


@dataclass(frozen=True)
class FlagRequest:
    """How many samples to assess at most (None for all), and how many together."""

    at_most: int | None
    batch_size: int


@dataclass(frozen=True)
class LiftRequest:
    """Whose bodies the lifting network is to make."""

    sample_ids: tuple[int, ...]


def request_line(request: FlagRequest | LiftRequest) -> str:
    """A request as it is written to the process."""
    work = FLAG if isinstance(request, FlagRequest) else LIFT
    return json.dumps({work: asdict(request)}) + "\n"


def body_as_lists(body: BodyParameters | None) -> list[list[float]] | None:
    """A body as JSON has it; float32 goes there and back unchanged."""
    if body is None:
        return None
    parts = (body.pose_axis_angle, body.betas, body.camera_translation, astuple(body.camera))
    return [[float(item) for item in part] for part in parts]


def body_from_lists(parts: Sequence[Sequence[float]] | None) -> BodyParameters | None:
    """The inverse of ``body_as_lists``."""
    if parts is None:
        return None
    pose, betas, translation = (np.array(part, dtype=np.float32) for part in parts[:3])
    return BodyParameters(pose, betas, translation, CropCamera(*parts[3]))


class EngineService:
    """Answers requests until the input ends; ``works`` by the name of the request."""

    def __init__(self, works: Mapping[str, Work], answers: TextIO) -> None:
        self._answers, self._saying = answers, threading.Lock()
        self._cancel = CancelToken()
        self._lanes = {
            name: _Lane(work, self._say, self._cancel, name) for name, work in works.items()
        }

    def listen(self, lines: Iterable[str]) -> None:
        """Take requests from ``lines``; at their end stop the work."""
        for line in lines:
            for name, request in json.loads(line).items():
                self._lanes[name].put(request)
        self._cancel.cancel()
        for lane in self._lanes.values():
            lane.put(None)

    def wait_until_idle(self, seconds: float) -> bool:
        """Whether the work in hand ended within so long, each lane."""
        return all(lane.ended.wait(seconds) for lane in self._lanes.values())

    def _say(self, name: str, content: object) -> None:
        try:
            with self._saying:
                self._answers.write(json.dumps({name: content}) + "\n")
                self._answers.flush()
        except BrokenPipeError:
            self._cancel.cancel()  # no one listens any more


class _Lane:
    """One kind of work on its thread."""

    def __init__(self, work: Work, say: Answer, cancel: CancelToken, name: str) -> None:
        self._work, self._say, self._cancel, self._name = work, say, cancel, name
        self._requests: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()
        self.ended = threading.Event()
        self._busy = False
        threading.Thread(target=self._serve, name=name, daemon=True).start()

    def put(self, request: Mapping[str, Any] | None) -> None:
        self._requests.put(request)

    def _serve(self) -> None:
        while (request := self._requests.get()) is not None:
            if not self._cancel.cancelled:
                self._do(request)
        self.ended.set()

    def _do(self, request: Mapping[str, Any]) -> None:
        try:
            self._work(request, self._say, self._cancel)
        except StudioError as error:
            self._break(error.message, error.remedy, "")
        except Exception as error:  # noqa: BLE001 - the boundary: the window shows it
            self._break(f"{type(error).__name__}: {error}", "", traceback.format_exc())

    def _break(self, message: str, remedy: str, details: str) -> None:
        failure = {"work": self._name, "message": message, "remedy": remedy, "details": details}
        self._say(BROKEN, failure)


def flagging_of(project: Path) -> Work:
    """Assesses what has no assessment yet; answers with progress and the report."""

    def flag(request: Mapping[str, Any], say: Answer, cancel: CancelToken) -> None:
        # Late: the end of the input must be heard while PyTorch loads.
        from core.workflows.flag_project import flag_samples  # noqa: PLC0415

        _leave_a_core()
        _yield_to_the_user()

        def tell(progress: Progress) -> None:
            say(PROGRESS, asdict(progress))

        report: FlagReport = flag_samples(project, **request, progress=tell, cancel=cancel)
        say(FLAGGED, asdict(report))

    return flag


def _leave_a_core() -> None:
    """Compute on all cores but one, in the thread that asks: the window draws meanwhile."""
    import torch  # noqa: PLC0415 - as above

    torch.set_num_threads(max(1, (os.cpu_count() or 1) - 1))


def _yield_to_the_user() -> None:
    """Let this thread come after what the user does.

    Not before PyTorch is loaded: on a busy machine that took minutes then, with the import's lock
    held. Where threads have no niceness of their own (not Linux) nothing is done.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


class Lifting:
    """Lifts samples of one project; the network is loaded when it is first asked for."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self._lifter: Any = None

    def __call__(self, request: Mapping[str, Any], say: Answer, _cancel: CancelToken) -> None:
        """Answers with the bodies by id, None where keypoints are too few or no sample is left."""
        from core.dictionary.store import Dictionary  # noqa: PLC0415 - as above
        from core.engine.project_models import project_body  # noqa: PLC0415
        from core.workflows.lift_samples import SampleLifter  # noqa: PLC0415

        _leave_a_core()
        ids = [int(item) for item in request["sample_ids"]]
        with Dictionary.open(self._project) as dictionary:
            self._lifter = self._lifter or SampleLifter(project_body(dictionary))
            # One that was taken back meanwhile, in another window perhaps, spoils nothing.
            samples = dictionary.samples.still_there(ids)
        bodies = self._lifter.bodies(samples)
        say(LIFTED, {str(sample_id): body_as_lists(bodies.get(sample_id)) for sample_id in ids})


def main() -> None:
    """Serve one project until the input ends."""
    # Ctrl+C in the terminal is the window's to answer; this process ends with its input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    let_waiting_threads_sleep()
    project = Path(sys.argv[1])
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no answer
    service = EngineService({FLAG: flagging_of(project), LIFT: Lifting(project)}, answers)
    service.listen(sys.stdin)
    service.wait_until_idle(GRACE_S)
    # Not by sys.exit: another thread may be deep in an import or a batch.
    os._exit(0)


if __name__ == "__main__":
    main()
