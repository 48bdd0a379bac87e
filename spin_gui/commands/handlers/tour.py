"""The tour: offered where the demo is opened first, and whenever it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.commands.workspace import Workspace
from spin_gui.session.session import ProjectSession
from spin_gui.widgets.page import Page

if TYPE_CHECKING:
    from spin_gui.help.tour_bubble import TourBubble

ANSWERED = "tour.answered"
"""The setting that is on once the tour was taken or declined."""


class TourHandlers(MenuHandlers):
    """Makes the bubble when it is first needed."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._followed: ProjectSession | None = None
        """The project with which the bubble closes."""

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action."""
        return {"help.tour": self.begin}

    def offer(self) -> None:
        """Offer the tour in the demo, until it was answered once."""
        from core.workflows.demo_report import DEMO_SETTING

        page, settings = self._page, self._workspace.settings
        if page is None or settings.flag(ANSWERED, default=False):
            return
        if page.session.dictionary.settings.get(DEMO_SETTING) is not None:
            self._bubble().offer()

    @Slot()
    def begin(self) -> None:
        """From the first step, among the samples, which it speaks of."""
        page = self._page
        if page is None:
            return
        if page.shown_page is not Page.SAMPLES or page.correcting.editing:
            self._workspace.commands["go.review"].trigger()
        self._workspace.commands["view.grid"].setChecked(False)
        self._bubble().begin()

    def leave(self) -> bool:
        """End it where it is shown; False where it is not."""
        bubble = self._found()
        if bubble is None or not bubble.isVisible():
            return False
        bubble.leave()
        return True

    def _bubble(self) -> TourBubble:
        """The bubble, which goes with the project."""
        from spin_gui.help.tour_bubble import TourBubble

        bubble = self._found()
        if bubble is None:
            bubble = TourBubble(self._window)
            bubble.ended.connect(self._remember)
            bubble.begun.connect(self.begin)
        session = None if self._page is None else self._page.session
        if session is not None and session is not self._followed:
            self._followed = session
            session.closing.connect(bubble.close_tour)
        return bubble

    def _found(self) -> TourBubble | None:
        from spin_gui.help.tour_bubble import TourBubble

        return self._window.findChild(TourBubble)

    @Slot()
    def _remember(self) -> None:
        self._workspace.settings.set_flag(ANSWERED, on=True)
        if self._page is not None:
            self._page.samples.focus_list()
