"""What the actions about several pictures of one person do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot

from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.session.group_edits import (
    leave_out,
    same_moment,
    same_person,
    show_next_picture,
    ungroup,
)
from spin_gui.session.session import ProjectSession


class GroupHandlers(MenuHandlers):
    """Moments and persons of the selection."""

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action."""
        return {
            "groups.same_moment": self.same_moment,
            "groups.same_person": self.same_person,
            "groups.leave_out": self.leave_out,
            "groups.ungroup": self.ungroup,
            "groups.next_picture": self.next_picture,
        }

    @Slot()
    def same_moment(self) -> None:
        """The selected people are one, at one time."""
        self._with_session(same_moment)

    @Slot()
    def same_person(self) -> None:
        """The selected people are one, at any time."""
        self._with_session(same_person)

    @Slot()
    def leave_out(self) -> None:
        """The pictures of the selected people do not go with their moments."""
        self._with_session(leave_out)

    @Slot()
    def ungroup(self) -> None:
        """The selected people are each by themselves."""
        self._with_session(ungroup)

    @Slot()
    def next_picture(self) -> None:
        """Show the next picture of the moment."""
        self._with_session(show_next_picture)

    def _with_session(self, act: Callable[[ProjectSession], None]) -> None:
        if self._page is not None:
            act(self._page.session)
