"""The tour's box of text next to what it speaks of, and a frame around that."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from spin_gui.help.tour_steps import OFFER, TOUR_STEPS, TourStep
from spin_gui.widgets.layouts import headline

BUBBLE_WIDTH, GAP, EDGE, FRAME_WIDTH = 400, 10, 16, 3
_MOVING = (QEvent.Type.Resize, QEvent.Type.LayoutRequest, QEvent.Type.WindowStateChange)


class TourFrame(QWidget):
    """An outline over the window; clicks go through it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The outline."""
        painter = QPainter(self)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Accent), FRAME_WIDTH))
        half = FRAME_WIDTH / 2
        painter.drawRect(QRectF(self.rect()).adjusted(half, half, -half, -half))
        painter.end()


class TourBubble(QFrame):
    """Lies over the window and blocks nothing: whatever it speaks of can be tried meanwhile."""

    begun = Signal()
    """The offer was taken up."""
    ended = Signal()
    """Left, at whichever step."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.step = -1
        """The number of the step, from 0; -1 while the tour is offered."""
        self.setAccessibleName("Tour")
        self.setFrameShape(QFrame.Shape.Box)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setFixedWidth(BUBBLE_WIDTH)
        self.title, self.text, self.count = headline("", larger_by=1.1), QLabel(), QLabel()
        self.skip_button, self.back_button = QPushButton("Skip the tour"), QPushButton("Back")
        self.next_button = QPushButton("Next")
        self._frame = TourFrame(window)
        self._lay_out()
        self.skip_button.clicked.connect(self.leave)
        self.back_button.clicked.connect(self._go_back)
        self.next_button.clicked.connect(self._go_on)
        window.installEventFilter(self)

    def offer(self) -> None:
        """Ask whether the tour is wanted; the keys stay where they are."""
        self._show(-1)

    def begin(self) -> None:
        """The first step, and the keys of the tour: Return goes on, Esc leaves."""
        self._show(0)
        self.next_button.setFocus()

    @Slot()
    def leave(self) -> None:
        """End it; it can be taken up again from the menu."""
        self.close_tour()
        self.ended.emit()

    @Slot()
    def close_tour(self) -> None:
        """Hide it; the project closes."""
        self.hide()
        self._frame.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves; Return does what the button with the keys says."""
        focused = self._window.focusWidget()
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(
            focused, QPushButton
        ):
            focused.click()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay next to what it speaks of while the window changes."""
        if watched is self._window and event.type() in _MOVING and self.isVisible():
            self._place()
        return False

    @Slot()
    def _go_on(self) -> None:
        if self.step < 0:
            self.begun.emit()
        elif self.step + 1 < len(TOUR_STEPS):
            self._show(self.step + 1)
        else:
            self.leave()

    @Slot()
    def _go_back(self) -> None:
        self._show(max(self.step - 1, 0))

    def _show(self, number: int) -> None:
        self.step = number
        step = OFFER if number < 0 else TOUR_STEPS[number]
        offered, last = number < 0, number + 1 == len(TOUR_STEPS)
        self.title.setText(step.title)
        self.text.setText(step.text)
        self.count.setText("" if offered else f"{number + 1} of {len(TOUR_STEPS)}")
        self.skip_button.setText("Not now" if offered else "Skip the tour")
        self.skip_button.setVisible(not last)
        self.back_button.setVisible(number > 0)
        self.next_button.setText("Start the tour" if offered else "Done" if last else "Next")
        for button in (self.skip_button, self.back_button, self.next_button):
            button.setAccessibleName(button.text())
        self.setAccessibleDescription(f"{step.title}. {step.text}")
        self.show()
        self._place()
        self.raise_()

    def _place(self) -> None:
        self.adjustSize()
        self.setFixedHeight(self._column.totalHeightForWidth(BUBBLE_WIDTH))
        target = self._target()
        if target is None:
            self._frame.hide()
            corner = self._window.rect().bottomRight() - self.rect().bottomRight()
            self.move(corner - QPoint(EDGE, 4 * EDGE))
            return
        outline = target.adjusted(-FRAME_WIDTH, -FRAME_WIDTH, FRAME_WIDTH, FRAME_WIDTH)
        self._frame.setGeometry(outline & self._window.rect())
        self._frame.show()
        self._frame.raise_()
        self.raise_()
        self.move(bubble_place(target, self.size().width(), self.height(), self._window.rect()))

    def _target(self) -> QRect | None:
        """Where in the window the step points; None where that is not shown."""
        step: TourStep = OFFER if self.step < 0 else TOUR_STEPS[self.step]
        found = self._window.findChild(QWidget, step.place) if step.place else None
        if found is None or not found.isVisible():
            return None
        return QRect(found.mapTo(self._window, QPoint(0, 0)), found.size())

    def _lay_out(self) -> None:
        self.text.setWordWrap(True)
        self.count.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        buttons = QHBoxLayout()
        buttons.addWidget(self.count)
        buttons.addStretch(1)
        for button in (self.skip_button, self.back_button, self.next_button):
            buttons.addWidget(button)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(10)
        for widget in (self.title, self.text):
            column.addWidget(widget)
        column.addLayout(buttons)
        self.hide()


def bubble_place(target: QRect, width: int, height: int, window: QRect) -> QPoint:
    """Below the target, above it, or in its lower part, whichever has room first."""
    left = min(max(target.center().x() - width // 2, EDGE), window.width() - width - EDGE)
    below, above = target.bottom() + GAP, target.top() - GAP - height
    if below + height <= window.height() - EDGE:
        return QPoint(left, below)
    top = above if above >= EDGE else target.bottom() - height - 3 * EDGE
    return QPoint(left, max(top, EDGE))
