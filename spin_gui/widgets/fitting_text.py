"""Text for a place that may be too narrow for it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics


def fitting_text(metrics: QFontMetrics, width_px: float, wordings: Sequence[str]) -> str:
    """The first of ``wordings`` that fits into a width; the last one is cut short if it must be."""
    for wording in wordings:
        if metrics.horizontalAdvance(wording) <= width_px:
            return wording
    shortest = wordings[-1] if wordings else ""
    return metrics.elidedText(shortest, Qt.TextElideMode.ElideRight, int(width_px))
