"""The pages of one open project, one above the other; each stays as it was left."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QWidget

from spin_gui.widgets.page import Page, PageWidget


class PageStack(QStackedWidget):
    """The samples, and the panels of the other pages that were shown so far."""

    def __init__(self, samples: QWidget) -> None:
        super().__init__()
        self._samples = samples
        self._panels: dict[Page, PageWidget] = {}
        self.shown_page = Page.SAMPLES
        self.addWidget(samples)

    @property
    def shown_panel(self) -> PageWidget | None:
        """The panel of the page that is shown; None for the samples."""
        return self._panels.get(self.shown_page)

    def panel(self, page: Page) -> PageWidget | None:
        """The panel of a page, once it was shown; None for the samples."""
        return self._panels.get(page)

    def add_panel(self, page: Page, panel: PageWidget) -> None:
        """The panel of a page that is about to be shown first."""
        self._panels[page] = panel
        self.addWidget(panel)

    def show_page(self, page: Page) -> None:
        """Fill the window with a page."""
        self.shown_page = page
        panel = self.panel(page)
        self.setCurrentWidget(panel or self._samples)
        if panel is not None:
            panel.setFocus()

    def close_panels(self) -> None:
        """Stop what runs in them."""
        for panel in self._panels.values():
            panel.close_panel()
