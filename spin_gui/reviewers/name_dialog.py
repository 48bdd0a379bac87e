"""Asks under which name verdicts and edits are kept."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from spin_gui.widgets.question import QuestionDialog

LONGEST_NAME = 60

EXPLANATION = (
    "Verdicts, comments and corrections are kept under this name, in every project. Two people who "
    "review copies of one project need different names."
)


class ReviewerNameDialog(QuestionDialog):
    """``chosen(str)``: the name.

    Args:
        now: the present name.
        known: names that gave verdicts in the project, to choose from.
    """

    def __init__(self, now: str, known: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Who reviews")
        self.name = QComboBox(editable=True)
        self.name.setAccessibleName("Reviewer's name")
        self.name.addItems(list(dict.fromkeys([now, *known])))
        line = self.name.lineEdit()
        if line is not None:
            line.setMaxLength(LONGEST_NAME)
            line.selectAll()
        explanation = QLabel(EXPLANATION)
        explanation.setWordWrap(True)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (explanation, self.name, buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(420)
        self.name.setFocus()

    def choice(self) -> str | None:
        """The name; None while none is written."""
        return self.name.currentText().strip() or None
