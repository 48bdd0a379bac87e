"""Makes the panels of an open project's pages, and connects each with the commands it asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction

from spin_gui.commands.context_menu import ContextMenu
from spin_gui.commands.handlers import AllHandlers
from spin_gui.commands.records.context import GALLERY_MENU, RUN_MENU
from spin_gui.commands.workspace import Workspace
from spin_gui.widgets.page import Page, PageWidget
from spin_gui.window.project_page import ProjectPage

if TYPE_CHECKING:
    # Panels are imported when they are asked for.
    from spin_gui.tabs.stage_page import StagePage


class PagePanels:
    """One method a page. Panels are imported when they are asked for: some plot, some draw."""

    def __init__(self, workspace: Workspace, handlers: AllHandlers) -> None:
        self._workspace, self._handlers = workspace, handlers
        self._makers: dict[Page, Callable[[ProjectPage], PageWidget]] = {
            Page.IMPORT: self._import,
            Page.FIT: self._fit,
            Page.EXPORT: self._export,
            Page.TRAINING: self._training,
            Page.GALLERY: self._gallery,
            Page.COMPARE: self._compare,
            Page.EVALUATION: self._evaluation,
        }

    def make(self, project: ProjectPage, page: Page) -> PageWidget:
        """The panel of a page other than the samples."""
        return self._makers[page](project)

    def _import(self, project: ProjectPage) -> PageWidget:
        from spin_gui.tabs.import_page import ImportPage

        return self._stage(ImportPage(project.session, project.facts, self._actions()))

    def _fit(self, project: ProjectPage) -> PageWidget:
        from spin_gui.tabs.fit_page import FitPage

        return self._stage(FitPage(project.session, project.facts, self._actions()))

    def _export(self, project: ProjectPage) -> PageWidget:
        from spin_gui.tabs.export_page import ExportPage

        panel = ExportPage(project.session, project.facts, self._actions())
        panel.export_asked.connect(self._handlers.project.export_as)
        return self._stage(panel)

    def _stage(self, panel: StagePage) -> PageWidget:
        panel.list_asked.connect(self._handlers.pages.list_samples)
        panel.stage_asked.connect(self._handlers.pages.show_stage)
        return panel

    def _actions(self) -> Mapping[str, QAction]:
        return self._workspace.commands.by_id()

    def _training(self, project: ProjectPage) -> PageWidget:
        from spin_gui.training.panel import TrainingPanel

        training, handlers, tools = (
            self._workspace.training_controller,
            self._handlers,
            project.tools,
        )
        panel = TrainingPanel(project.session, tools.body, tools.rendering, training.watch)
        panel.train_asked.connect(handlers.work.train)
        panel.continue_asked.connect(handlers.work.continue_training)
        panel.pause_asked.connect(training.pause_or_go_on)
        panel.stop_asked.connect(training.stop)
        panel.discard_asked.connect(training.discard)
        panel.review_asked.connect(handlers.pages.leave)
        panel.sample_asked.connect(handlers.pages.show_sample)
        panel.run_chosen.connect(project.state_changed)
        ContextMenu(panel.runs.list, "Commands for the run", RUN_MENU, self._actions())
        return panel

    def _gallery(self, project: ProjectPage) -> PageWidget:
        from spin_gui.gallery.gallery import GalleryPanel

        tools = project.tools
        panel = GalleryPanel(project.session, tools.body, tools.rendering, project.parts.engine)
        panel.sample_asked.connect(self._handlers.pages.show_sample)
        panel.export_asked.connect(self._handlers.sheets.ask)
        panel.review_asked.connect(self._handlers.pages.review)
        ContextMenu(panel.view, "Commands for the fit", GALLERY_MENU, self._actions())
        return panel

    def _compare(self, project: ProjectPage) -> PageWidget:
        from spin_gui.compare.compare import ComparePanel

        panel = ComparePanel(project.session, project.tools.body, project.tools.rendering)
        panel.export_asked.connect(self._handlers.sheets.ask)
        panel.predict_button.follow(self._actions()["training.predict"])
        return panel

    def _evaluation(self, project: ProjectPage) -> PageWidget:
        from spin_gui.evaluation.panel import EvaluationPanel

        job_controller = self._workspace.job_controller
        panel = EvaluationPanel(project.session)
        panel.sample_asked.connect(self._handlers.pages.show_sample)
        panel.predict_asked.connect(self._handlers.work.predict_with)
        panel.failed.connect(self._workspace.show_error)
        job_controller.busy_changed.connect(panel.set_busy)
        panel.set_busy(job_controller.busy)
        return panel
