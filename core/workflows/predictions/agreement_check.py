"""Whether a whole set of bodies agrees with the keypoints and fits at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.geometry.rotations import axis_angle_to_matrix, geodesic_angle
from core.types.fits import Fit
from core.types.samples import Sample

LARGE_ERROR_PX = 25.0
"""Of the 224 px crop; regressors have a median of 4 to 12."""

_MUCH_BETTER = 0.5
_FAR_DEG = 90.0

WORLD_FRAME = "Are the roots in a world frame, with y up? --frame y-up turns them into the camera's"


class PredictionCheck:
    """Collects distances and angles batch by batch, and says in sentences what is odd."""

    def __init__(self) -> None:
        self._errors_px: list[float] = []
        self._turned_errors_px: list[float] = []
        self._as_is_errors_px: list[float] = []
        self._angles_deg: list[float] = []

    def add(self, samples: Sequence[Sample], seen_px: NDArray[np.floating]) -> None:
        """Bodies' keypoints ``(N, 49, 2)`` in the crops of N samples."""
        self._errors_px += mean_errors_px(samples, seen_px)

    def compare_turned(
        self,
        samples: Sequence[Sample],
        as_is_px: NDArray[np.floating],
        turned_px: NDArray[np.floating],
    ) -> None:
        """The same bodies as they are, and with roots turned from a y-up frame."""
        self._as_is_errors_px += mean_errors_px(samples, as_is_px)
        self._turned_errors_px += mean_errors_px(samples, turned_px)

    def add_roots(
        self,
        sample_ids: Sequence[int],
        roots: NDArray[np.floating],
        fits: Mapping[int, Fit],
    ) -> None:
        """Roots ``(N, 3)`` of bodies, beside the current fits of their samples."""
        rows = [row for row, one in enumerate(sample_ids) if one in fits]
        if rows:
            theirs = np.stack(
                [fits[sample_ids[row]].parameters.pose_axis_angle[:3] for row in rows]
            )
            angles = geodesic_angle(
                axis_angle_to_matrix(roots[rows].astype(np.float64)),
                axis_angle_to_matrix(theirs.astype(np.float64)),
            )
            self._angles_deg += np.degrees(angles).tolist()

    @property
    def median_error_px(self) -> float | None:
        """Over people, of the mean distance of their keypoints; None where there are none."""
        return float(np.median(self._errors_px)) if self._errors_px else None

    def notices(self) -> Iterator[str]:
        """What is odd about the set, in sentences."""
        error = self.median_error_px
        turned = np.median(self._turned_errors_px) if self._turned_errors_px else np.inf
        as_is = np.median(self._as_is_errors_px) if self._as_is_errors_px else 0.0
        far = sum(angle > _FAR_DEG for angle in self._angles_deg)
        if error is not None and error > LARGE_ERROR_PX:
            yield (
                f"the median 2D error, {error:.0f} px of the 224 px crop, is large: the bodies do "
                "not lie on their people"
            )
        if as_is > LARGE_ERROR_PX / 2 and turned < _MUCH_BETTER * as_is:
            yield (
                f"with the roots turned by 180° about x the error would be {turned:.0f} px, not "
                f"{as_is:.0f} px. {WORLD_FRAME}"
            )
        elif far > len(self._angles_deg) / 2:
            yield (
                f"{far} of {len(self._angles_deg)} roots lie more than {_FAR_DEG:g}° from those of "
                f"the current fits. {WORLD_FRAME}"
            )


def mean_errors_px(samples: Sequence[Sample], seen_px: NDArray[np.floating]) -> list[float]:
    """The mean distance of each sample's visible keypoints; those without any are left out."""
    errors = []
    for sample, points in zip(samples, seen_px, strict=True):
        keypoints = sample.fitted_keypoints_crop_px
        visible = keypoints[:, 2] > 0
        if visible.any():
            off = np.linalg.norm(keypoints[visible, :2] - points[visible], axis=1)
            errors.append(float(off.mean()))
    return errors
