"""Row-wise operations on frozen dataclasses whose fields are tensors ``(B, ...)``."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar, cast

import torch
from torch import Tensor

T = TypeVar("T")


def _per_row(mask: Tensor, like: Tensor) -> Tensor:
    return mask.view(-1, *[1] * (like.ndim - 1))


def select_rows(mask: Tensor, chosen: T, otherwise: T) -> T:
    """Rows of ``chosen`` where ``mask`` ``(B,)`` holds, of ``otherwise`` elsewhere.

    Both are tensors ``(B, …)`` or frozen dataclasses of such, one within another where need be.
    """
    # ``where`` and not mask · chosen + (1 − mask) · otherwise: 0 · ∞ and 0 · NaN are NaN, and a
    # refused step may be either.
    if isinstance(chosen, Tensor) and isinstance(otherwise, Tensor):
        return cast("T", torch.where(_per_row(mask, chosen), chosen, otherwise))
    parts: dict[str, Any] = {
        field.name: select_rows(mask, getattr(chosen, field.name), getattr(otherwise, field.name))
        for field in fields(chosen)  # type: ignore[arg-type]
    }
    return replace(chosen, **parts)  # type: ignore[type-var]


def take_rows(batch: T, index: Tensor) -> T:
    """Rows ``index`` ``(N,)`` of every tensor of a batch, which is built as for ``select_rows``."""
    if isinstance(batch, Tensor):
        return cast("T", batch[index])
    parts: dict[str, Any] = {
        field.name: take_rows(getattr(batch, field.name), index)
        for field in fields(batch)  # type: ignore[arg-type]
    }
    return replace(batch, **parts)  # type: ignore[type-var]


def put_rows(batch: T, index: Tensor, values: T) -> None:
    """Overwrite rows ``index`` ``(N,)`` of every tensor with the N rows of ``values``, in place."""
    if isinstance(batch, Tensor) and isinstance(values, Tensor):
        batch[index] = values
        return
    for field in fields(batch):  # type: ignore[arg-type]
        put_rows(getattr(batch, field.name), index, getattr(values, field.name))
