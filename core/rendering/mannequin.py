"""Shading that makes a body look like a mannequin in neutral clothes, whatever body it is.

What is worn where follows from the skinning weights, which every SMPL body has: a vertex belongs to
a garment as far as it moves with the garment's joints. No texture and no asset is needed, and the
mesh stays what it is: only its colours and the normals that light falls on differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import SKELETON_JOINT_NAMES
from core.errors import ShapeError
from core.rendering.normals import in_bodies, side_by_side


@dataclass(frozen=True)
class Garment:
    """What the parts of the body that move with some joints look like.

    joints: without their side. shade: of the colour, 0..1. own_color: how much of the body's colour
    it has, the rest being grey of the same lightness. softened: how far the normals are those of
    the surroundings, as cloth bridges small forms.
    """

    joints: frozenset[str]
    shade: float
    own_color: float
    softened: float


BARE = Garment(frozenset({"neck", "head", "wrist", "hand"}), 1.0, 0.30, 0.0)
TOP = Garment(
    frozenset({"spine1", "spine2", "spine3", "collar", "shoulder", "elbow"}), 0.92, 1.0, 1.0
)
TROUSERS = Garment(frozenset({"pelvis", "hip", "knee"}), 0.66, 0.35, 1.0)
SHOES = Garment(frozenset({"ankle", "foot"}), 0.50, 0.40, 0.5)
GARMENTS = (BARE, TOP, TROUSERS, SHOES)

SEAM_SHARPNESS = 3.0
"""The power of the shares of the joints: with 1 a seam is as wide as skin bends, which at the waist
is a hand; a seam of infinite power follows the triangles in steps."""

LEAST_SOFTENING = 0.02

SOFTENING_ROUNDS = 12
"""How often normals are averaged with those of the neighbours: over 5 cm of the chest."""


class Mannequin:
    """The look of one body, for all its poses and shapes.

    faces: ``(F, 3)``. skinning_weights: ``(V, 24)``, rows that sum to 1.
    """

    def __init__(self, faces: NDArray[np.integer], skinning_weights: NDArray[np.floating]) -> None:
        if skinning_weights.ndim != 2 or skinning_weights.shape[1] != len(SKELETON_JOINT_NAMES):
            raise ShapeError(
                "skinning_weights",
                actual=skinning_weights.shape,
                expected=f"(V, {len(SKELETON_JOINT_NAMES)})",
            )
        self._faces = np.asarray(faces)
        self._shares = garment_shares(skinning_weights)

    @cached_property
    def colors(self) -> NDArray[np.float32]:
        """``(V, 4)`` in 0..1: red, green and blue of the shade, and how much colour is kept."""
        looks = [[part.shade, part.shade, part.shade, part.own_color] for part in GARMENTS]
        colors: NDArray[np.float32] = self._shares @ np.array(looks, dtype=np.float32)
        return colors

    def softened(self, normals: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unit normals of the clothes over bodies with unit normals ``(V, 3)`` or ``(B, V, 3)``.

        With the mean A of the neighbours and the share d of what is softened, k rounds of::

            n ← (1 − d) n + d A n

        Where nothing is worn, d = 0 and the normals stay.
        """
        among_worn, from_bare = self._round
        columns = side_by_side(normals.reshape(-1, *normals.shape[-2:]))
        soft, beyond = columns[self._worn], from_bare @ columns
        for _round in range(SOFTENING_ROUNDS):
            soft = among_worn @ soft
            soft += beyond
        worn = in_bodies(soft)
        length = np.sqrt(np.einsum("bvc,bvc->bv", worn, worn))
        result = normals.reshape(-1, *normals.shape[-2:]).copy()
        result[:, self._worn] = worn / np.maximum(length, 1e-12)[..., None]
        return result.reshape(normals.shape)

    @cached_property
    def _softening(self) -> NDArray[np.float32]:
        """How far the normal of each vertex is softened, d: ``(V,)``."""
        softening: NDArray[np.float32] = self._shares @ np.array(
            [part.softened for part in GARMENTS], dtype=np.float32
        )
        return softening

    @cached_property
    def _worn(self) -> NDArray[np.int64]:
        """The vertices whose normals are softened at all."""
        return np.flatnonzero(self._softening > LEAST_SOFTENING)

    @cached_property
    def _round(self) -> tuple[Any, Any]:
        """One round for the ``_worn`` normals: what they give each other, and what others give."""
        import scipy.sparse  # noqa: PLC0415 - see ``VertexNormals``

        count = len(self._shares)
        starts = self._faces[:, [0, 1, 2, 1, 2, 0]].ravel()
        ends = self._faces[:, [1, 2, 0, 0, 1, 2]].ravel()
        ones = np.ones(len(starts), dtype=np.float32)
        touching = scipy.sparse.csr_array((ones, (starts, ends)), shape=(count, count))
        neighbours = np.maximum(touching.sum(axis=1), 1.0)
        share = self._softening
        mean = scipy.sparse.diags_array(share / neighbours) @ touching
        whole = mean + scipy.sparse.diags_array(1.0 - share)
        rows = whole.astype(np.float32).tocsr()[self._worn]
        others = np.ones(count, dtype=np.float32)
        others[self._worn] = 0.0
        return rows[:, self._worn], rows @ scipy.sparse.diags_array(others).tocsr()


def garment_shares(skinning_weights: NDArray[np.floating]) -> NDArray[np.float32]:
    """How far each vertex belongs to each of ``GARMENTS``: ``(V, 4)``, rows that sum to 1.

    With w_g the sum of the weights of a garment's joints and the sharpness p, the share is
    w_g^p / Σ_h w_h^p: one garment passes into the other across a seam.
    """
    names = [name.removeprefix("left_").removeprefix("right_") for name in SKELETON_JOINT_NAMES]
    worn = [[name in part.joints for part in GARMENTS] for name in names]
    weights = np.maximum(skinning_weights @ np.array(worn, dtype=np.float32), 0.0)
    powers = weights**SEAM_SHARPNESS
    # A vertex that no joint moves belongs to none; it is drawn black, not divided by zero.
    shares: NDArray[np.float32] = powers / np.maximum(powers.sum(axis=1, keepdims=True), 1e-12)
    return shares.astype(np.float32)
