"""The actions of one window, alive: QActions, menus, and when each may be used."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from core.errors import StudioError
from spin_gui.commands.key_map import KeyMap
from spin_gui.commands.records import (
    ACTIONS,
    RECORDS,
    SAID_FOR_KEYS,
    THEME_ACTIONS,
    ActionRecord,
    Menu,
    When,
    actions_of,
    why_not,
)
from spin_gui.commands.records.writing import READ_ONLY, WRITING_ACTIONS


class ActionSet(QObject):
    """Makes a QAction of every record and keeps it enabled exactly while its state holds.

    ``handlers`` maps each action id to a method of a QObject; checkable actions hand it their
    state. A record without a handler, or a handler without a record, is refused at once.
    """

    def __init__(
        self,
        window: QMainWindow,
        handlers: Mapping[str, Callable[..., object]],
        keys: KeyMap | None = None,
    ) -> None:
        super().__init__(window)
        _check_handlers(handlers)
        self.reasons: dict[str, str] = {}
        """Why each action that cannot be used now rests, by id."""
        self._asked: tuple[frozenset[When], str, bool] | None = None
        self.keys = keys or KeyMap()
        self._actions = {
            record.id: self._build(record, handlers[record.id]) for record in self.keys.records()
        }
        window.addActions(list(self._actions.values()))
        self._build_theme_group()
        for menu in Menu:
            window.menuBar().addMenu(self._build_menu(menu, window))

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def by_id(self) -> Mapping[str, QAction]:
        """All actions, for buttons that run them."""
        return self._actions

    def set_keys(self, keys: KeyMap) -> None:
        """Other keys for the same actions, at once."""
        self.keys = keys
        for record in keys.records():
            self._give_keys(self._actions[record.id], record)

    def refresh(
        self, state: Collection[When], *, running: str = "", read_only: bool = False
    ) -> None:
        """Enable what ``state`` allows, and say of the rest why not.

        ``When.ALWAYS`` needs no mention. running: the title of the job that runs. read_only: the
        project can only be looked at.
        """
        asked = (frozenset(state), running, read_only)
        if asked == self._asked:
            return
        self._asked = asked
        reasons = {record.id: why_not(record.when, state, running=running) for record in ACTIONS}
        if read_only:
            reasons |= dict.fromkeys(WRITING_ACTIONS, READ_ONLY)
        self.reasons = {action_id: reason for action_id, reason in reasons.items() if reason}
        for record in ACTIONS:
            action, reason = self._actions[record.id], reasons[record.id]
            action.setEnabled(not reason)
            action.setStatusTip(reason or record.help)
            action.setToolTip(f"{record.help}\n{reason}" if reason else record.help)

    def reason_for_key(self, key: QKeySequence) -> str:
        """Why a key does nothing now; empty where it means nothing, or its action may be used."""
        for action_id, reason in self.reasons.items():
            if RECORDS[action_id].when in SAID_FOR_KEYS and key in self[action_id].shortcuts():
                return f"{RECORDS[action_id].title}: {reason}"
        return ""

    def check(self, action_id: str, *, checked: bool) -> None:
        """Show a switch's state without running its handler."""
        action = self._actions[action_id]
        action.blockSignals(True)  # noqa: FBT003 - Qt's own signature
        action.setChecked(checked)
        action.blockSignals(False)  # noqa: FBT003

    def add_to_title(self, action_id: str, text: str) -> None:
        """Say in the menu what an action would do now: ``Undo: Accept 12.png``."""
        record = RECORDS[action_id]
        self._actions[action_id].setText(f"{record.title}: {text}" if text else record.title)

    def _build(self, record: ActionRecord, handler: Callable[..., object]) -> QAction:
        action = QAction(self)
        action.setObjectName(record.id)
        action.setStatusTip(record.help)
        action.setToolTip(record.help)
        action.setCheckable(record.checkable)
        self._give_keys(action, record)
        if record.checkable:
            action.toggled.connect(handler)
        else:
            action.triggered.connect(handler)
        return action

    def _give_keys(self, action: QAction, record: ActionRecord) -> None:
        if record.hold:
            action.setText(_menu_text(record))
            return
        if not action.text():
            action.setText(record.title)  # what was added to a title later stays
        action.setShortcuts([QKeySequence(key) for key in record.keys])

    def _build_theme_group(self) -> None:
        group = QActionGroup(self)
        for action_id in THEME_ACTIONS:
            group.addAction(self._actions[action_id])

    def _build_menu(self, menu: Menu, window: QMainWindow) -> QMenu:
        qmenu = QMenu(f"&{menu.value}", window)
        qmenu.setToolTipsVisible(True)
        section = 0
        for record in actions_of(menu):
            if record.section != section:
                qmenu.addSeparator()
                section = record.section
            self._menu_for(record, qmenu).addAction(self._actions[record.id])
        return qmenu

    def _menu_for(self, record: ActionRecord, qmenu: QMenu) -> QMenu:
        """The menu itself, or one within it, made where its first action stands."""
        if not record.submenu:
            return qmenu
        within = qmenu.findChild(QMenu, record.submenu, Qt.FindChildOption.FindDirectChildrenOnly)
        if within is None:
            within = qmenu.addMenu(f"&{record.submenu}")
            within.setObjectName(record.submenu)
            within.setToolTipsVisible(True)
        return within


def _check_handlers(handlers: Mapping[str, object]) -> None:
    expected = {record.id for record in ACTIONS}
    if expected != set(handlers):
        missing, unknown = expected - set(handlers), set(handlers) - expected
        raise StudioError(f"Actions without a handler: {missing}; handlers of nothing: {unknown}.")


def _menu_text(record: ActionRecord) -> str:
    # A held key is no shortcut of the action: a tab makes the menu show it in the key column.
    return f"{record.title}\t{record.keys_text}" if record.hold else record.title
