"""A menu under the pointer, made of the same commands as the menu bar."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QMenu, QWidget

from spin_gui.commands.records.context import Sections


class ContextMenu(QObject):
    """Opens on a right click into ``target``, and on the key for it; lives as long as that."""

    def __init__(
        self, target: QWidget, name: str, sections: Sections, actions: Mapping[str, QAction]
    ) -> None:
        super().__init__(target)
        self._target = target
        self.menu = QMenu(name, target)
        self.menu.setAccessibleName(name)
        self.menu.setToolTipsVisible(True)
        for number, section in enumerate(sections):
            if number:
                self.menu.addSeparator()
            for action_id in section:
                self.menu.addAction(actions[action_id])
        target.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        target.customContextMenuRequested.connect(self.open_at)

    @Slot(QPoint)
    def open_at(self, point: QPoint) -> None:
        """Open at a point of the target, or of the part of it that asks."""
        sender = self.sender()
        place = sender if isinstance(sender, QWidget) else self._target
        if isinstance(place, QAbstractItemView) and not place.indexAt(point).isValid():
            return
        if isinstance(place, QAbstractScrollArea):
            place = place.viewport()
        self.menu.popup(place.mapToGlobal(point))
