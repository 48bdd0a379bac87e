"""The handlers of every menu of one window, together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spin_gui.commands.handlers.base import Handler
from spin_gui.commands.handlers.correct import CorrectHandlers
from spin_gui.commands.handlers.help import HelpHandlers
from spin_gui.commands.handlers.listing import ListingHandlers
from spin_gui.commands.handlers.pages import PageHandlers
from spin_gui.commands.handlers.project import ProjectHandlers
from spin_gui.commands.handlers.review import ReviewHandlers
from spin_gui.commands.handlers.safety import SafetyHandlers
from spin_gui.commands.handlers.sheets import SheetHandlers
from spin_gui.commands.handlers.view import ViewHandlers
from spin_gui.commands.handlers.work import WorkHandlers

if TYPE_CHECKING:
    from spin_gui.window.main_window import MainWindow


class AllHandlers:
    """Named parts, for whoever calls one of them directly; ``by_id`` for the actions."""

    def __init__(self, window: MainWindow) -> None:
        self.project = ProjectHandlers(window)
        self.review = ReviewHandlers(window)
        self.listing = ListingHandlers(window)
        self.view = ViewHandlers(window)
        self.correct = CorrectHandlers(window)
        self.places = PageHandlers(window)
        self.sheets = SheetHandlers(window)
        self.work = WorkHandlers(window)
        self.safety = SafetyHandlers(window)
        self.help = HelpHandlers(window)

    def by_id(self) -> dict[str, Handler]:
        """The handler of every action."""
        parts = (
            self.project,
            self.review,
            self.listing,
            self.view,
            self.correct,
            self.places,
            self.sheets,
            self.work,
            self.safety,
            self.help,
        )
        return {action_id: handler for part in parts for action_id, handler in part.by_id().items()}
