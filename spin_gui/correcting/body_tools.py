"""The strip at the views where a body is changed by hand, and kept or let go.

Spin boxes turn one joint about its own axes, from the body that was there when the joint was
chosen; the list beside them holds the other changes of the menu Correct.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.body.conventions import SKELETON_JOINT_NAMES
from core.types.bodies import BodyParameters
from spin_gui.correcting.body_changes import BODY_CHANGES, turn_joint
from spin_gui.correcting.pending_bodies import Proposal, Proposals
from spin_gui.session.error_scale import graded_text
from spin_gui.widgets.fact_rows import ElidedLabel
from spin_gui.widgets.folding.fold_button import FoldButton

if TYPE_CHECKING:
    from core.workflows.correct_sample import Corrector

STEP_DEG = 5.0
SHORTEST_COMBO = 7
"""Letters; in a wide window there is room for all of them."""
_SHORT = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
AXES = ("x", "y", "z")
AXIS_TIPS = (
    "Degrees about the joint's own x axis (to the body's left)",
    "Degrees about the joint's own y axis (upwards)",
    "Degrees about the joint's own z axis (forwards)",
)


class BodyTools(QWidget):
    """``refit_asked``, ``keep_asked``, ``discard_asked``: the buttons of the second line."""

    refit_asked = Signal()
    keep_asked = Signal()
    discard_asked = Signal()

    def __init__(self, proposals: Proposals, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Body tools")
        self._proposals = proposals
        self._base: BodyParameters | None = None
        self._turning = False
        self.joint = QComboBox()
        self.turns: list[QDoubleSpinBox] = []
        self.change = QComboBox()
        self.apply = _button("Apply", "Apply the chosen change to the body")
        self.summary = ElidedLabel()
        self.summary.setAccessibleName("The changed body")
        self.refit = _button("Refit (F5)", "Have SMPLify go on from here")
        self.keep = _button("Keep (Return)", "Make the changed body the current fit")
        self.discard = _button("Discard (Esc)", "Let the changed body go, or stop the refit")
        self._keyed = (
            (self.refit, "Refit", "F5"),
            (self.keep, "Keep", "Return"),
            (self.discard, "Discard", "Esc"),
        )
        self.fold = FoldButton("the changes of the body")
        self._beside = False
        self._build()
        proposals.changed.connect(self._on_changed)
        proposals.busy_changed.connect(self._on_busy)
        self.show_state(None)

    def show_state(self, proposal: Proposal | None) -> None:
        """Say what was done to the current sample's body, and what can be done now."""
        if not self._turning:
            self._rest()
        busy = self._proposals.busy
        self.keep.setEnabled(proposal is not None and not busy)
        self.discard.setEnabled(proposal is not None or busy)
        self.refit.setEnabled(not busy)
        if busy:
            self.summary.set_fact("Refitting…")
        elif proposal is None:
            self.summary.set_fact("Nothing is changed yet.")
        else:
            done = ", ".join(step[0].lower() + step[1:] for step in proposal.steps)
            error = graded_text(proposal.body.losses.comparison)
            self.summary.set_fact(f"Not kept yet: {done} · error {error}")

    def _build(self) -> None:
        for name in SKELETON_JOINT_NAMES:
            self.joint.addItem(name.replace("_", " "))
        self.joint.setCurrentText("left shoulder")
        self.joint.setAccessibleName("Joint to turn")
        for axis, tip in zip(AXES, AXIS_TIPS, strict=True):
            spin = QDoubleSpinBox()
            spin.setRange(-180.0, 180.0)
            spin.setSingleStep(STEP_DEG)
            spin.setDecimals(0)
            spin.setSuffix("°")
            spin.setPrefix(f"{axis} ")
            spin.setToolTip(tip)
            spin.setAccessibleName(f"Turn about {axis} in degrees")
            spin.setKeyboardTracking(False)
            spin.valueChanged.connect(self._on_turned)
            self.turns.append(spin)
        for action_id, one in BODY_CHANGES.items():
            self.change.addItem(one.title, action_id)
        self.change.setAccessibleName("Change of the body")
        for combo in (self.joint, self.change):
            combo.setSizeAdjustPolicy(_SHORT)
            combo.setMinimumContentsLength(SHORTEST_COMBO)
        self.joint.currentIndexChanged.connect(self._rest)
        self.apply.clicked.connect(self._on_apply)
        self.refit.clicked.connect(self.refit_asked)
        self.keep.clicked.connect(self.keep_asked)
        self.discard.clicked.connect(self.discard_asked)
        self._lay_out()

    def set_beside(self, *, beside: bool) -> None:
        """Stand in a narrow column at the side of the views, or in two lines below them."""
        direction = QBoxLayout.Direction.TopToBottom if beside else QBoxLayout.Direction.LeftToRight
        for lines in (self._changing, self._deciding):
            lines.setDirection(direction)
        for button, title, key in self._keyed:
            button.setText(title if beside else f"{title} ({key})")
        self._beside = beside
        self._show_folded()

    def set_folded(self, *, folded: bool) -> None:
        """Leave what keeps and discards, or show what changes the body, too.

        At the side of the views it takes no room from them and stays unfolded.
        """
        self.fold.show_folded(folded=folded)
        self._show_folded()

    def _show_folded(self) -> None:
        self._changes.setVisible(self._beside or not self.fold.folded)
        self.fold.setVisible(not self._beside)

    def _lay_out(self) -> None:
        label = QLabel("Turn")
        label.setBuddy(self.joint)
        self._changes = QWidget()
        self._changing = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._changes)
        self._changing.addLayout(_line((label, 0), (self.joint, 1)), 1)
        self._changing.addLayout(_line(*((spin, 1) for spin in self.turns)))
        self._changing.addLayout(_line((self.change, 1), (self.apply, 0)), 2)
        self._changing.setContentsMargins(0, 0, 0, 0)
        self._deciding = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._deciding.addLayout(_line((self.fold, 0), (self.summary, 1)), 1)
        self._deciding.addLayout(_line((self.refit, 0), (self.keep, 0), (self.discard, 0)))
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 2, 10, 6)
        column.setSpacing(4)
        column.addWidget(self._changes)
        column.addLayout(self._deciding)
        for widget in (self.joint, self.change, self.apply, self.refit, self.keep, self.discard):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    @Slot()
    def _rest(self) -> None:
        """Turns count from the body as it is now."""
        self._base = None
        for spin in self.turns:
            spin.blockSignals(True)  # noqa: FBT003 - Qt's own signature
            spin.setValue(0.0)
            spin.blockSignals(False)  # noqa: FBT003

    @Slot()
    def _on_turned(self) -> None:
        joint = self.joint.currentIndex()
        degrees = np.array([spin.value() for spin in self.turns])

        def change(parameters: BodyParameters, _corrector: Corrector) -> BodyParameters:
            if self._base is None:
                self._base = parameters
            return turn_joint(self._base, joint, degrees)

        self._turning = True
        try:
            name = self.joint.currentText()
            self._proposals.edit(f"Turn the {name}", change, merge_key=f"turn {joint}")
        finally:
            self._turning = False

    @Slot()
    def _on_apply(self) -> None:
        one = BODY_CHANGES[self.change.currentData()]
        self._proposals.edit(one.title, one.change)

    @Slot(int)
    def _on_changed(self, _sample_id: int) -> None:
        self.show_state(self._proposals.current)

    @Slot(bool)
    def _on_busy(self, _busy: bool) -> None:  # noqa: FBT001 - a slot
        self.show_state(self._proposals.current)


def _line(*widgets: tuple[QWidget, int]) -> QHBoxLayout:
    """Widgets side by side, each with its share of the room."""
    line = QHBoxLayout()
    for widget, stretch in widgets:
        line.addWidget(widget, stretch)
    return line


def _button(title: str, tip: str) -> QPushButton:
    button = QPushButton(title)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button
