"""Rows of arrays, such as made people, that a build keeps in files and goes on with later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class StoredArrays:
    """Base of a dataclass whose fields are all arrays, with a row for each of N people."""

    def _arrays(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def rows(self, chosen: slice | NDArray[np.bool_]) -> Self:
        """Some of the people."""
        return type(self)(**{name: array[chosen] for name, array in self._arrays().items()})

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """All people, one part after the other; at least one part."""
        names = [field.name for field in fields(cls)]
        return cls(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})

    def save(self, path: Path) -> None:
        """Write under the final name at the end: a file is whole or not there."""
        half_written = path.with_suffix(".part.npz")
        np.savez(half_written, **self._arrays())
        half_written.replace(path)

    @classmethod
    def stored_in(cls, path: Path) -> bool:
        """Whether a file holds every field: one of an earlier program may lack some."""
        if not path.is_file():
            return False
        with np.load(path, allow_pickle=False) as stored:
            return {field.name for field in fields(cls)} <= set(stored.files)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what ``save`` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(**{field.name: stored[field.name] for field in fields(cls)})
