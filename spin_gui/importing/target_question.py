"""Asks where what is imported goes: into the open project, or into a new one that is made."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from spin_gui.jobs.new_project import problem_of
from spin_gui.widgets.layouts import SPACING
from spin_gui.widgets.paths import PathField

_ADD, _NEW = 0, 1


class TargetQuestion(QWidget):
    """Name and place of a new project, hidden while the open one takes everything."""

    changed = Signal()

    def __init__(self, open_project: Path | None, *, propose_new: bool) -> None:
        super().__init__()
        self._open_project = open_project
        self.targets = QButtonGroup(self)
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the new project")
        self.folder = PathField("Folder of the new project", folder=True)
        self._typed = False
        self._new_only = open_project is None
        self._build(propose_new=propose_new)
        for line in (self.name, self.folder.line):
            line.textChanged.connect(self._on_text)
        self.targets.idClicked.connect(self._show_state)
        self._show_state()

    @property
    def adds(self) -> bool:
        """Whether the open project takes it."""
        return self._open_project is not None and self.targets.checkedId() == _ADD

    @property
    def project(self) -> Path | None:
        """Where it goes; None while name or folder is missing."""
        if self.adds:
            return self._open_project
        name, folder = self.name.text().strip(), self.folder.path
        return folder / name if name and folder is not None else None

    def problem(self) -> str:
        """Why it cannot go there; empty when it can."""
        return "" if self.adds else problem_of(self.project)

    def propose(self, source: Path) -> None:
        """A name and a place for a source, unless the user gave them."""
        if self._typed:
            return
        proposed = proposed_project(source)
        with QSignalBlocker(self.name), QSignalBlocker(self.folder.line):
            self.name.setText(proposed.name)
            self.folder.set_path(proposed.parent)

    def _build(self, *, propose_new: bool) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        if self._open_project is not None:
            choices = QHBoxLayout()
            choices.setSpacing(SPACING)
            add = QRadioButton(f"Add to {self._open_project.name}")
            new = QRadioButton("Make a new project")
            for number, button in ((_ADD, add), (_NEW, new)):
                button.setAccessibleName(button.text())
                self.targets.addButton(button, number)
                choices.addWidget(button)
            choices.addStretch(1)
            (new if propose_new else add).setChecked(True)
            layout.addLayout(choices)
        self._new = QWidget()
        row = QHBoxLayout(self._new)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        for title, field, stretch in (
            ("&New project", self.name, 2),
            ("&in folder", self.folder, 3),
        ):
            label = QLabel(title)
            label.setBuddy(field)
            row.addWidget(label)
            row.addWidget(field, stretch)
        layout.addWidget(self._new)

    @Slot()
    def _on_text(self) -> None:
        self._typed = True
        self.changed.emit()

    @Slot()
    def _show_state(self) -> None:
        self._new.setVisible(not self.adds)
        self.changed.emit()


def proposed_project(source: Path) -> Path:
    """A folder next to the source that does not exist yet: ``holiday_project``.

    Where none can be made there, as on a camera's card, it is one in the home folder.
    """
    folder = source.absolute() if source.is_dir() else source.absolute().parent
    name = f"{folder.name or 'pictures'}_project"
    parent = folder.parent if os.access(folder.parent, os.W_OK) else Path.home()
    project, number = parent / name, 2
    while project.exists():
        project, number = parent / f"{name}_{number}", number + 1
    return project
