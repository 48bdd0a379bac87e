"""Whose betas a project holds: the name of one body, settled with the first bodies stored.

Betas of different bodies are not interchangeable, and two processes may make the first fits at the
same moment, each with its own body. So the name is looked at inside the transaction that stores.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.dictionary.storage.connection import Connection
from core.dictionary.storage.settings import put_setting, setting
from core.errors import DictionaryError

BODY_NAME = "body_name"


def hold_body(connection: Connection, name: str | None) -> None:
    """Inside a transaction that stores bodies: settle whose they are.

    Args:
        connection: inside ``writing``.
        name: of the body that they belong to; None where the caller stores what is there already.

    Raises:
        DictionaryError: the project belongs to another body; the transaction must not go on.
    """
    if name is None:
        return
    refuse_other_body(connection, name)
    if setting(connection, BODY_NAME) is None:
        put_setting(connection, BODY_NAME, name)


def claim_body(connection: Connection, name: str) -> None:
    """Record a body before work on it begins; raises as ``hold_body``."""
    with connection.writing():
        hold_body(connection, name)


def change_body(connection: Connection, name: str, settings: Mapping[str, str]) -> None:
    """Work with another body from now on, with its ``settings``; one transaction.

    Raises:
        DictionaryError: the project holds bodies of another one already.
    """
    with connection.writing():
        if has_bodies(connection):
            hold_body(connection, name)
        for key, value in {**settings, BODY_NAME: name}.items():
            put_setting(connection, key, value)


def refuse_other_body(connection: Connection, name: str) -> None:
    """Raise ``DictionaryError`` where the project belongs to another body than ``name``."""
    recorded = setting(connection, BODY_NAME)
    if recorded is not None and recorded != name:
        raise DictionaryError(
            f"{connection.path.parent}: the project belongs to the body '{recorded}', but the body "
            f"'{name}' was loaded. Betas of different bodies are not interchangeable; nothing was "
            "stored.",
            remedy="Give the body file the project was made with, or make a new project.",
        )


def has_bodies(connection: Connection) -> bool:
    """Whether the dictionary holds a fit or a prediction, be it in a set."""
    return bool(
        connection.scalar(
            "SELECT EXISTS (SELECT 1 FROM fits) OR EXISTS (SELECT 1 FROM predictions) "
            "OR EXISTS (SELECT 1 FROM set_predictions)"
        )
    )
