"""The arrays of a file of predictions: found by their usual names, checked, and remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError

Array = NDArray[Any]


class FileFields:
    """Arrays by name; ``unused`` are those that nothing asked for.

    Args:
        arrays: of the file.
        source: the file, for messages.
    """

    def __init__(self, arrays: Mapping[str, Array], source: Path) -> None:
        self.arrays, self.source = arrays, source
        self.count = 0
        """How many rows the file has; set once its list of pictures is known."""
        self._used: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self.arrays

    def first(self, names: Sequence[str]) -> str | None:
        """The first of some names that the file has."""
        return next((name for name in names if name in self.arrays), None)

    def take(self, name: str) -> Array:
        """An array as it is."""
        self._used.add(name)
        return self.arrays[name]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """An array of numbers, with one row for each picture name.

        Raises:
            AnnotationError: it holds something else, or has another number of rows.
        """
        array = self.take(name)
        if not (np.issubdtype(array.dtype, np.number) or array.dtype == np.bool_):
            raise self.wrong(name, f"holds {array.dtype}", "numbers")
        if np.iscomplexobj(array):
            raise self.wrong(name, "holds complex numbers", "plain ones")
        if array.ndim == 0 or len(array) != self.count:
            raise self.wrong(name, f"has shape {array.shape}", f"{self.count} rows{_EACH}")
        return array.astype(np.float64)

    def columns(self, name: str, count: int) -> NDArray[np.float64]:
        """``(N, count)`` numbers; a single one may come without its axis."""
        array = self.numbers(name)
        if array.shape == (self.count, count):
            return array
        if count == 1 and array.size == self.count:
            return array.reshape(self.count, 1)
        raise self.wrong(name, f"has shape {array.shape}", f"({self.count}, {count})")

    def unused(self) -> list[str]:
        """Names of what was not asked for."""
        return sorted(set(self.arrays) - self._used)

    def wrong(self, name: str, found: str, expected: str) -> AnnotationError:
        """The error for an array that cannot be used."""
        return AnnotationError(f"{name!r} {found}, expected {expected}.", path=self.source)


_EACH = ", one for each entry of its list of pictures"


def as_text(value: Any) -> str:
    """A name from an array of texts or bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
