"""Joints in the pixels of another size than the picture's: brought to the picture, or refused."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.formats.read_notes import ReadNotes
from core.formats.reader_results import BrokenEntryError

_SAME_ASPECT = 0.01


def to_picture_pixels(
    joints_px: NDArray[np.float64],
    size_px: tuple[int, int] | None,
    picture_size_px: tuple[int, int],
    notes: ReadNotes,
) -> NDArray[np.float64]:
    """Joints ``(K, 3)`` in pixels of the picture; ``size_px`` None: they are there already.

    Raises:
        BrokenEntryError: the picture has another shape than the size, so that it was cropped,
            padded or turned, and there is no telling where.
    """
    if size_px is None or size_px == picture_size_px:
        return joints_px
    scale = np.array(picture_size_px) / np.array(size_px)
    width, height = size_px
    found = f"joints in pixels of {width}×{height}"
    if abs(scale[0] / scale[1] - 1) > _SAME_ASPECT:
        raise BrokenEntryError(
            f"found {found}, but the picture has {picture_size_px[0]}×{picture_size_px[1]} px, "
            "which is another shape; expected pixels of the picture"
        )
    notes.assume(f"{found} are scaled to the picture")
    return np.column_stack([joints_px[:, :2] * scale, joints_px[:, 2]])
