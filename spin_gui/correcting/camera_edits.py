"""Giving pictures other cameras: one after the other on a thread, each one step of undo.

All fits of the pictures' people are measured again, which takes milliseconds each. So the edit, its
undo and its redo wait in a queue, whose work a thread does; a step says which cameras pictures are
to have, whatever they have by then, and the order is that of the user.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from core.dictionary.samples.cameras import PictureWithCamera
from core.dictionary.store import Dictionary
from core.progress import CancelToken, ProgressCallback
from core.types.cameras import PictureCamera
from core.workflows.cameras.find_focal_length import (
    FoundFocalLength,
    find_focal_lengths,
    found_camera,
)
from core.workflows.cameras.give_cameras import CameraOf, CamerasReport, give_cameras
from spin_gui.jobs.thread_host import JobHost
from spin_gui.session.session import ProjectSession
from spin_gui.session.undo_commands import EditCommand

TITLE = "Giving pictures another camera"
NOTHING_CHANGED = "The pictures have this camera already."
LOOKING = "Looking for the focal length that the fits of these pictures agree on…"
ALL_KNOWN = "The cameras of all these pictures are known."
_TOLD = 3
"""Cameras that are told of."""


@dataclass(frozen=True, eq=False)
class _Answer:
    """What a step did, with the cameras that it gave; found: what was found of each camera."""

    report: CamerasReport
    camera_of: CameraOf
    found: Sequence[FoundFocalLength] = ()


@dataclass(frozen=True, eq=False)
class _Step:
    """Which people's pictures, their cameras, and what happens when they have them.

    camera_of: None where their fits are to tell.
    """

    sample_ids: tuple[int, ...]
    camera_of: CameraOf | None
    when_done: Callable[[_Answer], None]


class CameraEdits(QObject):
    """The cameras of one session's pictures, on its undo stack."""

    failed = Signal(object)
    """An ``ErrorReport``."""

    def __init__(self, session: ProjectSession) -> None:
        super().__init__(session)
        self._session = session
        self._waiting: deque[_Step] = deque()
        self._host: JobHost | None = None

    @property
    def busy(self) -> bool:
        """Whether a step waits or is done."""
        return self._host is not None

    def give(self, sample_ids: Sequence[int], camera_of: CameraOf, text: str) -> None:
        """Give the pictures of some people cameras; ``text`` says so, as ``Type a camera``."""

        def done(answer: _Answer) -> None:
            if not answer.report.before:
                self._session.noticed.emit(NOTHING_CHANGED)
                return
            self._take_in(answer.report, text)
            self._push(answer.report, camera_of, text)

        self._add(_Step(tuple(map(int, sample_ids)), camera_of, done))

    def find(self, sample_ids: Sequence[int]) -> None:
        """Find the focal lengths of some people's pictures from fits, and give the clear ones.

        What was found of each camera, and how much better it is, is said either way.
        """

        def done(answer: _Answer) -> None:
            text = found_text(answer.found)
            if answer.report.before:
                self._take_in(answer.report, text)
                self._push(answer.report, answer.camera_of, text)
            else:
                self._session.noticed.emit(text)

        self._session.noticed.emit(LOOKING)
        self._add(_Step(tuple(map(int, sample_ids)), None, done))

    def close(self) -> None:
        """Leave what waits undone; before the session closes."""
        self._waiting.clear()
        host, self._host = self._host, None
        if host is not None:
            host.abandon()

    def _push(self, report: CamerasReport, camera_of: CameraOf, text: str) -> None:
        ids = tuple(report.sample_ids)
        before = _as_before(report.before)

        def again(wanted: CameraOf, done: str) -> None:
            self._add(_Step(ids, wanted, lambda answer: self._take_in(answer.report, done)))

        self._session.undo_stack.push(
            EditCommand(
                text,
                undo=lambda done: again(before, done),
                redo=lambda done: again(camera_of, done),
            )
        )

    def _take_in(self, report: CamerasReport, done: str) -> None:
        changed = set(report.sample_ids)
        self._session.records.forget_samples(sorted(changed))
        self._session.after_edit(changed, f"{done} – saved")

    def _add(self, step: _Step) -> None:
        self._waiting.append(step)
        if self._host is None:
            self._start()

    def _start(self) -> None:
        step, project = self._waiting[0], self._session.project

        def work(progress: ProgressCallback, cancel: CancelToken) -> _Answer:
            with Dictionary.open(project) as dictionary:
                pictures = dictionary.cameras.of_samples(step.sample_ids)
                camera_of, found = step.camera_of, []
                if camera_of is None:
                    found = _found(dictionary, pictures, progress, cancel)
                    camera_of = found_camera(found)
                report = give_cameras(
                    dictionary, pictures, camera_of, progress=progress, cancel=cancel
                )
                return _Answer(report, camera_of, found)

        self._host = JobHost(TITLE, work, self, needs_torch=step.camera_of is None)
        self._host.failed.connect(self.failed)
        self._host.finished.connect(self._on_finished)
        self._host.start()

    @Slot(object)
    def _on_finished(self, answer: _Answer | None) -> None:
        if self._host is None:
            return
        self._host.deleteLater()
        self._host = None
        step = self._waiting.popleft()
        if answer is not None:
            step.when_done(answer)
        if self._waiting and self._host is None:
            self._start()


def found_text(found: Sequence[FoundFocalLength]) -> str:
    """What was found of each camera, the clear ones first."""
    if not found:
        return ALL_KNOWN
    clear = [each for each in found if each.is_clear]
    others = [each for each in found if not each.is_clear]
    told = [each.summary() for each in (*clear, *others)[:_TOLD]]
    more = len(found) - len(told)
    return f"Camera found: {'; '.join(told)}{f'; and {more} more cameras' if more else ''}"


def _found(
    dictionary: Dictionary,
    pictures: Sequence[PictureWithCamera],
    progress: ProgressCallback,
    cancel: CancelToken,
) -> list[FoundFocalLength]:
    from core.workflows.cameras.fitted_objective import fitted_objective  # noqa: PLC0415

    objective_of = fitted_objective(dictionary)
    return find_focal_lengths(dictionary, pictures, objective_of, progress=progress, cancel=cancel)


def _as_before(before: Mapping[Path, PictureCamera]) -> CameraOf:
    """The cameras that pictures had; one that did not change keeps its own."""

    def camera_of(picture: PictureWithCamera) -> PictureCamera:
        return before.get(picture.path, picture.camera)

    return camera_of
