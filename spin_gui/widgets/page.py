"""The pages of an open project: one of them fills the window at a time."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtWidgets import QWidget

from core.types.fits import RejectReason, Verdict


class Page(StrEnum):
    """What an open project shows. The samples come first; the others are made when first shown."""

    SAMPLES = "samples"
    IMPORT = "import"
    FIT = "fit"
    TRAINING = "training"
    GALLERY = "gallery"
    COMPARE = "compare"
    EVALUATION = "evaluation"
    EXPORT = "export"


class Step(StrEnum):
    """Where the keys that go from sample to sample lead."""

    NEXT = "next"
    PREVIOUS = "previous"
    FIRST = "first"
    LAST = "last"


class PageWidget(QWidget):
    """The panel of a page other than the samples."""

    def walk(self, _step: Step) -> bool:
        """Go to another row of this page's own list; False: it has none but the samples'."""
        return False

    def judge(self, _verdict: Verdict, _reason: RejectReason | None = None) -> bool:
        """Judge what is selected in this page; False: it selects nothing of its own."""
        return False

    def reset_view(self) -> bool:
        """Take back orbit, zoom and pan; False: nothing here can be turned."""
        return False

    def ask_export(self) -> bool:
        """Ask for a file of what this page shows; False: it shows nothing to make one of."""
        return False

    @property
    def chosen_run_id(self) -> int | None:
        """The run that is chosen in this page; None where it has no runs."""
        return None

    def is_drawn(self) -> bool:
        """Whether everything in sight is painted; for pictures of the window."""
        return True

    def close_panel(self) -> None:
        """The project closes: stop what runs and ask the dictionary for nothing any more."""


PAGE_ACTIONS = {
    "go.import": Page.IMPORT,
    "go.fit": Page.FIT,
    "go.export": Page.EXPORT,
    "training.page": Page.TRAINING,
    "view.gallery": Page.GALLERY,
    "view.compare": Page.COMPARE,
    "view.evaluation": Page.EVALUATION,
}
"""The switch that leads to each page but the samples, which are shown when none is on."""
