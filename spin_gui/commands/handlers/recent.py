"""Opening one of the projects opened last, from the menu's own list or from a dialog."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.widgets.question import open_dialog


class RecentHandlers(MenuHandlers):
    """*File ▸ Open recent*: a menu under the pointer, a dialog from the palette."""

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action."""
        return {"file.open_recent": self.ask}

    def attach(self, action: QAction) -> None:
        """Let the entry of the menu lead to the projects themselves."""
        self._menu = QMenu(self._window)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self._fill)
        self._menu.triggered.connect(self._open)
        action.setMenu(self._menu)

    @Slot()
    def ask(self) -> None:
        """Ask which one."""
        from spin_gui.commands.recent_dialog import RecentDialog

        dialog = RecentDialog(self._workspace.settings.recent_projects, self._window)
        dialog.chosen.connect(self._workspace.open_project)
        open_dialog(dialog, self._window)

    @Slot()
    def _fill(self) -> None:
        self._menu.clear()
        projects = self._workspace.settings.recent_projects
        for number, project in enumerate(projects, start=1):
            name = project.name.replace("&", "&&")
            entry = self._menu.addAction(f"&{number}   {name}")
            entry.setToolTip(str(project))
            entry.setData(project)
        if not projects:
            self._menu.addAction("No project yet").setEnabled(False)

    @Slot(QAction)
    def _open(self, entry: QAction) -> None:
        self._workspace.open_project(entry.data())
