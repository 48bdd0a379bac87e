"""A line above the views: the fit that is looked at was replaced, by whom and how much better."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from core.types.fits import Fit
from spin_gui.session.error_scale import error_text
from spin_gui.session.session import ProjectSession
from spin_gui.widgets.notice_line import NoticeLine


class FitNotice(NoticeLine):
    """Hidden until the open sample's fit is replaced by a run; the views stay as they are."""

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        text, close = QLabel(), QPushButton("Close")
        text.setAccessibleName("What happened to the current fit")
        close.setAccessibleName("Close the notice")
        super().__init__("Notice about the current fit", text, (close,), parent)
        self._session = session
        self._seen: Fit | None = None
        close.clicked.connect(self.hide)
        session.current_changed.connect(self._look_again)
        session.samples_changed.connect(self._compare)
        self._look_again()

    @Slot()
    def _look_again(self) -> None:
        self.hide()
        self._seen = self._current()

    @Slot(object)
    def _compare(self, sample_ids: set[int]) -> None:
        if self._session.current_id not in sample_ids:
            return
        before, self._seen = self._seen, self._current()
        if before is not None and self._seen is not None and _is_newer(self._seen, before):
            self.text.setText(f"The {replaced_text(before, self._seen)}.")
            self.show()

    def _current(self) -> Fit | None:
        current = self._session.current_id
        return None if current is None else self._session.records.current_fit(current)


def _is_newer(fit: Fit, before: Fit) -> bool:
    """Made by a run since; not one that a person chose from the history."""
    return fit.id > before.id and fit.run_id is not None


def replaced_text(before: Fit, after: Fit) -> str:
    """``current fit was replaced at iteration 120, error 9.23 px → 3.51 px``."""
    if after.iteration is not None:
        where = f" at iteration {after.iteration}"
    else:
        where = f" by run {after.run_id}" if after.run_id is not None else ""
    first, second = (error_text(fit.losses.comparison) for fit in (before, after))
    return f"current fit was replaced{where}, error {first} → {second}"
