"""The left part of the window: find samples, see how they stand, choose one."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.dictionary.records import SampleQuery, SortKey
from core.records import Verdict
from spin_gui.models.review_counts import ReviewCounts
from spin_gui.models.sample_list import SampleListModel
from spin_gui.models.session import ProjectSession
from spin_gui.models.thumbnails import ThumbnailProvider
from spin_gui.panels.empty_page import EmptyPage
from spin_gui.panels.sample_delegate import SampleDelegate, row_height
from spin_gui.panels.verdict_marks import verdict_icon

SEARCH_PAUSE_MS = 200
"""Long enough that typing a word asks once, short enough to feel at once."""

_FILTERS: tuple[tuple[str, frozenset[Verdict], bool], ...] = (
    ("All samples", frozenset(), False),
    ("Not reviewed", frozenset({Verdict.NONE}), False),
    ("Accepted", frozenset({Verdict.ACCEPTED}), False),
    ("Rejected", frozenset({Verdict.REJECTED}), False),
    ("Unsure", frozenset({Verdict.UNSURE}), False),
    ("Without fit", frozenset(), True),
)
"""Title, verdicts, and whether only samples without a fit are meant."""

_SORTS: tuple[tuple[str, SortKey], ...] = (
    ("By order of import", SortKey.ID),
    ("By name", SortKey.NAME),
    ("By loss", SortKey.LOSS),
    ("By largest |β|", SortKey.MAX_ABS_BETA),
    ("By camera distance", SortKey.DEPTH),
    ("By verdict", SortKey.VERDICT),
    ("By time of import", SortKey.IMPORTED),
)


_NO_BREAK = "\u00a0"
_BETWEEN_PARTS = f"{_NO_BREAK}· "
"""A narrow list breaks the line of counts between its parts, not within one."""


class SampleListView(QTableView):
    """A list that asks only for what it shows.

    A table with one column, since a ``QListView`` asks the model about every row, twice, whenever
    one comes or goes: 200 ms with 100 000 samples. The table's fixed rows need no question.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Samples")
        self.setItemDelegate(SampleDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.horizontalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._set_row_height()

    def changeEvent(self, event: QEvent) -> None:
        """Rows grow with the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._set_row_height()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space goes to the next row and Shift+Space back, as everywhere in the window."""
        if event.key() == Qt.Key.Key_Space:
            back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            row = self.currentIndex().row() + (-1 if back else 1)
            if 0 <= row < self.model().rowCount():
                self.setCurrentIndex(self.model().index(row, 0))
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Not here: Qt would read all rows one by one; the search box asks the database."""

    def _set_row_height(self) -> None:
        self.verticalHeader().setDefaultSectionSize(row_height(self.fontMetrics()))


class SampleListPanel(QWidget):
    """Search, filter and order on top, the samples below, what is left to review at the bottom."""

    import_requested = Signal()

    def __init__(
        self,
        session: ProjectSession,
        thumbnails: ThumbnailProvider | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Sample list")
        self._session = session
        self._following = False
        self.model = SampleListModel(session, thumbnails, self)
        self.search = self._build_search()
        self.filter = self._build_filter()
        self.sort = self._build_sort()
        self.direction = self._build_direction()
        self.view = self._build_view()
        self.no_samples = self._build_no_samples()
        self.no_match = self._build_no_match()
        self.pages = QStackedWidget()
        self.count_label = QLabel()
        self._arrange()
        self._search_soon = QTimer(self, singleShot=True, interval=SEARCH_PAUSE_MS)
        self._search_soon.timeout.connect(self._apply_search)
        session.ids_changed.connect(self._show_ids)
        session.closing.connect(self._search_soon.stop)
        session.query_changed.connect(self._show_query)
        session.current_changed.connect(self._show_current)
        session.counts_changed.connect(self._show_counts)
        self._show_query()
        self._show_counts()

    def focus_search(self) -> None:
        """Go to the search box, its text selected so that typing replaces it."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def focus_list(self) -> None:
        """Go back to the samples, or to the button that stands in their place."""
        self.pages.currentWidget().setFocus(Qt.FocusReason.OtherFocusReason)

    def clear_filter(self) -> None:
        """List all samples again, in the order chosen."""
        order = self._session.query
        self.search.clear()
        self._search_soon.stop()
        self._session.set_query(SampleQuery(sort=order.sort, descending=order.descending))
        self.focus_list()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc and the arrows lead from the search box to the list."""
        if watched is self.search and isinstance(event, QKeyEvent):
            leaving = event.key() in {Qt.Key.Key_Escape, Qt.Key.Key_Down}
            if event.type() == QEvent.Type.KeyPress and leaving:
                self._apply_search()
                self.focus_list()
                return True
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin in the list: in the search box the verdict keys would be typed as text."""
        super().showEvent(event)
        if self.window().focusWidget() is None:
            self.focus_list()

    # Building

    def _build_search(self) -> QLineEdit:
        search = QLineEdit(clearButtonEnabled=True, placeholderText="Search name or dataset")
        search.setAccessibleName("Search samples")
        search.setToolTip("Part of a picture's name or of a dataset. Enter: first match. Esc: list")
        search.textChanged.connect(self._search_edited)
        search.returnPressed.connect(self._go_to_first_match)
        search.installEventFilter(self)
        return search

    def _build_filter(self) -> QComboBox:
        box = _narrow_combo("Filter by verdict", "Which samples are listed")
        for title, verdicts, _without_fit in _FILTERS:
            if len(verdicts) == 1:
                box.addItem(verdict_icon(next(iter(verdicts))), title)
            else:
                box.addItem(title)
        box.activated.connect(self._apply_filter)
        return box

    def _build_sort(self) -> QComboBox:
        box = _narrow_combo("Sort by", "What the list is sorted by")
        for title, _key in _SORTS:
            box.addItem(title)
        box.activated.connect(self._apply_order)
        return box

    def _build_direction(self) -> QToolButton:
        button = QToolButton(checkable=True)
        button.setAccessibleName("Descending order")
        button.clicked.connect(self._apply_order)
        return button

    def _build_view(self) -> SampleListView:
        view = SampleListView()
        view.setModel(self.model)
        view.selectionModel().currentChanged.connect(self._row_chosen)
        return view

    def _build_no_samples(self) -> EmptyPage:
        page = EmptyPage(
            "No samples yet",
            "A sample is one person in one picture. Import pictures with 2D keypoints "
            "(COCO or OpenPose) to begin.",
        )
        page.add_button("Import…").clicked.connect(self.import_requested)
        return page

    def _build_no_match(self) -> EmptyPage:
        page = EmptyPage("No sample matches", "All samples are hidden by the filter.")
        page.add_button("Clear filter").clicked.connect(self.clear_filter)
        return page

    def _arrange(self) -> None:
        for page in (self.view, self.no_samples, self.no_match):
            self.pages.addWidget(page)
        self.count_label.setAccessibleName("Count of samples")
        self.count_label.setWordWrap(True)
        order = QHBoxLayout()
        order.addWidget(self.sort, 1)
        order.addWidget(self.direction)
        order.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(6)
        layout.addWidget(self.search)
        layout.addWidget(self.filter)
        layout.addLayout(order)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.count_label)

    # What the user asks for

    def _search_edited(self) -> None:
        self._search_soon.start()

    def _apply_search(self) -> None:
        self._search_soon.stop()
        text = self.search.text().strip()
        self._session.set_query(replace(self._session.query, text=text))

    def _go_to_first_match(self) -> None:
        self._apply_search()
        self._session.go_first()
        if len(self._session.sample_ids):
            self.focus_list()

    def _apply_filter(self) -> None:
        _title, verdicts, without_fit = _FILTERS[self.filter.currentIndex()]
        query = replace(self._session.query, verdicts=verdicts, only_without_fit=without_fit)
        self._session.set_query(query)

    def _apply_order(self) -> None:
        _title, key = _SORTS[self.sort.currentIndex()]
        descending = self.direction.isChecked()
        self._session.set_query(replace(self._session.query, sort=key, descending=descending))

    def _row_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        by_user = not (self._following or self.model.changing)
        if by_user and current.isValid():
            self._session.select_row(current.row())

    # What the session says

    def _show_query(self) -> None:
        query = self._session.query
        if self.search.text().strip() != query.text:
            self.search.setText(query.text)
            self._search_soon.stop()
        wanted = (query.verdicts, query.only_without_fit)
        known = [(verdicts, without_fit) for _title, verdicts, without_fit in _FILTERS]
        self.filter.setCurrentIndex(known.index(wanted) if wanted in known else -1)
        self.sort.setCurrentIndex([key for _title, key in _SORTS].index(query.sort))
        self.direction.setChecked(query.descending)
        descending = query.descending
        self.direction.setArrowType(Qt.ArrowType.DownArrow if descending else Qt.ArrowType.UpArrow)
        order = "Largest first" if descending else "Smallest first"
        self.direction.setToolTip(f"{order}. Click to turn the order around")
        self._show_ids()

    def _show_ids(self) -> None:
        self._show_current()
        if len(self._session.sample_ids):
            self.pages.setCurrentWidget(self.view)
        elif self._session.counts().total:
            self.no_match.set_text(self._why_nothing_matches())
            self.pages.setCurrentWidget(self.no_match)
        else:
            self.pages.setCurrentWidget(self.no_samples)

    def _why_nothing_matches(self) -> str:
        counts, text = self._session.counts(), self._session.query.text
        reasons = [f"the search “{text}”"] if text else []
        if self.filter.currentIndex() != 0:
            reasons.append(f"the filter “{self.filter.currentText()}”")
        hidden = " and ".join(reasons) or "the filter"
        samples = "The only sample is" if counts.total == 1 else f"All {counts.total} samples are"
        return f"{samples} hidden by {hidden}."

    def _show_current(self) -> None:
        """Let the list's highlight follow the session, without answering back."""
        self._following = True
        row = self._session.current_row
        if row >= 0:
            self.view.setCurrentIndex(self.model.index(row))
        else:
            # A sample that left the list keeps being shown; no other row may look chosen.
            self.view.selectionModel().setCurrentIndex(
                QModelIndex(), QItemSelectionModel.SelectionFlag.Clear
            )
        self._following = False

    def _show_counts(self) -> None:
        counts = self._session.counts()
        self.count_label.setText(counts_text(counts))
        if not counts.listed:
            self._show_ids()


def counts_text(counts: ReviewCounts) -> str:
    """How many samples are listed, and what is still to be done."""
    if not counts.total:
        return "No samples"
    all_listed = counts.listed == counts.total
    parts = [
        f"{counts.total:,} samples" if all_listed else f"{counts.listed:,} of {counts.total:,}"
    ]
    if counts.left_to_review:
        parts.append(f"{counts.left_to_review:,} left to review")
    elif counts.without_fit < counts.total:
        parts.append("nothing left to review")
    if counts.without_fit:
        parts.append(f"{counts.without_fit:,} without fit")
    line = _BETWEEN_PARTS.join(part.replace(" ", _NO_BREAK) for part in parts)
    return line.replace(",", "\u202f")


def _narrow_combo(name: str, tip: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    # A click leaves the keys with the list: the next arrow key is meant for the samples.
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return box
