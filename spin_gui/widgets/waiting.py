"""Waiting for work on a thread, with a window that says so and stays alive."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QDialog, QProgressBar, QVBoxLayout

from spin_gui.widgets.layouts import MARGIN, SPACING, body_label

Result = TypeVar("Result")


class WaitingDialog(QDialog):
    """Says what is worked at; it closes by itself when the work is done, and not before."""

    _worked = Signal()

    def __init__(self, text: str, work: Callable[[], None]) -> None:
        super().__init__(QApplication.activeWindow())
        self.setWindowTitle("Working")
        self._work = work
        self._done = False
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setAccessibleName(text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        layout.setSpacing(SPACING)
        layout.addWidget(body_label(text))
        layout.addWidget(bar)
        self._worked.connect(self._end, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._run, name="waited for", daemon=True)

    def wait(self) -> None:
        """Begin, and come back when it is done."""
        self._thread.start()
        self.exec()
        self._thread.join()
        window = self.parentWidget()
        if window is not None:
            window.activateWindow()  # which a bare X server does not do by itself

    def reject(self) -> None:
        """Esc changes nothing: half of it cannot be done."""
        if self._done:
            super().reject()

    def _run(self) -> None:
        self._work()
        self._worked.emit()

    @Slot()
    def _end(self) -> None:
        self._done = True
        self.accept()


def wait_for(text: str, work: Callable[[], Result]) -> Result:
    """Have a thread work while the window is covered; raises what the work raises.

    Args:
        text: what is worked at, for people.
        work: called on the thread; it uses nothing of the main thread's.
    """
    results: list[Result] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again on the main thread
            errors.append(error)

    dialog = WaitingDialog(text, run)
    dialog.wait()
    dialog.deleteLater()
    if errors:
        raise errors[0]
    return results[0]
