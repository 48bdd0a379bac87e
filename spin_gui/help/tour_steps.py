"""What the tour shows: five places of the window, and what is done there."""

from __future__ import annotations

from dataclasses import dataclass

STAGES, VIEWS, VERDICTS = "stage tabs", "views", "verdict bar"
CORRECT_TAB, EXPORT_TAB = "tab Correct", "tab Export"
"""The names of the widgets that the steps point at."""


@dataclass(frozen=True)
class TourStep:
    """place: the object name of the widget that it points at."""

    title: str
    text: str
    place: str


OFFER = TourStep(
    "New here?",
    "A tour in five steps shows where things are. It waits in the menu Help, too.",
    "",
)

TOUR_STEPS = (
    TourStep(
        "The work, from left to right",
        "Every stage has a tab: people come in at Import and leave at Export. The number says what "
        "is there or what is left. Review is where you are now; Esc leads back to it from "
        "everywhere.",
        STAGES,
    ),
    TourStep(
        "One view large",
        "The body over the picture. Drag to turn it, zoom with the wheel; R takes that back. A "
        "click on a small view, or its digit, makes it the large one: 2 from the top, 3 from the "
        "side. H held down shows the bare picture.",
        VIEWS,
    ),
    TourStep(
        "Give verdicts",
        "Does the body lie on the person, from the side as well? A accepts, X rejects, U is for "
        "unsure, and the next one comes up. Everything is saved at once, and Ctrl+Z takes it back. "
        "Q lists what is most likely wrong first.",
        VERDICTS,
    ),
    TourStep(
        "Put it right",
        "Z shows the joints by which the body can be dragged in any view. This tab, or E, opens "
        "the keypoints of the person: drag one to its place, Esc leaves, and F5 fits the body "
        "again from there. Return keeps the new body.",
        CORRECT_TAB,
    ),
    TourStep(
        "Take it with you",
        "Here is what can be exported, in which formats, and what should be done before. That is "
        "the tour; Help has the guide, the keys and the legend of symbols.",
        EXPORT_TAB,
    ),
)
