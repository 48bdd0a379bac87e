"""Whose betas a project holds: the name of one body, settled with the first bodies stored.

Betas of different bodies are not interchangeable, and two processes may make the first fits at the
same moment, each with its own body. So the name is looked at inside the transaction that stores.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.dictionary.storage.connection import Connection
from core.dictionary.storage.settings import Settings
from core.errors import DictionaryError

BODY_NAME = "body_name"

_HAS_BODIES = """
SELECT EXISTS (SELECT 1 FROM fits) OR EXISTS (SELECT 1 FROM predictions)
    OR EXISTS (SELECT 1 FROM set_predictions)"""


class BodyOwnership:
    """Whose betas one opened dictionary holds; reached as ``dictionary.body``."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._settings = connection, Settings(connection)

    def has_bodies(self) -> bool:
        """Whether the dictionary holds a fit or a prediction, be it in a set."""
        return bool(self._connection.scalar(_HAS_BODIES))

    def hold(self, name: str | None) -> None:
        """Inside a transaction that stores bodies: settle whose they are.

        Args:
            name: of the body that they belong to; None where the caller stores what is there
                already.

        Raises:
            DictionaryError: the project belongs to another body; the transaction must not go on.
        """
        if name is None:
            return
        self.refuse_other(name)
        if self._settings.get(BODY_NAME) is None:
            self._settings.put(BODY_NAME, name)

    def claim(self, name: str) -> None:
        """Record a body before work on it begins; raises as ``hold``."""
        with self._connection.writing():
            self.hold(name)

    def change(self, name: str, settings: Mapping[str, str]) -> None:
        """Work with another body from now on, with its ``settings``; one transaction.

        Raises:
            DictionaryError: the project holds bodies of another one already.
        """
        with self._connection.writing():
            if self.has_bodies():
                self.hold(name)
            for key, value in {**settings, BODY_NAME: name}.items():
                self._settings.put(key, value)

    def refuse_other(self, name: str) -> None:
        """Raise ``DictionaryError`` where the project belongs to another body than ``name``."""
        recorded = self._settings.get(BODY_NAME)
        if recorded is not None and recorded != name:
            raise DictionaryError(
                f"{self._connection.path.parent}: the project belongs to the body '{recorded}', "
                f"but the body '{name}' was loaded. Betas of different bodies are not "
                "interchangeable; nothing was stored.",
                remedy="Give the body file the project was made with, or make a new project.",
            )
