"""What the handlers of each menu have in common."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from spin_gui.commands.workspace import OpenProject, Workspace

Handler = Callable[..., object]


class MenuHandlers(QObject):
    """Methods of the main thread that actions call: one short method each, most a single call.

    Those that need a project do nothing while none is open.
    """

    def __init__(self, workspace: Workspace) -> None:
        window = workspace.window()
        super().__init__(window)
        self._workspace, self._window = workspace, window

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action; every subclass names its own."""
        raise NotImplementedError

    @property
    def _page(self) -> OpenProject | None:
        return self._workspace.page
