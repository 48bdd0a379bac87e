"""Made people whose bodies are known, which a head is trained on besides, so as not to forget."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body.safe_npz import load_restricted_npz
from core.engine.data.keypoint_layouts import of_layouts
from core.engine.regression.detector_head import SeenPeople
from core.engine.regression.landmark_bones import LandmarkBones
from core.errors import UserFileError
from core.files.foreign_files import foreign_file
from core.geometry.rotations import pose_to_matrices
from core.resource_files import resource_path

WITHOUT_DETECTOR = 0.3
"""Of people who are rehearsed, the share of whom only keypoints are known."""

_SHIPPED = "detector_head/replayed_people.npz"
_REMEDY = "Use a file made by python -m resources.detector_head.build."


@dataclass(frozen=True, eq=False)
class ReplayedPeople:
    """N people: what a detector saw of them, and their true bodies.

    rotations: (N, 24, 3, 3), the root's in the crop's frame; betas: (N, 10).
    """

    seen: SeenPeople
    rotations: Tensor
    betas: Tensor

    def __len__(self) -> int:
        return len(self.betas)

    @classmethod
    def load(cls, path: Path | None = None) -> ReplayedPeople:
        """The shipped people, or those of another file that ``save_people`` wrote.

        Raises:
            UserFileError: the file cannot be read, or an array is missing or of another shape.
        """
        chosen = resource_path(_SHIPPED) if path is None else path
        with foreign_file(chosen, expected="made people", remedy=_REMEDY):
            stored = load_restricted_npz(chosen, kind=UserFileError)
            arrays = {name: torch.from_numpy(stored[name].astype(np.float32)) for name in _NAMES}
            bones = LandmarkBones(
                *(arrays[field.name] for field in fields(LandmarkBones)),
            )
            seen = SeenPeople(
                arrays["keypoints"][..., :2].contiguous(),
                arrays["keypoints"][..., 2].contiguous(),
                bones,
                arrays["trunk"],
                torch.ones(len(bones), dtype=torch.bool),
            )
            return cls(seen, pose_to_matrices(arrays["pose_axis_angle"]), arrays["betas"])

    def split(self, share: float) -> tuple[ReplayedPeople, ReplayedPeople]:
        """All but a share of the people, and that share, the last ones."""
        first = len(self) - round(share * len(self))
        everybody = torch.arange(len(self))
        return self.rows(everybody[:first]), self.rows(everybody[first:])

    def known_less(self, generator: torch.Generator) -> ReplayedPeople:
        """The same people with less known of most: keypoints of one layout, no detector.

        All of them were measured by the whole detector. Rehearsed like this alone, a head forgets
        people who came with keypoints of another program, or without a picture.
        """
        seen = self.seen
        measured = torch.rand(len(self), generator=generator) >= WITHOUT_DETECTOR
        bones = seen.bones.where(measured[:, None].expand_as(seen.bones.visibility))
        less = replace(
            seen,
            confidence=of_layouts(seen.confidence, generator),
            bones=bones,
            has_trunk=seen.has_trunk & measured,
        )
        return replace(self, seen=less)

    def rows(self, rows: Tensor) -> ReplayedPeople:
        """Some of the people."""
        return ReplayedPeople(self.seen.rows(rows), self.rotations[rows], self.betas[rows])


_NAMES = (
    "keypoints", "directions", "lengths_m", "visibility", "trunk", "pose_axis_angle", "betas",
)  # fmt: skip


def save_people(
    path: Path,
    seen: SeenPeople,
    pose_axis_angle: NDArray[np.floating],
    betas: NDArray[np.floating],
) -> None:
    """Write people in half precision, which is all that a detector's outputs are good for."""
    keypoints = torch.cat([seen.keypoints_crop_px, seen.confidence[..., None]], dim=-1)
    arrays = {
        "keypoints": keypoints,
        "directions": seen.bones.directions,
        "lengths_m": seen.bones.lengths_m,
        "visibility": seen.bones.visibility,
        "trunk": seen.trunk,
        "pose_axis_angle": torch.from_numpy(np.asarray(pose_axis_angle)),
        "betas": torch.from_numpy(np.asarray(betas)),
    }
    halves: dict[str, Any] = {
        name: value.numpy().astype(np.float16) for name, value in arrays.items()
    }
    np.savez_compressed(path, **halves)
