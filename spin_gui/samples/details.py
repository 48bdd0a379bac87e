"""The right part of the window: all that is known of the current sample, in words and numbers."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.body.usable_keypoints import enough_keypoints
from core.dictionary.storage.clock import PROGRAM_AUTHOR
from core.types.events import Event
from core.types.fits import Fit, Verdict
from core.types.flags import flag_words
from core.types.foreign.imported_bodies import ImportedBody
from core.types.limits import MIN_USABLE_KEYPOINTS
from core.types.reject_reasons import REASON_TITLES, verdict_from_text
from core.types.samples import Sample, SampleRow
from spin_gui.samples.correction_wording import (
    CORRECTIONS,
    corrected_since,
    corrected_text,
    correction_text,
    group_text,
    keypoints_text,
    made_by_text,
)
from spin_gui.samples.fit_charts import BetaBars, LossBars
from spin_gui.samples.fit_notice import replaced_text
from spin_gui.samples.history import HistoryTable, run_text
from spin_gui.session.camera_wording import (
    camera_explained,
    camera_text,
    distance_meaning,
    distance_text,
)
from spin_gui.session.error_scale import ERROR_MEANING, grade_of, graded_text
from spin_gui.session.fit_edits import make_current
from spin_gui.session.glossary import meaning_of
from spin_gui.session.session import ProjectSession
from spin_gui.session.wording import (
    KEYPOINTS_MEANING,
    VERDICT_TITLES,
    flag_reason,
    full_time,
    local_time,
    number,
    origin_meaning,
    origin_title,
)
from spin_gui.widgets.empty_page import EmptyPage
from spin_gui.widgets.fact_rows import ElidedLabel, FactRows, Heading, Note, separator
from spin_gui.widgets.flag_badge import BADGE_FILL, BADGE_TEXT
from spin_gui.widgets.help_mark import with_help
from spin_gui.widgets.verdict_marks import verdict_icon

MARK_SIDE = 28
MAX_EVENTS = 12
MIN_WIDTH = 300

NO_FIT_YET = (
    "No fit yet. Fit the project (menu Fitting), then this place shows losses, shape and the "
    "history of fits."
)
CANNOT_BE_FITTED = (
    "This person has too few keypoints to fit a body to. You can place them: press E (Correct ▸ "
    "Edit keypoints), choose a joint in the table and click where it is in the picture. "
    f"{MIN_USABLE_KEYPOINTS} of them outside neck and hips are enough; then F5 makes the first fit."
)
PARTS_NOTE = (
    "Weighted sums over all joints in px², as the solver left them. The error above is the "
    "root of the loss per joint, which fits are compared by."
)
IMPORTED_PARTS_NOTE = (
    "Weighted sums over all joints in px², measured when the body was taken over, where it lies "
    "under its own camera; it was not solved here. The error above solves for the camera."
)
OUTDATED_PARTS_NOTE = (
    "As they were before keypoints or box were corrected: the error above is of now, "
    "these parts and their sum are not. A refit (F5) measures all of them again."
)
GROUP_MEANING = (
    "A moment is one person at one time, seen by several cameras: one pose and one shape. A "
    "subject is one person at any time: one shape. They are fitted together. Who is left out, "
    "because the body was rejected here alone, is fitted by itself until Fitting ▸ Same moment."
)


_EXPLAINED = {
    "Origin": "origin",
    "Error": "error",
    "Training uses": "what training uses",
    "Camera": "camera distance",
}
"""Rows of the fit, and the words of the glossary that explain them."""


class DetailsPanel(QWidget):
    """Sample, verdict, flags, fit, losses, shape, history and events, one below the other."""

    edit_asked = Signal()
    fit_asked = Signal()
    """Samples without a fit are to be fitted."""
    compare_asked = Signal(int, int)
    """Two fits of the sample's history, by id."""
    """Keypoints of a person who has too few are to be placed."""

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Details")
        self.setMinimumWidth(MIN_WIDTH)
        self._session = session
        self._build_parts()
        self._arrange()
        # Several signals tell of one change, and a hidden panel need not read anything. Queued:
        # the views of the sample, painted meanwhile, come first.
        self._update_soon = QTimer(self, singleShot=True, interval=0)
        self._update_soon.timeout.connect(self.update_now, Qt.ConnectionType.QueuedConnection)
        session.current_changed.connect(self._mark_stale)
        session.rows_stale.connect(self._mark_stale)
        session.samples_changed.connect(self._samples_changed)
        session.closing.connect(self._stop)
        self._closed = False
        self._mark_stale()

    def sizeHint(self) -> QSize:
        """Wide enough for the history's columns."""
        return QSize(340, 800)

    def showEvent(self, event: QShowEvent) -> None:
        """Bring up to date what changed while hidden."""
        super().showEvent(event)
        self.update_now()

    def update_now(self) -> None:
        """Read the current sample and show it; does nothing while hidden."""
        self._update_soon.stop()
        if self._closed or not self.isVisible():
            return
        sample_id = self._session.current_id
        rows = [] if sample_id is None else self._session.records.rows([sample_id])
        if sample_id is None or not rows:  # none is chosen, or who was has been removed
            self.pages.setCurrentWidget(self.nothing_chosen)
            return
        row = rows[0]
        fit = self._session.records.current_fit(sample_id)
        sample = self._session.records.sample(sample_id)
        self._show_sample(row, sample)
        self._show_flags(row)
        self.with_fit.setVisible(fit is not None)
        self.no_fit.setVisible(fit is None)
        can_be_fitted = enough_keypoints(sample.keypoints_px)
        self.no_fit.setText(NO_FIT_YET if can_be_fitted else CANNOT_BE_FITTED)
        self.fit_button.setVisible(fit is None and can_be_fitted)
        self.edit_button.setVisible(fit is None and not can_be_fitted)
        events = self._session.dictionary.events.of(sample_id)
        if fit is not None:
            self._show_verdict(fit)
            self._show_fit(fit, sample)
            self._show_parts(fit, events)
            history = self._session.records.history(sample_id)
            self.history.show_fits(history, self._as_they_came(history))
        fits = {fit.id: fit for fit in self._session.records.history(sample_id)}
        self._show_comments(sample_id)
        self._show_events(events, fits)
        self.verdict_line.setVisible(fit is not None)
        self.pages.setCurrentWidget(self.scroll_area)

    def _as_they_came(self, fits: Sequence[Fit]) -> dict[int, ImportedBody]:
        """The bodies of other methods that fits are, by fit; asked for only where there are any."""
        imported = [fit.id for fit in fits if fit.imported_body_id is not None]
        return self._session.dictionary.imported_bodies.of_fits(imported) if imported else {}

    @Slot(int)
    def _make_current(self, fit_id: int) -> None:
        make_current(self._session, fit_id)

    # Building

    def _build_parts(self) -> None:
        self.name = ElidedLabel()
        font = self.name.font()
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() + 1)
        self.name.setFont(font)
        self.name.setAccessibleName("Sample")
        self.sample_facts = FactRows(
            ("Picture", "Dataset", "Size", "Lens", "Group", "Keypoints", "Corrected")
        )
        self.verdict_mark, self.verdict_title = QLabel(), QLabel()
        self.verdict_mark.setFixedSize(MARK_SIDE, MARK_SIDE)
        self.verdict_by = Note()
        self.flags = QLabel()
        self.flags.setAccessibleName("Flags")
        self.flags.setWordWrap(True)
        self.flags.setTextFormat(Qt.TextFormat.RichText)
        self.fit_facts = FactRows(
            ("Origin", "Run", "Made", "Error", "Training uses", "Camera"),
            explained={name: meaning_of(word) for name, word in _EXPLAINED.items()},
        )
        self.camera_note = Note()
        self.losses, self.betas = LossBars(), BetaBars()
        self.parts_note = Note(PARTS_NOTE)
        self.history = HistoryTable()
        self.history.make_current_asked.connect(self._make_current)
        self.history.compare_asked.connect(self.compare_asked)
        self.no_fit = Note(NO_FIT_YET)
        self.edit_button = QPushButton("Place keypoints")
        self.edit_button.setAccessibleName("Place keypoints of this person")
        self.edit_button.clicked.connect(self.edit_asked)
        self.fit_button = QPushButton("Fit samples…")
        self.fit_button.setAccessibleName("Fit samples without a fit")
        self.fit_button.clicked.connect(self.fit_asked)
        self.comments, self.events = Note(), Note()
        self.comments.setAccessibleName("Comments on this person")
        self.nothing_chosen = EmptyPage(
            "No sample chosen", "Choose one in the list on the left to see its fit here."
        )

    def _arrange(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(6)
        # The verdict first: below what is longer for one person than for another, it would jump.
        self.verdict_line = self._arrange_verdict()
        first = (self.name, self.verdict_line, self.sample_facts, self.flags, self.no_fit)
        for part in first:
            column.addWidget(part)
        for button in (self.fit_button, self.edit_button):
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.with_fit = self._arrange_fit()
        column.addWidget(self.with_fit)
        self.events_heading = Heading("Events")
        self.comments_heading = Heading("Comments")
        for part in (self.comments_heading, self.comments, self.events_heading, self.events):
            column.addWidget(part)
        column.addStretch(1)
        self.scroll_area = QScrollArea(widgetResizable=True)
        self.scroll_area.setFrameShape(QFrame.Shape.NoFrame)
        self.scroll_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll_area.setAccessibleName("Details of the sample")
        self.scroll_area.setWidget(content)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.scroll_area)
        self.pages.addWidget(self.nothing_chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)

    def _arrange_fit(self) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        sections: tuple[tuple[str, tuple[QWidget, ...]], ...] = (
            ("Current fit", (self.fit_facts, self.camera_note)),
            ("Losses by part", (self.losses, self.parts_note)),
            ("Shape", (self.betas,)),
            ("History", (self.history,)),
        )
        for title, widgets in sections:
            column.addWidget(separator())
            column.addWidget(with_help(Heading(title), title, meaning_of(title.lower())))
            for widget in widgets:
                column.addWidget(widget)
        column.addWidget(separator())
        return part

    def _arrange_verdict(self) -> QWidget:
        font = self.verdict_title.font()
        font.setPointSizeF(font.pointSizeF() + 4)
        font.setBold(True)
        self.verdict_title.setFont(font)
        self.verdict_title.setAccessibleName("Verdict")
        part = QWidget()
        line = QHBoxLayout(part)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.verdict_mark)
        line.addWidget(self.verdict_title)
        line.addWidget(self.verdict_by, 1)
        return part

    # Showing

    def _show_sample(self, row: SampleRow, sample: Sample) -> None:
        self.name.set_fact(row.name)
        width, height = sample.picture_size_px
        facts = self.sample_facts
        facts.set_fact("Picture", sample.picture_path.name, str(sample.picture_path))
        facts.set_fact("Dataset", sample.dataset)
        side = f"the person's box has sides of {sample.box.side_px:.0f} px"
        facts.set_fact("Size", f"{width} × {height} px, box {sample.box.side_px:.0f} px", side)
        lens = camera_explained(sample.camera, sample.picture_size_px)
        facts.set_fact("Lens", camera_text(sample.camera), lens)
        membership = self._session.dictionary.groups.of([sample.id]).get(sample.id)
        group = "" if membership is None else group_text(membership.names)
        left_out = " (left out)" if membership is not None and membership.left_out else ""
        facts.set_fact("Group", f"{group}{left_out}", GROUP_MEANING)
        facts.set_fact("Keypoints", keypoints_text(sample), KEYPOINTS_MEANING)
        facts.set_fact("Corrected", corrected_text(sample))

    def _show_verdict(self, fit: Fit) -> None:
        self.verdict_mark.setPixmap(verdict_icon(fit.verdict, MARK_SIDE).pixmap(MARK_SIDE))
        self.verdict_title.setText(VERDICT_TITLES[fit.verdict].capitalize())
        by = ""
        if fit.verdict is not Verdict.NONE and fit.verdict_at is not None:
            by = f"{fit.verdict_by or 'unknown'}, {local_time(fit.verdict_at)}"
            self.verdict_by.setToolTip(f"Given {full_time(fit.verdict_at)}")
            if fit.reject_reason is not None:
                by = f"{REASON_TITLES[fit.reject_reason]}\n{by}"
        self.verdict_by.setText(by)

    def _show_flags(self, row: SampleRow) -> None:
        reasons: dict[str, str] = {
            flag.name: flag.reason for flag in self._session.dictionary.flags.of(row.id)
        }
        lines = [
            f"{flag_words(flag).title}: {flag_reason(flag, row, assessed=reasons.get(flag, ''))}"
            for flag in row.flags
        ]
        badges = [_badge_html(flag) for flag in row.flags]
        pairs = zip(badges, lines, strict=True)
        self.flags.setText("<br>".join(f"{badge} {html.escape(line)}" for badge, line in pairs))
        self.flags.setAccessibleDescription("\n".join(lines))
        self.flags.setVisible(bool(lines))

    def _show_fit(self, fit: Fit, sample: Sample) -> None:
        facts, loss = self.fit_facts, fit.losses.comparison
        converted = self._session.dictionary.body_changes.of_fits([fit.id]).get(fit.id, [])
        was_of = f", from {converted[-1].from_body}" if converted else ""
        meanings = [origin_meaning(fit.origin), *(f"It was {each}." for each in converted)]
        facts.set_fact("Origin", origin_title(fit.origin) + was_of, "\n".join(meanings))
        facts.set_fact("Run", run_text(fit).removeprefix("run "))
        made = " ".join(name for name in (local_time(fit.created_at), made_by_text(fit)) if name)
        facts.set_fact("Made", made, full_time(fit.created_at))
        grade = grade_of(loss)
        if grade is not None:
            facts.set_level("Error", grade.bars, QColor(grade.color))
        facts.set_fact(
            "Error",
            graded_text(loss),
            f"{ERROR_MEANING} The loss itself is {number(loss)} px²: what loss: means in a search."
            if fit.losses.is_measured
            else UNMEASURED,
        )
        facts.set_fact("Training uses", supervision_text(fit), _SUPERVISION_NOTE)
        meaning = distance_meaning(fit.parameters, sample)
        facts.set_fact("Camera", distance_text(fit.parameters, sample), meaning)
        self.camera_note.setText(meaning)
        self.betas.show_betas(fit.parameters.betas)

    def _show_parts(self, fit: Fit, events: list[Event]) -> None:
        """What the solver minimised; greyed where its keypoints are no longer those of now."""
        outdated = corrected_since(fit, events)
        self.losses.show_losses(fit.losses)
        self.losses.setDisabled(outdated)
        note = PARTS_NOTE if fit.imported_body_id is None else IMPORTED_PARTS_NOTE
        self.parts_note.setText(OUTDATED_PARTS_NOTE if outdated else note)

    def _show_comments(self, sample_id: int) -> None:
        comments = self._session.dictionary.comments.of_sample(sample_id)
        lines = [f"{local_time(each.at)}  {each.author}: {each.text}" for each in comments]
        self.comments.setText("\n".join(lines))
        for part in (self.comments_heading, self.comments):
            part.setVisible(bool(lines))

    def _show_events(self, events: list[Event], fits: Mapping[int, Fit]) -> None:
        newest = list(reversed(events))
        lines = [event_text(event, fits) for event in newest[:MAX_EVENTS]]
        if len(newest) > MAX_EVENTS:
            lines.append(f"and {len(newest) - MAX_EVENTS} older ones")
        self.events.setText("\n".join(lines) or "Nothing has happened to this sample yet.")

    # Listening

    def _stop(self) -> None:
        self._closed = True
        self._update_soon.stop()

    def _mark_stale(self) -> None:
        self._update_soon.start()

    def _samples_changed(self, sample_ids: set[int]) -> None:
        if self._session.current_id in sample_ids:
            self._mark_stale()


