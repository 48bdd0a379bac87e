"""What is known of a reader that is tried on damaged files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st


@dataclass(frozen=True)
class FuzzedReader:
    """How a reader is tried: damaged contents, the name they are saved under, and the reading.

    read: takes the saved file, and goes through all that it gives.
    """

    name: str
    contents: st.SearchStrategy[bytes]
    file_name: str
    read: Callable[[Path], object]
