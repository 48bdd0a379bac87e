"""The changes that a person can make to a body, once: for the menu, the palette and the strip.

``core.engine.smplify.pose_edits`` is imported where it is used: it loads PyTorch, which the window
does without until a body is changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.types.bodies import BodyParameters
from core.types.body_parts import BodyPart

if TYPE_CHECKING:
    from core.workflows.correct_sample import Corrector

Change = Callable[[BodyParameters, "Corrector"], BodyParameters]


@dataclass(frozen=True)
class BodyChange:
    """title: what is done, in words; change: the body before, and what knows bodies, to after."""

    title: str
    change: Change


def turn_joint(
    parameters: BodyParameters, joint: int, degrees_xyz: NDArray[np.floating]
) -> BodyParameters:
    """See ``core.engine.smplify.pose_edits.turned_joint``."""
    from core.engine.smplify.pose_edits import turned_joint  # noqa: PLC0415

    return turned_joint(parameters, joint, degrees_xyz)


def _turn_round(before: BodyParameters, _corrector: Corrector) -> BodyParameters:
    from core.engine.smplify.pose_edits import CameraAxis, turned_body  # noqa: PLC0415

    return turned_body(before, CameraAxis.VERTICAL)


def _turn_over(before: BodyParameters, _corrector: Corrector) -> BodyParameters:
    from core.engine.smplify.pose_edits import CameraAxis, turned_body  # noqa: PLC0415

    return turned_body(before, CameraAxis.VIEWING)


def _average_shape(before: BodyParameters, corrector: Corrector) -> BodyParameters:
    from core.engine.smplify.pose_edits import average_shape  # noqa: PLC0415

    return average_shape(before, body=corrector.body)


def _clamp_shape(before: BodyParameters, corrector: Corrector) -> BodyParameters:
    from core.engine.smplify.pose_edits import clamped_shape  # noqa: PLC0415

    return clamped_shape(before, body=corrector.body)


def _mirror(part: BodyPart) -> BodyChange:
    def change(before: BodyParameters, corrector: Corrector) -> BodyParameters:
        from core.engine.smplify.pose_edits import mirrored_in_depth  # noqa: PLC0415

        return mirrored_in_depth(before, part, body=corrector.body)

    return BodyChange(f"Mirror the {part}", change)


def mirror_action(part: BodyPart) -> str:
    """The id of the action that mirrors a part."""
    return f"correct.mirror_{part.replace(' ', '_')}"


BODY_CHANGES: dict[str, BodyChange] = {
    "correct.turn_round": BodyChange("Turn the body round", _turn_round),
    "correct.turn_over": BodyChange("Turn the body upside down", _turn_over),
    "correct.average_shape": BodyChange("Average shape", _average_shape),
    "correct.clamp_shape": BodyChange("Limit the shape to ±3", _clamp_shape),
    **{mirror_action(part): _mirror(part) for part in BodyPart},
}
"""By the id of the action."""
