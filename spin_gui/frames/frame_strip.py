"""The frames around the one that is shown, below the views; a click shows a frame large."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from core.types.flags import FlagName, flag_words
from spin_gui.frames.playback import around
from spin_gui.images.thumbnails import ThumbnailProvider
from spin_gui.session.session import ProjectSession
from spin_gui.viewer.picture_strip import PictureStrip
from spin_gui.widgets.command_button import CommandButton

PICTURE_SIDE = 64
REACH = 6
"""How many frames before and after the shown one are there."""

PLAY = "frames.play"
_MARKED = (FlagName.JUMP, FlagName.SIDE_FLIP)


class FrameStrip(PictureStrip):
    """Hidden unless the current sample is a person who is followed through frames.

    A frame whose limb jumps, or whose sides flip, bears that flag's badge.
    """

    def __init__(
        self, session: ProjectSession, pictures: ThumbnailProvider, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            session, pictures, name="Frames of this person", side=PICTURE_SIDE, parent=parent
        )
        self.play = CommandButton("Play")
        self.line.addWidget(self.play)
        for signal in (session.current_changed, session.samples_changed, session.rows_stale):
            signal.connect(self.refresh)
        self.refresh()

    def follow(self, actions: Mapping[str, QAction]) -> None:
        """The command behind the button, by its id."""
        self.play.follow(actions[PLAY])

    @Slot()
    def refresh(self) -> None:
        """Show the frames around the current sample as they are now."""
        members = around(self.session, REACH)
        flags = self.session.dictionary.flags.by_sample(member.sample_id for member in members)
        labels = {}
        for member in members:
            raised = {flag.name for flag in flags.get(member.sample_id, [])}
            badges = [flag_words(name).badge for name in _MARKED if name in raised]
            labels[member.sample_id] = " ".join([*badges, str(member.place + 1)])
        self.show_members([member.sample_id for member in members], labels)
