"""The handlers of every menu of one window, together."""

from __future__ import annotations

from spin_gui.commands.handlers.base import Handler
from spin_gui.commands.handlers.cameras import CameraHandlers
from spin_gui.commands.handlers.correct import CorrectHandlers
from spin_gui.commands.handlers.frames import FrameHandlers
from spin_gui.commands.handlers.groups import GroupHandlers
from spin_gui.commands.handlers.help import HelpHandlers
from spin_gui.commands.handlers.importing import ImportHandlers
from spin_gui.commands.handlers.listing import ListingHandlers
from spin_gui.commands.handlers.pages import PageHandlers
from spin_gui.commands.handlers.project import ProjectHandlers
from spin_gui.commands.handlers.recent import RecentHandlers
from spin_gui.commands.handlers.review import ReviewHandlers
from spin_gui.commands.handlers.reviewers import ReviewerHandlers
from spin_gui.commands.handlers.safety import SafetyHandlers
from spin_gui.commands.handlers.sheets import SheetHandlers
from spin_gui.commands.handlers.taking_back import TakingBackHandlers
from spin_gui.commands.handlers.tour import TourHandlers
from spin_gui.commands.handlers.view import ViewHandlers
from spin_gui.commands.handlers.work import WorkHandlers
from spin_gui.commands.qt_actions import ActionSet
from spin_gui.commands.workspace import Workspace


class AllHandlers:
    """Named parts, for what calls one of them directly; ``by_id`` for the actions."""

    def __init__(self, workspace: Workspace) -> None:
        self.project = ProjectHandlers(workspace)
        self.importing = ImportHandlers(workspace)
        self.review = ReviewHandlers(workspace)
        self.reviewers = ReviewerHandlers(workspace)
        self.listing = ListingHandlers(workspace)
        self.view = ViewHandlers(workspace)
        self.correct = CorrectHandlers(workspace)
        self.cameras = CameraHandlers(workspace)
        self.groups = GroupHandlers(workspace)
        self.frames = FrameHandlers(workspace)
        self.pages = PageHandlers(workspace)
        self.sheets = SheetHandlers(workspace)
        self.work = WorkHandlers(workspace)
        self.safety = SafetyHandlers(workspace)
        self.recent = RecentHandlers(workspace)
        self.taking_back = TakingBackHandlers(workspace)
        self.help = HelpHandlers(workspace)
        self.tour = TourHandlers(workspace)

    def attach(self, commands: ActionSet) -> None:
        """What hangs on actions besides their handlers; once they are there."""
        self.recent.attach(commands["file.open_recent"])

    def step_back(self) -> bool:
        """What Esc leaves: the tour, the whole screen, another page; False: nothing."""
        return self.tour.leave() or self.pages.step_back()

    def by_id(self) -> dict[str, Handler]:
        """The handler of every action."""
        parts = (
            self.project,
            self.importing,
            self.review,
            self.reviewers,
            self.listing,
            self.view,
            self.correct,
            self.cameras,
            self.groups,
            self.frames,
            self.pages,
            self.sheets,
            self.work,
            self.safety,
            self.recent,
            self.taking_back,
            self.help,
            self.tour,
        )
        return {action_id: handler for part in parts for action_id, handler in part.by_id().items()}
