"""All that one open project has for its frames."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from spin_gui.frames.frame_strip import FrameStrip
from spin_gui.frames.playback import Playback
from spin_gui.images.thumbnails import ThumbnailProvider
from spin_gui.session.session import ProjectSession


class FrameTools:
    """The strip below the views, and playback."""

    def __init__(
        self,
        session: ProjectSession,
        pictures: ThumbnailProvider,
        parent: QObject,
    ) -> None:
        self.strip = FrameStrip(session, pictures)
        self.playback = Playback(session, parent)

    def follow(self, actions: Mapping[str, QAction]) -> None:
        """The commands behind the strip's buttons, by their ids."""
        self.strip.follow(actions)

    def close(self) -> None:
        """Stop what runs; before the session closes."""
        self.playback.stop()
