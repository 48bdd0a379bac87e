"""Every command of the window, once.

One record names an action, its keys, its help and when it may be used. Menus, shortcuts, the
command palette, the cheat sheet and docs/keys.md are all made from this list, so that none of them
can promise what another does not keep.
"""

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
    UNDO = "there is something to undo"
    REDO = "there is something to redo"


class Menu(StrEnum):
    """The menus, in the order of the menu bar."""

    FILE = "File"
    EDIT = "Edit"
    REVIEW = "Review"
    GO = "Go"
    VIEW = "View"
    FITTING = "Fitting"
    TRAINING = "Training"
    HELP = "Help"


@dataclass(frozen=True, kw_only=True)
class ActionRecord:
    """One command of the program.

    id: how the code names it, ``menu.what``.
    keys: in Qt's portable text ("Ctrl+Shift+P"); the first is the one shown in the menu.
    section: actions of one menu with the same section stand together between separators.
    hold: works while its key is held down; in the menu it is a switch.
    """

    id: str
    title: str
    menu: Menu
    help: str
    keys: tuple[str, ...] = ()
    when: When = When.ALWAYS
    section: int = 0
    checkable: bool = False
    hold: bool = False

    @property
    def keys_text(self) -> str:
        """The keys as people read them: ``Right, J or Space``."""
        names = [READABLE_KEYS.get(key, key) for key in self.keys]
        text = " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
        return f"{text} (hold)" if self.hold else text


READABLE_KEYS = {"Right": "→", "Left": "←", "Up": "↑", "Down": "↓"}

THEME_ACTIONS = {
    "view.theme_system": "system",
    "view.theme_light": "light",
    "view.theme_dark": "dark",
}
"""The action that chooses each theme; exactly one of them is checked."""

_FILE = (
    ActionRecord(
        id="file.new_project",
        title="New project…",
        menu=Menu.FILE,
        keys=("Ctrl+N",),
        when=When.IDLE,
        help="Make an empty project in a folder of your choice.",
    ),
    ActionRecord(
        id="file.open_project",
        title="Open project…",
        menu=Menu.FILE,
        keys=("Ctrl+O",),
        when=When.IDLE,
        help="Open a project folder. A folder dropped on the window opens, too.",
    ),
    ActionRecord(
        id="file.make_demo",
        title="Make a demo project…",
        menu=Menu.FILE,
        when=When.IDLE,
        help="Make some sixty synthetic people with keypoints and first fits, within a minute.",
    ),
    ActionRecord(
        id="file.close_project",
        title="Close project",
        menu=Menu.FILE,
        keys=("Ctrl+W",),
        when=When.IDLE_PROJECT,
        help="Go back to the welcome page. Everything is saved already.",
    ),
    ActionRecord(
        id="file.import",
        title="Import annotations…",
        menu=Menu.FILE,
        section=1,
        keys=("Ctrl+I",),
        when=When.IDLE_PROJECT,
        help="Add people from COCO keypoints or a folder of OpenPose files.",
    ),
    ActionRecord(
        id="file.quit",
        title="Quit",
        menu=Menu.FILE,
        section=2,
        keys=("Ctrl+Q",),
        help="Close the window. Running work is asked to stop first and keeps what it has done.",
    ),
)

_EDIT = (
    ActionRecord(
        id="edit.undo",
        title="Undo",
        menu=Menu.EDIT,
        keys=("Ctrl+Z",),
        when=When.UNDO,
        help="Take back the last verdict or choice of fit.",
    ),
    ActionRecord(
        id="edit.redo",
        title="Redo",
        menu=Menu.EDIT,
        keys=("Ctrl+Shift+Z", "Ctrl+Y"),
        when=When.REDO,
        help="Do again what was taken back.",
    ),
    ActionRecord(
        id="edit.search",
        title="Search samples",
        menu=Menu.EDIT,
        section=1,
        keys=("Ctrl+F", "/"),
        when=When.PROJECT,
        help="Type part of a picture's name; Esc goes back to the list.",
    ),
)

