"""The left part of the window: find samples, see how they stand, choose one or many."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QLabel, QStackedWidget, QVBoxLayout, QWidget

from spin_gui.images.thumbnails import ThumbnailProvider
from spin_gui.samples.list_header import ListHeader
from spin_gui.samples.list_model import SampleListModel
from spin_gui.samples.sample_grid import SampleGridView
from spin_gui.samples.sample_list_view import SampleListView
from spin_gui.samples.selection_link import SelectionLink
from spin_gui.session.review_counts import ReviewCounts
from spin_gui.session.session import ProjectSession
from spin_gui.session.wording import samples_text, why_none_is_listed
from spin_gui.widgets.empty_page import EmptyPage

_Move = QAbstractItemView.CursorAction
_NO_BREAK = "\u00a0"
_BETWEEN_PARTS = f"{_NO_BREAK}· "
"""A narrow list breaks the line of counts between its parts, not within one."""


class SampleListPanel(QWidget):
    """Search, filter and order on top, the samples below, what is left to review at the bottom.

    The samples are rows, or a grid of big thumbnails; both share model and selection.
    """

    import_requested = Signal()
    find_people_requested = Signal()
    draw_requested = Signal()
    """People are to be drawn into pictures in which none was found."""
    filter_asked = Signal()
    views_asked = Signal()
    opened = Signal()
    """A sample of the grid was double-clicked or opened with Return."""

    def __init__(
        self,
        session: ProjectSession,
        thumbnails: ThumbnailProvider | None = None,
        parent: QWidget | None = None,
        *,
        big_pictures: ThumbnailProvider | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Sample list")
        self._session = session
        self.model = SampleListModel(session, thumbnails, self, big_pictures=big_pictures)
        self._link = SelectionLink(session, self.model, self)
        self.header = ListHeader(session)
        self.search, self.filter = self.header.search, self.header.filter
        self.sort, self.direction = self.header.sort, self.header.direction
        self.view, self.grid = SampleListView(), SampleGridView()
        for view in (self.view, self.grid):
            view.setModel(self.model)
            view.setSelectionModel(self._link.selection)
        self._shown_view: QAbstractItemView = self.view
        self.no_samples = self._build_no_samples()
        self.no_match = self._build_no_match()
        self.pages = QStackedWidget()
        self.count_label = QLabel()
        self._arrange()
        self._connect()
        self._show_query()
        self._show_counts()

    @property
    def shown_view(self) -> QAbstractItemView:
        """The list or the grid."""
        return self._shown_view

    def set_grid(self, *, shown: bool) -> None:
        """Show the samples as a grid of big thumbnails, or as rows."""
        self._shown_view = self.grid if shown else self.view
        self.header.set_wide(wide=shown)
        self._show_ids()
        self._scroll_to_current()
        self.focus_list()

    def extend(self, key: Qt.Key) -> None:
        """Select the next or the previous sample, too, as the key with Shift does in the list."""
        # No made-up key press: the views ask the keyboard whether Shift is down, and from the menu
        # or the palette it is not.
        move = _Move.MoveDown if key == Qt.Key.Key_Down else _Move.MoveUp
        target = self._shown_view.moveCursor(move, Qt.KeyboardModifier.NoModifier)
        self._link.extend_to(target.row())

    def select_all(self) -> None:
        """Select every listed sample."""
        self._shown_view.selectAll()

    def focus_search(self) -> None:
        """Go to the search box, its text selected so that typing replaces it."""
        self.header.focus_search()

    def focus_list(self) -> None:
        """Go back to the samples, or to the button that stands in their place."""
        page = self.pages.currentWidget()
        if page is not None:
            page.setFocus(Qt.FocusReason.OtherFocusReason)

    def clear_filter(self) -> None:
        """List all samples again, in the order chosen."""
        self.header.clear_filter()
        self.focus_list()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin in the list: in the search box the verdict keys would be typed as text."""
        super().showEvent(event)
        if self.window().focusWidget() is None:
            self.focus_list()

    # Building

    def _build_no_samples(self) -> EmptyPage:
        page = EmptyPage(
            "No samples yet",
            "A sample is one person in one picture. Find people in pictures or videos of your own, "
            "or import pictures with 2D keypoints (COCO or OpenPose).",
        )
        page.add_button("Find people in pictures…").clicked.connect(self.find_people_requested)
        page.add_button("Import…").clicked.connect(self.import_requested)
        self.draw_button = page.add_button("Draw missed people…")
        self.draw_button.clicked.connect(self.draw_requested)
        return page

    def _build_no_match(self) -> EmptyPage:
        page = EmptyPage("No sample matches", "All samples are hidden by the filter.")
        page.add_button("Clear filter").clicked.connect(self.clear_filter)
        return page

    def _arrange(self) -> None:
        for page in (self.view, self.grid, self.no_samples, self.no_match):
            self.pages.addWidget(page)
        self.count_label.setAccessibleName("Count of samples")
        self.count_label.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(6)
        layout.addWidget(self.header)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.count_label)

    def _connect(self) -> None:
        session = self._session
        self.header.filter_asked.connect(self.filter_asked)
        self.header.views_asked.connect(self.views_asked)
        self.header.left_for_list.connect(self.focus_list)
        self.header.first_match_asked.connect(self._go_to_first_match)
        self.grid.activated.connect(self.opened)
        session.ids_changed.connect(self._show_ids)
        session.query_changed.connect(self._show_query)
        session.current_changed.connect(self._scroll_to_current)
        session.counts_changed.connect(self._show_counts)
        session.selection_changed.connect(self._show_counts)

    # What the user asks for

    @Slot()
    def _go_to_first_match(self) -> None:
        self._session.go_first()
        if len(self._session.sample_ids):
            self.focus_list()

    # What the session says

    @Slot()
    def _show_query(self) -> None:
        self._link.follow_list()
        self._show_ids()

    @Slot()
    def _show_ids(self) -> None:
        if len(self._session.sample_ids):
            self.pages.setCurrentWidget(self._shown_view)
        elif total := self._session.counts().total:
            self.no_match.set_text(why_none_is_listed(self._session.query, total))
            self.pages.setCurrentWidget(self.no_match)
        else:
            self.draw_button.setVisible(bool(self._session.dictionary.detections.without_people()))
            self.pages.setCurrentWidget(self.no_samples)

    @Slot()
    def _scroll_to_current(self) -> None:
        index = self._link.selection.currentIndex()
        if index.isValid():
            self._shown_view.scrollTo(index)

    @Slot()
    def _show_counts(self) -> None:
        counts, selected = self._session.counts(), len(self._session.selected_ids)
        self.count_label.setText(counts_text(counts, selected=selected))
        if not counts.listed:
            self._show_ids()


def counts_text(counts: ReviewCounts, *, selected: int = 0) -> str:
    """How many samples are listed and selected, and what is still to be done."""
    if not counts.total:
        return "No samples"
    all_listed = counts.listed == counts.total
    parts = [samples_text(counts.total) if all_listed else f"{counts.listed:,} of {counts.total:,}"]
    if selected:
        parts.insert(0, f"{selected:,} selected")
    if counts.left_to_review:
        parts.append(f"{counts.left_to_review:,} left to review")
    elif counts.without_fit < counts.total:
        parts.append("nothing left to review")
    if counts.without_fit:
        parts.append(f"{counts.without_fit:,} without fit")
    line = _BETWEEN_PARTS.join(part.replace(" ", _NO_BREAK) for part in parts)
    return line.replace(",", "\u202f")
