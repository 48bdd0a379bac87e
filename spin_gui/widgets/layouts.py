"""The few shapes all dialogs share: headlines, wrapped text, an icon beside words, buttons."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

ICON_SIZE = 40
MARGIN = 20
SPACING = 12
MOST_OF_SCREEN = 0.85


def headline(text: str, *, larger_by: float = 1.2) -> QLabel:
    """A bold line at the top of a dialog or page."""
    label = QLabel(text)
    label.setWordWrap(True)
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * larger_by)
    font.setBold(True)
    label.setFont(font)
    return label


def body_label(text: str, *, quiet: bool = False, wrapped: bool = True) -> QLabel:
    """Text that can be selected; ``quiet`` for the second voice."""
    label = QLabel(text)
    label.setWordWrap(wrapped)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if quiet:
        # A role, not a colour: it follows the theme.
        label.setForegroundRole(label.palette().ColorRole.PlaceholderText)
    return label


def form_column(
    dialog: QDialog, form: QFormLayout, state: QLabel, buttons: QDialogButtonBox
) -> None:
    """Lay a dialog out as fields, a line that says what is missing, and the buttons below."""
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
    layout.setSpacing(SPACING)
    layout.addLayout(form)
    layout.addWidget(state)
    layout.addStretch(1)
    layout.addWidget(buttons)


def icon_and_text(icon: QIcon, text: QVBoxLayout) -> QHBoxLayout:
    """A picture on the left, words on the right."""
    picture = QLabel()
    picture.setPixmap(icon.pixmap(ICON_SIZE, ICON_SIZE))
    picture.setAlignment(Qt.AlignmentFlag.AlignTop)
    row = QHBoxLayout()
    row.setSpacing(16)
    row.addWidget(picture)
    row.addLayout(text, 1)
    return row


def plain_button(
    box: QDialogButtonBox, text: str, role: QDialogButtonBox.ButtonRole
) -> QPushButton:
    """A button that carries words and no icon; Fusion's little pictures say nothing more."""
    button = box.addButton(text, role)
    button.setIcon(QIcon())
    button.setAccessibleName(text)
    return button


def close_box(dialog: QDialog) -> QDialogButtonBox:
    """A row of buttons with "Close" in it."""
    box = QDialogButtonBox()
    close = plain_button(box, "Close", QDialogButtonBox.ButtonRole.RejectRole)
    close.setDefault(True)
    close.clicked.connect(dialog.accept)
    return box


def fit_height(dialog: QDialog, width: int) -> None:
    """Make a dialog as high as its wrapped texts need at this width; Qt alone guesses too much."""
    dialog.setMinimumWidth(width)
    layout = dialog.layout()
    if layout is not None:
        layout.activate()
        dialog.resize(width, layout.totalHeightForWidth(width))


def ok_cancel(ok_text: str) -> tuple[QDialogButtonBox, QPushButton]:
    """The two buttons of a question; the first says what it does."""
    box = QDialogButtonBox()
    plain_button(box, "Cancel", QDialogButtonBox.ButtonRole.RejectRole)
    ok = plain_button(box, ok_text, QDialogButtonBox.ButtonRole.AcceptRole)
    return box, ok


def fill_with_sheet(dialog: QDialog, sheet: QWidget) -> None:
    """Lay a dialog out as one sheet that scrolls up and down, with a button to close below."""
    area = QScrollArea()
    area.setAccessibleName(dialog.windowTitle())
    area.setWidget(sheet)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(0, 0, 0, 12)
    layout.addWidget(area, 1)
    buttons = close_box(dialog)
    buttons.setContentsMargins(0, 0, 16, 0)
    layout.addWidget(buttons)


def resize_within_screen(dialog: QDialog, size: QSize) -> None:
    """Give a dialog this size, or as much of it as a small screen has room for."""
    dialog.resize(size.boundedTo(dialog.screen().availableSize() * MOST_OF_SCREEN))
