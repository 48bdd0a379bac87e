"""Pictures side by side in one line; a click shows one of them large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QToolButton, QWidget

from core.types.samples import SampleRow
from spin_gui.images.thumbnails import ThumbnailProvider
from spin_gui.session.session import ProjectSession


class PictureStrip(QScrollArea):
    """Hidden where there are fewer than two pictures to show.

    Args:
        session: the open project.
        pictures: the small pictures of samples.
        name: what the strip is called, for those who do not see it.
        side: of a picture, logical pixels.
        parent: the strip's parent.
    """

    def __init__(
        self,
        session: ProjectSession,
        pictures: ThumbnailProvider,
        *,
        name: str,
        side: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, widgetResizable=True)
        self.setAccessibleName(name)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.session, self._pictures, self._side = session, pictures, side
        self._rows: list[SampleRow] = []
        self.buttons: list[QToolButton] = []
        self._content = QWidget()
        self.line = QHBoxLayout(self._content)
        self.line.setContentsMargins(4, 4, 4, 4)
        self.line.addStretch(1)
        self.setWidget(self._content)
        pictures.ready.connect(self._show_pictures)

    def show_members(self, members: Sequence[int], labels: Mapping[int, str]) -> None:
        """Show samples with a label below each, the current one pressed."""
        if len(members) < 2:
            self._rows = []
            self.hide()
            return
        by_id = {row.id: row for row in self.session.records.rows(members)}
        self._rows = [by_id[member] for member in members]
        self._make_buttons(len(self._rows))
        for row, button in zip(self._rows, self.buttons, strict=True):
            button.setText(labels.get(row.id) or row.name)
            button.setToolTip(row.name)
            button.setAccessibleName(f"{row.name} {labels.get(row.id, '')}".strip())
            button.setChecked(row.id == self.session.current_id)
        self._show_pictures()
        self.setFixedHeight(self._content.sizeHint().height() + 2 * self.frameWidth() + 4)
        self.show()

    def _make_buttons(self, count: int) -> None:
        while len(self.buttons) > count:
            button = self.buttons.pop()
            self.line.removeWidget(button)
            button.deleteLater()
        while len(self.buttons) < count:
            self.buttons.append(self._new_button(len(self.buttons)))

    def _new_button(self, place: int) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setAutoRaise(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setIconSize(QSize(self._side, self._side))
        # As large before the picture is there as with it.
        text_height = button.fontMetrics().height()
        button.setFixedSize(self._side + 12, self._side + text_height + 12)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(partial(self._select, place))
        self.line.insertWidget(place, button)
        return button

    @Slot()
    def _show_pictures(self) -> None:
        for row, button in zip(self._rows, self.buttons, strict=False):
            picture = self._pictures.pixmap(row)
            button.setIcon(QIcon() if picture is None else QIcon(picture))

    def _select(self, place: int) -> None:
        self.buttons[place].setChecked(True)
        self.session.select(self._rows[place].id)
