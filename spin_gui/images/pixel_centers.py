"""Whole numbers of a view are the centres of its pixels; those of a painter are their corners."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QWidget


def pixel_center(widget: QWidget) -> QPointF:
    """From the corner of a pixel to its centre: half a pixel of the widget's screen each way."""
    # Not asked of the painter: QPainter.device() in a paint event crashed PySide6 6.11 later on.
    half = 0.5 / widget.devicePixelRatioF()
    return QPointF(half, half)
