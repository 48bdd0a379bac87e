"""The bodies that other methods' files are of, and where their root joints lie at rest.

A file gives the translation of its body's origin. Another body that takes its place must have its
root joint where the file's has it, so the distance from the origin to the root joint is needed. It
is the same within millimetres for all genders, and known to a centimetre for other shapes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import SMPL_PELVIS_M


class BodyModelName(StrEnum):
    """Whose parameters a file holds, as ``ForeignPredictions.body_names`` spells it."""

    SMPL = "smpl"
    SMPL_H = "smplh"
    SMPL_X = "smplx"


PELVIS_AT_REST_M: Mapping[BodyModelName, NDArray[np.float64]] = {
    BodyModelName.SMPL: SMPL_PELVIS_M,
    BodyModelName.SMPL_H: SMPL_PELVIS_M,
    BodyModelName.SMPL_X: np.array([0.0031, -0.3514, 0.0120]),
}
"""(3,) metres, x left, y up, z forward: the first joint of the neutral body of mean shape.

Rounded. SMPL-X: what ``smplx.create(model_type="smplx")`` gives with zero parameters. SMPL-H has
SMPL's body.
"""


def pelvis_at_rest_of(body_names: Sequence[str]) -> NDArray[np.float64]:
    """Root joints at rest ``(N, 3)`` in metres of N bodies; those of no known name have SMPL's."""
    known = {name.value: joint for name, joint in PELVIS_AT_REST_M.items()}
    joints = [known.get(name, SMPL_PELVIS_M) for name in body_names]
    return np.array(joints, dtype=np.float64).reshape(-1, 3)
