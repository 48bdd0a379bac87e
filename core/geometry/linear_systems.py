"""Systems of linear equations, one for each sample of a batch."""

from __future__ import annotations

from typing import Any

from core.geometry.array_namespace import Array, ArrayT, array_namespace, identity_like


def solve_positive_definite(matrix: ArrayT, right: ArrayT) -> ArrayT:
    """Solutions x ``(B, N)`` of matrix x = right, with symmetric matrices ``(B, N, N)``.

    They are zero for the samples whose matrix is not positive definite or not finite; the others of
    the batch are as if those were not there.

    Args:
        matrix: ``(B, N, N)``, of which only a triangle may be read.
        right: ``(B, N)``.
    """
    result: ArrayT = solve_several_right_sides(matrix, right[..., None])[..., 0]
    return result


def solve_several_right_sides(matrix: ArrayT, right: ArrayT) -> ArrayT:
    """Solutions ``(B, N, K)`` for K right sides ``(B, N, K)``; as ``solve_positive_definite``.

    Where one right side of a sample is not finite, all solutions of that sample are zero.
    """
    xp = array_namespace(matrix)
    solve = _solve_by_cholesky if hasattr(xp.linalg, "cholesky_ex") else _solve_checked
    solution, usable = solve(xp, matrix, right)
    usable = usable & xp.all(xp.isfinite(solution), axis=(-2, -1))
    result: ArrayT = xp.where(usable[..., None, None], solution, 0.0)
    return result


def _solve_by_cholesky(xp: Any, matrix: Array, right: Array) -> tuple[Any, Any]:
    """By PyTorch, which tells for each matrix of a batch whether its factorisation failed.

    matrix = Fᵀ F with F an upper triangle: ``cholesky_ex`` makes it in four fifths of the time of
    the lower one, and two ``solve_triangular`` take half of the time of ``cholesky_solve``.
    """
    factor, failed = xp.linalg.cholesky_ex(matrix, upper=True)
    halfway = xp.linalg.solve_triangular(factor.mT, right, upper=False)
    return xp.linalg.solve_triangular(factor, halfway, upper=True), failed == 0


def _solve_checked(xp: Any, matrix: Array, right: Array) -> tuple[Any, Any]:
    """By NumPy, which refuses a whole batch for one bad matrix.

    So the bad ones are replaced by the identity first. A symmetric matrix is positive definite
    where its least eigenvalue is above 0; that costs four times as much as to try a factorisation,
    which nearly every batch passes whole.
    """
    usable = xp.all(xp.isfinite(matrix), axis=(-2, -1))
    if xp.all(usable) and _all_factorise(xp, matrix):
        return xp.linalg.solve(matrix, right), usable
    identity = identity_like(matrix, matrix.shape[-1])
    safe = xp.where(usable[..., None, None], matrix, identity)
    usable = usable & (xp.linalg.eigvalsh(safe)[..., 0] > 0)
    safe = xp.where(usable[..., None, None], matrix, identity)
    return xp.linalg.solve(safe, right), usable


def _all_factorise(xp: Any, matrix: Array) -> bool:
    """Whether every matrix of a finite batch is positive definite."""
    try:
        xp.linalg.cholesky(matrix)
    except xp.linalg.LinAlgError:
        return False
    return True
