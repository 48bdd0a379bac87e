"""What stands in the place of samples and pages while there is nothing for them to show."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction

from spin_gui.session.review_counts import ReviewCounts
from spin_gui.session.session import ProjectSession
from spin_gui.session.wording import why_none_is_listed
from spin_gui.widgets.command_button import CommandButton
from spin_gui.widgets.empty_page import EmptyPage

NO_SAMPLES = "No samples yet"
WHAT_A_SAMPLE_IS = (
    "A sample is one person in one picture. Find people in pictures or videos of your own, or "
    "import pictures with 2D keypoints."
)
NO_FITS, WHAT_FITTING_IS = "No fits yet", "Bodies are fitted to the keypoints of all samples."
HIDDEN = "No sample matches"

NEXT_STEPS = {
    "file.find_people": "Find people in pictures…",
    "file.import": "Import…",
    "fitting.fit": "Fit samples…",
    "edit.clear_filter": "Clear filter",
}
"""The commands that lead on, and what their buttons say."""


class NothingYet(EmptyPage):
    """Says what is missing and carries the button of the next step."""

    def __init__(self, session: ProjectSession) -> None:
        super().__init__(NO_SAMPLES, WHAT_A_SAMPLE_IS)
        self._session = session
        self.buttons = {action_id: CommandButton(title) for action_id, title in NEXT_STEPS.items()}
        for button in self.buttons.values():
            self.put_button(button)
        for signal in (session.counts_changed, session.query_changed):
            signal.connect(self.show_state)
        self.show_state()

    def follow(self, actions: Mapping[str, QAction]) -> None:
        """The commands behind the buttons, by their ids."""
        for action_id, button in self.buttons.items():
            button.follow(actions[action_id])

    @Slot()
    def show_state(self) -> None:
        """Say what is missing now."""
        counts = self._session.counts()
        if not counts.total:
            self._say(NO_SAMPLES, WHAT_A_SAMPLE_IS, "file.find_people", "file.import")
        elif not has_fits(counts):
            self._say(NO_FITS, WHAT_FITTING_IS, "fitting.fit")
        else:
            why = why_none_is_listed(self._session.query, counts.total)
            self._say(HIDDEN, why, "edit.clear_filter")

    def _say(self, title: str, text: str, *action_ids: str) -> None:
        self.set_title(title)
        self.set_text(text)
        for action_id, button in self.buttons.items():
            button.setVisible(action_id in action_ids)
        self.setFocusProxy(self.buttons[action_ids[0]])


def has_fits(counts: ReviewCounts) -> bool:
    """Whether anyone in the project has a fit."""
    return counts.without_fit < counts.total
