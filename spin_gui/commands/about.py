"""Says what the program is, what it runs on, and under which licences."""

from __future__ import annotations

import platform
import sqlite3

import PySide6
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from spin_gui.training.computing_device import computing_device, torch_version
from spin_gui.widgets.layouts import (
    MARGIN,
    body_label,
    close_box,
    fit_height,
    headline,
    icon_and_text,
)

WHAT_IT_IS = (
    "Makes, reviews and corrects fits of the SMPL body to people in pictures, after SPIN "
    "(Kolotouros, Pavlakos, Black, Daniilidis: Learning to Reconstruct 3D Human Pose and Shape "
    "via Model-fitting in the Loop, ICCV 2019)."
)
LICENCES = (
    "The program is under the Apache License 2.0. It ships an open body; the SMPL body is not part "
    "of it and has a licence of its own."
)


class AboutDialog(QDialog):
    """Icon, words, versions."""

    def __init__(self, icon: QIcon, version: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About SPIN Studio")
        text = QVBoxLayout()
        text.setSpacing(8)
        text.addWidget(headline(f"SPIN Studio {version}"))
        for words in (WHAT_IT_IS, LICENCES):
            text.addWidget(body_label(words))
        text.addWidget(body_label(machine_text(), quiet=True))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(16)
        layout.addLayout(icon_and_text(icon, text))
        layout.addWidget(close_box(self))
        fit_height(self, 520)


def machine_text() -> str:
    """The versions that matter in a report."""
    return "\n".join(
        (
            f"Python {platform.python_version()} on {platform.system()} {platform.machine()}",
            f"PySide6 {PySide6.__version__}, PyTorch {torch_version()} on {computing_device()}",
            f"SQLite {sqlite3.sqlite_version}",
        )
    )
