"""Row-wise operations on frozen dataclasses whose fields are arrays or tensors ``(B, ...)``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

from core.geometry.array_namespace import Array, array_namespace

T = TypeVar("T")


def select_rows(mask: Array, chosen: T, otherwise: T) -> T:
    """Rows of ``chosen`` where ``mask`` ``(B,)`` holds, of ``otherwise`` elsewhere.

    Both are arrays ``(B, …)`` or frozen dataclasses of such, one within another where need be; what
    neither has is None in both.
    """
    if chosen is None:
        return chosen
    if not is_dataclass(chosen):
        return cast("T", _select(mask, cast("Array", chosen), cast("Array", otherwise)))
    parts: dict[str, Any] = {
        field.name: select_rows(mask, getattr(chosen, field.name), getattr(otherwise, field.name))
        for field in fields(chosen)
    }
    return cast("T", replace(cast("Any", chosen), **parts))


def _select(mask: Array, chosen: Array, otherwise: Array) -> Any:
    xp = array_namespace(chosen)
    # ``where`` and not mask · chosen + (1 − mask) · otherwise: 0 · ∞ and 0 · NaN are NaN, and a
    # refused step may be either.
    per_row = xp.reshape(mask, (-1, *[1] * (chosen.ndim - 1)))
    return xp.where(per_row, chosen, otherwise)


def take_rows(batch: T, index: Any) -> T:
    """Rows ``index`` ``(N,)`` of every array of a batch, which is built as for ``select_rows``."""
    if batch is None:
        return batch
    if not is_dataclass(batch):
        return cast("T", cast("Array", batch)[index])
    parts: dict[str, Any] = {
        field.name: take_rows(getattr(batch, field.name), index) for field in fields(batch)
    }
    return cast("T", replace(cast("Any", batch), **parts))


def joined_rows(batches: Sequence[T]) -> T:
    """The rows of one batch after the other, built as for ``select_rows``; at least one batch."""
    first = batches[0]
    if first is None:
        return first
    if not is_dataclass(first):
        arrays = cast("Sequence[Array]", batches)
        return cast("T", array_namespace(arrays[0]).concat(list(arrays), axis=0))
    parts: dict[str, Any] = {
        field.name: joined_rows([getattr(batch, field.name) for batch in batches])
        for field in fields(first)
    }
    return cast("T", replace(cast("Any", first), **parts))


def put_rows(batch: T, index: Any, values: T) -> None:
    """Overwrite rows ``index`` ``(N,)`` of every array with the N rows of ``values``, in place."""
    if batch is None:
        return
    if not is_dataclass(batch):
        cast("Any", batch)[index] = values
        return
    for field in fields(batch):
        put_rows(getattr(batch, field.name), index, getattr(values, field.name))