UNMEASURED = (
    "There are no keypoints to measure the fit by. Place some (E), or let the detector find them; "
    "a fit may be accepted without."
)
"""What the error of a fit is while the person has no keypoints."""

_SUPERVISION_NOTE = (
    "What a training may learn from this fit: the pose where its loss is small enough, the shape "
    "where no β is extreme; nothing from a rejected fit."
)


def _badge_html(flag: str) -> str:
    """The badge of the list, as a word in a text."""
    badge = html.escape(flag_words(flag).badge)
    style = f"background:{BADGE_FILL.name()}; color:{BADGE_TEXT.name()}; font-weight:600"
    return f'<span style="{style}">&nbsp;{badge}&nbsp;</span>'


def supervision_text(fit: Fit) -> str:
    """What the fit may teach the regressor."""
    if fit.verdict is Verdict.REJECTED:
        return "nothing: it was rejected"
    if fit.verdict is not Verdict.ACCEPTED and not fit.losses.is_measured:
        return "nothing until accepted"
    parts = [
        name
        for name, valid in (
            ("pose", fit.pose_valid or fit.verdict is Verdict.ACCEPTED),
            ("shape", fit.shape_valid),
        )
        if valid
    ]
    return " and ".join(parts) or "nothing: neither pose nor shape is valid"


