"""The window: it puts the parts together and opens and closes projects. The rest is elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from core.dictionary.storage.folder_names import DATABASE_FILE
from core.dictionary.storage.project_folder import has_left_over_log
from core.errors import StudioError
from spin_gui.commands.handlers import AllHandlers
from spin_gui.commands.key_map import KeyMap, key_of
from spin_gui.commands.qt_actions import ActionSet
from spin_gui.commands.records.writing import READ_ONLY
from spin_gui.importing.dropped_files import dropped_paths
from spin_gui.jobs.controller import JobController
from spin_gui.jobs.job_panel import JobPanel
from spin_gui.safety.controller import SafetyController
from spin_gui.session.picture_edits import notice_pictures_of_before
from spin_gui.tabs.stage_tabs import StageTabs
from spin_gui.training.controller import TrainingController
from spin_gui.widgets.app_identity import APPLICATION_NAME, application_icon
from spin_gui.widgets.error_reports import ErrorReport, report_of
from spin_gui.widgets.key_guard import KeyGuard
from spin_gui.widgets.notice_bar import NoticeBar
from spin_gui.widgets.theme import Theme
from spin_gui.window.appearance import Appearance
from spin_gui.window.closing.leaving import Leaving
from spin_gui.window.command_state import refresh_commands, show_place
from spin_gui.window.connections import connect_page, connect_parts
from spin_gui.window.errors import ErrorPresenter
from spin_gui.window.pages.page_panels import PagePanels
from spin_gui.window.project_page import ProjectPage
from spin_gui.window.project_tools import ProjectTools
from spin_gui.window.settings import WindowSettings
from spin_gui.window.status_bar import StatusBar
from spin_gui.window.welcome import WelcomePage
from spin_gui.window.window_placement import first_size

FIRST_SIZE = QSize(1600, 1000)
SMALLEST_SIZE = QSize(960, 600)
HOLD_ACTION = "view.hide_overlay"
_GEOMETRY = "geometry"
_LOGGER = logging.getLogger(__name__)


class MainWindow(QMainWindow):
    """Welcome page or an open project, with menus, the job line and the status bar around it."""

    project_changed = Signal(object)
    """The open project's folder, or None."""
    project_closed = Signal(object)
    """The folder of a project that was closed, with nothing of it open any more."""

    def __init__(self, settings: WindowSettings | None = None) -> None:
        super().__init__()
        self.settings = settings or WindowSettings()
        self.page: ProjectPage | None = None
        self.errors = ErrorPresenter(self)
        self.welcome = WelcomePage(application_icon())
        self.tabs = StageTabs()
        self.notice = NoticeBar()
        self.job_panel = JobPanel()
        self.job_controller = JobController(self, self.job_panel)
        self.training_controller = TrainingController(self, self.job_controller)
        self.leaving = Leaving(self, self)
        self.safety = SafetyController(self, self.job_controller, self.leaving.may_leave)
        self.status = StatusBar()
        self._stack = QStackedWidget()
        self._build()
        self._handlers = AllHandlers(self)
        self.commands = ActionSet(self, self._handlers.by_id(), self.settings.keys)
        self._handlers.attach(self.commands)
        self.tabs.follow(self.commands.by_id())
        self._appearance = Appearance(self.settings, self.commands)
        self._panels = PagePanels(self, self._handlers)
        self.key_guard = KeyGuard(self, self._hold_key())
        self._connect()
        self._restore()
        self._show_no_project()

    # Projects

    def open_project(self, project: Path) -> bool:
        """Show a project in place of what is shown now; False when it cannot be, or need not be.

        A dialog says why it cannot. It need not be where the user rather stays, having been asked
        about bodies that were not kept.
        """
        if self.page is not None and self.page.session.project.resolve() == project.resolve():
            return True
        if not self.leaving.may_leave():
            self.status.show_saved(f"{project.name} was not opened.")
            return False
        ended_badly = has_left_over_log(project)
        try:
            tools = ProjectTools.open(project)
        except StudioError as error:
            self.show_error(report_of(error, during=f"Opening {project}"))
            return False
        self.close_project()
        self._show_page(ProjectPage(tools, self.settings, self._panels.make))
        self.settings.remember_project(project)
        notice_pictures_of_before(tools.session)
        if ended_badly:
            self.safety.check_quietly(project)
        _LOGGER.info("Opened %s", project)
        return True

    @Slot()
    def leave_project(self) -> None:
        """Go back to the welcome page, if what is not kept yet may go or was kept."""
        if self.leaving.may_leave():
            self.close_project()

    @Slot()
    def close_project(self) -> None:
        """Go back to the welcome page, without a question."""
        page, self.page = self.page, None
        if page is None:
            return
        self._stack.removeWidget(page)
        self.safety.end_quiet_check()
        page.close_project()
        page.deleteLater()
        self.project_closed.emit(page.session.project)
        self._show_no_project()

    @Slot(object)
    def _open_restored(self, project: Path) -> None:
        if self.page is None:
            self.open_project(project)

    @Slot(object)
    def show_error(self, report: ErrorReport) -> None:
        """Show a report; a project that is no longer where it was opened is closed with it.

        Where another process removed who was asked for, the list follows instead.
        """
        page = self.page
        if report.record_gone and page is not None and page.session.follow_removals():
            return
        self.errors.show_report(report)
        if report.project_gone:
            # Not from inside the page's own signal: closing destroys what sent it.
            QTimer.singleShot(0, self, self._leave_gone_project)

    @Slot()
    def _leave_gone_project(self) -> None:
        if self.page is not None and not self.page.session.dictionary.file.in_place:
            self.job_controller.stop()
            self.close_project()

    def _show_page(self, page: ProjectPage) -> None:
        self.page = page
        session = page.session
        page.state_changed.connect(self.refresh_commands)
        page.state_changed.connect(self._handlers.correct.follow_state)
        page.completed.connect(self._on_page_completed)
        page.failed.connect(self.show_error)
        connect_page(page, self, self._handlers)
        session.saved.connect(self.status.show_saved)
        session.noticed.connect(self.status.show_saved)
        session.counts_changed.connect(self._show_counts)
        self.tabs.show_project(session, page.facts)
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        page.restore_layout()
        page.restore_bookmark()
        self._handlers.pages.forget()
        self._handlers.view.apply_switches()
        self._handlers.listing.apply_switches()
        self._handlers.reviewers.sign_in()
        name = session.project.name
        if session.dictionary.file.read_only:
            name = f"{name} (read-only)"
            self.status.show_saved(READ_ONLY)
        self.status.show_project(name, str(session.project))
        self.setWindowTitle(f"{name} – {APPLICATION_NAME}")
        self._show_counts()
        self.refresh_commands()
        page.samples.focus_list()
        self.project_changed.emit(session.project)

    @Slot()
    def _on_page_completed(self) -> None:
        """The page has views and all else now."""
        if self.page is None:
            return
        connect_parts(self.page.parts, self, self._handlers, self.status)
        self._handlers.view.apply_view_switches()
        self.refresh_commands()

    def _show_no_project(self) -> None:
        self.welcome.show_recent(self.settings.recent_projects)
        self._stack.setCurrentWidget(self.welcome)
        self.setWindowTitle(APPLICATION_NAME)
        self.status.show_no_project()
        self.refresh_commands()
        self.project_changed.emit(None)

    # State

    @Slot(object)
    def set_keys(self, keys: KeyMap) -> None:
        """Use and remember other keys."""
        self.settings.keys = keys
        self.commands.set_keys(keys)
        self.key_guard.set_hold_key(self._hold_key())
        self.refresh_commands()

    def _hold_key(self) -> Qt.Key | None:
        records = self.commands.keys.records()
        return key_of(next(record for record in records if record.id == HOLD_ACTION))

    @Slot()
    def refresh_commands(self) -> None:
        """Enable the commands that can be used now."""
        refresh_commands(self.commands, self.page, self.job_controller.runner)
        show_place(self.tabs, self.page)

    @Slot()
    def _show_counts(self) -> None:
        if self.page is not None:
            counts = self.page.session.counts()
            self.status.show_left(counts.left_to_review, fits=counts.total - counts.without_fit)

    @Slot(bool)
    def _on_busy(self, busy: bool) -> None:  # noqa: FBT001 - a slot of a signal
        self.welcome.set_busy(busy)
        self.refresh_commands()
        self.status.forget_reason()

    @Slot(object)
    def _on_job_wrote(self, project: Path) -> None:
        if self.page is not None and self.page.session.project == project:
            self.page.session.take_in_changes()
        self.leaving.on_job_ended()

    # Look

    def set_theme(self, theme: Theme) -> None:
        """Show and remember a theme."""
        self._appearance.set_theme(theme)

    # Events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key that nothing took: where it is that of a command that rests, say why."""
        if event.key() == Qt.Key.Key_Escape and self._handlers.step_back():
            return
        reason = self.commands.reason_for_key(QKeySequence(event.keyCombination()))
        if reason and not event.isAutoRepeat():
            self.status.show_reason(reason)
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Anything that lies on this machine may be dropped."""
        if dropped_paths(event) and not self.job_controller.busy:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the project, or ask how to import what was dropped."""
        paths = dropped_paths(event)
        if not paths:
            return
        event.acceptProposedAction()
        if len(paths) == 1 and (paths[0] / DATABASE_FILE).is_file():
            self.open_project(paths[0])
        else:
            self.ask_to_import(paths)

    def ask_to_import(self, paths: Sequence[Path]) -> None:
        """Ask how to import files and folders; none: which, too."""
        self._handlers.importing.ask_about(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask what has to be asked; the window closes once running work has ended."""
        if not self.leaving.may_close():
            event.ignore()
            return
        self._save()
        self.close_project()
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self.key_guard)
        event.accept()

    # Building

    def _build(self) -> None:
        self.setWindowIcon(application_icon())
        self.setMinimumSize(SMALLEST_SIZE)
        self.setAcceptDrops(True)
        self.setStatusBar(self.status)
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self.notice)
        # Above the page: a line that comes and goes below it would move the bar of verdicts.
        layout.addWidget(self.job_panel)
        layout.addWidget(self._stack, 1)
        self._stack.addWidget(self.welcome)
        self.setCentralWidget(body)

    def _connect(self) -> None:
        handlers = self._handlers
        self.welcome.new_asked.connect(handlers.project.new_project)
        self.welcome.open_asked.connect(handlers.project.open_project)
        self.welcome.demo_asked.connect(handlers.project.make_demo)
        self.welcome.find_people_asked.connect(handlers.importing.ask)
        self.welcome.recent_chosen.connect(self.open_project)
        self.job_controller.project_made.connect(self.open_project)
        self.job_controller.busy_changed.connect(self._on_busy)
        self.job_controller.wrote.connect(self._on_job_wrote)
        self.job_controller.measured.connect(handlers.correct.take_measurement)
        self.job_controller.draw_missed_asked.connect(handlers.correct.show_without_people)
        self.training_controller.begun.connect(handlers.pages.open_training_page)
        self.job_controller.runner.failed.connect(self.show_error)
        self.safety.failed.connect(self.show_error)
        self.safety.restore_begins.connect(self.close_project)
        self.safety.restored.connect(self._open_restored)
        self.job_controller.runner.finished.connect(handlers.sheets.show_left_out)
        self.job_controller.runner.finished.connect(handlers.importing.ask_about_waiting)
        self.job_controller.runner.finished.connect(handlers.reviewers.take_report)
        self.key_guard.held.connect(handlers.view.hold_overlay_hidden)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.installEventFilter(self.key_guard)

    def _restore(self) -> None:
        geometry = self.settings.layout(_GEOMETRY)
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(first_size(FIRST_SIZE, self.screen().availableGeometry()))
        self._appearance.apply()

    def _save(self) -> None:
        self.settings.set_layout(_GEOMETRY, QByteArray(self.saveGeometry()))
        if self.page is not None:
            self.page.save_layout()
        self.settings.save()
