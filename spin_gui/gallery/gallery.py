"""The failure gallery: the worst fits of each kind in rows of pictures, judged many at once."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.body.display_body import DisplayBody
from core.rendering.render_thread import RenderService
from core.types.fits import RejectReason, Verdict
from core.types.flags import FlagName
from spin_gui.gallery.gallery_rows import GalleryModel
from spin_gui.gallery.gallery_view import GalleryHeader, GalleryView
from spin_gui.gallery.kind_chips import KindChips
from spin_gui.gallery.selection_bar import SelectionBar
from spin_gui.images.lifted_bodies import LiftingEngine
from spin_gui.jobs.sheet_jobs import FailuresChoice
from spin_gui.session.session import ProjectSession
from spin_gui.session.verdict_edits import judge_samples
from spin_gui.widgets.empty_page import EmptyPage
from spin_gui.widgets.page import PageWidget, Step

REFRESH_MS = 400
"""While flags are being computed the list is read at most so often."""

EMPTY_TITLE = "Nothing is flagged"
EMPTY_TEXT = (
    "The program suspects no fit of this kind. Flags of whole bodies and limbs are computed in the "
    "background once there are fits."
)


class GalleryPanel(PageWidget):
    """Chips on top, rows in the middle, what to do with the selected ones at the bottom."""

    sample_asked = Signal(int)
    export_asked = Signal(object)
    review_asked = Signal()
    """The samples are to be shown."""

    def __init__(
        self,
        session: ProjectSession,
        body: DisplayBody,
        rendering: RenderService,
        engine: LiftingEngine,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Failure gallery")
        self._session = session
        self._outdated = True
        self.model = GalleryModel(session, self)
        self.view = GalleryView(self.model, body, rendering, engine)
        self.header = GalleryHeader(self.view)
        self.kinds, self.selection = KindChips(), SelectionBar()
        self._build()
        self._refresh_soon = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._refresh_soon.timeout.connect(self.refresh)
        self._connect()

    # What the window asks

    def walk(self, step: Step) -> bool:
        """From row to row of the gallery."""
        row, count = self.view.currentIndex().row(), self.model.rowCount()
        target = {
            Step.NEXT: row + 1,
            Step.PREVIOUS: row - 1,
            Step.FIRST: 0,
            Step.LAST: count - 1,
        }
        self.view.go_to_row(target[step])
        return True

    def judge(self, verdict: Verdict, reason: RejectReason | None = None) -> bool:
        """Judge the fits of the selected rows, as they are seen; a single row leads to the next."""
        rows = self.selected_rows()
        if not rows:
            self._session.noticed.emit("No row of the gallery is selected.")
            return True
        shown = self.model.gallery_rows(rows)
        seen = {
            gallery_row.sample.id: gallery_row.fit.id
            for gallery_row in shown
            if gallery_row.fit is not None
        }
        ids = [row.sample.id for row in shown]
        judge_samples(self._session, ids, verdict, reason=reason, shown_fit_ids=seen)
        if len(rows) == 1 and not self.model.only_not_reviewed:
            self.walk(Step.NEXT)
        return True

    def ask_export(self) -> bool:
        """Ask for a sheet: of the selected rows where there are several, else of the worst."""
        rows = self.selected_rows()
        chosen = tuple(int(self.model.ids[row]) for row in rows) if len(rows) > 1 else None
        if chosen is None and self.model.kind is None:
            chosen = tuple(self.model.ids.tolist())
        choice = FailuresChoice(kind=self.model.kind, where=self.model.query, sample_ids=chosen)
        self.export_asked.emit(choice)
        return True

    def is_drawn(self) -> bool:
        """Whether every image in sight is there."""
        return self.view.is_drawn()

    def close_panel(self) -> None:
        """End its threads; it is of no use after."""
        self._refresh_soon.stop()
        self.model.clear()
        self.view.close_view()

    def selected_rows(self) -> list[int]:
        """Rows that are selected, from top to bottom."""
        return sorted(index.row() for index in self.view.selectionModel().selectedRows())

    # Showing

    def showEvent(self, event: QShowEvent) -> None:
        """Take in what changed while it was hidden and did nothing."""
        super().showEvent(event)
        if self._outdated:
            self.refresh()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keys go to the rows."""
        super().focusInEvent(event)
        self.view.setFocus()

    @Slot()
    def refresh(self) -> None:
        """Read the list again; the selection stays with its samples."""
        self._outdated = not self.isVisible()
        if self._outdated:
            return
        selected = [int(self.model.ids[row]) for row in self.selected_rows()]
        anchor = self.view.currentIndex().row()
        if self.model.read():
            self._select_again(selected, anchor)
        self.kinds.show_counts(
            self.model.counts, self.model.total, self.model.kind, judged=self.model.judged
        )
        self._show_selection()
        empty = self.model.rowCount() == 0
        self.pages.setCurrentWidget(self.nothing if empty else self.view)
        narrowed = self.model.kind is not None or self.model.only_not_reviewed
        self.all_button.setVisible(narrowed)
        self.view.ask_soon()
        self.view.viewport().update()

    def _select_again(self, sample_ids: list[int], anchor: int) -> None:
        rows = [row for sample_id in sample_ids if (row := self.model.row_of(sample_id)) >= 0]
        if not rows:
            self.view.go_to_row(min(max(anchor, 0), self.model.rowCount() - 1))
            return
        selection = QItemSelection()
        for row in rows:
            index = self.model.index(row, 0)
            selection.select(index, index)
        flags = QItemSelectionModel.SelectionFlag
        chosen = self.view.selectionModel()
        chosen.setCurrentIndex(self.model.index(rows[0], 0), flags.NoUpdate)
        chosen.select(selection, flags.ClearAndSelect | flags.Rows)

    @Slot()
    def _show_selection(self) -> None:
        self.selection.show_selection(len(self.selected_rows()), self.model.rowCount())

    # Listening

    def _connect(self) -> None:
        session = self._session
        session.samples_changed.connect(self._on_samples_changed)
        session.rows_stale.connect(self._mark_outdated)
        session.closing.connect(self._refresh_soon.stop)
        self.model.people_gone.connect(self._mark_outdated)
        self.view.selectionModel().selectionChanged.connect(self._show_selection)
        self.view.activated.connect(self._open_current)
        self.view.customContextMenuRequested.connect(self.make_current)
        self.kinds.kind_chosen.connect(self.choose_kind)
        self.not_reviewed.toggled.connect(self._choose_not_reviewed)
        self.selection.verdict_asked.connect(self._judge_by_button)
        self.selection.open_asked.connect(self._open_current)
        self.selection.export_asked.connect(self.ask_export)

    @Slot(object)
    def _on_samples_changed(self, sample_ids: set[int]) -> None:
        self.model.forget(sample_ids)
        if self.isVisible() and not self.model.only_not_reviewed:
            self.view.viewport().update()
        self._mark_outdated()

    @Slot()
    def _mark_outdated(self) -> None:
        self._outdated = True
        if self.isVisible():
            self._refresh_soon.start()

    @Slot(object)
    def choose_kind(self, kind: FlagName | None) -> None:
        """List the samples of one kind, or of all."""
        self.model.kind = kind
        self.refresh()
        self.view.go_to_row(0)
        self.view.setFocus()

    @Slot(bool)
    def _choose_not_reviewed(self, only: bool) -> None:  # noqa: FBT001 - a slot
        self.model.only_not_reviewed = only
        self.refresh()
        self.view.setFocus()

    @Slot(object)
    def _judge_by_button(self, verdict: Verdict) -> None:
        self.judge(verdict)
        self.view.setFocus()

    @Slot()
    def _open_current(self) -> None:
        row = self.view.currentIndex().row()
        if row >= 0:
            self.sample_asked.emit(int(self.model.ids[row]))

    @Slot()
    def make_current(self) -> None:
        """What is asked of the row under the pointer is about its sample, elsewhere too."""
        row = self.view.currentIndex().row()
        if row >= 0:
            self._session.select(int(self.model.ids[row]))

    @Slot()
    def show_everything(self) -> None:
        """Every kind, reviewed or not."""
        self.not_reviewed.setChecked(False)
        self.choose_kind(None)

    # Building

    def _build(self) -> None:
        self.not_reviewed = QCheckBox("Not reviewed only")
        self.not_reviewed.setAccessibleName("Not reviewed only")
        self.not_reviewed.setToolTip("Leave out fits that bear a verdict")
        self.nothing = EmptyPage(EMPTY_TITLE, EMPTY_TEXT)
        self.all_button = self.nothing.add_button("Show every kind")
        self.all_button.clicked.connect(self.show_everything)
        self.review_button = self.nothing.add_button("Review the samples")
        self.review_button.clicked.connect(self.review_asked)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.view)
        self.pages.addWidget(self.nothing)
        top = QHBoxLayout()
        top.setContentsMargins(10, 8, 10, 4)
        top.setSpacing(12)
        top.addWidget(self.kinds, 1)
        top.addWidget(self.not_reviewed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(top)
        layout.addWidget(self.header)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.selection)
