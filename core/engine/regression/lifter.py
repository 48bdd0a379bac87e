"""Bodies lifted from 2D keypoints by a network: where fits can begin that have no estimate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body.safe_npz import load_restricted_npz
from core.engine.regression.lifter_input import lifter_input
from core.engine.regression.lifter_network import LiftingNetwork
from core.engine.regression.mirroring import (
    mirrored_confidence,
    mirrored_positions,
    mirrored_rotations,
)
from core.errors import UserFileError
from core.files.foreign_files import foreign_file
from core.geometry.rotations import geodesic_angle, nearest_rotation
from core.resource_files import resource_path
from core.types.arrays import NUM_JOINTS

_SHIPPED_LIFTER = "lifter/lifter.npz"
_SPREAD, _BODY = "joint_spread_rad", "body_name"
_REMEDY = "Use a file made by python -m resources.lifter.build."
_WIDEST, _MOST_BLOCKS = 4096, 32
"""No file makes the program build a network that does not fit into memory."""


@dataclass(frozen=True, eq=False)
class LiftedPose:
    """B bodies without a camera.

    rotations: (B, 24, 3, 3), root first, the root in the camera frame; betas: (B, 10).
    uncertainty_rad: (B, 24), the angle between what the network makes of a person and of the
    mirrored person: where it is large, the keypoints leave room for both. None where it was not
    asked for.
    """

    rotations: Tensor
    betas: Tensor
    uncertainty_rad: Tensor | None = None


class Lifter:
    """A trained lifting network.

    joint_spread_rad (24,): how far its rotations are off on people it was not trained on (root mean
    square angle in radians, root first); what a pull towards its poses is weighed by.
    body_name: of the body it was trained on; its betas mean nothing to another one.
    """

    def __init__(
        self, network: LiftingNetwork, *, joint_spread_rad: Tensor, body_name: str
    ) -> None:
        self.network = network.eval().requires_grad_(requires_grad=False)
        self.joint_spread_rad, self.body_name = joint_spread_rad, body_name

    @classmethod
    def load(cls, path: Path | None = None) -> Lifter:
        """The shipped lifter, or another npz written by ``save``.

        Raises:
            UserFileError: the file cannot be read, or an array is missing, of another shape or not
                finite.
        """
        chosen = resource_path(_SHIPPED_LIFTER) if path is None else path
        body_name, arrays = _read(chosen)
        spread = arrays.pop(_SPREAD, None)
        if spread is None or spread.shape != (NUM_JOINTS,) or not (spread > 0).all():
            raise UserFileError(f"{_SPREAD!r} must hold 24 positive angles.", path=chosen)
        network = _empty_network(arrays, chosen)
        _check_shapes(arrays, network, chosen)
        network.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
        return cls(network, joint_spread_rad=torch.from_numpy(spread), body_name=body_name)

    def save(self, path: Path) -> None:
        """Write the parameters in half precision; ``load`` reads them."""
        arrays: dict[str, Any] = {
            name: value.detach().cpu().numpy().astype(np.float16)
            for name, value in self.network.state_dict().items()
        }
        spread = self.joint_spread_rad.cpu().numpy().astype(np.float32)
        np.savez_compressed(path, **{**arrays, _SPREAD: spread, _BODY: np.array(self.body_name)})

    @torch.no_grad()
    def lift(self, keypoints_crop_px: Tensor, confidence: Tensor) -> LiftedPose:
        """Estimate the bodies that keypoints belong to.

        Where the person is in the crop, and how large, makes no difference. Everybody is lifted
        mirrored too and the two are averaged: a little better, and left is treated as right.

        Args:
            keypoints_crop_px: ``(B, 49, 2)``, y down.
            confidence: ``(B, 49)``, 0 for absent joints; any of them may be absent.

        Returns:
            Rotations and betas in the precision of the keypoints, on their device.

        Raises:
            ShapeError: for other shapes.
        """
        dtype, device = keypoints_crop_px.dtype, keypoints_crop_px.device
        self.network.to(device)
        positions, weight = keypoints_crop_px.double(), confidence.double()
        inputs = torch.cat(
            [
                lifter_input(positions, weight),
                lifter_input(mirrored_positions(positions), mirrored_confidence(weight)),
            ]
        )
        rotations, betas = self.network(inputs.float())
        straight, mirrored = rotations.split(len(confidence))
        back = mirrored_rotations(mirrored)
        both: Tensor = nearest_rotation(straight + back)
        return LiftedPose(
            both.to(dtype),
            torch.stack(betas.split(len(confidence))).mean(0).to(dtype),
            geodesic_angle(straight, back).to(dtype),
        )


def _read(path: Path) -> tuple[str, dict[str, NDArray[np.float32]]]:
    """The body's name and all numbers of the file, in single precision."""
    with foreign_file(path, expected="the npz of a lifter", remedy=_REMEDY):
        stored = load_restricted_npz(path, kind=UserFileError)
        body_name = str(stored.pop(_BODY))
        arrays = {name: array.astype(np.float32) for name, array in stored.items()}
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise UserFileError(f"{name!r} holds values that are not finite.", path=path)
    return body_name, arrays


def _empty_network(arrays: Mapping[str, NDArray[np.float32]], path: Path) -> LiftingNetwork:
    """A network of the size that the file's arrays have."""
    stem = arrays.get("stem.bias")
    width = 0 if stem is None else stem.size
    blocks = len({name.split(".")[1] for name in arrays if name.startswith("blocks.")})
    if not (0 < width <= _WIDEST and blocks <= _MOST_BLOCKS):
        raise UserFileError(
            f"describes a network of width {width} with {blocks} blocks.",
            path=path,
            remedy=_REMEDY,
        )
    return LiftingNetwork(width=width, blocks=blocks)


def _check_shapes(
    arrays: Mapping[str, NDArray[np.float32]], network: LiftingNetwork, path: Path
) -> None:
    expected = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    actual = {name: array.shape for name, array in arrays.items()}
    for name in sorted(expected.keys() | actual.keys()):
        if expected.get(name) != actual.get(name):
            raise UserFileError(
                f"{name!r} has shape {actual.get(name)}, expected {expected.get(name)}.",
                path=path,
                remedy=_REMEDY,
            )
