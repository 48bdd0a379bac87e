"""Errors of whole bodies against true bodies: what the tables and the panel are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body.conventions import KEYPOINT_NAMES
from core.engine.body.smpl_body import BodyModel, PosedBody
from core.engine.evaluation.joint_metrics import (
    about_root,
    aligned_distances,
    auc,
    joint_distances,
    mean_error,
    pck,
)
from core.engine.smplify.inputs import BodyEstimate
from core.errors import ShapeError
from core.geometry.rotations import geodesic_angle

COMPARED_KEYPOINTS: tuple[int, ...] = tuple(range(25, 39))
"""The 14 LSP joints: limbs, hips, shoulders, neck, top of the head."""
COMPARED_NAMES: tuple[str, ...] = tuple(KEYPOINT_NAMES[index] for index in COMPARED_KEYPOINTS)

WRONG_ROOT_DEG = 60.0
_HIPS = (2, 3)
"""Right and left hip among the compared joints; their middle is the root."""
_AT_ONCE = 64
"""Meshes posed together: 64 hold 5 MB of vertices."""


@dataclass(frozen=True, eq=False)
class BodyErrors:
    """Errors of N people, one value each; distances in mm, angles in degrees.

    reconstruction_mm: 14 joints after rigid alignment (PA-MPJPE). mpjpe_mm: 14 joints about the
    middle of the hips. pve_mm: all vertices about the same point. pck, auc and their aligned
    versions: shares of 14 joints. root_deg: between the root orientations.
    joint_mm, aligned_joint_mm: (N, 14) the distances behind the first two.
    """

    reconstruction_mm: NDArray[np.float64]
    mpjpe_mm: NDArray[np.float64]
    pve_mm: NDArray[np.float64]
    pck: NDArray[np.float64]
    auc: NDArray[np.float64]
    aligned_pck: NDArray[np.float64]
    aligned_auc: NDArray[np.float64]
    root_deg: NDArray[np.float64]
    joint_mm: NDArray[np.float64]
    aligned_joint_mm: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.mpjpe_mm)

    @classmethod
    def joined(cls, parts: Sequence[BodyErrors]) -> BodyErrors:
        """The people of all parts, one after the other; at least one part."""
        return cls(
            **{
                field_.name: np.concatenate([getattr(part, field_.name) for part in parts])
                for field_ in fields(cls)
            }
        )

    def rows(self, index: Sequence[int]) -> BodyErrors:
        """Some of the people, in this order."""
        chosen = np.asarray(index, dtype=np.int64)
        return BodyErrors(
            **{field_.name: getattr(self, field_.name)[chosen] for field_ in fields(self)}
        )

    def mean_joints_mm(self) -> dict[str, float]:
        """Mean distance of each joint after rigid alignment, by name."""
        means = self.aligned_joint_mm.mean(axis=0).tolist()
        return dict(zip(COMPARED_NAMES, means, strict=True))

    def summary(self) -> ErrorSummary:
        """Means over people, as tables quote them; NaN without people."""
        if not len(self):
            return ErrorSummary(0, *([float("nan")] * 9))
        return ErrorSummary(
            people=len(self),
            reconstruction_mm=float(self.reconstruction_mm.mean()),
            mpjpe_mm=float(self.mpjpe_mm.mean()),
            pve_mm=float(self.pve_mm.mean()),
            pck=float(self.pck.mean()),
            auc=float(self.auc.mean()),
            aligned_pck=float(self.aligned_pck.mean()),
            aligned_auc=float(self.aligned_auc.mean()),
            wrong_root_share=float((self.root_deg > WRONG_ROOT_DEG).mean()),
            median_reconstruction_mm=float(np.median(self.reconstruction_mm)),
        )


@dataclass(frozen=True)
class ErrorSummary:
    """Means of ``BodyErrors``; median_reconstruction_mm is the median of reconstruction_mm."""

    people: int
    reconstruction_mm: float
    mpjpe_mm: float
    pve_mm: float
    pck: float
    auc: float
    aligned_pck: float
    aligned_auc: float
    wrong_root_share: float
    median_reconstruction_mm: float

    def to_dict(self) -> dict[str, float]:
        """For JSON."""
        return asdict(self)


def body_errors(body: BodyModel, predicted: BodyEstimate, true: BodyEstimate) -> BodyErrors:
    """Errors of N bodies against N true ones, posed in the same ``BodyModel``.

    Raises:
        ShapeError: the numbers of bodies differ.
    """
    if len(predicted) != len(true):
        raise ShapeError(
            "predicted", actual=predicted.betas.shape, expected=f"({len(true)}, 10) betas"
        )
    parts = [
        _distances(*(_posed(body, estimate, rows) for estimate in (predicted, true)))
        for rows in _chunks(len(true))
    ]
    joint, aligned, pve = (
        torch.cat([part[which] for part in parts]) if parts else torch.zeros(0, 14).double()
        for which in range(3)
    )
    return BodyErrors(
        reconstruction_mm=mean_error(aligned).numpy(),
        mpjpe_mm=mean_error(joint).numpy(),
        pve_mm=(pve if parts else pve[:, 0]).numpy(),
        pck=pck(joint).numpy(),
        auc=auc(joint).numpy(),
        aligned_pck=pck(aligned).numpy(),
        aligned_auc=auc(aligned).numpy(),
        root_deg=_root_deg(predicted, true),
        joint_mm=joint.numpy(),
        aligned_joint_mm=aligned.numpy(),
    )


def _chunks(count: int) -> list[slice]:
    return [slice(first, first + _AT_ONCE) for first in range(0, count, _AT_ONCE)]


def _posed(body: BodyModel, estimate: BodyEstimate, rows: slice) -> PosedBody:
    rotations, betas = estimate.rotations[rows], estimate.betas[rows]
    return body(rotations.to(body.device, body.dtype), betas.to(body.device, body.dtype))


def _distances(predicted: PosedBody, true: PosedBody) -> tuple[Tensor, Tensor, Tensor]:
    """Distances of joints, of aligned joints (both ``(B, 14)``), and PVE ``(B,)``; on the CPU."""
    predicted_keypoints, true_keypoints = (
        posed_body.keypoints[:, list(COMPARED_KEYPOINTS)] for posed_body in (predicted, true)
    )
    roots = [
        predicted_keypoint[:, list(_HIPS)].mean(1)
        for predicted_keypoint in (predicted_keypoints, true_keypoints)
    ]
    joint = joint_distances(
        about_root(predicted_keypoints, roots[0]), about_root(true_keypoints, roots[1])
    )
    skin = joint_distances(
        about_root(predicted.vertices, roots[0]), about_root(true.vertices, roots[1])
    )
    return (
        joint.cpu(),
        aligned_distances(predicted_keypoints, true_keypoints).cpu(),
        mean_error(skin).cpu(),
    )


def _root_deg(predicted: BodyEstimate, true: BodyEstimate) -> NDArray[np.float64]:
    turns = geodesic_angle(*(estimate.rotations[:, 0].double() for estimate in (predicted, true)))
    degrees: NDArray[np.float64] = torch.rad2deg(turns).cpu().numpy()
    return degrees
