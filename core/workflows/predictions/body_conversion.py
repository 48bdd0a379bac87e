"""Bodies of another method as bodies of the project: poses nearly as they came, shapes by a rule.

Poses mean the same to every body with SMPL's skeleton. Betas do not. Where the file of the body
that they belong to is at hand, the shape is found whose joints lie nearest to the other's in the
very pose; both are linear in the betas, so that is one small linear system a body::

    min over β of  Σ_j |c_j(β) − c'_j|² + s² |β|²        c_j(β) = c_j(0) + Σ_k β_k ∂c_j/∂β_k

c_j and c'_j are the posed joints about the pelvis. From there the solver for points in space brings
the joints together, held to the rotations as they came (``bodies_near_joints``). Where that file is
not there, everybody gets the mean shape, and the pelvis stays where it came (docs/formats.md,
"Bodies as fits").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import BodyArrays
from core.body.conventions import OPEN_BODY_NAME
from core.body.kinematics import BodyKinematics, pelvis_at_rest
from core.formats.bodies.body_models import BodyModelName, pelvis_at_rest_of
from core.formats.bodies.prediction_files import ForeignPredictions
from core.geometry.rotations import pose_to_matrices
from core.types.arrays import NUM_BETAS
from core.types.foreign.imported_bodies import Conversion
from core.types.genders import Gender, gender_of_body
from core.workflows.predictions.bodies_near_joints import bodies_near_joints

SHAPE_SPREAD_M = 0.005
"""s: how far joints may lie off before one more standard deviation of shape is worth it."""

_BATCH = 1024


BetasRule = Literal["auto", "keep", "mean"]

BodyOf = Callable[[str, str], BodyArrays | None]
"""The body of a model's name and a gender, where its file is at hand."""


@dataclass(frozen=True, eq=False)
class ConvertedBodies:
    """N bodies of a file as bodies of the project.

    pose_axis_angle: (N, 72). betas: (N, 10). origin_shift: (N, 3) metres in the body's frame, to be
    added to translations of the other body's origin. error_mm: (N,) mean distance of the 24 joints
    from the other body's, about the pelvis; NaN where it cannot be known. rules: N, how.
    """

    pose_axis_angle: NDArray[np.float32]
    betas: NDArray[np.float32]
    origin_shift: NDArray[np.float64]
    error_mm: NDArray[np.float64]
    rules: list[Conversion]

    @property
    def known_error_mm(self) -> float | None:
        """The mean over bodies of other methods whose error is known; None where none is."""
        known = [
            error
            for error, rule in zip(self.error_mm, self.rules, strict=True)
            if rule is not Conversion.SAME_BODY and np.isfinite(error)
        ]
        return float(np.mean(known)) if known else None


@dataclass(frozen=True, eq=False)
class ReadBodies:
    """What was read of a file of bodies, and the same as bodies of the project.

    import_id: the import that made the project's people of them all; None where some were there.
    """

    found: ForeignPredictions
    converted: ConvertedBodies
    import_id: int | None = None


def convert_bodies(
    found: ForeignPredictions,
    body: BodyArrays,
    body_name: str,
    *,
    betas: BetasRule = "auto",
    body_of: BodyOf,
) -> ConvertedBodies:
    """All bodies of a file as bodies of the project.

    Args:
        found: the file's bodies.
        body: of the project.
        body_name: its name.
        betas: ``keep`` takes them as the project's body's, ``mean`` drops them, ``auto`` goes by
            whose they are.
        body_of: gives the bodies whose files are at hand.
    """
    count = len(found)
    converted = ConvertedBodies(
        found.pose_axis_angle.copy(),
        found.betas.copy(),
        np.zeros((count, 3)),
        np.full(count, np.nan),
        [Conversion.SAME_BODY] * count,
    )
    rows_of: dict[tuple[str, str], list[int]] = {}
    for row in range(count):
        rows_of.setdefault(whose(found, row), []).append(row)
    for (name, gender), rows in rows_of.items():
        own_body = body_of(name, gender) if betas == "auto" else None
        rule = _rule(name, gender, body_name, betas, found=found, has_own=own_body is not None)
        _convert(converted, rows, rule, body=body, own_body=own_body, found=found)
    return converted


def whose(found: ForeignPredictions, row: int) -> tuple[str, str]:
    """Whose body a row is: the name of its model, and its gender or an empty text."""
    name = str(BodyModelName.SMPL) if found.body_names is None else found.body_names[row]
    return name, "" if found.genders is None else found.genders[row]


