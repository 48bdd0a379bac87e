"""The prior against knees and elbows that bend the wrong way.

    E_a(θ) = Σ_k exp(s_k θ_k)² = Σ_k exp(2 s_k θ_k)

over four of the 69 numbers of ``body_pose``, in radians. s_k is the sign for which s_k θ_k grows as
the joint is overstretched: by 0.5 rad the wrong way a term is 2.7, bent by 1 rad it is 0.14.
Source: Bogo et al. 2016, section 3.2; docs/method.md, "The angle prior".
"""

from __future__ import annotations

from core.geometry.array_namespace import ArrayT, array_namespace, constant_like

BENDING_ANGLES: tuple[int, ...] = (52, 55, 9, 12)
"""Left and right elbow about y, left and right knee about x, in the 69 numbers of a body pose.

Joint j of the skeleton begins at 3 (j − 1): 3 · 17 + 1 and 3 · 18 + 1 for the elbows (joints 18 and
19), 3 · 3 and 3 · 4 for the knees (joints 4 and 5).
"""

BENDING_SIGNS: tuple[float, ...] = (1.0, -1.0, -1.0, -1.0)
"""s_k. The elbows differ because left and right bend about y in opposite directions."""


def bending_penalties(body_pose: ArrayT) -> ArrayT:
    """exp(2 s_k θ_k) of the four joints, ``(B, 4)``, of body poses ``(B, 69)`` in radians."""
    signs = constant_like(body_pose, BENDING_SIGNS)
    exponents = 2 * signs * body_pose[:, list(BENDING_ANGLES)]
    penalties: ArrayT = array_namespace(body_pose).exp(exponents)
    return penalties


def angle_prior_energy(body_pose: ArrayT) -> ArrayT:
    """E_a ``(B,)`` of body poses ``(B, 69)`` in radians; differentiable."""
    energy: ArrayT = array_namespace(body_pose).sum(bending_penalties(body_pose), axis=1)
    return energy
