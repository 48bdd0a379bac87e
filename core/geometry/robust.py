"""The robust error of SMPLify: quadratic for small residuals, saturating for gross outliers."""

from __future__ import annotations

from core.geometry.array_namespace import ArrayT


def robust_square(residual: ArrayT, sigma: float) -> ArrayT:
    """Geman–McClure ``sigma² e² / (sigma² + e²)`` of each residual, in its unit squared.

    Written ``e² / (1 + (e / sigma)²)``, so that an infinite ``sigma`` gives plain squares and not
    ``inf / inf``. Bogo et al. 2016, section 3.2; docs/method.md, "The robust error".
    """
    error: ArrayT = residual * residual / (1 + (residual / sigma) ** 2)
    return error


def robust_weight(residual: ArrayT, sigma: float) -> ArrayT:
    """What a residual is multiplied by in the gradient: ``(sigma² / (sigma² + e²))²``.

    ``2 weight e`` is the exact derivative of ``robust_square``; ``2 weight`` serves as its
    curvature, which keeps the normal equations positive.
    """
    weight: ArrayT = 1 / (1 + (residual / sigma) ** 2) ** 2
    return weight
