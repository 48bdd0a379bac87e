"""Plain clothes and hair for a bare body: one colour and one thickness for each vertex.

Garments are regions of the rest pose, cut by heights and lengths between skeleton joints, so that
they fit every SMPL body file. Their borders are soft over a centimetre or two.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import BodyArrays
from core.body.conventions import SKELETON_JOINT_NAMES

FloatArray = NDArray[np.float32]
Color = tuple[float, float, float]

SKIN_TONES: tuple[Color, ...] = (
    (0.88, 0.68, 0.56), (0.84, 0.62, 0.48), (0.78, 0.57, 0.42), (0.70, 0.49, 0.35),
    (0.58, 0.39, 0.28), (0.45, 0.30, 0.21), (0.34, 0.23, 0.17),
)  # fmt: skip
HAIR_COLORS: tuple[Color, ...] = (
    (0.07, 0.06, 0.06), (0.16, 0.11, 0.08), (0.30, 0.19, 0.11), (0.45, 0.28, 0.14),
    (0.72, 0.55, 0.30), (0.55, 0.22, 0.10), (0.62, 0.61, 0.60),
)  # fmt: skip
CLOTH_COLORS: tuple[Color, ...] = (
    (0.93, 0.93, 0.91), (0.12, 0.13, 0.15), (0.20, 0.28, 0.45), (0.62, 0.14, 0.16),
    (0.20, 0.42, 0.30), (0.86, 0.66, 0.22), (0.45, 0.62, 0.78), (0.55, 0.36, 0.52),
    (0.80, 0.46, 0.30), (0.50, 0.51, 0.53), (0.84, 0.48, 0.54), (0.28, 0.50, 0.55),
    (0.38, 0.18, 0.30),
)  # fmt: skip
TROUSER_COLORS: tuple[Color, ...] = (
    (0.17, 0.22, 0.34), (0.13, 0.13, 0.15), (0.32, 0.40, 0.54), (0.46, 0.43, 0.28),
    (0.36, 0.37, 0.39), (0.28, 0.30, 0.22), (0.70, 0.71, 0.72),
)  # fmt: skip
SHOE_COLORS: tuple[Color, ...] = (
    (0.92, 0.92, 0.92), (0.10, 0.10, 0.11), (0.36, 0.22, 0.13), (0.60, 0.12, 0.14),
    (0.18, 0.25, 0.42),
)  # fmt: skip

_EYE_COLOR: Color = (0.10, 0.08, 0.08)


class Sleeves(StrEnum):
    """How far the shirt reaches along the arms."""

    NONE = "none"
    SHORT = "short"
    LONG = "long"


class Legwear(StrEnum):
    """What covers the legs."""

    TROUSERS = "trousers"
    SHORTS = "shorts"
    SKIRT = "skirt"


class Hair(StrEnum):
    """How the hair is worn."""

    BALD = "bald"
    SHORT = "short"
    LONG = "long"


@dataclass(frozen=True)
class Outfit:
    """What one person wears; ``stripes`` recolours every second band of the shirt."""

    skin: Color
    hair: Hair
    hair_color: Color
    sleeves: Sleeves
    shirt: Color
    stripes: Color | None
    sleeve_color: Color
    legwear: Legwear
    trousers: Color
    shoes: Color
    tucked_in: bool


def random_outfit(rng: np.random.Generator) -> Outfit:
    """Clothes drawn at random; the same generator state gives the same clothes."""

    def pick(colors: tuple[Color, ...]) -> Color:
        shade = rng.uniform(0.92, 1.08)
        red, green, blue = colors[rng.integers(len(colors))]
        return (min(red * shade, 1.0), min(green * shade, 1.0), min(blue * shade, 1.0))

    shirt, other = pick(CLOTH_COLORS), pick(CLOTH_COLORS)
    pattern = rng.random()
    return Outfit(
        skin=pick(SKIN_TONES),
        hair=Hair(rng.choice([Hair.SHORT, Hair.LONG, Hair.BALD], p=[0.55, 0.37, 0.08])),
        hair_color=pick(HAIR_COLORS),
        sleeves=Sleeves(
            rng.choice([Sleeves.SHORT, Sleeves.LONG, Sleeves.NONE], p=[0.5, 0.38, 0.12])
        ),
        shirt=shirt,
        stripes=other if pattern < 0.2 else None,
        sleeve_color=other if 0.2 <= pattern < 0.35 else shirt,
        legwear=Legwear(
            rng.choice([Legwear.TROUSERS, Legwear.SHORTS, Legwear.SKIRT], p=[0.66, 0.22, 0.12])
        ),
        trousers=pick(TROUSER_COLORS),
        shoes=pick(SHOE_COLORS),
        tucked_in=bool(rng.random() < 0.3),
    )


@dataclass(frozen=True, eq=False)
class Dress:
    """Colours ``(V, 3)`` in 0..1 and thickness ``(V,)`` in metres, outwards along the normals."""

    colors: FloatArray
    thickness: FloatArray


class Wardrobe:
    """Cuts garments for one body file."""

    def __init__(self, arrays: BodyArrays) -> None:
        self._vertices = arrays.v_template
        joints = arrays.J_regressor @ arrays.v_template
        self._joints = dict(zip(SKELETON_JOINT_NAMES, joints, strict=True))
        self._head_share = arrays.weights[:, SKELETON_JOINT_NAMES.index("head")]
        arm_joints = ("shoulder", "elbow", "wrist", "hand")
        self._arm_share = arrays.weights[
            :, [i for i, name in enumerate(SKELETON_JOINT_NAMES) if name.endswith(arm_joints)]
        ].sum(axis=1)
        self._eyes = arrays.v_template[[arrays.vertex_ids[name] for name in ("leye", "reye")]]
        self._ears = arrays.v_template[[arrays.vertex_ids[name] for name in ("lear", "rear")]]

    def dress(self, outfit: Outfit) -> Dress:
        """Put the clothes on, from the skin outwards."""
        colors = np.tile(np.array(outfit.skin), (len(self._vertices), 1))
        thickness = np.zeros(len(self._vertices))
        shirt = self.shirt(outfit.sleeves, tucked_in=outfit.tucked_in)
        hair = self.hair(outfit.hair)
        bands = shirt * self._bands() if outfit.stripes else np.zeros_like(shirt)
        layers = (
            (self.eyes(), _EYE_COLOR, 0.0),
            (self.legwear(outfit.legwear), outfit.trousers, _LEG_THICKNESS[outfit.legwear]),
            (shirt, outfit.shirt, 0.012),
            (shirt * self._sleeve_share(), outfit.sleeve_color, 0.012),
            (bands, outfit.stripes or outfit.shirt, 0.012),
            (self.shoes(), outfit.shoes, 0.012),
            (self.soles(), (0.85, 0.85, 0.83) if sum(outfit.shoes) < 2.4 else (0.4,) * 3, 0.012),
            (hair, outfit.hair_color, 0.022),
        )
        for share, color, thick in layers:
            colors += share[:, None] * (np.array(color) - colors)
            thickness += share * (thick - thickness)
        if outfit.stripes is None and outfit.sleeve_color == outfit.shirt:
            colors *= 1.0 - 0.10 * (shirt * self._hem(tucked_in=outfit.tucked_in))[:, None]
        return Dress(colors.astype(np.float32), thickness.astype(np.float32))

    def shirt(self, sleeves: Sleeves, *, tucked_in: bool) -> NDArray[np.float64]:
        """Share ``(V,)`` in 0..1 of each vertex that the shirt covers."""
        height, side = self._vertices[:, 1], np.abs(self._vertices[:, 0])
        from_neck = np.linalg.norm(self._vertices - self._neck_opening(), axis=1)
        torso = _above(height, self._hem_height(tucked_in=tucked_in))
        collar = _above(from_neck, 0.105) * (1 - self._head_share)
        share: NDArray[np.float64] = torso * collar * (1 - _above(side, self._sleeve_end(sleeves)))
        return share

    def legwear(self, kind: Legwear) -> NDArray[np.float64]:
        """Share ``(V,)`` of each vertex that trousers, shorts or skirt cover."""
        height = self._vertices[:, 1]
        knee, ankle = self._joints["left_knee"][1], self._joints["left_ankle"][1]
        hip = self._joints["left_hip"][1]
        ends = {
            Legwear.TROUSERS: ankle + 0.03,
            Legwear.SHORTS: knee + 0.25 * (hip - knee),
            Legwear.SKIRT: knee + 0.12 * (hip - knee),
        }
        waist = self._joints["pelvis"][1] + 0.07
        length = _above(height, ends[kind]) * (1 - _above(height, waist))
        share: NDArray[np.float64] = length * (1 - self._arm_share)
        return share

    def shoes(self) -> NDArray[np.float64]:
        """Share ``(V,)`` of each vertex that the shoes cover."""
        return 1 - _above(self._vertices[:, 1], self._joints["left_ankle"][1] + 0.005)

    def soles(self) -> NDArray[np.float64]:
        """Share ``(V,)`` of each vertex that belongs to the soles."""
        return 1 - _above(self._vertices[:, 1], self._vertices[:, 1].min() + 0.014, width=0.008)

    def hair(self, style: Hair) -> NDArray[np.float64]:
        """Share ``(V,)`` of each vertex under hair.

        The hairline is a height above the ears that depends on how far back a point lies: high over
        the forehead, at the ears' height beside them, down to the nape behind.
        """
        if style is Hair.BALD:
            return np.zeros(len(self._vertices))
        middle = self._ears.mean(axis=0)
        up, forward = (self._vertices - middle)[:, [1, 2]].T
        nape = {Hair.SHORT: -0.045, Hair.LONG: -0.16}[style]
        beside = {Hair.SHORT: 0.005, Hair.LONG: -0.06}[style]
        line = np.interp(
            forward, [-0.09, -0.04, 0.0, 0.03, 0.06, 0.11], [nape, nape, beside, 0.03, 0.075, 0.085]
        )
        near_head = _above(
            self._vertices[:, 1], self._joints["neck"][1] - (0.06 if style is Hair.LONG else 0.0)
        )
        not_arm = 1 - _above(np.abs(self._vertices[:, 0]), 0.10)
        return _above(up, line, width=0.012) * near_head * not_arm

    def eyes(self) -> NDArray[np.float64]:
        """Share ``(V,)`` of each vertex that is eye: a dark spot, all that a small face needs."""
        distance = np.linalg.norm(self._vertices[:, None] - self._eyes[None], axis=2).min(axis=1)
        return 1 - _above(distance, 0.013, width=0.006)

    def _neck_opening(self) -> NDArray[np.float64]:
        return np.asarray(self._joints["neck"] + np.array([0.0, 0.035, 0.03]), dtype=np.float64)

    def _sleeve_end(self, sleeves: Sleeves) -> float:
        shoulder, elbow, wrist = (
            float(self._joints[f"left_{name}"][0]) for name in ("shoulder", "elbow", "wrist")
        )
        ends = {
            Sleeves.NONE: shoulder - 0.01,
            Sleeves.SHORT: shoulder + 0.55 * (elbow - shoulder),
            Sleeves.LONG: wrist - 0.005,
        }
        return ends[sleeves]

    def _hem_height(self, *, tucked_in: bool) -> float:
        return float(self._joints["pelvis"][1]) + (0.05 if tucked_in else -0.06)

    def _sleeve_share(self) -> NDArray[np.float64]:
        return _above(np.abs(self._vertices[:, 0]), self._joints["left_shoulder"][0])

    def _bands(self) -> NDArray[np.float64]:
        """Horizontal bands 9 cm apart; along the sleeves they run around the arm."""
        arm = self._sleeve_share() > 0.5
        along = np.where(arm, np.abs(self._vertices[:, 0]), self._vertices[:, 1])
        return _above(np.sin(along * (2 * np.pi / 0.09)), 0.1, width=0.8)

    def _hem(self, *, tucked_in: bool) -> NDArray[np.float64]:
        """A darker edge, so that shirt and trousers of one colour are told apart."""
        height = self._hem_height(tucked_in=tucked_in)
        return 1 - _above(self._vertices[:, 1], height + 0.035)


_LEG_THICKNESS = {Legwear.TROUSERS: 0.014, Legwear.SHORTS: 0.022, Legwear.SKIRT: 0.03}


def _above(
    values: NDArray[np.floating], edge: float | NDArray[np.floating], *, width: float = 0.02
) -> NDArray[np.float64]:
    """0 below the edge, 1 above it, with a soft step of ``width`` between."""
    step = np.clip((values - edge) / width + 0.5, 0.0, 1.0)
    return np.asarray(step * step * (3 - 2 * step), dtype=np.float64)
