"""Putting keypoints, boxes and bodies right."""

from __future__ import annotations

from core.types.body_parts import BodyPart
from spin_gui.commands.records.record import ActionRecord, Menu, When
from spin_gui.correcting.body_changes import mirror_action

_MIRROR_KEYS = {
    BodyPart.LEFT_ARM: ("Shift+1",),
    BodyPart.RIGHT_ARM: ("Shift+2",),
    BodyPart.LEFT_LEG: ("Shift+3",),
    BodyPart.RIGHT_LEG: ("Shift+4",),
}


_KEYPOINTS = (
    ActionRecord(
        id="correct.edit",
        title="Edit keypoints",
        menu=Menu.CORRECT,
        keys=("E",),
        when=When.SAMPLE,
        checkable=True,
        help="Show the picture large, to drag and mark keypoints. Arrow keys move the chosen one "
        "by a pixel, with Shift by ten. Esc leaves.",
    ),
    ActionRecord(
        id="correct.next_missing",
        title="Next missing keypoint",
        menu=Menu.CORRECT,
        keys=("N",),
        when=When.EDITING,
        help="Choose the next keypoint that the person lacks; a click places it.",
    ),
    ActionRecord(
        id="correct.worth_a_touch",
        title="Next keypoint worth a touch",
        menu=Menu.CORRECT,
        keys=("Shift+G",),
        when=When.PROJECT,
        help="Show the next person whose 3D error one corrected keypoint would lower most, with "
        "that keypoint chosen: a click places it, and the body follows.",
    ),
    ActionRecord(
        id="correct.visible",
        title="Mark as visible",
        menu=Menu.CORRECT,
        submenu="Joint",
        keys=("V",),
        when=When.EDITING,
        help="The chosen keypoint can be seen: it counts in full.",
    ),
    ActionRecord(
        id="correct.hidden",
        title="Mark as hidden",
        menu=Menu.CORRECT,
        submenu="Joint",
        keys=("O",),
        when=When.EDITING,
        help="The chosen keypoint is covered and its place a guess: it counts a quarter.",
    ),
    ActionRecord(
        id="correct.absent",
        title="Mark as absent",
        menu=Menu.CORRECT,
        submenu="Joint",
        keys=("Del",),
        when=When.EDITING,
        help="The chosen keypoint is outside the picture or no one can tell: it does not count.",
    ),
    ActionRecord(
        id="correct.swap_limb",
        title="Swap a limb's left and right",
        menu=Menu.CORRECT,
        submenu="Joint",
        keys=("S",),
        when=When.EDITING,
        help="Exchange the sides of the chosen keypoint's arm, leg or half of the face.",
    ),
    ActionRecord(
        id="correct.swap_all",
        title="Swap all left and right",
        menu=Menu.CORRECT,
        submenu="Joint",
        keys=("Shift+S",),
        when=When.EDITING,
        help="Exchange the sides of every keypoint of the person.",
    ),
    ActionRecord(
        id="correct.take",
        title="Take the keypoint from the body",
        menu=Menu.CORRECT,
        submenu="Joint",
        keys=("T",),
        when=When.EDITING,
        help="Put the chosen keypoint where the fit, or the prediction, has it.",
    ),
    ActionRecord(
        id="correct.take_missing",
        title="Take all missing keypoints from the body",
        menu=Menu.CORRECT,
        submenu="Joint",
        keys=("Shift+T",),
        when=When.EDITING,
        help="Put every missing keypoint where the fit, or the prediction, has it, as hidden.",
    ),
    ActionRecord(
        id="correct.linked",
        title="Move both sets together",
        menu=Menu.CORRECT,
        submenu="Joint",
        keys=("L",),
        when=When.EDITING,
        checkable=True,
        help="Many joints are there twice, as OpenPose and as data sets define them.",
    ),
)

_PEOPLE = (
    ActionRecord(
        id="correct.box",
        title="Edit the box",
        menu=Menu.CORRECT,
        section=1,
        keys=("B",),
        when=When.EDITING,
        help="Drag a corner or the inside of the person's box; bodies stay where they are.",
    ),
    ActionRecord(
        id="correct.draw_person",
        title="Draw a new person",
        menu=Menu.CORRECT,
        section=1,
        keys=("D",),
        when=When.EDITING,
        help="Drag a box around a person whom the project does not know yet; the detector finds "
        "the keypoints in it.",
    ),
    ActionRecord(
        id="correct.without_people",
        title="Pictures without people…",
        menu=Menu.CORRECT,
        section=1,
        keys=("Shift+D",),
        when=When.PROJECT,
        help="List the pictures in which no person was found. Drag a box around one who was "
        "missed: the detector finds the keypoints in it.",
    ),
    ActionRecord(
        id="correct.detect",
        title="Find the keypoints in the box",
        menu=Menu.CORRECT,
        section=1,
        keys=("F6",),
        when=When.SAMPLE,
        help="Let the detector look at this person. Keypoints that you placed or marked stay.",
    ),
    ActionRecord(
        id="correct.next_person",
        title="Next person in this picture",
        menu=Menu.CORRECT,
        section=1,
        keys=(".",),
        when=When.SAMPLE,
        help="Show the next person of the same picture.",
    ),
    ActionRecord(
        id="correct.camera",
        title="Camera…",
        menu=Menu.CORRECT,
        section=1,
        submenu="Camera",
        when=When.SAMPLE,
        help="Say which camera took the pictures of the chosen people, or of the one shown: its "
        "focal length, its angle, or what EXIF data tells. Can be undone.",
    ),
    ActionRecord(
        id="correct.find_camera",
        title="Find the camera from its fits",
        menu=Menu.CORRECT,
        section=1,
        submenu="Camera",
        when=When.SAMPLE,
        help="Fit the chosen people, or all in the list, under eleven focal lengths. The one on "
        "which the pictures of a camera agree is given to them where it is clearly better than the "
        "assumed one; the status bar says what was found, and by how much. It takes twelve people "
        "of one camera, and can be undone.",
    ),
)

