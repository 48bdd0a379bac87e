"""Asks which file of predictions to import, and what to call the set."""

from __future__ import annotations

from PySide6.QtWidgets import QFormLayout, QLineEdit, QWidget

from spin_gui.dialogs.layouts import body_label, fit_height, form_column, ok_cancel
from spin_gui.dialogs.paths import PathField
from spin_gui.dialogs.question import QuestionDialog
from spin_gui.jobs.sheets import ImportPredictionsChoice

WIDTH = 560
FILE_FILTER = "Predictions (*.npz *.json)"
EXPLANATION = (
    "An npz with imgname, pose or rotmat, betas, cam, center and scale (SPIN, VIBE, PyMAF and "
    "others), EFT's json, or a spin-fits export. People are found by picture, key and box."
)


class ImportPredictionsDialog(QuestionDialog):
    """``chosen(ImportPredictionsChoice)``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import another method's predictions")
        self.file = PathField("File", file_filter=FILE_FILTER)
        self.name = QLineEdit(placeholderText="EFT")
        self.name.setAccessibleName("Name of the set")
        self.state = body_label(EXPLANATION, quiet=True)
        buttons, self._ok = ok_cancel("Import")
        form = QFormLayout()
        form.addRow("File", self.file)
        form.addRow("Name", self.name)
        form_column(self, form, self.state, buttons)
        self.file.line.textChanged.connect(self._suggest_name)
        self.file.line.textChanged.connect(self._show_state)
        self.name.textChanged.connect(self._show_state)
        self._show_state()
        fit_height(self, WIDTH)

    def choice(self) -> ImportPredictionsChoice | None:
        """None while the file or the name is missing."""
        path, name = self.file.path, self.name.text().strip()
        if path is None or not path.is_file() or not name:
            return None
        return ImportPredictionsChoice(name=name, source=path)

    def _suggest_name(self) -> None:
        path = self.file.path
        if path is not None and path.is_file() and not self.name.isModified():
            self.name.setText(path.stem)

    def _show_state(self) -> None:
        self._ok.setEnabled(self.choice() is not None)
