"""How the line of a run looks, in plots and in lists: by its place among the runs of a project."""

from __future__ import annotations

from PySide6.QtCore import Qt

RUN_COLORS = ("#2f7ed8", "#e07b00", "#2a9d4a", "#c2417c", "#7a5bd0", "#8c6d31")
"""They repeat, so the line's pattern differs, too."""

LINE_STYLES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)
