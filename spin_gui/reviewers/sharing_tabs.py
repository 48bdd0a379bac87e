"""The three ways of sharing the work: dividing it, second opinions, hidden cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QGridLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.dictionary.reviewers.shares import share_of
from core.errors import StudioError
from core.types.counted_nouns import counted
from core.types.reviewing.made_errors import KIND_MEANINGS, ErrorKind
from core.types.reviewing.shares_text import reviewers_from_text
from spin_gui.reviewers.sharing_choices import (
    Division,
    ErrorsWanted,
    ExpertsCases,
    OpinionsWanted,
    SharingChoice,
)
from spin_gui.session.session import ProjectSession
from spin_gui.widgets.layouts import body_label

ANYONE = "anyone but the first reviewer"
AT_RANDOM, BY_NAME, EVERYONES = "at random", "as ranges, by name", "take the division back"
MADE_ERRORS = "errors made in accepted fits"
DIVIDE_WORDS = (
    "Each reviewer gets a share of the people. Separate names by commas; maria=2, jan=1 gives two "
    "thirds and one third. The pictures of a moment go together. Shift+Q lists what waits for a "
    "reviewer."
)
OPINION_WORDS = (
    "A share of the accepted and rejected fits is judged once more, by a person who does not see "
    "the first verdict. Where the two differ the fit becomes unsure."
)
CASE_WORDS = (
    "Fits of which the right answer is known are mixed into what waits for a reviewer, like any "
    "other. Answers change no verdict; Reviewers and agreement… tells how many were right."
)


class SharingTab(QWidget):
    """One way. ``changed``: count again."""

    changed = Signal()
    title = ""
    ok = ""

    def __init__(self, session: ProjectSession, words: str) -> None:
        super().__init__()
        self._session = session
        self._column = QVBoxLayout(self)
        self._column.addWidget(body_label(words))
        self.form = QFormLayout()
        self._column.addLayout(self.form)
        self._column.addStretch(1)

    def result(self, sample_ids: Collection[int]) -> tuple[str, bool]:
        """What it would do among some samples, in a sentence, and whether it can be done."""
        raise NotImplementedError

    def choice(self, sample_ids: Collection[int], *, only_listed: bool) -> SharingChoice | None:
        """What is asked for; None while it is incomplete."""
        raise NotImplementedError

    def _field(self, title: str, widget: QWidget) -> None:
        widget.setAccessibleName(title)
        self.form.addRow(title, widget)


class DivideTab(SharingTab):
    """Who gets how much, at random or as ranges."""

    title = "Divide"
    ok = "Divide"

    def __init__(self, session: ProjectSession, names: Sequence[str]) -> None:
        super().__init__(session, DIVIDE_WORDS)
        self.names = QLineEdit(", ".join(names) or session.dictionary.author)
        self.names.setPlaceholderText("maria=2, jan=1")
        self.way = QComboBox()
        self.way.addItems([AT_RANDOM, BY_NAME, EVERYONES])
        self._field("Reviewers", self.names)
        self._field("How", self.way)
        self.names.textChanged.connect(self.changed)
        self.way.currentTextChanged.connect(self._show_way)

    def result(self, sample_ids: Collection[int]) -> tuple[str, bool]:
        """As ``maria gets 4 people, jan gets 2 people``."""
        try:
            counts = Counter(self._assigned(sample_ids).values())
        except StudioError as error:
            return str(error), False
        if not sample_ids:
            return "There is no one to divide.", False
        if self.way.currentText() == EVERYONES:
            return f"{counted(len(sample_ids), 'person is', 'people are')} everyone's.", True
        parts = [f"{name} gets {counted(number, 'person', 'people')}"
                 for name, number in counts.items()]  # fmt: skip
        return f"{', '.join(parts)}. Who had them before does not matter.", True

    def choice(self, sample_ids: Collection[int], *, only_listed: bool) -> SharingChoice | None:
        """The division."""
        del only_listed
        try:
            return Division(assigned=self._assigned(sample_ids)) if sample_ids else None
        except StudioError:
            return None

    def _assigned(self, sample_ids: Collection[int]) -> dict[int, str | None]:
        if self.way.currentText() == EVERYONES:
            return dict.fromkeys(sample_ids)
        seed = 0 if self.way.currentText() == AT_RANDOM else None
        reviewers = reviewers_from_text(self.names.text())
        return self._session.dictionary.shares.planned_split(sample_ids, reviewers, seed=seed)

    def _show_way(self, way: str) -> None:
        self.names.setEnabled(way != EVERYONES)
        self.changed.emit()


class OpinionsTab(SharingTab):
    """Which share, and of whom."""

    title = "Second opinions"
    ok = "Ask for second opinions"

    def __init__(self, session: ProjectSession, names: Sequence[str]) -> None:
        super().__init__(session, OPINION_WORDS)
        self.percent = QDoubleSpinBox(minimum=0.1, maximum=100, value=10, decimals=1, suffix=" %")
        self.reviewer = QComboBox(editable=True)
        self.reviewer.addItems([ANYONE, *names])
        self._field("Share", self.percent)
        self._field("Asked of", self.reviewer)
        self.percent.valueChanged.connect(self.changed)
        self.reviewer.currentTextChanged.connect(self.changed)

    def result(self, sample_ids: Collection[int]) -> tuple[str, bool]:
        """As ``3 fits are judged again by jan, of 28 that were judged``."""
        there = self._session.dictionary.shares.askable_count(sample_ids, self._reviewer)
        if not there:
            return "No accepted or rejected fit of which it could be asked.", False
        number = share_of(there, self.percent.value() / 100)
        again = counted(number, "fit is", "fits are")
        by = self._reviewer or ANYONE
        return f"{again} judged again by {by}, of {there:,} that were judged.", True

    def choice(self, sample_ids: Collection[int], *, only_listed: bool) -> SharingChoice | None:
        """The share."""
        del only_listed
        share = self.percent.value() / 100
        return OpinionsWanted(sample_ids=tuple(sample_ids), share=share, reviewer=self._reviewer)

    @property
    def _reviewer(self) -> str | None:
        name = self.reviewer.currentText().strip()
        return None if name in {"", ANYONE} else name


class CasesTab(SharingTab):
    """Made errors of some kinds, or an expert's verdicts."""

    title = "Hidden cases"
    ok = "Mix in"

    def __init__(self, session: ProjectSession, names: Sequence[str]) -> None:
        super().__init__(session, CASE_WORDS)
        self.source = QComboBox()
        self.source.addItem(MADE_ERRORS, None)
        for name in names:
            self.source.addItem(f"what {name} judged, as it is", name)
        self.count = QSpinBox(minimum=1, maximum=10_000, value=20)
        self._field("Cases", self.source)
        self._field("At most", self.count)
        self.kinds = {kind: QCheckBox(str(kind)) for kind in ErrorKind}
        for box in self.kinds.values():
            box.setChecked(True)
        self.everyone = QCheckBox("ask those who accepted the fits, too")
        self.everyone.setAccessibleName("Ask those who accepted the fits, too")
        self._add_kinds()
        self.source.currentIndexChanged.connect(self._show_source)
        self.count.valueChanged.connect(self.changed)

    def result(self, sample_ids: Collection[int]) -> tuple[str, bool]:
        """As ``20 of 34 accepted fits are copied; each copy gets an error and is shown to …``."""
        dictionary, expert = self._session.dictionary, self._expert
        if expert is not None:
            there = dictionary.known_cases.judged_by(expert, sample_ids)
            if not there:
                return f"{expert} judged no fit that could be a hidden case.", False
            cases = counted(min(there, self.count.value()), "fit is", "fits are")
            return f"{cases} shown to all but {expert} as if not judged, of {there:,}.", True
        there, kinds = len(dictionary.made_errors.candidates(sample_ids)), self._kinds
        if not there:
            return "No accepted fit in which an error could be made.", False
        if not kinds:
            return "Choose at least one kind of error.", False
        asked = "everyone" if self.everyone.isChecked() else "all but those who accepted them"
        error = "an error" if len(kinds) == 1 else f"an error of one of {len(kinds)} kinds"
        text = (
            f"{min(there, self.count.value()):,} of {there:,} accepted fits are copied; each copy "
            f"gets {error} and is shown to {asked}. The accepted fits stay what they are."
        )
        return text, True

    def choice(self, sample_ids: Collection[int], *, only_listed: bool) -> SharingChoice | None:
        """The cases."""
        if self._expert is not None:
            return ExpertsCases(
                sample_ids=tuple(sample_ids), count=self.count.value(), expert=self._expert
            )
        if not self._kinds:
            return None
        return ErrorsWanted(
            only_listed=only_listed,
            count=self.count.value(),
            kinds=self._kinds,
            ask_everyone=self.everyone.isChecked(),
        )

    @property
    def _expert(self) -> str | None:
        name = self.source.currentData()
        return None if name is None else str(name)

    @property
    def _kinds(self) -> tuple[ErrorKind, ...]:
        return tuple(kind for kind, box in self.kinds.items() if box.isChecked())

    def _add_kinds(self) -> None:
        grid = QGridLayout()
        for number, (kind, box) in enumerate(self.kinds.items()):
            box.setAccessibleName(str(kind))
            box.setToolTip(KIND_MEANINGS[kind])
            box.toggled.connect(self.changed)
            grid.addWidget(box, number // 2, number % 2)
        grid.addWidget(self.everyone, 3, 0, 1, 2)
        self.everyone.toggled.connect(self.changed)
        self.form.addRow("Kinds", grid)

    def _show_source(self) -> None:
        for box in (*self.kinds.values(), self.everyone):
            box.setEnabled(self._expert is None)
        self.changed.emit()
