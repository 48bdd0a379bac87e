"""Projects: making, opening, filling and closing them."""

from __future__ import annotations

from spin_gui.commands.records.record import ActionRecord, Menu, When
from spin_gui.commands.records.safety import SAFETY_ACTIONS

FILE_ACTIONS = (
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
        help="Open a project folder. One that is dropped on the window opens, too.",
    ),
    ActionRecord(
        id="file.open_recent",
        title="Open recent",
        menu=Menu.FILE,
        keys=("Ctrl+Shift+O",),
        when=When.IDLE,
        help="One of the projects opened last.",
    ),
    ActionRecord(
        id="file.make_demo",
        title="Make a demo project…",
        menu=Menu.FILE,
        when=When.IDLE,
        help="Sixty synthetic people with keypoints and first fits, ready made, to try things on.",
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
        id="file.find_people",
        title="Find people in pictures…",
        menu=Menu.FILE,
        section=1,
        keys=("Ctrl+Shift+I",),
        when=When.IDLE,
        help="Look for people in plain photographs or videos. They may be dropped on the window, "
        "too.",
    ),
    ActionRecord(
        id="file.import",
        title="Import…",
        menu=Menu.FILE,
        section=1,
        keys=("Ctrl+I",),
        when=When.IDLE,
        help="Add people from annotations of any known format: data sets (COCO, MPII, LSP, AIC, "
        "SPIN), labelling tools (CVAT, labelme, Label Studio, YOLO) and detectors (OpenPose, "
        "MMPose, AlphaPose, ViTPose); or bodies of other methods, pictures and videos. What it is "
        "is told by the file and shown first. Anything may be dropped on the window, too.",
    ),
    ActionRecord(
        id="file.imports",
        title="Undo an import…",
        menu=Menu.FILE,
        section=1,
        when=When.PROJECT,
        help="List what was imported, with time, source and count; undo an import with everybody "
        "whom it brought, or put it back.",
    ),
    ActionRecord(
        id="file.find_pictures",
        title="Find pictures…",
        menu=Menu.FILE,
        section=1,
        when=When.IDLE_PROJECT,
        help="Were pictures moved? Say where they are now; they are found by name and size.",
    ),
    ActionRecord(
        id="file.export",
        title="Export…",
        menu=Menu.FILE,
        section=1,
        keys=("Ctrl+E",),
        when=When.IDLE_PROJECT,
        help="Write fits, meshes, motion, pictures or tables for other programs: of all, or some.",
    ),
    ActionRecord(
        id="file.export_people",
        title="Export the selected…",
        menu=Menu.FILE,
        section=1,
        when=When.IDLE_PROJECT,
        help="The same, of those who are selected, or of the person shown.",
    ),
    ActionRecord(
        id="file.export_sheet",
        title="Export what is shown…",
        menu=Menu.FILE,
        section=1,
        keys=("Ctrl+Shift+E",),
        when=When.IDLE_PROJECT,
        help="A contact sheet (PDF, HTML, PNG) of the rows of gallery, comparison or list.",
    ),
    *SAFETY_ACTIONS,
    ActionRecord(
        id="file.quit",
        title="Quit",
        menu=Menu.FILE,
        section=2,
        keys=("Ctrl+Q",),
        help="Close the window. Running work is asked to stop first and keeps what it has done.",
    ),
)
