"""The robust error of SMPLify: quadratic for small residuals, saturating for gross outliers."""

from __future__ import annotations

from torch import Tensor


def robust_square(residual: Tensor, sigma: float) -> Tensor:
    """Geman–McClure ``sigma² e² / (sigma² + e²)`` of each residual, in its unit squared.

    An infinite ``sigma`` gives plain squares. Bogo et al. 2016, section 3.2;
    docs/method.md, "The robust error".
    """
    return residual**2 / (1 + (residual / sigma) ** 2)


def robust_weight(residual: Tensor, sigma: float) -> Tensor:
    """What a residual is multiplied by in the gradient: ``(sigma² / (sigma² + e²))²``.

    ``2 weight e`` is the exact derivative of ``robust_square``; ``2 weight`` serves as its
    curvature, which keeps the normal equations positive.
    """
    return 1 / (1 + (residual / sigma) ** 2) ** 2
