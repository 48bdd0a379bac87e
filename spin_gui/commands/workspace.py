"""The window and the open project as commands see them.

Commands lie below the window: they take these protocols, and never import what fulfils them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtWidgets import QWidget

from core.types.fits import RejectReason, Verdict
from spin_gui.commands.key_map import KeyMap
from spin_gui.commands.qt_actions import ActionSet
from spin_gui.jobs.controller import JobController
from spin_gui.safety.controller import SafetyController
from spin_gui.samples.list_panel import SampleListPanel
from spin_gui.session.session import ProjectSession
from spin_gui.training.controller import TrainingController
from spin_gui.widgets.error_reports import ErrorReport
from spin_gui.widgets.page import Page, PageWidget, Step
from spin_gui.widgets.theme import Theme

if TYPE_CHECKING:
    # The list of samples is painted before these are imported.
    from spin_gui.correcting.controller import CorrectionController
    from spin_gui.frames.frame_tools import FrameTools
    from spin_gui.samples.history import HistoryTable
    from spin_gui.viewer.fit_views import FitViewsPanel


class Preferences(Protocol):
    """What is remembered from one start to the next, as far as commands ask."""

    @property
    def recent_projects(self) -> list[Path]:
        """The projects opened last, newest first."""
        ...

    def flag(self, name: str, *, default: bool) -> bool:
        """A remembered switch."""
        ...

    def set_flag(self, name: str, *, on: bool) -> None:
        """Remember a switch."""
        ...

    def choice(self, name: str, *, default: str) -> str:
        """What was chosen of several."""
        ...

    def set_choice(self, name: str, chosen: str) -> None:
        """Remember what was chosen of several."""
        ...


class OpenProject(Protocol):
    """One open project on the screen."""

    @property
    def session(self) -> ProjectSession:
        """What is listed, current and known."""
        ...

    @property
    def samples(self) -> SampleListPanel:
        """The list."""
        ...

    @property
    def views(self) -> FitViewsPanel:
        """The sample from the camera, the top and the side; made where they are not there yet."""
        ...

    @property
    def correcting(self) -> CorrectionController:
        """Everything that corrects samples; made where it is not there yet."""
        ...

    @property
    def frames(self) -> FrameTools:
        """What there is for the frames of one person; made where it is not there yet."""
        ...

    @property
    def history(self) -> HistoryTable:
        """The fits of the current sample, of which some are chosen."""
        ...

    @property
    def is_complete(self) -> bool:
        """Whether views and all else were made."""
        ...

    @property
    def shown_page(self) -> Page:
        """What fills the window."""
        ...

    @property
    def shown_panel(self) -> PageWidget | None:
        """Its panel; None for the samples."""
        ...

    def show_page(self, page: Page, /) -> None:
        """Fill the window with another page."""
        ...

    def walk(self, step: Step, /) -> None:
        """From sample to sample, in the list of the page that is shown."""
        ...

    def judge(self, verdict: Verdict, reason: RejectReason | None = None, /) -> None:
        """Judge what is selected where the user is."""
        ...

    def offer_reasons(self) -> None:
        """Show the reasons for a rejection, to choose one."""
        ...

    def reset_view(self) -> None:
        """Take back orbit, zoom and pan of what is shown."""
        ...

    def set_grid(self, *, shown: bool) -> None:
        """Big thumbnails in place of the list and the views, or back."""
        ...

    def set_histograms(self, *, shown: bool) -> None:
        """Show or hide the strip of histograms."""
        ...

    def set_details(self, *, shown: bool) -> None:
        """Show or hide the details."""
        ...

    def fold_strips(self) -> None:
        """Fold the strips around the views, or unfold them."""
        ...

    def reset_layout(self) -> None:
        """The first widths."""
        ...


class Workspace(Protocol):
    """The window around the project."""

    @property
    def page(self) -> OpenProject | None:
        """The open project, if there is one."""
        ...

    @property
    def settings(self) -> Preferences:
        """What the window remembers."""
        ...

    @property
    def commands(self) -> ActionSet:
        """Every action, alive."""
        ...

    @property
    def job_controller(self) -> JobController:
        """Asks for jobs and runs them."""
        ...

    @property
    def training_controller(self) -> TrainingController:
        """Asks for trainings and steers them."""
        ...

    @property
    def safety(self) -> SafetyController:
        """Checks projects and goes back to backups."""
        ...

    def window(self) -> QWidget:
        """What dialogs open above."""
        ...

    def open_project(self, project: Path, /) -> bool:
        """Show a project in place of what is shown now."""
        ...

    def leave_project(self) -> None:
        """Go back to the welcome page, once what is not kept yet was asked about."""
        ...

    def close(self) -> bool:
        """Close the window."""
        ...

    def show_error(self, report: ErrorReport, /) -> None:
        """Show what went wrong."""
        ...

    def set_keys(self, keys: KeyMap, /) -> None:
        """Use and remember other keys."""
        ...

    def set_theme(self, theme: Theme, /) -> None:
        """Show and remember a theme."""
        ...
