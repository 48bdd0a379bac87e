"""Comparing: two fits, predictions or methods side by side, and what tells them apart."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.body.display_body import DisplayBody
from core.errors import StudioError
from core.rendering.render_thread import RenderService
from core.types.samples import Sample
from core.workflows.comparison_colors import side_colors
from core.workflows.comparison_sources import CURRENT, PREDICTION
from spin_gui.compare.compare_numbers import CompareNumbers
from spin_gui.compare.compare_plan import ComparePlanner
from spin_gui.compare.compare_views import CompareViews
from spin_gui.compare.comparisons import (
    Alignment,
    Comparisons,
    Side,
    body_of,
    difference_colors,
    known_sides,
    side_title,
)
from spin_gui.jobs.sheet_jobs import ComparisonChoice
from spin_gui.session.removed_people import GONE, following_removals
from spin_gui.session.session import ProjectSession
from spin_gui.viewer.sample_scene import ShownBody, scene_of
from spin_gui.widgets.command_button import CommandButton
from spin_gui.widgets.fact_rows import ElidedLabel
from spin_gui.widgets.page import PageWidget

LIMITS_MM = (25, 50, 100, 200, 400)
FIRST_LIMIT_MM = 100

_ALIGNMENTS = ((Alignment.ROOTS, "Roots aligned"), (Alignment.PROCRUSTES, "After Procrustes"))


class ComparePanel(PageWidget):
    """Follows the session's current sample, which the usual keys change."""

    export_asked = Signal(object)

    def __init__(
        self,
        session: ProjectSession,
        body: DisplayBody,
        rendering: RenderService,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Compare")
        self._session = session
        self.sides = [Side(CURRENT), Side(PREDICTION)]
        self._outdated = True
        self.views = CompareViews(body, rendering)
        self.numbers = CompareNumbers()
        self.comparisons = Comparisons(body)
        self._build()
        self._connect()

    # What the window asks

    def compare_fits(self, left_fit_id: int, right_fit_id: int) -> None:
        """Two fits of the current sample's history."""
        self.sides = [Side("", left_fit_id), Side("", right_fit_id)]
        self._fill_combos()
        self.refresh()

    def compare(self, left: str, right: str) -> None:
        """Two sources by their keys."""
        self.sides = [Side(left), Side(right)]
        self._fill_combos()
        self.refresh()

    def reset_view(self) -> bool:
        """Take back orbit, zoom and pan."""
        self.views.reset_views()
        return True

    def ask_export(self) -> bool:
        """A sheet of the sample that is shown and of those after it in the list."""
        if not all(side.for_all for side in self.sides):
            self._session.noticed.emit(
                "Fits of one sample's history make no sheet; choose what every sample has."
            )
            return True
        current, listed = self._session.current_id, self._session.sample_ids.tolist()
        row = max(self._session.current_row, 0)
        after = [item for item in (*listed[row:], *listed[:row]) if item != current]
        ids = [*([] if current is None else [current]), *after]
        left, right = (side.key for side in self.sides)
        self.export_asked.emit(ComparisonChoice(left=left, right=right, sample_ids=tuple(ids)))
        return True

    def is_drawn(self) -> bool:
        """Whether every image in sight is there."""
        return self.views.is_drawn()

    def close_panel(self) -> None:
        """End its threads; it is of no use after."""
        self._session.current_changed.disconnect(self._on_current)
        self._session.samples_changed.disconnect(self._on_samples_changed)
        self._session.rows_stale.disconnect(self._on_stale)
        self.views.close_views()
        self.comparisons.close()

    # Showing

    def showEvent(self, event: QShowEvent) -> None:
        """Take in what changed while it was hidden and did nothing."""
        super().showEvent(event)
        self._fill_combos()
        if self._outdated:
            self.refresh()

    @property
    def alignment(self) -> Alignment:
        """How the bodies are laid on each other."""
        return _ALIGNMENTS[self.align.currentIndex()][0]

    @property
    def limit_mm(self) -> float:
        """The distance at the light end of the colours."""
        return float(LIMITS_MM[self.limit.currentIndex()])

    @Slot()
    def refresh(self) -> None:
        """Read and show the current sample again."""
        self._outdated = not self.isVisible()
        if self._outdated:
            return
        sample_id = self._session.current_id
        rows = [] if sample_id is None else self._session.records.rows([sample_id])
        nothing = "No sample" if sample_id is None else GONE
        self.name.set_fact(rows[0].name if rows else nothing)
        titles = [side_title(self._session, side) for side in self.sides]
        self.views.set_titles([*titles, "Difference"])
        if sample_id is None or not rows:
            self.views.show_plans(None, {})
            self.numbers.show_comparison(None)
            return
        with following_removals(self._session):
            self._show(self._session.records.sample(sample_id), (titles[0], titles[1]))

    def _show(self, sample: Sample, titles: tuple[str, str]) -> None:
        left, right = (self._body(side, sample.id) for side in self.sides)
        lacks = [side.key for side, body in zip(self.sides, (left, right), strict=True) if not body]
        self.predict_button.setVisible(PREDICTION in lacks)
        comparison = None
        if left is not None and right is not None:
            comparison = self.comparisons.compare(sample, left, right)
        tint = (
            None
            if comparison is None
            else difference_colors(comparison, self.alignment, self.limit_mm)
        )
        self.numbers.bar.set_scale(self.limit_mm, self.alignment)
        self.numbers.show_comparison(comparison)
        scene = scene_of(self._session.records, sample.id)
        planner = ComparePlanner(
            scene=scene,
            left=left,
            right=right,
            titles=titles,
            colors=side_colors(self.sides[0].key, self.sides[1].key),
            vertex_colors=tint,
            views=self.views.view_state,
            size_px=self.views.cell_size_px,
            rough=self.views.turning,
        )
        self.views.show_plans(scene, planner.cells())

    def _body(self, side: Side, sample_id: int) -> ShownBody | None:
        try:
            return body_of(self._session, side, sample_id)
        except StudioError as error:  # the set was deleted by another process
            self._session.noticed.emit(error.message)
            return None

    # Choosing

    def _fill_combos(self) -> None:
        known = known_sides(self._session)
        for combo, side in zip(self.combos, self.sides, strict=True):
            with QSignalBlocker(combo):
                combo.clear()
                for one, title in known:
                    combo.addItem(title, one)
                if side not in [one for one, _title in known]:
                    combo.addItem(side_title(self._session, side), side)
                combo.setCurrentIndex(
                    next(row for row in range(combo.count()) if combo.itemData(row) == side)
                )

    @Slot()
    def _on_chosen(self) -> None:
        self.sides = [combo.currentData() for combo in self.combos]
        self.refresh()

    @Slot()
    def swap(self) -> None:
        """Left becomes right."""
        self.sides.reverse()
        self._fill_combos()
        self.refresh()

    # Listening

    def _connect(self) -> None:
        session = self._session
        session.current_changed.connect(self._on_current)
        session.samples_changed.connect(self._on_samples_changed)
        session.rows_stale.connect(self._on_stale)
        self.views.replan.connect(self.refresh)
        self.comparisons.ready.connect(self.refresh)
        self.comparisons.failed.connect(self.refresh)
        for combo in self.combos:
            combo.activated.connect(self._on_chosen)
        for combo in (self.align, self.limit):
            combo.activated.connect(self.refresh)
        self.swap_button.clicked.connect(self.swap)
        self.export_button.clicked.connect(self.ask_export)

    @Slot()
    def _on_current(self) -> None:
        """Fits of one sample's history mean nothing to another sample."""
        if not all(side.for_all for side in self.sides):
            self.sides = [Side(CURRENT), Side(PREDICTION)]
            if self.isVisible():
                self._fill_combos()
        self._mark_outdated()

    @Slot(object)
    def _on_samples_changed(self, sample_ids: set[int]) -> None:
        if self._session.current_id in sample_ids:
            self._mark_outdated()

    @Slot()
    def _mark_outdated(self) -> None:
        self._outdated = True
        if self.isVisible():
            self.refresh()

    @Slot()
    def _on_stale(self) -> None:
        """Another process, a job or the dialog of sets wrote: other sets may exist now."""
        if self.isVisible():
            self._fill_combos()
        self._mark_outdated()

    # Building

    def _build(self) -> None:
        self.name = ElidedLabel()
        self.name.setAccessibleName("Sample")
        self.combos = [_combo(f"{word} side", "What is shown") for word in ("Left", "Right")]
        self.swap_button = QToolButton()
        self.swap_button.setText("⇄")
        self.swap_button.setAccessibleName("Swap left and right")
        self.swap_button.setToolTip("Swap left and right")
        self.align = _combo("Alignment", "How the bodies are laid on each other for the colours")
        for _alignment, title in _ALIGNMENTS:
            self.align.addItem(title)
        self.limit = _combo("Colour scale", "The distance at the light end of the colours")
        for limit in LIMITS_MM:
            self.limit.addItem(f"0 to {limit} mm")
        self.limit.setCurrentIndex(LIMITS_MM.index(FIRST_LIMIT_MM))
        self.predict_button = CommandButton("Predict samples")
        self.predict_button.hide()
        self.export_button = QPushButton("Export what is shown…")
        self.export_button.setAccessibleName("Export what is shown…")
        self.export_button.setToolTip("A contact sheet of this and the next samples (Ctrl+Shift+E)")
        body = QHBoxLayout()
        body.setSpacing(10)
        body.addWidget(self.views, 1)
        body.addWidget(self.numbers)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 6)
        layout.setSpacing(6)
        layout.addLayout(self._build_top())
        layout.addLayout(body, 1)

    def _build_top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.name, 1)
        row.addWidget(self.predict_button)
        row.addWidget(self.combos[0])
        row.addWidget(self.swap_button)
        row.addWidget(self.combos[1])
        row.addSpacing(16)
        row.addWidget(QLabel("Colours"))
        row.addWidget(self.align)
        row.addWidget(self.limit)
        row.addSpacing(16)
        row.addWidget(self.export_button)
        return row


def _combo(name: str, tip: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    box.setMaximumWidth(260)
    return box
