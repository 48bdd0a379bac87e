"""What the actions about frames that follow one another do."""

from __future__ import annotations

from PySide6.QtCore import Slot

from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.frames.playback import step
from spin_gui.jobs.adapters import follow_job


class FrameHandlers(MenuHandlers):
    """Steps, playback, and what is carried over."""

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action."""
        return {
            "frames.follow": self.follow,
            "frames.carry": self.carry,
            "frames.previous": self.show_previous,
            "frames.next": self.show_next,
            "frames.play": self.play,
        }

    @Slot()
    def follow(self) -> None:
        """Find the tracks of the project again."""
        if self._page is not None:
            self._workspace.job_controller.start(follow_job(self._page.session.project))

    @Slot()
    def carry(self) -> None:
        """The frames around are fitted from the shown body."""
        if self._page is not None:
            self._page.correcting.carrying.carry()

    @Slot()
    def show_previous(self) -> None:
        """The same person, one frame earlier."""
        if self._page is not None:
            step(self._page.session, -1)

    @Slot()
    def show_next(self) -> None:
        """The same person, one frame later."""
        if self._page is not None:
            step(self._page.session, 1)

    @Slot()
    def play(self) -> None:
        """Begin to play, or stop."""
        if self._page is not None:
            self._page.frames.playback.toggle()