_REVIEW = (
    ActionRecord(
        id="review.accept",
        title="Accept fit",
        menu=Menu.REVIEW,
        keys=("A",),
        when=When.SAMPLE,
        help="The fit lies on the person; it is locked from now on. Shows the next sample.",
    ),
    ActionRecord(
        id="review.reject",
        title="Reject fit",
        menu=Menu.REVIEW,
        keys=("X",),
        when=When.SAMPLE,
        help="The fit is wrong. It never supervises and never comes back. Shows the next sample.",
    ),
    ActionRecord(
        id="review.unsure",
        title="Mark as unsure",
        menu=Menu.REVIEW,
        keys=("U",),
        when=When.SAMPLE,
        help="Neither right nor wrong enough to say; look again later. Shows the next sample.",
    ),
    ActionRecord(
        id="review.clear",
        title="Clear verdict",
        menu=Menu.REVIEW,
        keys=("C",),
        when=When.SAMPLE,
        help="Take the verdict from the fit. Shows the next sample.",
    ),
)

_GO = (
    ActionRecord(
        id="go.next",
        title="Next sample",
        menu=Menu.GO,
        keys=("Right", "Down", "J", "Space"),
        when=When.SAMPLE,
        help="The next row of the list as it is sorted and filtered now.",
    ),
    ActionRecord(
        id="go.previous",
        title="Previous sample",
        menu=Menu.GO,
        keys=("Left", "Up", "K", "Shift+Space"),
        when=When.SAMPLE,
        help="The row before.",
    ),
    ActionRecord(
        id="go.first",
        title="First sample",
        menu=Menu.GO,
        keys=("Home",),
        when=When.SAMPLE,
        help="The first row of the list.",
    ),
    ActionRecord(
        id="go.last",
        title="Last sample",
        menu=Menu.GO,
        keys=("End",),
        when=When.SAMPLE,
        help="The last row of the list.",
    ),
)

_VIEW = (
    ActionRecord(
        id="view.hide_overlay",
        title="Hide overlay",
        menu=Menu.VIEW,
        keys=("H",),
        when=When.SAMPLE,
        checkable=True,
        hold=True,
        help="Hold the key to see the bare picture; let go to see the body again.",
    ),
    ActionRecord(
        id="view.keypoints",
        title="Show keypoints",
        menu=Menu.VIEW,
        keys=("P",),
        when=When.PROJECT,
        checkable=True,
        help="Draw the annotated keypoints and where the fit puts them.",
    ),
    ActionRecord(
        id="view.whole_picture",
        title="Whole picture",
        menu=Menu.VIEW,
        keys=("W",),
        when=When.PROJECT,
        checkable=True,
        help="Show the camera views over the whole picture in place of the person's crop.",
    ),
    ActionRecord(
        id="view.reset",
        title="Reset view",
        menu=Menu.VIEW,
        keys=("R",),
        when=When.PROJECT,
        help="Take back orbit, zoom and pan of all views.",
    ),
    ActionRecord(
        id="view.list",
        title="Sample list",
        menu=Menu.VIEW,
        section=1,
        keys=("Ctrl+1",),
        when=When.PROJECT,
        checkable=True,
        help="Show or hide the list on the left.",
    ),
    ActionRecord(
        id="view.details",
        title="Details",
        menu=Menu.VIEW,
        section=1,
        keys=("Ctrl+2",),
        when=When.PROJECT,
        checkable=True,
        help="Show or hide the details on the right.",
    ),
    ActionRecord(
        id="view.reset_layout",
        title="Reset layout",
        menu=Menu.VIEW,
        section=1,
        when=When.PROJECT,
        help="Put list, views and details back to their first widths.",
    ),
    ActionRecord(
        id="view.theme_system",
        title="Theme of the system",
        menu=Menu.VIEW,
        section=2,
        checkable=True,
        help="Light or dark, as the desktop asks.",
    ),
    ActionRecord(
        id="view.theme_light",
        title="Light theme",
        menu=Menu.VIEW,
        section=2,
        checkable=True,
        help="Dark text on light panels.",
    ),
    ActionRecord(
        id="view.theme_dark",
        title="Dark theme",
        menu=Menu.VIEW,
        section=2,
        checkable=True,
        help="Light text on dark panels.",
    ),
    ActionRecord(
        id="view.full_screen",
        title="Full screen",
        menu=Menu.VIEW,
        section=3,
        keys=("F11",),
        checkable=True,
        help="Use the whole screen.",
    ),
)

