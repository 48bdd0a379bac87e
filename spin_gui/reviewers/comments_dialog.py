"""The comments on a sample, and a line for one more."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.dictionary.reviewers.comments import LONGEST_COMMENT
from core.types.reviewing.comments import Comment
from spin_gui.session.removed_people import GONE, following_removals
from spin_gui.session.reviewer_edits import add_comment, remove_comment
from spin_gui.session.session import ProjectSession
from spin_gui.session.wording import local_time

_COMMENT_ROLE = Qt.ItemDataRole.UserRole


class CommentsDialog(QDialog):
    """Comments are written and removed at once; each is one step of undo."""

    def __init__(
        self, session: ProjectSession, sample_id: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._sample_id = session, sample_id
        rows = session.records.rows([sample_id])
        self.setWindowTitle(f"Comments on {rows[0].name}" if rows else "Comments")
        self.list = QListWidget()
        self.list.setWordWrap(True)
        self.list.setAccessibleName("Comments")
        self.line = QPlainTextEdit(placeholderText="What should others know of this person's fit?")
        self.line.setAccessibleName("New comment")
        self.line.setTabChangesFocus(True)
        self.line.setFixedHeight(70)
        self.left = QLabel()
        self.add_button, self.remove_button, self.close_button = (
            QPushButton(title) for title in ("Add", "Remove", "Close")
        )
        for button in (self.add_button, self.remove_button, self.close_button):
            button.setAccessibleName(f"{button.text()} comment")
        self.close_button.setAccessibleName("Close")
        self.add_button.setDefault(True)
        self.add_button.setShortcut("Ctrl+Return")
        self.add_button.clicked.connect(self._add)
        self.remove_button.clicked.connect(self._remove)
        self.close_button.clicked.connect(self.reject)
        self.line.textChanged.connect(self._update_buttons)
        self.list.currentRowChanged.connect(self._update_buttons)
        self._arrange()
        self._show_comments()
        self.line.setFocus()

    def _arrange(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.left, 1)
        for button in (self.add_button, self.remove_button, self.close_button):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.line)
        layout.addLayout(buttons)
        self.resize(520, 380)

    def _show_comments(self) -> None:
        self.list.clear()
        for comment in self._session.dictionary.comments.of_sample(self._sample_id):
            text = f"{comment.author}, {local_time(comment.at)}\n{comment.text}"
            item = QListWidgetItem(text)
            item.setData(_COMMENT_ROLE, comment)
            self.list.addItem(item)
        self._update_buttons()

    @Slot()
    def _update_buttons(self) -> None:
        length = len(self.line.toPlainText().strip())
        is_there = bool(self._session.records.rows([self._sample_id]))
        self.add_button.setEnabled(is_there and 0 < length <= LONGEST_COMMENT)
        self.remove_button.setEnabled(is_there and self.list.currentRow() >= 0)
        over = length - LONGEST_COMMENT
        told = f"{over} characters too many" if over > 0 else ""
        self.left.setText(told if is_there else GONE)

    @Slot()
    def _add(self) -> None:
        with following_removals(self._session):
            add_comment(self._session, self._sample_id, self.line.toPlainText())
            self.line.clear()  # only what was stored: what could not be may be wanted elsewhere
        self._show_comments()

    @Slot()
    def _remove(self) -> None:
        item = self.list.currentItem()
        comment = None if item is None else item.data(_COMMENT_ROLE)
        if isinstance(comment, Comment):
            with following_removals(self._session):
                remove_comment(self._session, comment)
            self._show_comments()
