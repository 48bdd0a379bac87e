"""Asks whether running work may be stopped to close the window."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from spin_gui.widgets.question import ask_yes_no


def may_stop(window: QWidget, title: str, *, is_training: bool) -> bool:
    """Whether the job of this title may be stopped; a training can be continued."""
    kept = (
        ", and the training can be continued later from its list of runs." if is_training else "."
    )
    return ask_yes_no(
        window,
        "Work is running",
        f"“{title}” is still running. Stop it and close the window? What it has done is kept{kept}",
        yes="Stop and close",
        no="Keep working",
    )
