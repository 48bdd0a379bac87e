"""Shows one page of the documentation: text, tables, pictures, and links to other pages."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QImage, QResizeEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QTextBrowser, QWidget

from spin_gui.help.guide_pages import DOCS, slug, text_of

SIDE_MARGIN_PX = 40
PAGE_SUFFIX = ".md"


class GuideBrowser(QTextBrowser):
    """Reads pages below ``docs`` only; other links open where the system opens them."""

    page_shown = Signal(object)
    """The file that is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("The page")
        self.setOpenLinks(False)
        self.anchorClicked.connect(self._follow)
        self._path: Path | None = None
        self._visited: list[Path] = []

    @property
    def can_go_back(self) -> bool:
        """Whether another page was shown before."""
        return bool(self._visited)

    def show_page(self, path: Path, anchor: str = "") -> None:
        """Show a page from its beginning, or from a heading."""
        if self._path is not None and path != self._path:
            self._visited.append(self._path)
        self._show(path, anchor)

    @Slot()
    def go_back(self) -> None:
        """The page of before."""
        if self._visited:
            self._show(self._visited.pop(), "")

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Pictures of the page, no wider than the text; nothing else is loaded."""
        if kind != QTextDocument.ResourceType.ImageResource.value or self._path is None:
            return None
        image = QImage(str(self._path.parent / QUrl(name).path()))
        widest = max(self.viewport().width() - SIDE_MARGIN_PX, 1)
        if image.isNull() or image.width() <= widest:
            return image
        return image.scaledToWidth(widest, Qt.TransformationMode.SmoothTransformation)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Pictures follow the width."""
        super().resizeEvent(event)
        if self._path is not None and event.size().width() != event.oldSize().width():
            place = self.verticalScrollBar().value()
            self.setMarkdown(text_of(self._path))
            self.verticalScrollBar().setValue(place)

    def _show(self, path: Path, anchor: str) -> None:
        self._path = path
        self.setMarkdown(text_of(path))
        self.moveCursor(QTextCursor.MoveOperation.Start)
        if anchor:
            self._scroll_to(anchor)
        self.page_shown.emit(path)

    def _scroll_to(self, anchor: str) -> None:
        block = self.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() and slug(block.text()) == anchor:
                self.setTextCursor(QTextCursor(block))
                top = self.document().documentLayout().blockBoundingRect(block).top()
                self.verticalScrollBar().setValue(int(top))
                return
            block = block.next()

    @Slot(QUrl)
    def _follow(self, link: QUrl) -> None:
        if not link.isRelative():
            QDesktopServices.openUrl(link)
            return
        if not link.path() and self._path is not None:
            self._scroll_to(link.fragment())
            return
        base = DOCS if self._path is None else self._path.parent
        target = (base / link.path()).resolve()
        if target.suffix == PAGE_SUFFIX and target.is_file() and target.is_relative_to(DOCS):
            self.show_page(target, link.fragment())
        elif target.exists():
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(target)))
