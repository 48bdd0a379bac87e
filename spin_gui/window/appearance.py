"""Light or dark, as chosen or as the system has it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QPixmapCache
from PySide6.QtWidgets import QApplication

from spin_gui.commands.qt_actions import ActionSet
from spin_gui.commands.records import THEME_ACTIONS
from spin_gui.widgets.theme import Theme, apply_theme
from spin_gui.window.settings import WindowSettings


class Appearance(QObject):
    """Shows the remembered theme, and checks it in the menu."""

    def __init__(self, settings: WindowSettings, commands: ActionSet) -> None:
        super().__init__(commands)
        self._settings, self._commands = settings, commands
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.styleHints().colorSchemeChanged.connect(self._on_system_scheme)

    def set_theme(self, theme: Theme) -> None:
        """Show and remember a theme."""
        self._settings.theme = theme
        self.apply()

    def apply(self) -> None:
        """Show the remembered theme."""
        theme = self._settings.theme
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, theme)
        QPixmapCache.clear()
        for action_id, name in THEME_ACTIONS.items():
            self._commands.check(action_id, checked=name == theme.value)

    @Slot()
    def _on_system_scheme(self) -> None:
        if self._settings.theme is Theme.SYSTEM:
            self.apply()