def is_same_body(name: str, gender: str, body_name: str) -> bool:
    """Whether a file's body is that of a project.

    A project's own SMPL file is of the gender that its name tells, and of the neutral one where it
    tells none; so is a body of a file that does not say.
    """
    if name == body_name:
        return True
    is_smpl = name == BodyModelName.SMPL and body_name != OPEN_BODY_NAME
    return is_smpl and (gender or Gender.NEUTRAL) == gender_of_body(body_name)


def _rule(
    name: str,
    gender: str,
    body_name: str,
    betas: BetasRule,
    *,
    found: ForeignPredictions,
    has_own: bool,
) -> Conversion:
    is_smpls = body_name != OPEN_BODY_NAME
    is_same = found.own_export or is_same_body(name, gender, body_name)
    if betas == "mean":
        return Conversion.MEAN_SHAPE
    if is_same:
        return Conversion.SAME_BODY
    if betas == "keep":
        return Conversion.TAKEN_OVER
    if has_own:
        return Conversion.THROUGH_JOINTS
    is_near = is_smpls and name in (BodyModelName.SMPL, BodyModelName.SMPL_H)
    return Conversion.TAKEN_OVER if is_near else Conversion.MEAN_SHAPE


def _convert(
    converted: ConvertedBodies,
    rows: Sequence[int],
    rule: Conversion,
    *,
    body: BodyArrays,
    own_body: BodyArrays | None,
    found: ForeignPredictions,
) -> None:
    """Convert some rows in place."""
    for row in rows:
        converted.rules[row] = rule
    if rule is Conversion.SAME_BODY:
        converted.error_mm[rows] = 0
    elif rule is Conversion.THROUGH_JOINTS and own_body is not None:
        _through_joints(converted, rows, body, own_body)
    elif rule is Conversion.MEAN_SHAPE:
        converted.betas[rows] = 0
        if not found.own_export:
            names = [whose(found, row)[0] for row in rows]
            mean_pelvis = pelvis_at_rest(body, np.zeros((1, NUM_BETAS)))
            converted.origin_shift[rows] = pelvis_at_rest_of(names) - mean_pelvis


def _through_joints(
    converted: ConvertedBodies, rows: Sequence[int], body: BodyArrays, own_body: BodyArrays
) -> None:
    """Bodies whose joints lie nearest and whose rotations are nearly as they came, in place."""
    own, ours = (BodyKinematics(arrays, np.asarray) for arrays in (own_body, body))
    for first in range(0, len(rows), _BATCH):
        batch = list(rows[first : first + _BATCH])
        poses = pose_to_matrices(converted.pose_axis_angle[batch].astype(np.float64))
        own_betas = converted.betas[batch].astype(np.float64)
        wanted = _posed_joints(own, poses, own_betas)
        near = bodies_near_joints(body, wanted, poses, nearest_shapes(ours, poses, wanted))
        rest_shift = pelvis_at_rest(own_body, own_betas) - pelvis_at_rest(body, near.betas)
        converted.pose_axis_angle[batch] = near.pose_axis_angle
        converted.betas[batch], converted.error_mm[batch] = near.betas, near.error_mm
        converted.origin_shift[batch] = rest_shift + near.root_joint_m


def _posed_joints(
    body: BodyKinematics[NDArray[np.float64]],
    poses: NDArray[np.float64],
    betas: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The joints ``(N, 24, 3)`` of bodies about their pelvis, metres, in the frame of the root."""
    joints = body.posed(poses, betas).joints
    return joints - joints[:, :1]


def nearest_shapes(
    body: BodyKinematics[NDArray[np.float64]],
    poses: NDArray[np.float64],
    wanted: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Betas ``(N, 10)`` whose posed joints lie nearest to ``(N, 24, 3)`` metres."""
    count = len(poses)

    def at(betas: NDArray[np.float64]) -> NDArray[np.float64]:
        """The joints of all bodies at one shape ``(10,)``, as columns ``(N, 72)``."""
        return _posed_joints(body, poses, np.repeat(betas[None], count, axis=0)).reshape(count, -1)

    mean = at(np.zeros(NUM_BETAS))
    slopes = np.stack([at(unit) - mean for unit in np.eye(NUM_BETAS)], axis=-1)
    off = (wanted.reshape(count, -1) - mean)[..., None]
    transposed = np.swapaxes(slopes, 1, 2)
    normal = transposed @ slopes + SHAPE_SPREAD_M**2 * np.eye(NUM_BETAS)
    return np.linalg.solve(normal, transposed @ off)[..., 0].astype(np.float64)
