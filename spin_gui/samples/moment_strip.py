"""The pictures of a moment side by side, the one body in each; a click shows a picture large."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from spin_gui.images.thumbnails import ThumbnailProvider
from spin_gui.session.session import ProjectSession
from spin_gui.viewer.picture_strip import PictureStrip

PICTURE_SIDE = 112
MOST_PICTURES = 32
"""More cameras of a moment than these are not shown side by side; the comma key leads to all."""


class MomentStrip(PictureStrip):
    """Hidden unless the current sample belongs to a moment of several pictures."""

    def __init__(
        self, session: ProjectSession, pictures: ThumbnailProvider, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            session, pictures, name="Pictures of this moment", side=PICTURE_SIDE, parent=parent
        )
        for signal in (session.current_changed, session.samples_changed, session.rows_stale):
            signal.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the moment of the current sample as it is now."""
        current = self.session.current_id
        groups = self.session.dictionary.groups
        members = [] if current is None else groups.in_moment(current)[:MOST_PICTURES]
        memberships = groups.of(members) if len(members) > 1 else {}
        labels = {member: memberships[member].camera or "" for member in memberships}
        self.show_members(members, labels)
