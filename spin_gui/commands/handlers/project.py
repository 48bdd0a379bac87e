"""What the actions of the File menu do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Slot

from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.session.picture_edits import move_pictures
from spin_gui.widgets.question import open_dialog


class ProjectHandlers(MenuHandlers):
    """Projects: making, opening, filling and closing them."""

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action."""
        return {
            "file.new_project": self.new_project,
            "file.open_project": self.open_project,
            "file.make_demo": self.make_demo,
            "file.close_project": self._workspace.leave_project,
            "file.find_pictures": self.find_pictures,
            "file.export": self.export,
            "file.export_people": self.export_people,
            "file.quit": self._workspace.close,
        }

    @Slot()
    def new_project(self) -> None:
        """Ask for a new project."""
        self._workspace.job_controller.ask_new_project()

    @Slot()
    def open_project(self) -> None:
        """Ask for a project folder and open it."""
        from spin_gui.widgets.paths import ask_folder

        recent = self._workspace.settings.recent_projects
        start = recent[0].parent if recent else Path.home()
        project = ask_folder(self._window, "Open project", start)
        if project is not None:
            self._workspace.open_project(project)

    @Slot()
    def make_demo(self) -> None:
        """Ask for a demo project."""
        self._workspace.job_controller.ask_demo()

    @Slot()
    def find_pictures(self) -> None:
        """Ask where pictures are that are not at their place, and name them there."""
        from spin_gui.safety.find_pictures import FindPicturesDialog

        if self._page is not None:
            dialog = FindPicturesDialog(self._page.session, self._window)
            dialog.chosen.connect(self._move_pictures)
            dialog.failed.connect(self._workspace.show_error)
            open_dialog(dialog, self._window)

    @Slot(object)
    def _move_pictures(self, moves: Mapping[Path, Path]) -> None:
        if self._page is not None:
            move_pictures(self._page.session, moves)

    @Slot()
    def export(self) -> None:
        """Ask what to export, and where to."""
        if self._page is not None:
            self._workspace.job_controller.ask_export(self._page.session)

    @Slot()
    def export_people(self) -> None:
        """The same, of those who are selected, or of the person shown."""
        if self._page is not None:
            self._workspace.job_controller.ask_export(self._page.session, only_selected=True)

    @Slot(str)
    def export_as(self, format_name: str) -> None:
        """The same, with a format proposed."""
        if self._page is not None:
            self._workspace.job_controller.ask_export(self._page.session, format_name)
