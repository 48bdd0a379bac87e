"""Cameras of known places that saw one moment, as the solver takes them.

    x_crop = C x_world + d        C = R_rayᵀ R        d = R_rayᵀ t · metres per unit

with R and t of the calibration and R_ray the crop's viewing rotation (``CropCameras``).
docs/method.md, "Cameras whose places are known".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.errors import ShapeError
from core.geometry.crop_camera import CropCameras
from core.types.camera_poses import CameraPose


@dataclass(frozen=True, eq=False)
class CameraRig:
    """Where the cameras of B pictures stand.

    rotations: (B, 3, 3), C. translations: (B, 3) metres, d. rigs: numbered from 0 without gaps; the
    rows of one number saw one moment in one world. A row by itself has no known place: its C and d
    are never looked at.

    Raises:
        ShapeError: the shapes do not belong together.
    """

    rotations: Tensor
    translations: Tensor
    rigs: tuple[int, ...]

    def __post_init__(self) -> None:
        count = len(self.rigs)
        for name, width in (("rotations", (3, 3)), ("translations", (3,))):
            actual = tuple(getattr(self, name).shape)
            if actual != (count, *width):
                raise ShapeError(name, actual=actual, expected=str((count, *width)))

    @classmethod
    def of(
        cls,
        poses: Sequence[CameraPose | None],
        cameras: CropCameras[Tensor],
        moments: Sequence[int],
        *,
        metres_per_unit: Sequence[float],
    ) -> CameraRig:
        """From the poses of B cameras; None where one is not known.

        Args:
            poses: of the B pictures.
            cameras: of their crops.
            moments: of the B rows.
            metres_per_unit: of each row's world.
        """
        back = cameras.viewing_rotations.transpose(1, 2)
        turned, shifted = back.clone(), torch.zeros_like(back[:, 0])
        for row, (pose, metres) in enumerate(zip(poses, metres_per_unit, strict=True)):
            if pose is not None:
                turned[row] = back[row] @ back.new_tensor(pose.rotation_matrix)
                shifted[row] = metres * (back[row] @ back.new_tensor(pose.translation))
        names: list[Hashable] = [
            ("own", row) if pose is None else (moment, pose.world)
            for row, (pose, moment) in enumerate(zip(poses, moments, strict=True))
        ]
        return cls(turned, shifted, numbered(names))

    def __len__(self) -> int:
        return len(self.rigs)

    def to(self, like: Tensor) -> CameraRig:
        """The same in the precision and on the device of a tensor."""
        return CameraRig(self.rotations.to(like), self.translations.to(like), self.rigs)

    @property
    def placed(self) -> tuple[bool, ...]:
        """Which rows stand in a rig of several cameras."""
        members = Counter(self.rigs)
        return tuple(members[rig] > 1 for rig in self.rigs)

    def without(self, rows: Sequence[bool]) -> CameraRig:
        """The same with every rig taken apart that has one of these rows."""
        gone = {rig for rig, apart in zip(self.rigs, rows, strict=True) if apart}
        names: list[Hashable] = [
            ("own", row) if rig in gone else ("rig", rig) for row, rig in enumerate(self.rigs)
        ]
        return CameraRig(self.rotations, self.translations, numbered(names))

    def of_rows(self, rows: Tensor, copies: Sequence[int] | None = None) -> CameraRig:
        """Some rows; of several copies of a rig each is one of its own.

        Args:
            rows: ``(N,)`` indices.
            copies: the number of the copy that each of the N rows belongs to.
        """
        of_copy = [0] * len(rows) if copies is None else copies
        names = [(copy, self.rigs[row]) for copy, row in zip(of_copy, rows.tolist(), strict=True)]
        return CameraRig(self.rotations[rows], self.translations[rows], numbered(names))


def numbered(names: Sequence[Hashable]) -> tuple[int, ...]:
    """A number from 0 for each name, in the order in which names come first."""
    numbers: dict[Hashable, int] = {}
    return tuple(numbers.setdefault(name, len(numbers)) for name in names)
