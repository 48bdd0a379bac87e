"""The robust error of SMPLify: quadratic for small residuals, saturating for gross outliers.

    ρ(e)  = σ² e² / (σ² + e²)                          Geman–McClure, each coordinate by itself
    ρ'(e) = 2 r(e) e        r(e) = (σ² / (σ² + e²))²

A residual far beyond σ costs σ² and pulls no more. Sources: Geman and McClure 1987; Bogo et al.
2016, section 3.2; docs/method.md, "The robust error".
"""

from __future__ import annotations

from core.geometry.array_namespace import ArrayT


def robust_square(residual: ArrayT, sigma: float | ArrayT) -> ArrayT:
    """ρ(e) of each residual, in its unit squared; ``sigma``, in the residual's unit, broadcasts."""
    # Written e² / (1 + (e/σ)²), so that an infinite σ gives plain squares and not ∞/∞.
    error: ArrayT = residual * residual / (1 + (residual / sigma) ** 2)
    return error


def robust_weight(residual: ArrayT, sigma: float | ArrayT) -> ArrayT:
    """r(e), what a residual is multiplied by in the gradient; between 0 and 1.

    2 r(e) e is the exact derivative of ρ. 2 r(e) serves as its curvature: the true second
    derivative becomes negative beyond σ/√3 and would spoil the normal equations.
    """
    weight: ArrayT = 1 / (1 + (residual / sigma) ** 2) ** 2
    return weight
