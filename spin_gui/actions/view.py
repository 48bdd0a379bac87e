"""What is shown, and how the window looks."""

from __future__ import annotations

from spin_gui.actions.record import ActionRecord, Menu, When

THEME_ACTIONS = {
    "view.theme_system": "system",
    "view.theme_light": "light",
    "view.theme_dark": "dark",
}
"""The action that chooses each theme; exactly one of them is checked."""

VIEW_ACTIONS = (
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
