"""By which joints a body can be dragged, and what of it follows each of them."""

from __future__ import annotations

from dataclasses import dataclass

from core.body.conventions import SKELETON_JOINT_NAMES
from core.types.body_parts import BodyPart


@dataclass(frozen=True)
class DragHandle:
    """One joint by which a body can be taken.

    joint: of the skeleton, 0 to 23. name: for people.
    limb: the joints whose rotations follow freely; all others are stiff.
    anchors: the joints that stay in their places.
    part: what is mirrored in depth with it; None for joints between the limbs.
    """

    joint: int
    name: str
    limb: tuple[int, ...]
    anchors: tuple[int, ...]
    part: BodyPart | None = None


def _joints(*names: str) -> tuple[int, ...]:
    return tuple(SKELETON_JOINT_NAMES.index(name) for name in names)


_ENDS = ("pelvis", "head", "left_wrist", "right_wrist", "left_ankle", "right_ankle")
_FEET = ("left_ankle", "right_ankle")
_TRUNK = ("spine1", "spine2", "spine3")


def _on_side(side: str) -> tuple[DragHandle, ...]:
    def handle(
        name: str, limb: tuple[str, ...], moved: str, part: BodyPart | None = None
    ) -> DragHandle:
        anchors = tuple(end for end in _ENDS if end != f"{side}_{moved}")
        joint = f"{side}_{name}"
        return DragHandle(
            _joints(joint)[0], joint.replace("_", " "), _joints(*limb), _joints(*anchors), part
        )

    arm = (f"{side}_collar", f"{side}_shoulder", f"{side}_elbow", f"{side}_wrist")
    leg = (f"{side}_hip", f"{side}_knee", f"{side}_ankle")
    of_arm, of_leg = BodyPart(f"{side} arm"), BodyPart(f"{side} leg")
    return (
        handle("wrist", arm, "wrist", of_arm),
        handle("elbow", arm, "wrist", of_arm),
        handle("shoulder", (*_TRUNK, f"{side}_collar", f"{side}_shoulder"), "wrist"),
        handle("ankle", leg, "ankle", of_leg),
        handle("knee", leg, "ankle", of_leg),
    )


_LEGS = ("left_hip", "right_hip", "left_knee", "right_knee", *_FEET)

DRAG_HANDLES: tuple[DragHandle, ...] = (
    DragHandle(
        SKELETON_JOINT_NAMES.index("head"),
        "head",
        _joints(*_TRUNK, "neck", "head"),
        _joints("pelvis", *_FEET),
        BodyPart.HEAD,
    ),
    *_on_side("left"),
    *_on_side("right"),
    DragHandle(0, "hips", _joints("pelvis", *_LEGS), _joints(*_FEET)),
)
"""In the order in which keys lead from one to the next."""


def handle_of(joint: int) -> DragHandle:
    """The handle at a joint; raises ``KeyError`` where there is none."""
    return _BY_JOINT[joint]


_BY_JOINT = {handle.joint: handle for handle in DRAG_HANDLES}
