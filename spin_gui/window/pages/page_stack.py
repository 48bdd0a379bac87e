"""The pages of one open project, one above the other; each stays as it was left."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QWidget

from spin_gui.widgets.page import Page, PageWidget


class PageStack(QStackedWidget):
    """The samples, and the panels of the other pages that were shown so far."""

    def __init__(self, samples: QWidget, nothing: QWidget, waiting: PageWidget) -> None:
        """What stands in the place of a page that has nothing to show, or is not loaded yet."""
        super().__init__()
        self._samples, self._nothing, self._waiting = samples, nothing, waiting
        self._panels: dict[Page, PageWidget] = {}
        self.shown_page = Page.SAMPLES
        self.addWidget(samples)
        self.addWidget(nothing)
        self.addWidget(waiting)

    @property
    def shows_nothing(self) -> bool:
        """Whether the page that is shown has nothing to show yet."""
        return self.currentWidget() is self._nothing

    @property
    def shown_panel(self) -> PageWidget | None:
        """The panel of the page that is shown, or what waits in its place.

        None for the samples, and where nothing is shown.
        """
        if self.currentWidget() is self._waiting:
            return self._waiting
        return None if self.shows_nothing else self._panels.get(self.shown_page)

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

    def show_nothing(self, page: Page) -> None:
        """Show in the place of a page what it lacks."""
        self.shown_page = page
        self.setCurrentWidget(self._nothing)
        self._nothing.setFocus()

    def show_waiting(self, page: Page) -> None:
        """Show in the place of a page that it is being loaded."""
        self.shown_page = page
        self.setCurrentWidget(self._waiting)
        self._waiting.setFocus()

    def close_panels(self) -> None:
        """Stop what runs in them."""
        for panel in self._panels.values():
            panel.close_panel()
