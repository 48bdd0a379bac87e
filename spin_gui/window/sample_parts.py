"""All of a project's page but the list: views, details, histograms, corrections, flags.

Imported and made once the list was painted: together they take longer than the list.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QVBoxLayout, QWidget

from spin_gui.correcting.controller import CorrectionController
from spin_gui.frames.frame_tools import FrameTools
from spin_gui.jobs.background_flagger import BackgroundFlagger
from spin_gui.jobs.engine_process import EngineProcess
from spin_gui.samples.details import DetailsPanel
from spin_gui.samples.fit_notice import FitNotice
from spin_gui.samples.histogram_strip import HistogramStrip
from spin_gui.samples.moment_strip import MomentStrip
from spin_gui.samples.verdict_bar import VerdictBar
from spin_gui.tabs.nothing_yet import NothingYet
from spin_gui.viewer.fit_views import FitViewsPanel
from spin_gui.viewer.missing_picture import MissingPictureNotice
from spin_gui.window.project_tools import ProjectTools
from spin_gui.window.strip_folding import Folding


class SampleParts:
    """Panels and helpers of one open project, connected with each other; the page lays them out."""

    def __init__(self, tools: ProjectTools, parent: QObject) -> None:
        session = tools.session
        self.histograms = HistogramStrip(session)
        self.views = FitViewsPanel(session, tools.body, tools.rendering)
        self.details = DetailsPanel(session)
        self.notice = FitNotice(session)
        self.moment = MomentStrip(session, tools.big_pictures)
        self.verdicts = VerdictBar(session)
        self.nothing = NothingYet(session)
        self.missing_picture = MissingPictureNotice()
        self.engine = EngineProcess(session.project, parent)
        self.flags = BackgroundFlagger(session, self.engine, parent)
        self.correcting = CorrectionController(session, tools.body)
        self.frames = FrameTools(session, tools.big_pictures, parent)
        self.seen = self._build_seen()
        self.views.set_proposals(self.correcting.proposed)
        self.correcting.dragging.attach(self.views.grip)
        self.views.picture_missing.connect(self.missing_picture.show_trouble)
        self.correcting.proposals.changed.connect(self.views.show_again)

    @property
    def strips(self) -> dict[str, Folding]:
        """What folds, by the names under which that is remembered."""
        return {
            "histograms": self.histograms,
            "moment": self.moment,
            "frames": self.frames.strip,
            "body_tools": self.correcting.tools,
        }

    def place_tools_below(self) -> None:
        """Put the body tools below the views."""
        self._column.addWidget(self.correcting.tools)

    def close(self) -> None:
        """Stop what runs; before the session closes."""
        self.frames.close()
        self.flags.close()
        self.engine.close()
        self.views.close()
        self.correcting.close()

    def _build_seen(self) -> QWidget:
        """The views, with what is said above them and done below."""
        seen = QWidget()
        self._column = column = QVBoxLayout(seen)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notice)
        column.addWidget(self.missing_picture)
        column.addWidget(self.moment)
        column.addWidget(self.views, 1)
        column.addWidget(self.frames.strip)
        column.addWidget(self.correcting.tools)
        return seen
