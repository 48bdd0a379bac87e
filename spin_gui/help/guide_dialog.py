"""The guide in a window of its own, next to which one goes on working."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from spin_gui.help.guide_browser import GuideBrowser
from spin_gui.help.guide_pages import SITE, guide_pages
from spin_gui.widgets.layouts import close_box, resize_within_screen

SIZE, LIST_WIDTH = QSize(1060, 760), 230


class GuideDialog(QDialog):
    """A list of pages, and the page that is read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Guide")
        self._pages = guide_pages()
        self.list, self.browser = QListWidget(), GuideBrowser()
        self.back_button = QPushButton("Back")
        self.site_button = QPushButton("Open in the browser")
        self._lay_out()
        self.list.currentRowChanged.connect(self._choose)
        self.browser.page_shown.connect(self._mark)
        self.back_button.clicked.connect(self.browser.go_back)
        self.site_button.clicked.connect(self._open_site)
        self.list.setCurrentRow(0)
        self.list.setFocus()

    @Slot(int)
    def _choose(self, row: int) -> None:
        self.browser.show_page(self._pages[row].path)

    @Slot(object)
    def _mark(self, path: Path) -> None:
        """A link may lead to another page of the list, or to one that is not in it."""
        blocked = self.list.blockSignals(True)  # noqa: FBT003 - Qt's own signature
        rows = [row for row, page in enumerate(self._pages) if page.path == path]
        self.list.setCurrentRow(rows[0] if rows else -1)
        self.list.blockSignals(blocked)
        self.back_button.setEnabled(self.browser.can_go_back)

    @Slot()
    def _open_site(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(SITE)))

    def _lay_out(self) -> None:
        self.list.setAccessibleName("Pages of the guide")
        self.list.addItems([page.title for page in self._pages])
        self.list.setMinimumWidth(LIST_WIDTH)
        for button in (self.back_button, self.site_button):
            button.setAccessibleName(button.text())
            button.setAutoDefault(False)
        self.site_button.setVisible(SITE.is_file())
        split = QSplitter()
        split.addWidget(self.list)
        split.addWidget(self.browser)
        split.setStretchFactor(1, 1)
        split.setChildrenCollapsible(False)
        buttons = QHBoxLayout()
        buttons.addWidget(self.back_button)
        buttons.addWidget(self.site_button)
        buttons.addStretch(1)
        buttons.addWidget(close_box(self))
        layout = QVBoxLayout(self)
        layout.addWidget(split, 1)
        layout.addLayout(buttons)
        resize_within_screen(self, SIZE)
