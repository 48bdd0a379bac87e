"""Asks whose bodies of which prediction set become fits, and says in numbers what will happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from core.errors import StudioError
from core.workflows.predictions.take_over_plan import plan_take_over
from spin_gui.jobs.job import TakeOverChoice
from spin_gui.session.session import ProjectSession
from spin_gui.widgets.layouts import MARGIN, SPACING, body_label, fit_height, headline, ok_cancel
from spin_gui.widgets.question import QuestionDialog

WIDTH = 600
EXPLANATION = (
    "The bodies become fits: judged, corrected, refitted and exported as those of the project. "
    "Each row of the file is kept as it stood there."
)
NO_SETS = (
    "The project has no prediction sets yet. Import another method's bodies from a file first "
    "(npz, EFT's json, …)."
)
_RULES = (
    (
        "By the rules: the better one becomes current",
        "Each body is measured on its person's keypoints. What people accepted stays.",
    ),
    (
        "Beside the current fits",
        "They enter the histories, where any of them can be made current.",
    ),
)


@dataclass(frozen=True)
class _Scope:
    """Whose bodies; ``ids`` None is everybody in the set."""

    title: str
    ids: tuple[int, ...] | None


class TakeOverDialog(QuestionDialog):
    """A set, whose of its bodies, and by which rule.

    Args:
        session: of the project.
        set_name: of the set to propose; the newest by default.
        parent: of the dialog.
    """

    import_asked = Signal()

    def __init__(
        self, session: ProjectSession, set_name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Take over as fits")
        self._dictionary = session.dictionary
        self._sets = session.dictionary.prediction_sets.all()
        self._scopes = _scopes(session)
        self.sets = QComboBox()
        self.scopes, self.rules = QButtonGroup(self), QButtonGroup(self)
        self.plan = body_label("")
        self.import_button = QPushButton("Import predictions…")
        self._build()
        self._propose(set_name)
        self._tell()

    def choice(self) -> TakeOverChoice | None:
        """What was chosen; None where there is nothing to take over."""
        if not self._sets:
            return None
        return TakeOverChoice(
            set_name=self._sets[self.sets.currentIndex()].name,
            sample_ids=self._scopes[self.scopes.checkedId()].ids,
            beside=self.rules.checkedId() == 1,
        )

    @Slot()
    def _tell(self) -> None:
        """Say what will happen, or why nothing can."""
        chosen = self.choice()
        lines, possible = [NO_SETS], False
        if chosen is not None:
            try:
                plan = plan_take_over(
                    self._dictionary, chosen.set_name, sample_ids=chosen.sample_ids
                )
            except StudioError as error:
                lines = [str(error)]
            else:
                lines, possible = plan.lines(beside=chosen.beside), True
        self.plan.setText("\n".join(lines))
        self.take_button.setEnabled(possible)
        fit_height(self, WIDTH)

    @Slot()
    def _ask_import(self) -> None:
        self.reject()
        self.import_asked.emit()

    def _propose(self, set_name: str) -> None:
        names = [each.name for each in self._sets]
        self.sets.setCurrentIndex(names.index(set_name) if set_name in names else len(names) - 1)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(SPACING)
        layout.addWidget(headline("Make another method's bodies fits of this project"))
        layout.addWidget(body_label(EXPLANATION, quiet=True))
        self.sets.setAccessibleName("Prediction set")
        self.sets.addItems([f"{each.name} ({each.size} people)" for each in self._sets])
        self.sets.setEnabled(bool(self._sets))
        layout.addWidget(self.sets)
        layout.addLayout(_radios(self.scopes, [(scope.title, "") for scope in self._scopes]))
        layout.addLayout(_radios(self.rules, _RULES))
        layout.addWidget(self.plan)
        layout.addStretch(1)
        box, self.take_button = ok_cancel("Take over")
        self.import_button.setAutoDefault(False)
        self.import_button.setVisible(not self._sets)
        layout.addWidget(self.import_button)
        layout.addWidget(box)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        self.import_button.clicked.connect(self._ask_import)
        self.sets.currentIndexChanged.connect(self._tell)
        self.scopes.idClicked.connect(self._tell)
        self.rules.idClicked.connect(self._tell)


def _scopes(session: ProjectSession) -> list[_Scope]:
    """Everybody, the list where it is filtered, what is selected, and the open sample."""
    listed = tuple(int(sample_id) for sample_id in session.sample_ids)
    selected = tuple(int(sample_id) for sample_id in session.selected_ids)
    scopes = [_Scope("Everybody in the set", None)]
    if len(listed) < session.counts().total:
        scopes.append(_Scope(f"Those of the list ({len(listed)})", listed))
    if len(selected) > 1:
        scopes.append(_Scope(f"The {len(selected)} selected", selected))
    if session.current_id is not None:
        name = session.records.row(session.current_id).name
        scopes.append(_Scope(f"This person: {name}", (session.current_id,)))
    return scopes


def _radios(group: QButtonGroup, options: Sequence[tuple[str, str]]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(4)
    for number, (title, words) in enumerate(options):
        button = QRadioButton(title)
        button.setAccessibleName(title)
        button.setChecked(number == 0)
        group.addButton(button, number)
        column.addWidget(button)
        if words:
            column.addWidget(body_label(words, quiet=True))
    return column
