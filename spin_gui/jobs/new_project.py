"""Asks where a new project goes, and for a body of the user's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFormLayout, QLineEdit, QWidget

from spin_gui.widgets.layouts import body_label, fit_height, form_column, ok_cancel
from spin_gui.widgets.paths import PathField
from spin_gui.widgets.question import QuestionDialog


@dataclass(frozen=True, kw_only=True)
class NewProjectChoice:
    """Where the project goes and what it starts with."""

    project: Path
    body_file: Path | None = None
    prior_file: Path | None = None


class NewProjectDialog(QuestionDialog):
    """A name and a folder; a project is a folder of its own in it.

    With ``with_own_body`` the user may name an SMPL file and a pose prior of their own.
    """

    def __init__(
        self, parent: QWidget | None = None, *, name: str = "", with_own_body: bool = True
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("New project")
        self.name = QLineEdit(name)
        self.name.setAccessibleName("Name of the project")
        self.folder = PathField("Folder of the project", folder=True)
        self.folder.set_path(Path.home())
        self.body_file = PathField("Body file", file_filter="SMPL body (*.pkl *.npz)")
        self.prior_file = PathField("Pose prior file", file_filter="Pose prior (*.pkl *.npz)")
        self._state = body_label("", quiet=True)
        self._build(with_own_body=with_own_body)
        self.name.textChanged.connect(self._show_state)
        self.folder.line.textChanged.connect(self._show_state)
        self._show_state()
        fit_height(self, 600)

    @property
    def project(self) -> Path | None:
        """The folder to be made, or None while name or folder is missing."""
        name, folder = self.name.text().strip(), self.folder.path
        return folder / name if name and folder is not None else None

    def choice(self) -> NewProjectChoice | None:
        """What was asked for; None while it is incomplete."""
        if self.project is None:
            return None
        return NewProjectChoice(
            project=self.project, body_file=self.body_file.path, prior_file=self.prior_file.path
        )

    def _build(self, *, with_own_body: bool) -> None:
        form = QFormLayout()
        form.setVerticalSpacing(8)
        form.addRow("&Name", self.name)
        form.addRow("&In folder", self.folder)
        self.body_file.line.setPlaceholderText("the open body that ships with the program")
        self.prior_file.line.setPlaceholderText("the prior that ships with the program")
        if with_own_body:
            form.addRow("&Body file", self.body_file)
            form.addRow("&Pose prior", self.prior_file)
        box, self.create_button = ok_cancel("Create")
        form_column(self, form, self._state, box)

    @Slot()
    def _show_state(self) -> None:
        problem = problem_of(self.project)
        self._state.setText(problem or f"Makes the folder {self.project}")
        self.create_button.setEnabled(not problem)


def problem_of(project: Path | None) -> str:
    """Why the project cannot be made there; empty when it can."""
    if project is None:
        return "Give the project a name and a folder."
    if "/" in project.name or "\\" in project.name or project.name in {".", ".."}:
        return "The name may not contain / or \\."
    if not project.parent.is_dir():
        return f"There is no folder {project.parent}."
    if project.exists():
        return f"{project} exists already. Open it instead, or choose another name."
    return ""
