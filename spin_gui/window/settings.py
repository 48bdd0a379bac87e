"""What the window remembers from one start to the next: layout, theme, recent projects.

Facts about data never go here; they live in the project's database.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from core.dictionary.storage.folder_names import DATABASE_FILE
from spin_gui.commands.key_map import KeyMap
from spin_gui.widgets.theme import Theme
from spin_gui.window.restored_view import ReviewBookmark, place_key

ORGANISATION = "SPIN Studio"
APPLICATION = "SPIN Studio"

LAYOUT_VERSION = 1
"""Raised when the window's parts change, so that an old layout is forgotten, not misread."""

RECENT_LIMIT = 8


class WindowSettings:
    """Typed access to the user's settings, or to those of ``file``; trusts no type it reads."""

    def __init__(self, file: Path | None = None) -> None:
        if file is not None:
            self._store = QSettings(str(file), QSettings.Format.IniFormat)
        else:
            self._store = QSettings(
                QSettings.defaultFormat(), QSettings.Scope.UserScope, ORGANISATION, APPLICATION
            )

    @property
    def theme(self) -> Theme:
        """The chosen theme; that of the system until one was chosen."""
        value = str(self._store.value("theme", Theme.SYSTEM.value))
        return Theme(value) if value in set(Theme) else Theme.SYSTEM

    @theme.setter
    def theme(self, theme: Theme) -> None:
        self._store.setValue("theme", theme.value)

    @property
    def recent_projects(self) -> list[Path]:
        """The projects opened last, newest first; folders that are gone are left out."""
        value = self._store.value("recent_projects", [])
        texts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        paths = [Path(text) for text in texts if isinstance(text, str)]
        return [path for path in paths if (path / DATABASE_FILE).is_file()]

    def remember_project(self, project: Path) -> None:
        """Put a project first among the recent ones."""
        project = project.resolve()
        others = [path for path in self.recent_projects if path != project]
        texts = [str(path) for path in [project, *others][:RECENT_LIMIT]]
        self._store.setValue("recent_projects", texts)

    def layout(self, part: str) -> QByteArray | None:
        """The stored state of one part of the window, if this version of the layout wrote it."""
        if self._store.value("layout/version") not in {LAYOUT_VERSION, str(LAYOUT_VERSION)}:
            return None
        value = self._store.value(f"layout/{part}")
        return value if isinstance(value, QByteArray) else None

    def set_layout(self, part: str, state: QByteArray) -> None:
        """Store the state of one part of the window."""
        self._store.setValue("layout/version", LAYOUT_VERSION)
        self._store.setValue(f"layout/{part}", state)

    def review_place(self, project: Path) -> ReviewBookmark | None:
        """Where the reviewer stood in a project when it was closed."""
        return ReviewBookmark.from_text(str(self._store.value(f"places/{place_key(project)}", "")))

    def set_review_place(self, project: Path, place: ReviewBookmark) -> None:
        """Remember where the reviewer stands."""
        self._store.setValue(f"places/{place_key(project)}", place.to_text())

    @property
    def keys(self) -> KeyMap:
        """The keys of all actions, with those that the user chose."""
        return KeyMap.from_text(str(self._store.value("keys", "")))

    @keys.setter
    def keys(self, keys: KeyMap) -> None:
        self._store.setValue("keys", keys.to_text())

    def flag(self, name: str, *, default: bool) -> bool:
        """A remembered switch."""
        value = self._store.value(f"switches/{name}", default)
        return value if isinstance(value, bool) else str(value).lower() == "true"

    def set_flag(self, name: str, *, on: bool) -> None:
        """Remember a switch."""
        self._store.setValue(f"switches/{name}", on)

    def choice(self, name: str, *, default: str) -> str:
        """What was chosen of several; any text may stand there, and the caller checks it."""
        return str(self._store.value(f"choices/{name}", default))

    def set_choice(self, name: str, chosen: str) -> None:
        """Remember what was chosen."""
        self._store.setValue(f"choices/{name}", chosen)

    def save(self) -> None:
        """Write to disk now."""
        self._store.sync()
