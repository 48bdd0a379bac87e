"""The few shapes all dialogs share: headlines, wrapped text, an icon beside words, buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialogButtonBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

ICON_SIZE = 40
MARGIN = 20
SPACING = 12


def headline(text: str, *, larger_by: float = 1.2) -> QLabel:
    """A bold line at the top of a dialog or page."""
    label = QLabel(text)
    label.setWordWrap(True)
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * larger_by)
    font.setBold(True)
    label.setFont(font)
    return label


def body_label(text: str, *, quiet: bool = False) -> QLabel:
    """Wrapped text that can be selected; ``quiet`` for the second voice."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if quiet:
        # A role, not a colour: it follows the theme.
        label.setForegroundRole(label.palette().ColorRole.PlaceholderText)
    return label


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


def ok_cancel(ok_text: str) -> tuple[QDialogButtonBox, QPushButton]:
    """The two buttons of a question; the first says what it does."""
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    cancel = box.button(QDialogButtonBox.StandardButton.Cancel)
    cancel.setAccessibleName("Cancel")
    ok = box.addButton(ok_text, QDialogButtonBox.ButtonRole.AcceptRole)
    ok.setAccessibleName(ok_text)
    ok.setDefault(True)
    return box, ok