def event_text(event: Event, fits: Mapping[int, Fit]) -> str:
    """One change in a line: when, who, what; ``fits`` by id tell how much better it became."""
    when = local_time(event.at)
    if event.what == "verdict":
        change = f"{_verdict_words(event.before)} → {_verdict_words(event.after)}"
        return f"{when}  {event.author}: {change}"
    if event.what in CORRECTIONS:
        return f"{when}  {event.author}: {correction_text(event)}"
    replaced = _fit_of(event.before, fits), _fit_of(event.after, fits)
    if event.author == PROGRAM_AUTHOR and replaced[0] is not None and replaced[1] is not None:
        return f"{when}  {replaced_text(replaced[0], replaced[1])}"
    before = "none" if event.before is None else event.before
    after = "none" if event.after is None else event.after
    return f"{when}  {event.author}: current fit {before} → {after}"


def _verdict_words(stored: str | None) -> str:
    verdict, reason = verdict_from_text(stored or Verdict.NONE)
    because = "" if reason is None else f" ({REASON_TITLES[reason]})"
    return f"{VERDICT_TITLES[verdict]}{because}"


def _fit_of(stored_id: str | None, fits: Mapping[int, Fit]) -> Fit | None:
    return fits.get(int(stored_id)) if stored_id is not None and stored_id.isdigit() else None