_FITTING = (
    ActionRecord(
        id="fitting.fit",
        title="Fit samples…",
        menu=Menu.FITTING,
        keys=("Ctrl+Shift+F",),
        when=When.IDLE_PROJECT,
        help="Fit a body to every sample that has none of this origin yet, in the background.",
    ),
    ActionRecord(
        id="fitting.refit",
        title="Refit…",
        menu=Menu.FITTING,
        keys=("Ctrl+R",),
        when=When.IDLE_PROJECT,
        help="Fit this sample, or those of the list, again from several starts; offer the best.",
    ),
    ActionRecord(
        id="fitting.stop",
        title="Stop the running job",
        menu=Menu.FITTING,
        keys=("Ctrl+.",),
        when=When.JOB,
        help="Ask the running work to stop; what it has done is kept.",
    ),
)

_TRAINING = (
    ActionRecord(
        id="training.train",
        title="Train…",
        menu=Menu.TRAINING,
        keys=("Ctrl+T",),
        when=When.IDLE_PROJECT,
        help="Train the regressor on this project, with SMPLify in the loop.",
    ),
    ActionRecord(
        id="training.predict",
        title="Predict samples",
        menu=Menu.TRAINING,
        keys=("Ctrl+Shift+R",),
        when=When.IDLE_PROJECT,
        help="Show what the newest run's regressor, or the demo regressor, says of every sample.",
    ),
    ActionRecord(
        id="training.cockpit",
        title="Show the training",
        menu=Menu.TRAINING,
        keys=("Ctrl+3",),
        when=When.PROJECT,
        checkable=True,
        help="Curves, newest batch and runs in place of the samples; a training goes on meanwhile.",
    ),
    ActionRecord(
        id="training.pause",
        title="Pause or go on",
        menu=Menu.TRAINING,
        section=1,
        keys=("Ctrl+Shift+Space",),
        when=When.TRAINING,
        help="Hold the training after its iteration, or let it go on.",
    ),
    ActionRecord(
        id="training.stop",
        title="Stop and keep",
        menu=Menu.TRAINING,
        section=1,
        keys=("Ctrl+Shift+.",),
        when=When.TRAINING,
        help="End the training after its iteration; everything is kept and it can go on later.",
    ),
    ActionRecord(
        id="training.discard",
        title="Cancel and discard…",
        menu=Menu.TRAINING,
        section=1,
        when=When.TRAINING,
        help="End the training and take back every fit it made. Asks first.",
    ),
    ActionRecord(
        id="training.continue",
        title="Continue the last training",
        menu=Menu.TRAINING,
        section=1,
        keys=("Ctrl+Shift+T",),
        when=When.IDLE_PROJECT,
        help="Go on with the newest run that was stopped; the list of runs has the others.",
    ),
)

_HELP = (
    ActionRecord(
        id="help.palette",
        title="Command palette…",
        menu=Menu.HELP,
        keys=("Ctrl+Shift+P",),
        help="Find any command by typing a few letters of its name.",
    ),
    ActionRecord(
        id="help.keys",
        title="Keys",
        menu=Menu.HELP,
        keys=("F1", "?"),
        help="All keys on one sheet.",
    ),
    ActionRecord(
        id="help.about",
        title="About SPIN Studio",
        menu=Menu.HELP,
        section=1,
        help="Version, machine and licences.",
    ),
)

ACTIONS: tuple[ActionRecord, ...] = (
    *_FILE,
    *_EDIT,
    *_REVIEW,
    *_GO,
    *_VIEW,
    *_FITTING,
    *_TRAINING,
    *_HELP,
)

RECORDS = {record.id: record for record in ACTIONS}
"""Each record by its id."""


def actions_of(menu: Menu) -> tuple[ActionRecord, ...]:
    """The records of one menu, in their order."""
    return tuple(record for record in ACTIONS if record.menu is menu)
