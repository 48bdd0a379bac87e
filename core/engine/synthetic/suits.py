"""Suits that tell body parts apart by colour, as actors of motion capture wear them.

A small network learns poses from such people in minutes of one core, where ordinary clothes would
take it hours: left, right, front and back bear their own colours. For benchmarks, not for demos.
Pictures of them must not be mirrored: that would put the colours on the wrong side.
"""

from __future__ import annotations

import colorsys

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import BodyArrays
from core.body.conventions import SKELETON_JOINT_NAMES
from core.engine.synthetic.wardrobe import Dress, Outfit
from core.types.arrays import NUM_JOINTS

_GOLDEN_TURN = 0.381966
"""Hues of successive joints lie far apart on the colour wheel."""
_SATURATION, _BRIGHTNESS = (0.9, 0.6, 0.9), (0.95, 0.8, 0.55)
_BACK_BRIGHTNESS = 0.35
_TRUNK = ("pelvis", "spine1", "spine2", "spine3", "neck", "head")


class MarkedSuits:
    """One suit for everybody: a colour for each joint, blended by the skin weights; dark backs."""

    def __init__(self, arrays: BodyArrays) -> None:
        share = arrays.weights / arrays.weights.sum(axis=1, keepdims=True)
        colors = share @ _joint_colors()
        depth = arrays.v_template[:, 2]
        trunk = np.isin(share.argmax(axis=1), [SKELETON_JOINT_NAMES.index(name) for name in _TRUNK])
        colors[trunk & (depth < np.median(depth))] *= _BACK_BRIGHTNESS
        self._dress = Dress(colors.astype(np.float32), np.zeros(len(colors), dtype=np.float32))

    def dress(self, _outfit: Outfit) -> Dress:
        """The suit, whatever the outfit."""
        return self._dress


def _joint_colors() -> NDArray[np.float64]:
    """``(24, 3)`` red, green, blue in 0..1."""
    return np.array(
        [
            colorsys.hsv_to_rgb(
                joint * _GOLDEN_TURN % 1, _SATURATION[joint % 3], _BRIGHTNESS[joint % 3]
            )
            for joint in range(NUM_JOINTS)
        ]
    )
