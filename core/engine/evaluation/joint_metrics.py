"""How far predicted joints and vertices lie from true ones.

All functions take batches on any device, points ``(B, N, 3)`` in metres, and give millimetres, one
value a person; means over people are the caller's. Two ways of lining bodies up beforehand:

- by the root: both are moved so that their root joint lies at the origin (MPJPE, PVE);
- rigidly: the prediction is turned, moved and scaled onto the truth (reconstruction error,
  PA-MPJPE), as in SPIN's evaluation.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.errors import ShapeError
from core.geometry.procrustes import procrustes_aligned

MM_PER_M = 1000.0

PCK_THRESHOLD_MM = 150.0
"""Half a head: what MPI-INF-3DHP counts as correct."""

AUC_THRESHOLDS_MM: tuple[float, ...] = tuple(5.0 * step for step in range(31))
"""0, 5, … 150 mm, as in the MPI-INF-3DHP protocol."""


def joint_distances(predicted: Tensor, true: Tensor) -> Tensor:
    """Distances ``(B, N)`` in mm between corresponding points ``(B, N, 3)`` in metres.

    Raises:
        ShapeError: the two differ in shape, or hold no points of three coordinates.
    """
    if predicted.shape != true.shape or predicted.ndim != 3 or predicted.shape[-1] != 3:
        raise ShapeError(
            "predicted", actual=predicted.shape, expected=f"{tuple(true.shape)}, (B, N, 3)"
        )
    # Double: in single precision a body 40 m away is off by micrometres already.
    apart: Tensor = torch.linalg.vector_norm(predicted.double() - true.double(), dim=-1)
    return apart * MM_PER_M


def about_root(points: Tensor, root: Tensor) -> Tensor:
    """Points ``(B, N, 3)`` relative to roots ``(B, 3)``."""
    if root.shape != (len(points), 3):
        raise ShapeError("root", actual=root.shape, expected=f"({len(points)}, 3)")
    return points - root[:, None]


def aligned_distances(predicted: Tensor, true: Tensor) -> Tensor:
    """Distances ``(B, N)`` in mm after the rigid alignment (similarity Procrustes, no mirror)."""
    return joint_distances(procrustes_aligned(predicted.double(), true.double()), true)


def mean_error(distances_mm: Tensor, counted: Tensor | None = None) -> Tensor:
    """Mean distance ``(B,)`` of ``(B, N)``: MPJPE, reconstruction error or PVE by what goes in.

    Args:
        distances_mm: ``(B, N)``.
        counted: ``(B, N)`` bool, which points count; all where not given. NaN for a person of whom
            none does.
    """
    if counted is None:
        return distances_mm.mean(1)
    weights = _weights(distances_mm, counted)
    return (distances_mm * weights).sum(1) / weights.sum(1)


def pck(
    distances_mm: Tensor,
    *,
    threshold_mm: float = PCK_THRESHOLD_MM,
    counted: Tensor | None = None,
) -> Tensor:
    """Share ``(B,)`` of points ``(B, N)`` nearer than the threshold."""
    hit = (distances_mm < threshold_mm).double()
    return mean_error(hit, counted)


def auc(distances_mm: Tensor, *, counted: Tensor | None = None) -> Tensor:
    """Area ``(B,)`` under the curve of PCK over 0 to 150 mm in steps of 5, as a share of the whole.

    The mean of PCK over the 31 thresholds, which is how the protocol's own code takes the area.
    """
    thresholds = torch.tensor(AUC_THRESHOLDS_MM, dtype=torch.float64, device=distances_mm.device)
    hit = (distances_mm[..., None] < thresholds).double().mean(-1)
    return mean_error(hit, counted)


def distances_px(predicted_px: Tensor, true_px: Tensor) -> Tensor:
    """Distances ``(B, N)`` in px between points ``(B, N, 2)``; raises ``ShapeError``."""
    if predicted_px.shape != true_px.shape or predicted_px.ndim != 3:
        raise ShapeError(
            "predicted_px", actual=predicted_px.shape, expected=f"{tuple(true_px.shape)}, (B, N, 2)"
        )
    apart: Tensor = torch.linalg.vector_norm(predicted_px.double() - true_px.double(), dim=-1)
    return apart


def errors_2d_px(predicted_px: Tensor, true_px: Tensor, confidence: Tensor) -> Tensor:
    """Mean distance ``(B,)`` in px between points ``(B, N, 2)`` whose confidence is not zero.

    NaN for a person without such a point.
    """
    return mean_error(distances_px(predicted_px, true_px), confidence > 0)


def _weights(values: Tensor, counted: Tensor) -> Tensor:
    if counted.shape != values.shape:
        raise ShapeError("counted", actual=counted.shape, expected=str(tuple(values.shape)))
    return counted.to(values.dtype)
