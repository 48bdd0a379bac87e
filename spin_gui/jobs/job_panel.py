"""What runs in the background: how far it is, how fast, how long still, and a button to stop it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from core.progress import Progress, duration_text


class JobPanel(QWidget):
    """One line at the top of the window; hidden while nothing runs and nothing is to be said."""

    stop_asked = Signal()
    offer_taken = Signal()
    """What was offered after the last job is wanted."""
    aside_taken = Signal()
    """So is what was offered besides."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Background work")
        self._title = ""
        self._stopping = False
        self.text = QLabel()
        self.bar = QProgressBar()
        self.numbers = QLabel()
        self.stop_button = QPushButton("Stop")
        self.aside_button, self.offer_button = QPushButton(), QPushButton()
        self.dismiss_button = QPushButton("Close")
        self._build()
        self.hide()

    def begin(self, title: str) -> None:
        """Work starts; how much of it there is follows with the first progress."""
        self._title, self._stopping = title, False
        self.text.setText(f"{title}…")
        self.numbers.clear()
        self.bar.setRange(0, 0)
        self.stop_button.setText("Stop")
        self._show_running(running=True)
        self.show()

    @Slot(object)
    def show_progress(self, progress: Progress) -> None:
        """Show how far the work is."""
        self.text.setText(progress.phase or self._title)
        self.bar.setRange(0, max(progress.total, 0))
        self.bar.setValue(progress.done)
        self.numbers.setText(progress_text(progress))

    def show_stopping(self) -> None:
        """The stop was asked for; the work ends after its current item."""
        self._stopping = True
        self.stop_button.setText("Stopping…")
        self.stop_button.setEnabled(False)

    def end(self, summary: str, *, offer: str = "", aside: str = "") -> None:
        """The work has ended; a summary stays until it is closed or the next job begins.

        offer: what can be done next, on a button; empty for nothing. aside: what few will want.
        """
        self._show_running(running=False)
        for button, text in ((self.offer_button, offer), (self.aside_button, aside)):
            button.setText(text)
            button.setVisible(bool(text))
        self.text.setText(summary)
        self.setVisible(bool(summary))

    def _build(self) -> None:
        # A shade of its own sets it apart from the panels below, in both themes.
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Midlight)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.setSpacing(12)
        self.text.setAccessibleName("What is running")
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.bar.setAccessibleName("Progress")
        self.bar.setFixedWidth(280)
        self.bar.setTextVisible(False)
        self.numbers.setAccessibleName("Rate and time left")
        self.numbers.setMinimumWidth(260)
        self.stop_button.setAccessibleName("Stop the running work")
        self.dismiss_button.setAccessibleName("Close the summary")
        self.offer_button.setAccessibleName("What can be done next")
        self.aside_button.setAccessibleName("What can be done besides")
        self.stop_button.clicked.connect(self.stop_asked)
        self.dismiss_button.clicked.connect(self.hide)
        self.offer_button.clicked.connect(self.offer_taken)
        self.aside_button.clicked.connect(self.aside_taken)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.bar)
        layout.addWidget(self.numbers)
        for button in (
            self.stop_button,
            self.aside_button,
            self.offer_button,
            self.dismiss_button,
        ):
            # A button that hides when it is pressed would hand the keys of verdicts to the search.
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            layout.addWidget(button)

    def _show_running(self, *, running: bool) -> None:
        for widget in (self.bar, self.numbers, self.stop_button):
            widget.setVisible(running)
        self.stop_button.setEnabled(running)
        self.dismiss_button.setVisible(not running)
        self.offer_button.hide()
        self.aside_button.hide()


def progress_text(progress: Progress) -> str:
    """``120 of 600 · 14.2 per s · 34 s left``; what is not known yet is left out."""
    if progress.total <= 0:
        return ""
    parts = [f"{progress.done:,} of {progress.total:,}".replace(",", " ")]
    if progress.rate_per_s > 0:
        parts.append(_rate_text(progress.rate_per_s))
        if progress.eta_s is not None and progress.done < progress.total:
            parts.append(f"{duration_text(progress.eta_s)} left")
    return " · ".join(parts)


def _rate_text(rate_per_s: float) -> str:
    if rate_per_s >= 1:
        return f"{rate_per_s:.1f} per s"
    return f"{rate_per_s * 60:.1f} per min"
