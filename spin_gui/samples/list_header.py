"""What stands over the list: search and typed rules, verdict, filters, views, and the order."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.search.query_parser import query_from_text, text_of_query
from core.errors import StudioError
from core.types.fits import Verdict
from spin_gui.session.session import ProjectSession
from spin_gui.widgets.verdict_marks import verdict_icon

SEARCH_PAUSE_MS = 200
"""Long enough that typing a word asks once, short enough to feel at once."""

FILTERS: tuple[tuple[str, frozenset[Verdict], bool], ...] = (
    ("All samples", frozenset(), False),
    ("Not reviewed", frozenset({Verdict.NONE}), False),
    ("Accepted", frozenset({Verdict.ACCEPTED}), False),
    ("Rejected", frozenset({Verdict.REJECTED}), False),
    ("Unsure", frozenset({Verdict.UNSURE}), False),
    ("Without fit", frozenset(), True),
)
"""Title, verdicts, and whether only samples without a fit are meant."""

SORTS: tuple[tuple[str, SortKey], ...] = (
    ("By order of import", SortKey.ID),
    ("By name", SortKey.NAME),
    ("By suspicion", SortKey.SUSPICION),
    ("By informativeness", SortKey.INFORMATIVENESS),
    ("By doubt in the keypoints", SortKey.LABEL_DOUBT),
    ("By gain of a touch", SortKey.TOUCH_GAIN),
    ("By error", SortKey.LOSS),
    ("By 2D error", SortKey.ERROR_2D),
    ("By 3D error", SortKey.ERROR_3D),
    ("By largest |β|", SortKey.MAX_ABS_BETA),
    ("By camera distance", SortKey.DEPTH),
    ("By pose prior", SortKey.POSE_PRIOR),
    ("By disagreement", SortKey.DISAGREEMENT),
    ("By visible keypoints", SortKey.KEYPOINTS),
    ("By verdict", SortKey.VERDICT),
    ("By time of fit", SortKey.FITTED),
    ("By time of import", SortKey.IMPORTED),
    ("By likeness", SortKey.LIKENESS),
)

_WORST_FIRST = frozenset(
    {
        SortKey.SUSPICION, SortKey.INFORMATIVENESS, SortKey.LABEL_DOUBT, SortKey.TOUCH_GAIN,
        SortKey.DISAGREEMENT,
    }
)  # fmt: skip
"""What says how much a person needs a look: the largest come first, until the arrow is clicked."""

_SEARCH_HELP = (
    "Part of a picture's name or of a data set, and rules: verdict:none, flag:any, loss:10..50 "
    "(px², the square of the error: loss:100 is an error of 10 px), "
    "fitted:2026-11-01.., keypoints:12.. and more (see Filter). Enter: first match. Esc: list"
)


class ListHeader(QWidget):
    """Shows the session's query and changes it; the list below follows the session."""

    left_for_list = Signal()
    """The user goes on to the samples."""
    first_match_asked = Signal()
    filter_asked = Signal()
    views_asked = Signal()

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.search = self._build_search()
        self.problem = self._build_problem()
        self.filter = self._build_filter()
        self.more = _button("Filter…", "Filter by any rule (F)")
        self.views = _button("Views…", "Saved filters and queues (V)")
        self.sort = self._build_sort()
        self.direction = self._build_direction()
        self._parts = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._arrange()
        self._search_soon = QTimer(self, singleShot=True, interval=SEARCH_PAUSE_MS)
        self._search_soon.timeout.connect(self.apply_search)
        self.more.clicked.connect(self.filter_asked)
        self.views.clicked.connect(self.views_asked)
        session.closing.connect(self._search_soon.stop)
        session.query_changed.connect(self.show_query)
        self.show_query()

    def focus_search(self) -> None:
        """Go to the search box, its text selected so that typing replaces it."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def clear_filter(self) -> None:
        """List all samples again, in the order chosen."""
        self.search.clear()
        self._search_soon.stop()
        self._session.set_query(SampleQuery().in_order_of(self._session.query))

    def set_wide(self, *, wide: bool) -> None:
        """In one line, where there is room for it, or one below the other."""
        direction = QBoxLayout.Direction
        self._parts.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
        # At once, so that a list that is given its width next may be narrower than the one line.
        layout = self.layout()
        if layout is not None:
            layout.activate()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc and the arrows lead from the search box to the list."""
        if watched is self.search and isinstance(event, QKeyEvent):
            leaving = event.key() in {Qt.Key.Key_Escape, Qt.Key.Key_Down}
            if event.type() == QEvent.Type.KeyPress and leaving:
                self.apply_search()
                self.left_for_list.emit()
                return True
        return super().eventFilter(watched, event)

    # Building

    def _build_search(self) -> QLineEdit:
        search = QLineEdit(clearButtonEnabled=True, placeholderText="Search, or loss:10..50")
        search.setAccessibleName("Search samples")
        search.setToolTip(_SEARCH_HELP)
        search.textChanged.connect(self._search_edited)
        search.returnPressed.connect(self._go_to_first_match)
        search.installEventFilter(self)
        return search

    def _build_problem(self) -> QLabel:
        label = QLabel()
        label.setAccessibleName("What is wrong with the search")
        label.setWordWrap(True)
        label.hide()
        return label

    def _build_filter(self) -> QComboBox:
        box = _narrow_combo("Filter by verdict", "Which samples are listed")
        box.setPlaceholderText("Several verdicts")  # typed rules and views can ask for them
        for title, verdicts, _without_fit in FILTERS:
            if len(verdicts) == 1:
                box.addItem(verdict_icon(next(iter(verdicts))), title)
            else:
                box.addItem(title)
        box.activated.connect(self._apply_filter)
        return box

    def _build_sort(self) -> QComboBox:
        box = _narrow_combo("Sort by", "What the list is sorted by")
        for title, _key in SORTS:
            box.addItem(title)
        box.setMaxVisibleItems(len(SORTS))
        box.activated.connect(self._sort_chosen)
        return box

    def _build_direction(self) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setAccessibleName("Descending order")
        button.clicked.connect(self._apply_order)
        return button

    def _arrange(self) -> None:
        self._parts.setSpacing(6)
        for wide, narrow in (
            (self.search, self.views),
            (self.filter, self.more),
            (self.sort, self.direction),
        ):
            row = QHBoxLayout()
            row.setSpacing(4)
            row.addWidget(wide, 1)
            row.addWidget(narrow)
            self._parts.addLayout(row, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._parts)
        layout.addWidget(self.problem)

    # What the user asks for

    def apply_search(self) -> None:
        """List what the text in the box means; where it means nothing, say why."""
        self._search_soon.stop()
        typed = self._typed_query()
        if typed is not None:
            self._session.set_query(typed.in_order_of(self._session.query))

    def _typed_query(self) -> SampleQuery | None:
        try:
            typed = query_from_text(self.search.text())
        except StudioError as error:
            self.problem.setText(str(error))
            self.problem.show()
            return None
        self.problem.hide()
        return typed

    def _search_edited(self) -> None:
        self._search_soon.start()

    def _go_to_first_match(self) -> None:
        self.apply_search()
        self.first_match_asked.emit()

    def _apply_filter(self) -> None:
        _title, verdicts, without_fit = FILTERS[self.filter.currentIndex()]
        query = replace(self._session.query, verdicts=verdicts, only_without_fit=without_fit)
        self._session.set_query(query)

    def _sort_chosen(self) -> None:
        _title, key = SORTS[self.sort.currentIndex()]
        if key is not self._session.query.sort:
            self.direction.setChecked(key in _WORST_FIRST)
        self._apply_order()

    def _apply_order(self) -> None:
        _title, key = SORTS[self.sort.currentIndex()]
        descending = self.direction.isChecked()
        self._session.set_query(replace(self._session.query, sort=key, descending=descending))

    # What the session says

    def show_query(self) -> None:
        """Let box, choices and arrow say what the session lists."""
        query = self._session.query
        if self._typed_query() != query.filters:
            self.search.setText(text_of_query(query))
            self.search.setCursorPosition(0)
            self._search_soon.stop()
            self.problem.hide()
        wanted = (query.verdicts, query.only_without_fit)
        known = [(verdicts, without_fit) for _title, verdicts, without_fit in FILTERS]
        self.filter.setCurrentIndex(known.index(wanted) if wanted in known else -1)
        self.sort.setCurrentIndex([key for _title, key in SORTS].index(query.sort))
        self.direction.setChecked(query.descending)
        arrow = Qt.ArrowType.DownArrow if query.descending else Qt.ArrowType.UpArrow
        self.direction.setArrowType(arrow)
        order = "Largest first" if query.descending else "Smallest first"
        self.direction.setToolTip(f"{order}. Click to turn the order around")


def _button(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setAccessibleName(text.removesuffix("…"))
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _narrow_combo(name: str, tip: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(5)
    # A click leaves the keys with the list: the next arrow key is meant for the samples.
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return box
