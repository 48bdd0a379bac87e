"""What is said of a command, once: its name, keys, help, and when it may be used."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class When(StrEnum):
    """The state of the window that an action needs."""

    ALWAYS = "always"
    PROJECT = "a project is open"
    SAMPLE = "a sample is shown"
    IDLE = "no job is running"
    IDLE_PROJECT = "a project is open and no job is running"
    JOB = "a job is running"
    TRAINING = "a training is running"
    RUN = "a run is chosen on the tab Train"
    IDLE_RUN = "a run is chosen on the tab Train and no job is running"
    UNDO = "there is something to undo"
    REDO = "there is something to redo"
    EDITING = "keypoints are edited"
    DRAGGING = "a body is dragged by its joints"
    PROPOSAL = "a changed body waits to be kept"
    CORRECTING = "keypoints are edited, or a changed body waits or is made"


class Menu(StrEnum):
    """The menus, in the order of the menu bar."""

    FILE = "File"
    EDIT = "Edit"
    REVIEW = "Review"
    GO = "Go"
    VIEW = "View"
    CORRECT = "Correct"
    FITTING = "Fitting"
    TRAINING = "Training"
    HELP = "Help"


@dataclass(frozen=True, kw_only=True)
class ActionRecord:
    """One command of the program.

    id: how the code names it, ``menu.what``.
    keys: in Qt's portable text ("Ctrl+Shift+P"); the first is the one shown in the menu.
    section: actions of one menu with the same section stand together between separators.
    submenu: the name of a menu within the menu, where those with the same name stand together.
    hold: works while its key is held down; in the menu it is a switch.
    """

    id: str
    title: str
    menu: Menu
    help: str
    keys: tuple[str, ...] = ()
    when: When = When.ALWAYS
    section: int = 0
    submenu: str = ""
    checkable: bool = False
    hold: bool = False

    @property
    def keys_text(self) -> str:
        """The keys as people read them: ``Right, J or Space``."""
        names = [READABLE_KEYS.get(key, key) for key in self.keys]
        text = " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
        return f"{text} (hold)" if self.hold else text


READABLE_KEYS = {"Right": "→", "Left": "←", "Up": "↑", "Down": "↓"}
