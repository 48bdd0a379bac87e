"""Pictures side by side in one line; a click shows one of them large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from core.types.samples import SampleRow
from spin_gui.images.thumbnails import ThumbnailProvider
from spin_gui.session.session import ProjectSession
from spin_gui.widgets.folding.folding_strip import FoldingStrip

MARGIN = 4
SMALLEST_TARGET = 24
"""Of what is clicked, in logical pixels."""


class PictureStrip(FoldingStrip):
    """Hidden where there are fewer than two pictures to show; folded, the labels alone are left.

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
        super().__init__(f"the {name[0].lower()}{name[1:]}", parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.session, self._pictures, self._side = session, pictures, side
        self._rows: list[SampleRow] = []
        self.buttons: list[QToolButton] = []
        self._content = QWidget()
        self.line = QHBoxLayout(self._content)
        self.line.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
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
        self._fit_height()
        self.show()

    def show_size(self) -> None:
        """See ``FoldingStrip``."""
        margin = 0 if self.fold.folded else MARGIN
        self.line.setContentsMargins(MARGIN, margin, MARGIN, margin)
        for button in self.buttons:
            self._size(button)
        self._fit_height()

    def _fit_height(self) -> None:
        self.line.invalidate()
        rest = 0 if self.fold.folded else 4
        self.setFixedHeight(self._content.sizeHint().height() + 2 * self.frameWidth() + rest)

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
        button.setIconSize(QSize(self._side, self._side))
        self._size(button)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(partial(self._select, place))
        self.line.insertWidget(place, button)
        return button

    def _size(self, button: QToolButton) -> None:
        text_height, style = button.fontMetrics().height(), Qt.ToolButtonStyle
        if self.fold.folded:
            button.setToolButtonStyle(style.ToolButtonTextOnly)
            button.setFixedSize(self._side + 12, max(text_height + 6, SMALLEST_TARGET))
        else:
            button.setToolButtonStyle(style.ToolButtonTextUnderIcon)
            # As large before the picture is there as with it.
            button.setFixedSize(self._side + 12, self._side + text_height + 12)

    @Slot()
    def _show_pictures(self) -> None:
        for row, button in zip(self._rows, self.buttons, strict=False):
            picture = self._pictures.pixmap(row)
            button.setIcon(QIcon() if picture is None else QIcon(picture))

    def _select(self, place: int) -> None:
        self.buttons[place].setChecked(True)
        self.session.select(self._rows[place].id)
