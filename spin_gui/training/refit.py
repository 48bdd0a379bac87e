"""Asks what to refit and from where."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QRadioButton, QVBoxLayout, QWidget

from core.dictionary.search.query import SampleQuery
from core.dictionary.search.query_parser import text_of_query
from core.workflows.choices import SET_PREFIX
from spin_gui.jobs.job import RefitChoice
from spin_gui.widgets.layouts import MARGIN, SPACING, body_label, fit_height, headline, ok_cancel
from spin_gui.widgets.question import QuestionDialog

WIDTH = 560


@dataclass(frozen=True)
class _RefitStart:
    name: str
    title: str
    words: str
    chosen: bool


STARTS = (
    _RefitStart(
        "current", "The current fit", "Goes on where the best fit so far ended.", chosen=True
    ),
    _RefitStart(
        "lifter",
        "A lifted body",
        "The 3D pose that a small network estimates (“lifts”) from the 2D keypoints; it knows the "
        "direction best.",
        chosen=True,
    ),
    _RefitStart(
        "network",
        "The network",
        "What the head behind the detector says of the person, as a first fit begins.",
        chosen=False,
    ),
    _RefitStart(
        "prediction", "The prediction", "What the regressor saw in the picture.", chosen=True
    ),
    _RefitStart("mean", "The mean pose", "In four directions; the slowest.", chosen=False),
)


@dataclass(frozen=True)
class RefitOffer:
    """What could be refitted: the open sample (None without one) and the list's samples.

    sets: names of prediction sets, whose bodies fits may start from.
    """

    sample_id: int | None
    sample_name: str
    query: SampleQuery
    listed: int
    sets: tuple[str, ...] = ()


class RefitDialog(QuestionDialog):
    """This sample or the list's; any of the starts."""

    def __init__(self, offer: RefitOffer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Refit")
        self._offer = offer
        self.what = QButtonGroup(self)
        self._offered = (*STARTS, *(_of_set(name) for name in offer.sets))
        self.starts = {start.name: QCheckBox(start.title) for start in self._offered}
        self._build()
        self._update()

    def choice(self) -> RefitChoice | None:
        """What was chosen; None without a start."""
        starts = tuple(name for name, box in self.starts.items() if box.isChecked())
        if not starts:
            return None
        sample_id = self._offer.sample_id if self.what.checkedId() == 0 else None
        return RefitChoice(
            starts=starts,
            where=self._offer.query,
            sample_ids=None if sample_id is None else (sample_id,),
        )

    @Slot()
    def _update(self) -> None:
        self.refit_button.setEnabled(any(box.isChecked() for box in self.starts.values()))

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(SPACING)
        layout.addWidget(
            headline("Fit again, compare with the current fit and keep the better one")
        )
        layout.addLayout(self._build_what())
        layout.addWidget(headline("Start from", larger_by=1.0))
        layout.addLayout(self._build_starts())
        layout.addWidget(
            body_label(
                "Of the new fits, the one with the lowest objective is compared with the current "
                "fit; with the lifted body among the starts, the likeliest one given keypoints and "
                "lifted pose. The better one of the two is the current fit afterwards. Accepted "
                "fits are left alone, and a sample that lacks a start is fitted from the others.",
                quiet=True,
            )
        )
        layout.addStretch(1)
        box, self.refit_button = ok_cancel("Refit")
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        layout.addWidget(box)
        fit_height(self, WIDTH)

    def _build_what(self) -> QVBoxLayout:
        offer = self._offer
        filter_text = text_of_query(offer.query)
        column = QVBoxLayout()
        for number, text in enumerate(
            (
                f"This sample: {offer.sample_name}" if offer.sample_name else "This sample",
                f"The {offer.listed} samples of the list"
                + (f": {filter_text}" if filter_text else ""),
            )
        ):
            button = QRadioButton(text)
            button.setAccessibleName(text)
            self.what.addButton(button, number)
            column.addWidget(button)
        self.what.button(0).setEnabled(offer.sample_id is not None)
        self.what.button(0 if offer.sample_id is not None else 1).setChecked(True)
        return column

    def _build_starts(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        for start in self._offered:
            box = self.starts[start.name]
            box.setChecked(start.chosen)
            box.setAccessibleName(start.title)
            box.setAccessibleDescription(start.words)
            box.toggled.connect(self._update)
            words = body_label(start.words, quiet=True)
            words.setContentsMargins(24, 0, 0, 0)
            column.addWidget(box)
            column.addWidget(words)
        return column


def _of_set(name: str) -> _RefitStart:
    return _RefitStart(
        f"{SET_PREFIX}{name}",
        f"The prediction set “{name}”",
        "The body that it has of the person, as another method's file gave it.",
        chosen=False,
    )
