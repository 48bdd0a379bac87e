"""What the handlers of each menu have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from spin_gui.window.project_page import ProjectPage

if TYPE_CHECKING:
    from spin_gui.window.main_window import MainWindow

Handler = Callable[..., object]


class MenuHandlers(QObject):
    """Methods of the main thread that actions call: one short method each, most a single call.

    Without a project those that need one rest.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action; every subclass names its own."""
        raise NotImplementedError

    @property
    def _page(self) -> ProjectPage | None:
        return self._window.page