_BODIES = (
    ActionRecord(
        id="correct.drag",
        title="Drag the body",
        menu=Menu.CORRECT,
        section=2,
        keys=("Z",),
        when=When.SAMPLE,
        checkable=True,
        help="Show the joints by which the body can be taken in any view: drag one, and the body "
        "follows. Arrow keys move the chosen joint by 1 cm, with Shift by 5; a right click pins "
        "one. Each drag is the current fit at once and one step of undo. Esc leaves.",
    ),
    ActionRecord(
        id="correct.drag_next",
        title="Next joint to drag",
        menu=Menu.CORRECT,
        section=2,
        submenu="Dragged joint",
        keys=("Shift+N",),
        when=When.DRAGGING,
        help="Choose the next joint; the arrow keys move it in the view that is large.",
    ),
    ActionRecord(
        id="correct.drag_pin",
        title="Pin the joint",
        menu=Menu.CORRECT,
        section=2,
        submenu="Dragged joint",
        keys=("Shift+P",),
        when=When.DRAGGING,
        help="The chosen joint stays where it is while others are dragged, or no longer.",
    ),
    ActionRecord(
        id="correct.drag_mirror",
        title="Mirror the dragged limb in depth",
        menu=Menu.CORRECT,
        section=2,
        submenu="Dragged joint",
        keys=("Shift+M",),
        when=When.DRAGGING,
        help="What of the chosen joint's limb points towards the camera points away; it looks the "
        "same in the picture. Also in the middle of a drag.",
    ),
    ActionRecord(
        id="correct.turn_round",
        title="Turn the body round",
        menu=Menu.CORRECT,
        section=2,
        submenu="Whole body",
        keys=("Shift+R",),
        when=When.SAMPLE,
        help="Turn the body by 180° about the picture's vertical: front becomes back.",
    ),
    ActionRecord(
        id="correct.turn_over",
        title="Turn the body upside down",
        menu=Menu.CORRECT,
        section=2,
        submenu="Whole body",
        keys=("Shift+U",),
        when=When.SAMPLE,
        help="Turn the body by 180° about the direction of view.",
    ),
    ActionRecord(
        id="correct.average_shape",
        title="Average shape",
        menu=Menu.CORRECT,
        section=2,
        submenu="Whole body",
        when=When.SAMPLE,
        help="Set all shape coefficients to zero; the body keeps its size in the picture.",
    ),
    ActionRecord(
        id="correct.clamp_shape",
        title="Limit the shape to ±3",
        menu=Menu.CORRECT,
        section=2,
        submenu="Whole body",
        when=When.SAMPLE,
        help="Bring extreme shape coefficients back to ±3; the size in the picture stays.",
    ),
)

_MIRRORS = tuple(
    ActionRecord(
        id=mirror_action(part),
        title=f"Mirror the {part} in depth",
        menu=Menu.CORRECT,
        section=2,
        submenu="Mirror",
        keys=_MIRROR_KEYS.get(part, ()),
        when=When.SAMPLE,
        help="What pointed towards the camera points away, and the other way round; it looks the "
        "same in the picture.",
    )
    for part in BodyPart
)

_TOOLS = ActionRecord(
    id="correct.body_tools",
    title="Body tools",
    menu=Menu.CORRECT,
    section=2,
    keys=("Shift+B",),
    when=When.SAMPLE,
    checkable=True,
    help="Show the strip that turns single joints and mirrors parts.",
)

_PROPOSALS = (
    ActionRecord(
        id="correct.refit",
        title="Refit from here",
        menu=Menu.CORRECT,
        section=3,
        keys=("F5",),
        when=When.SAMPLE,
        help="Have SMPLify go on from the body and the keypoints as they are, and show the result "
        "beside the current fit.",
    ),
    ActionRecord(
        id="correct.keep",
        title="Keep the changed body",
        menu=Menu.CORRECT,
        section=3,
        keys=("Return", "Enter"),
        when=When.PROPOSAL,
        help="Make it the current fit, whatever its loss. Can be undone.",
    ),
    ActionRecord(
        id="correct.discard",
        title="Discard, or leave editing",
        menu=Menu.CORRECT,
        section=3,
        keys=("Esc",),
        when=When.CORRECTING,
        help="While keypoints are edited: back to the views, all is saved. Otherwise stop a "
        "running refit, or let the changed body go; that can be undone.",
    ),
)

CORRECT_ACTIONS = (*_KEYPOINTS, *_PEOPLE, *_BODIES, *_MIRRORS, _TOOLS, *_PROPOSALS)
