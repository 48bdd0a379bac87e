"""The changes that a person can make to a body, once: for the menu, the palette and the strip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.body.depth_mirror import BodyPart
from core.fitting.body_edits import (
    CameraAxis,
    average_shape,
    clamped_shape,
    mirrored_in_depth,
    turned_body,
)
from core.pipeline.correcting import Corrector
from core.records import BodyParameters
from spin_gui.actions.correct import mirror_action


@dataclass(frozen=True)
class BodyChange:
    """title: what is done, in words; change: the body before, and what knows bodies, to after."""

    title: str
    change: Callable[[BodyParameters, Corrector], BodyParameters]


def _mirror(part: BodyPart) -> BodyChange:
    return BodyChange(
        f"Mirror the {part}",
        lambda before, corrector: mirrored_in_depth(before, part, body=corrector.body),
    )


BODY_CHANGES: dict[str, BodyChange] = {
    "correct.turn_round": BodyChange(
        "Turn the body round", lambda before, _corrector: turned_body(before, CameraAxis.VERTICAL)
    ),
    "correct.turn_over": BodyChange(
        "Turn the body upside down",
        lambda before, _corrector: turned_body(before, CameraAxis.VIEWING),
    ),
    "correct.average_shape": BodyChange(
        "Average shape", lambda before, corrector: average_shape(before, body=corrector.body)
    ),
    "correct.clamp_shape": BodyChange(
        "Limit the shape to ±3",
        lambda before, corrector: clamped_shape(before, body=corrector.body),
    ),
    **{mirror_action(part): _mirror(part) for part in BodyPart},
}
"""By the id of the action."""
