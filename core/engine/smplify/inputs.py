"""What SMPLify takes and returns: keypoints in crops with their cameras, and estimates of bodies.

docs/method.md, "Frames and units".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body.bone_directions import BONES
from core.body.usable_keypoints import body_confidence, without_absent
from core.errors import ShapeError
from core.geometry.camera_change import between_cameras
from core.geometry.crop_camera import CropCameras, long_lens_like
from core.geometry.rotations import matrix_to_axis_angle, pose_to_matrices
from core.geometry.row_selection import take_rows
from core.types.arrays import NUM_BETAS, NUM_JOINTS, NUM_KEYPOINTS
from core.types.bodies import BodyParameters, CropCamera, camera_batch, cameras_one_by_one
from core.types.keypoint_sources import KeypointSource
from core.types.samples import Sample

LONG_LENSES: CropCameras[Tensor] = long_lens_like(torch.zeros(())).converted(
    lambda part: part[None]
)
"""SPIN's camera as a batch of one, which serves any number of samples."""


RootJoints = Callable[[Tensor], Tensor]
"""Betas ``(B, 10)`` to root joints at rest ``(B, 3)`` in metres, of their precision and device."""


def camera_tensors(cameras: Sequence[CropCamera]) -> CropCameras[Tensor]:
    """Cameras as one batch of tensors in float32, on the CPU; there may be none."""
    return camera_batch(cameras).converted(torch.from_numpy)


def cameras_of(samples: Iterable[Sample]) -> CropCameras[Tensor]:
    """The cameras of samples' crops as one batch; there may be none."""
    return camera_tensors([sample.crop_camera for sample in samples])


def cameras_like(batch: Tensor, cameras: CropCameras[Tensor]) -> CropCameras[Tensor]:
    """The B cameras of a batch ``(B, …)``, in its precision and on its device.

    A batch of one camera serves any B.

    Raises:
        ShapeError: the cameras are neither one nor B.
    """
    count = len(batch)
    if len(cameras) not in (1, count):
        raise ShapeError(
            "cameras", actual=cameras.focal_length_px.shape, expected=f"({count},) or (1,)"
        )

    def of_batch(part: Tensor) -> Tensor:
        here = part.to(device=batch.device, dtype=batch.dtype)
        return here if len(here) == count else here.expand(count, *here.shape[1:])

    return cameras.converted(of_batch)


def _expect(name: str, tensor: Tensor, expected: tuple[int, ...]) -> None:
    if tuple(tensor.shape) != expected:
        raise ShapeError(name, actual=tensor.shape, expected=str(expected))


@dataclass(frozen=True, eq=False)
class BoneDirections:
    """What is known of the directions of B bodies' bones.

    directions: (B, 12, 3) unit vectors in the crop's frame, in the order of ``BONES``.
    weights: (B, 12, 3) px², of each component; 0 where nothing is known.

    Raises:
        ShapeError: a tensor has another shape.
    """

    directions: Tensor
    weights: Tensor

    def __post_init__(self) -> None:
        batch = len(self.directions)
        _expect("directions", self.directions, (batch, len(BONES), 3))
        _expect("weights", self.weights, (batch, len(BONES), 3))

    @classmethod
    def unknown(cls, count: int) -> BoneDirections:
        """Of ``count`` bodies nothing is known."""
        nothing = torch.zeros(count, len(BONES), 3)
        return cls(nothing, nothing.clone())

    def __len__(self) -> int:
        return len(self.weights)

    def to(self, *, device: torch.device, dtype: torch.dtype) -> BoneDirections:
        """The same directions on another device or in another precision."""
        return BoneDirections(
            self.directions.to(device=device, dtype=dtype),
            self.weights.to(device=device, dtype=dtype),
        )


