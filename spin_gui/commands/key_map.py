"""The keys of every action: those of its record, or those that a person chose instead."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence

from core.errors import StudioError
from core.files.foreign_files import foreign_content, reason_of
from spin_gui.commands.records import ACTIONS, RECORDS, ActionRecord

ChosenKeys = Mapping[str, tuple[str, ...]]

_RENAMED_ACTIONS = {"training.cockpit": "training.page"}
"""Ids that settings may still hold, with those of today."""


def normal_key(text: str) -> str:
    """A key in Qt's portable text, however it was written; empty where it is none."""
    return QKeySequence(text).toString(QKeySequence.SequenceFormat.PortableText)


def key_of(record: ActionRecord) -> Qt.Key | None:
    """The plain key of an action that works while its key is held down; None without one."""
    sequence = QKeySequence(record.keys[0]) if record.keys else QKeySequence()
    if not sequence.count():
        return None
    key: Qt.Key = sequence[0].key()  # type: ignore[index]  # PySide's stubs do not know it
    return key


@dataclass(frozen=True)
class KeyMap:
    """A key belongs to one action at most: choosing it takes it from the action that had it.

    chosen: keys by action id, for the actions whose keys a person changed.
    """

    chosen: ChosenKeys = field(default_factory=dict)

    def records(self) -> tuple[ActionRecord, ...]:
        """Every action with the keys that hold now, in menu order."""
        taken = {key for keys in self.chosen.values() for key in keys}
        return tuple(self._effective(record, taken) for record in ACTIONS)

    def owner(self, key: str) -> ActionRecord | None:
        """The action that a key runs now, or None."""
        wanted = normal_key(key)
        return next(
            (record for record in self.records() if wanted in map(normal_key, record.keys)),
            None,
        )

    def with_keys(self, action_id: str, keys: tuple[str, ...]) -> KeyMap:
        """These keys for an action, and for no other one any more."""
        wanted = tuple(dict.fromkeys(normal_key(key) for key in keys))
        others = {
            one: tuple(key for key in had if key not in wanted) for one, had in self.chosen.items()
        }
        return KeyMap({**others, action_id: wanted})

    def with_default(self, action_id: str) -> KeyMap:
        """The keys of the record again, except those that another action was given since."""
        return KeyMap({one: keys for one, keys in self.chosen.items() if one != action_id})

    def is_changed(self, action_id: str) -> bool:
        """Whether a person chose the keys of this action."""
        return action_id in self.chosen

    def to_text(self) -> str:
        """For the settings."""
        return json.dumps({one: list(keys) for one, keys in self.chosen.items()})

    @classmethod
    def from_text(cls, text: str) -> KeyMap:
        """From the settings; what cannot be understood is left out, a key that is there twice too.

        Settings are edited by hand and outlive actions: no error of theirs keeps a window closed.
        """
        try:
            with foreign_content(lambda error: StudioError(reason_of(error))):
                stored = json.loads(text) if text else {}
        except StudioError:
            return cls()
        chosen: dict[str, tuple[str, ...]] = {}
        for stored_id, keys in stored.items() if isinstance(stored, dict) else ():
            action_id = _RENAMED_ACTIONS.get(stored_id, stored_id)
            if action_id in RECORDS and isinstance(keys, list):
                taken = {key for had in chosen.values() for key in had}
                usable = (normal_key(key) for key in keys if isinstance(key, str))
                chosen[action_id] = tuple(key for key in usable if key and key not in taken)
        return cls(chosen)

    def _effective(self, record: ActionRecord, taken: set[str]) -> ActionRecord:
        if record.id in self.chosen:
            return replace(record, keys=self.chosen[record.id])
        return replace(record, keys=tuple(k for k in record.keys if normal_key(k) not in taken))
