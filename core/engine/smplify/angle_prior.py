"""The prior against knees and elbows that bend the wrong way.

Bogo et al. 2016, section 3.2; docs/method.md, "The angle prior".
"""

from __future__ import annotations

import torch
from torch import Tensor

BENDING_ANGLES: tuple[int, ...] = (52, 55, 9, 12)
"""Left and right elbow about y, left and right knee about x, in the 69 numbers of a body pose."""
BENDING_SIGNS: tuple[float, ...] = (1.0, -1.0, -1.0, -1.0)


def bending_penalties(body_pose: Tensor) -> Tensor:
    """``exp(s θ)²`` of the four joints, ``(B, 4)``, of body poses ``(B, 69)`` in radians."""
    signs = torch.tensor(BENDING_SIGNS, dtype=body_pose.dtype, device=body_pose.device)
    return (2 * signs * body_pose[:, list(BENDING_ANGLES)]).exp()


def angle_prior_energy(body_pose: Tensor) -> Tensor:
    """Sum over the four joints, ``(B,)``; its slope is ``2 s`` times each penalty."""
    return bending_penalties(body_pose).sum(1)
