"""Going through the frames of a person: one by one, or as they were filmed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.types.tracks import TrackMember
from spin_gui.session.session import ProjectSession

FRAME_MS = 125
"""How long a frame stays while frames are played; one that is not drawn yet is not waited for."""

NO_FRAMES = (
    "This person is not followed through frames: they are found by Find frames that follow "
    "one another."
)


def track_of(session: ProjectSession) -> list[TrackMember]:
    """The frames of the current sample's person; empty where there are none."""
    current = session.current_id
    return [] if current is None else session.dictionary.tracks.of(current)


def around(session: ProjectSession, reach: int) -> Sequence[TrackMember]:
    """The frames around the current one, itself included."""
    current = session.current_id
    return [] if current is None else session.dictionary.tracks.around(current, reach)


def step(session: ProjectSession, frames: int) -> bool:
    """Show a later frame of the same person, or an earlier one; whether there is one."""
    track = around(session, abs(frames))
    if not track:
        session.noticed.emit(NO_FRAMES)
        return False
    wanted = _place_in(track, session.current_id) + frames
    if not 0 <= wanted < len(track):
        session.noticed.emit(
            "This is the last frame." if frames > 0 else "This is the first frame."
        )
        return False
    session.select(track[wanted].sample_id)
    return True


class Playback(QObject):
    """Shows frame after frame until the last one, or until someone shows another sample.

    running_changed(bool): it began, or came to its end.
    """

    running_changed = Signal(bool)

    def __init__(self, session: ProjectSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: int | None = None
        self._timer = QTimer(self, interval=FRAME_MS)
        self._timer.timeout.connect(self._next)
        session.closing.connect(self.stop)

    @property
    def is_running(self) -> bool:
        """Whether frames are being played."""
        return self._timer.isActive()

    def toggle(self) -> None:
        """Play from the shown frame, from the first where it is the last; or stop."""
        if self.is_running:
            self.stop()
            return
        track = track_of(self._session)
        if not track:
            self._session.noticed.emit(NO_FRAMES)
            return
        if self._session.current_id == track[-1].sample_id:
            self._session.select(track[0].sample_id)
        self._shown = self._session.current_id
        self._timer.start()
        self.running_changed.emit(True)  # noqa: FBT003 - a signal takes no keywords

    @Slot()
    def stop(self) -> None:
        """Stay at the frame that is shown."""
        if self.is_running:
            self._timer.stop()
            self.running_changed.emit(False)  # noqa: FBT003

    @Slot()
    def _next(self) -> None:
        track = around(self._session, 1)
        here = _place_in(track, self._session.current_id)
        if self._session.current_id != self._shown or here + 1 >= len(track):
            self.stop()
            return
        self._shown = track[here + 1].sample_id
        self._session.select(self._shown)


def _place_in(track: Sequence[TrackMember], sample_id: int | None) -> int:
    return next((place for place, member in enumerate(track) if member.sample_id == sample_id), 0)