@dataclass(frozen=True, eq=False)
class Keypoints2D:
    """Keypoints of B samples in pixels of their 224 px crops.

    positions_crop_px: (B, 49, 2), x right and y down. confidence: (B, 49), w, 0 for absent joints.
    cameras: B of them. A batch of one serves all samples, and is held as B cameras in the precision
        and on the device of the positions.
    bone_directions: of the B samples, as a detector saw them; None without one.
    marked: (B, 49) bool, whether a person placed the keypoint with care, so that it counts however
        far it lies from the body; None where none was.

    Raises:
        ShapeError: a tensor has another shape.
    """

    positions_crop_px: Tensor
    confidence: Tensor
    cameras: CropCameras[Tensor] = LONG_LENSES
    bone_directions: BoneDirections | None = None
    marked: Tensor | None = None

    def __post_init__(self) -> None:
        batch = len(self.positions_crop_px)
        _expect("positions_crop_px", self.positions_crop_px, (batch, NUM_KEYPOINTS, 2))
        _expect("confidence", self.confidence, (batch, NUM_KEYPOINTS))
        if self.bone_directions is not None:
            _expect("bone_directions", self.bone_directions.weights, (batch, len(BONES), 3))
        if self.marked is not None:
            _expect("marked", self.marked, (batch, NUM_KEYPOINTS))
        own = cameras_like(self.positions_crop_px, self.cameras)
        object.__setattr__(self, "cameras", own)

    @classmethod
    def of(
        cls,
        keypoints_crop_px: NDArray[np.floating],
        cameras: Sequence[CropCamera] | None = None,
        *,
        bone_directions: BoneDirections | None = None,
    ) -> Keypoints2D:
        """Take x, y, confidence ``(B, 49, 3)``; a joint that is not finite counts as absent.

        Args:
            keypoints_crop_px: ``(B, 49, 3)``.
            cameras: of the B crops; the long lens where none are given.
            bone_directions: of the B samples, as a detector saw them.

        Raises:
            ShapeError: the array has another shape.
        """
        keypoints = np.asarray(keypoints_crop_px, dtype=np.float32)
        if keypoints.ndim != 3 or keypoints.shape[1:] != (NUM_KEYPOINTS, 3):
            raise ShapeError("keypoints_crop_px", actual=keypoints.shape, expected="(B, 49, 3)")
        kept = torch.from_numpy(without_absent(keypoints))
        tensors = LONG_LENSES if cameras is None else camera_tensors(cameras)
        return cls(kept[..., :2].clone(), kept[..., 2].clone(), tensors, bone_directions)

    @classmethod
    def of_samples(cls, samples: Sequence[Sample]) -> Keypoints2D:
        """The keypoints that bodies are fitted to, under the cameras of at least one sample."""
        seen = np.stack([sample.fitted_keypoints_crop_px for sample in samples])
        by_hand = np.stack([sample.keypoint_sources for sample in samples]) == KeypointSource.MARKED
        marked = torch.from_numpy(by_hand) if by_hand.any() else None
        keypoints = cls.of(seen, [sample.crop_camera for sample in samples])
        return replace(keypoints, marked=marked)

    def __len__(self) -> int:
        return len(self.confidence)

    def to(self, *, device: torch.device, dtype: torch.dtype) -> Keypoints2D:
        """The same keypoints on another device or in another precision."""
        return Keypoints2D(
            self.positions_crop_px.to(device=device, dtype=dtype),
            self.confidence.to(device=device, dtype=dtype),
            self.cameras,
            self.bone_directions and self.bone_directions.to(device=device, dtype=dtype),
            None if self.marked is None else self.marked.to(device=device),
        )

    def repeated(self, times: int) -> Keypoints2D:
        """The batch ``times`` times over: row i · B + b is sample b."""
        return take_rows(self, torch.arange(len(self)).repeat(times))

    @property
    def body_confidence(self) -> Tensor:
        """The confidences ``(B, 49)`` with zeros for the joints that the body stage ignores."""
        return body_confidence(self.confidence)


