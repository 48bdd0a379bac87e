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
from core.workflows.cameras.give_cameras import CameraOf, CamerasReport, give_cameras
from spin_gui.jobs.thread_host import JobHost
from spin_gui.session.session import ProjectSession
from spin_gui.session.undo_commands import EditCommand

TITLE = "Giving pictures another camera"
NOTHING_CHANGED = "The pictures have this camera already."


@dataclass(frozen=True, eq=False)
class _Step:
    """Which people's pictures, their cameras, and what happens when they have them."""

    sample_ids: tuple[int, ...]
    camera_of: CameraOf
    when_done: Callable[[CamerasReport], None]


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

        def done(report: CamerasReport) -> None:
            if not report.before:
                self._session.noticed.emit(NOTHING_CHANGED)
                return
            self._take_in(report, text)
            self._push(report, camera_of, text)

        self._add(_Step(tuple(map(int, sample_ids)), camera_of, done))

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
            self._add(_Step(ids, wanted, lambda redone: self._take_in(redone, done)))

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

        def work(progress: ProgressCallback, cancel: CancelToken) -> CamerasReport:
            with Dictionary.open(project) as dictionary:
                pictures = dictionary.cameras.of_samples(step.sample_ids)
                return give_cameras(
                    dictionary, pictures, step.camera_of, progress=progress, cancel=cancel
                )

        self._host = JobHost(TITLE, work, self, needs_torch=False)
        self._host.failed.connect(self.failed)
        self._host.finished.connect(self._on_finished)
        self._host.start()

    @Slot(object)
    def _on_finished(self, report: CamerasReport | None) -> None:
        if self._host is None:
            return
        self._host.deleteLater()
        self._host = None
        step = self._waiting.popleft()
        if report is not None:
            step.when_done(report)
        if self._waiting and self._host is None:
            self._start()


def _as_before(before: Mapping[Path, PictureCamera]) -> CameraOf:
    """The cameras that pictures had; one that did not change keeps its own."""

    def camera_of(picture: PictureWithCamera) -> PictureCamera:
        return before.get(picture.path, picture.camera)

    return camera_of
