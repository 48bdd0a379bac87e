"""What the actions about damage and backups do."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot

from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.widgets.paths import ask_folder


class SafetyHandlers(MenuHandlers):
    """Checking a project, and going back to a backup of one."""

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action."""
        return {"file.check": self.check, "file.restore": self.restore}

    @Slot()
    def check(self) -> None:
        """Look for damage in the open project."""
        if self._page is not None:
            self._workspace.safety.check(self._page.session.project)

    @Slot()
    def restore(self) -> None:
        """Ask for a backup of the open project, or of one that may be past opening."""
        if self._page is not None:
            self._workspace.safety.ask_restore(self._page.session.project)
            return
        recent = self._workspace.settings.recent_projects
        start = recent[0] if recent else Path.home()
        project = ask_folder(self._window, "Restore a backup of the project", start)
        if project is not None:
            self._workspace.safety.ask_restore(project)