@dataclass(frozen=True, eq=False)
class BodyEstimate:
    """B bodies, each in its crop's frame, for the cameras of the keypoints that they belong to.

    The engine keeps rotations as matrices, which have no angle to wrap and no direction where they
    are ambiguous. Files and the dictionary hold rotation vectors: ``from_axis_angle``,
    ``from_parameters``, ``to_axis_angle`` and ``to_parameters`` are the only doors between the two.

    rotations: (B, 24, 3, 3), root first and in the crop's frame (x right, y down, z along the ray
        through the camera's axis), every other joint relative to its parent; betas: (B, 10);
        camera_translation: (B, 3) metres.
    """

    rotations: Tensor
    betas: Tensor
    camera_translation: Tensor

    def __post_init__(self) -> None:
        batch = len(self.rotations)
        _expect("rotations", self.rotations, (batch, NUM_JOINTS, 3, 3))
        _expect("betas", self.betas, (batch, NUM_BETAS))
        _expect("camera_translation", self.camera_translation, (batch, 3))

    @classmethod
    def from_axis_angle(
        cls, pose_axis_angle: Tensor, betas: Tensor, camera_translation: Tensor
    ) -> BodyEstimate:
        """From rotation vectors ``(B, 72)`` in radians, root first; angles beyond pi are allowed.

        Raises:
            ShapeError: a tensor has another shape than the class says.
        """
        return cls(pose_to_matrices(pose_axis_angle), betas, camera_translation)

    @classmethod
    def from_parameters(
        cls,
        bodies: Iterable[BodyParameters],
        cameras: CropCameras[Tensor] | None = None,
        *,
        root_joints: RootJoints | None = None,
    ) -> BodyEstimate:
        """Stored bodies as one batch in float32, on the CPU; there may be none.

        Args:
            bodies: B of them, each with a camera of its own.
            cameras: of the B samples, for which the bodies are written; where none are given, every
                body remains in its own camera.
            root_joints: as in ``between_cameras``.
        """
        bodies = list(bodies)

        def stacked(name: str, width: int) -> Tensor:
            rows = [getattr(body, name) for body in bodies]
            return torch.from_numpy(np.stack(rows) if rows else np.zeros((0, width), np.float32))

        estimate = cls.from_axis_angle(
            stacked("pose_axis_angle", 3 * NUM_JOINTS),
            stacked("betas", NUM_BETAS),
            stacked("camera_translation", 3),
        )
        if cameras is None:
            return estimate
        own = camera_tensors([body.camera for body in bodies])
        return estimate.between_cameras(own, cameras, root_joints=root_joints)

    @classmethod
    def at_rest(cls, count: int) -> BodyEstimate:
        """Bodies of mean shape with every rotation the identity, at the camera's centre."""
        rotations = torch.eye(3).expand(count, NUM_JOINTS, 3, 3).clone()
        return cls(rotations, torch.zeros(count, NUM_BETAS), torch.zeros(count, 3))

    @classmethod
    def joined(cls, parts: Sequence[BodyEstimate]) -> BodyEstimate:
        """The bodies of all parts, one part after the other; there must be at least one part."""
        return cls(
            torch.cat([part.rotations for part in parts]),
            torch.cat([part.betas for part in parts]),
            torch.cat([part.camera_translation for part in parts]),
        )

    def __len__(self) -> int:
        return len(self.betas)

    def to_axis_angle(self) -> Tensor:
        """The pose ``(B, 72)`` as rotation vectors in radians, root first, angles in [0, pi].

        Converted in double precision on the CPU and returned there as float32: near pi a rotation's
        axis loses digits, and what is stored should lose none.
        """
        rotations = self.rotations.detach().cpu().double()
        return matrix_to_axis_angle(rotations).flatten(1).float()

    def to_parameters(self, cameras: CropCameras[Tensor] = LONG_LENSES) -> list[BodyParameters]:
        """Each body by itself, as float32 arrays that the dictionary stores.

        Args:
            cameras: that the translations belong to, B of them or one for all.
        """
        betas, translation = (
            part.detach().cpu().float().numpy() for part in (self.betas, self.camera_translation)
        )
        parts = (self.to_axis_angle().numpy(), betas, translation)
        of_bodies = cameras_one_by_one(cameras.converted(lambda part: part.detach().cpu().numpy()))
        if len(of_bodies) == 1:
            of_bodies = of_bodies * len(self)
        return [BodyParameters(*body) for body in zip(*parts, of_bodies, strict=True)]

    def between_cameras(
        self,
        cameras: CropCameras[Tensor],
        to_cameras: CropCameras[Tensor],
        *,
        root_joints: RootJoints | None = None,
    ) -> BodyEstimate:
        """The bodies of some cameras, written for others of the same crops.

        Args:
            cameras: that the bodies belong to, B of them or one for all.
            to_cameras: B of them or one for all.
            root_joints: of the body model. A body whose axis moves, since its box was corrected,
                turns about its origin where the model is not at hand.
        """
        if cameras is to_cameras:
            return self
        here, there = (cameras_like(self.betas, part) for part in (cameras, to_cameras))
        root, translation = between_cameras(
            self.rotations[:, 0],
            self.camera_translation,
            here,
            there,
            pelvis=None if root_joints is None else root_joints(self.betas),
        )
        rotations = torch.cat([root[:, None], self.rotations[:, 1:]], dim=1)
        return BodyEstimate(rotations, self.betas, translation)

    def to(self, *, device: torch.device, dtype: torch.dtype) -> BodyEstimate:
        """The same bodies on another device or in another precision."""
        return BodyEstimate(
            self.rotations.to(device=device, dtype=dtype),
            self.betas.to(device=device, dtype=dtype),
            self.camera_translation.to(device=device, dtype=dtype),
        )
