"""The pictures of a moment side by side, the one body in each; a click shows a picture large."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QToolButton, QWidget

from core.types.samples import SampleRow
from spin_gui.images.thumbnails import ThumbnailProvider
from spin_gui.session.session import ProjectSession

PICTURE_SIDE = 112
MOST_PICTURES = 32
"""More cameras of a moment than these are not shown side by side; the comma key leads to all."""


class MomentStrip(QScrollArea):
    """Hidden unless the current sample belongs to a moment of several pictures."""

    def __init__(
        self, session: ProjectSession, pictures: ThumbnailProvider, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, widgetResizable=True)
        self.setAccessibleName("Pictures of this moment")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._session, self._pictures = session, pictures
        self._rows: list[SampleRow] = []
        self.buttons: list[QToolButton] = []
        self._content = QWidget()
        self._line = QHBoxLayout(self._content)
        self._line.setContentsMargins(4, 4, 4, 4)
        self._line.addStretch(1)
        self.setWidget(self._content)
        session.current_changed.connect(self.refresh)
        session.samples_changed.connect(self.refresh)
        session.rows_stale.connect(self.refresh)
        pictures.ready.connect(self._show_pictures)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the moment of the current sample as it is now."""
        current = self._session.current_id
        groups = self._session.dictionary.groups
        members = [] if current is None else groups.in_moment(current)[:MOST_PICTURES]
        if len(members) < 2:
            self._rows = []
            self.hide()
            return
        by_id = {row.id: row for row in self._session.dictionary.search.rows(members)}
        self._rows = [by_id[member] for member in members]
        self._make_buttons(len(self._rows))
        memberships = groups.of(members)
        for row, button in zip(self._rows, self.buttons, strict=True):
            button.setText(memberships[row.id].camera or row.name)
            button.setToolTip(row.name)
            button.setChecked(row.id == current)
        self._show_pictures()
        self.setFixedHeight(self._content.sizeHint().height() + 2 * self.frameWidth() + 4)
        self.show()

    def _make_buttons(self, count: int) -> None:
        while len(self.buttons) > count:
            button = self.buttons.pop()
            self._line.removeWidget(button)
            button.deleteLater()
        while len(self.buttons) < count:
            button = QToolButton()
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setIconSize(QSize(PICTURE_SIDE, PICTURE_SIDE))
            # As large before the picture is there as with it.
            text_height = button.fontMetrics().height()
            button.setFixedSize(PICTURE_SIDE + 12, PICTURE_SIDE + text_height + 12)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(partial(self._select, len(self.buttons)))
            self._line.insertWidget(len(self.buttons), button)
            self.buttons.append(button)

    @Slot()
    def _show_pictures(self) -> None:
        for row, button in zip(self._rows, self.buttons, strict=False):
            picture = self._pictures.pixmap(row)
            button.setIcon(QIcon() if picture is None else QIcon(picture))

    def _select(self, place: int) -> None:
        self.buttons[place].setChecked(True)
        self._session.select(self._rows[place].id)
