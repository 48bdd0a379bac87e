"""All filters of the list as fields; they mean the same as the rules typed into the search box."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from core.dictionary.assessment.verdict_agreement import VerdictShares, wrong_text
from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.search.query_parser import (
    MEASURE_WORDS,
    like_values,
    query_from_text,
    text_of_query,
)
from core.errors import StudioError
from core.types.cameras import SOURCE_MEANINGS, CameraSource
from core.types.fits import ORIGIN_TITLES, Origin, Verdict, error_px, loss_of_error
from core.types.flags import FlagName, flag_words
from spin_gui.samples.histogram_strip import MEASURE_TITLES
from spin_gui.session.wording import VERDICT_TITLES, origin_meaning, samples_text
from spin_gui.widgets.layouts import MARGIN, ok_cancel, plain_button
from spin_gui.widgets.question import QuestionDialog

_FLAGGED = (("with or without flags", ""), ("with any flag", "flag:any"), ("without", "flag:none"))
_WIDTH = 820
_FIELD_WIDTH = 76
_NO_VERDICTS: Mapping[str, VerdictShares] = MappingProxyType({})

Key = TypeVar("Key", bound=str)


class FilterDialog(QuestionDialog):
    """``chosen(SampleQuery)``; says all the while how many samples the filters let through."""

    def __init__(
        self,
        query: SampleQuery,
        count: Callable[[SampleQuery], int],
        parent: QWidget | None = None,
        *,
        verdicts_by_flag: Mapping[str, VerdictShares] = _NO_VERDICTS,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Filter samples")
        self._query, self._count = query, count
        self.text = _line("Part of name or data set", "part of a name or data set")
        self.verdicts = _boxes({verdict: VERDICT_TITLES[verdict] for verdict in Verdict})
        self.origins = _boxes({origin: ORIGIN_TITLES[origin] for origin in Origin})
        for origin, box in self.origins.items():
            box.setToolTip(origin_meaning(origin))
        self.flags = _boxes({flag: flag_words(flag).title for flag in FlagName})
        for flag, box in self.flags.items():
            judged = verdicts_by_flag.get(flag, VerdictShares())
            box.setToolTip(f"{flag_words(flag).badge}  {flag_words(flag).meaning}")
            if judged.decided:
                box.setText(f"{box.text()} · {judged.wrong}/{judged.decided} right")
                box.setToolTip(f"{box.toolTip()}\nOf those that were judged {wrong_text(judged)}")
        self.flagged = self._build_flagged()
        self.datasets = _line("Data sets", "names, with commas between")
        self.runs = _line("Runs", "numbers, as 3, 5")
        self.members = {
            "moment": _line("Moments", "names, any or none"),
            "subject": _line("Persons", "names, any or none"),
            "group": _line("Either of both", "names, any, none or left-out"),
            "like": _line("Poses like sample", "12, or 12, mirrored"),
            "same": _line("Near copies of sample", "12"),
        }
        self.cameras = _boxes({source: source.value for source in CameraSource})
        for source, box in self.cameras.items():
            box.setToolTip(SOURCE_MEANINGS[source])
        self.first_day = _line("Fitted from", "2026-11-01")
        self.last_day = _line("Fitted until", "2026-11-30")
        self.ranges = {
            key: (_line(f"{title}: from", "from"), _line(f"{title}: to", "to"))
            for key, title in MEASURE_TITLES.items()
        }
        self.corrected = QCheckBox("Corrected by people only")
        self.without_fit = QCheckBox("Without fit only")
        self.state = QLabel()
        self.state.setAccessibleName("What the filters let through")
        self.state.setWordWrap(True)
        self.buttons, self.ok = ok_cancel("Filter")
        self._arrange()
        self._show(query)
        self._connect()
        self._changed()

    def choice(self) -> SampleQuery | None:
        """The filters of the fields in the order as it was; None while a field cannot be read."""
        try:
            return query_from_text(self._rules()).in_order_of(self._query)
        except StudioError:
            return None

    def _rules(self) -> str:
        """The fields as the text that means the same."""
        parts = [*self.text.text().split(), self.flagged.currentData()]
        for key, boxes in (
            ("verdict", self.verdicts),
            ("origin", self.origins),
            ("flag", self.flags),
            ("camera", self.cameras),
        ):
            parts.append(_with_key(key, (one for one, box in boxes.items() if box.isChecked())))
        parts.append(_with_key("dataset", _listed(self.datasets)))
        parts.append(_with_key("run", _listed(self.runs)))
        parts += [_with_key(key, _listed(line)) for key, line in self.members.items()]
        words = {measure: word for word, measure in MEASURE_WORDS.items()}
        for measure, (low, high) in self.ranges.items():
            squared = measure is SortKey.LOSS  # rules are kept with the loss
            parts.append(_range(words[measure], low, high, squared=squared))
        parts.append(_range("fitted", self.first_day, self.last_day))
        parts.append("with:corrections" if self.corrected.isChecked() else "")
        parts.append("without:fit" if self.without_fit.isChecked() else "")
        return " ".join(shlex.quote(part) for part in parts if part)

    def _show(self, query: SampleQuery) -> None:
        self.text.setText(query.text)
        for boxes, wanted in (
            (self.verdicts, query.verdicts),
            (self.origins, query.origins),
            (self.flags, query.flags),
            (self.cameras, query.cameras),
        ):
            for one, box in boxes.items():
                box.setChecked(one in wanted)
        self.flagged.setCurrentIndex({None: 0, True: 1, False: 2}[query.flagged])
        self.datasets.setText(", ".join(sorted(query.datasets)))
        self.runs.setText(", ".join(str(run) for run in sorted(query.runs)))
        for key, names in (
            ("moment", query.moments),
            ("subject", query.subjects),
            ("group", query.groups),
        ):
            self.members[key].setText(", ".join(sorted(names)))
        for key in ("like", "same"):
            self.members[key].setText(", ".join(dict(like_values(query.like)).get(key, [])))
        for field, day in (
            (self.first_day, query.fitted.first),
            (self.last_day, query.fitted.last),
        ):
            field.setText("" if day is None else day.isoformat())
        for measure, fields in self.ranges.items():
            span = query.range_of(measure)
            for field, end in zip(fields, (span.low, span.high), strict=True):
                field.setText("" if end is None else _shown(measure, end))
        self.corrected.setChecked(query.only_corrected)
        self.without_fit.setChecked(query.only_without_fit)

    @Slot()
    def _changed(self) -> None:
        try:
            query = query_from_text(self._rules())
        except StudioError as error:
            self.state.setText(str(error))
            self.ok.setEnabled(False)
            return
        count = samples_text(self._count(query))
        rules = text_of_query(query)
        self.state.setText(f"{count}. Typed: {rules}" if rules else f"{count}.")
        self.ok.setEnabled(True)

    @Slot()
    def _clear(self) -> None:
        self._show(SampleQuery())

    # Building

    def _build_flagged(self) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName("Flags at all")
        for title, rule in _FLAGGED:
            box.addItem(title, rule)
        return box

    def _connect(self) -> None:
        for line in self.findChildren(QLineEdit):
            line.textChanged.connect(self._changed)
        for box in self.findChildren(QCheckBox):
            box.toggled.connect(self._changed)
        self.flagged.currentIndexChanged.connect(self._changed)

    def _arrange(self) -> None:
        clear = plain_button(self.buttons, "Clear all", QDialogButtonBox.ButtonRole.ResetRole)
        clear.clicked.connect(self._clear)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        columns = QHBoxLayout()
        columns.setSpacing(12)
        for groups in (self._left_groups(), self._right_groups()):
            column = QVBoxLayout()
            for group in groups:
                column.addWidget(group)
            column.addStretch(1)
            columns.addLayout(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.addWidget(self.text)
        layout.addLayout(columns)
        layout.addWidget(self.state)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(_WIDTH)

    def _left_groups(self) -> list[QGroupBox]:
        return [
            _group("Verdict", _in_columns(self.verdicts.values())),
            _group("Flags, any of", _in_columns([self.flagged, *self.flags.values()], wide=1)),
            _group("Where the fit comes from", _in_columns(self.origins.values())),
            _group("Camera known from", _in_columns(self.cameras.values())),
        ]

    def _right_groups(self) -> list[QGroupBox]:
        ranges = QGridLayout()
        for row, (measure, fields) in enumerate(self.ranges.items()):
            ranges.addWidget(QLabel(MEASURE_TITLES[measure]), row, 0)
            for column, field in enumerate(fields, start=1):
                ranges.addWidget(field, row, column)
        days = len(self.ranges)
        ranges.addWidget(QLabel("Fitted, days of UTC"), days, 0)
        ranges.addWidget(self.first_day, days, 1)
        ranges.addWidget(self.last_day, days, 2)
        others = QGridLayout()
        lines = (self.datasets, self.runs, *self.members.values())
        for row, field in enumerate(lines):
            others.addWidget(QLabel(field.accessibleName()), row, 0)
            others.addWidget(field, row, 1)
        others.addWidget(self.corrected, len(lines), 0, 1, 2)
        others.addWidget(self.without_fit, len(lines) + 1, 0, 1, 2)
        return [_group("Ranges", ranges), _group("More", others)]


def _with_key(key: str, values: Iterable[str]) -> str:
    listed = ",".join(values)
    return f"{key}:{listed}" if listed else ""


def _listed(line: QLineEdit) -> list[str]:
    return [name.strip() for name in line.text().split(",") if name.strip()]


def _shown(measure: SortKey, end: float) -> str:
    """An end as it is typed: that of the loss as the error, which the whole window shows."""
    if measure is SortKey.LOSS:
        return f"{error_px(end):.6g}"
    return repr(end).removesuffix(".0")


def _range(word: str, low: QLineEdit, high: QLineEdit, *, squared: bool = False) -> str:
    ends = [field.text().strip() for field in (low, high)]
    if squared:
        ends = [_squared(end) for end in ends]
    return f"{word}:{ends[0]}..{ends[1]}" if any(ends) else ""


def _squared(typed: str) -> str:
    """The loss of a typed error; what is no number is told when the rule is read."""
    try:
        return repr(loss_of_error(float(typed))).removesuffix(".0")
    except ValueError:
        return typed


def _line(name: str, hint: str) -> QLineEdit:
    line = QLineEdit(placeholderText=hint)
    line.setAccessibleName(name)
    line.setMinimumWidth(_FIELD_WIDTH)
    return line


def _boxes(titles: Mapping[Key, str]) -> dict[Key, QCheckBox]:
    boxes = {}
    for key, title in titles.items():
        boxes[key] = QCheckBox(title[:1].upper() + title[1:])
        boxes[key].setAccessibleName(title)
    return boxes


def _in_columns(widgets: Iterable[QWidget], *, wide: int = 0) -> QGridLayout:
    """Two columns; the first ``wide`` widgets use both."""
    grid = QGridLayout()
    widgets = list(widgets)
    for row, widget in enumerate(widgets[:wide]):
        grid.addWidget(widget, row, 0, 1, 2)
    for place, widget in enumerate(widgets[wide:]):
        grid.addWidget(widget, wide + place // 2, place % 2, Qt.AlignmentFlag.AlignTop)
    return grid


def _group(title: str, content: QGridLayout) -> QGroupBox:
    group = QGroupBox(title)
    group.setAccessibleName(title)
    group.setLayout(content)
    return group
