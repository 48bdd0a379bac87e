"""Where the files are that ship with the program."""

from __future__ import annotations

from pathlib import Path

from core.errors import SetupError

RESOURCES = Path(__file__).resolve().parent.parent / "resources"


def resource_path(relative: str) -> Path:
    """The path of a shipped file; raises ``SetupError`` when the checkout lacks it."""
    path = RESOURCES / relative
    if not path.is_file():
        raise SetupError(
            f"The shipped file resources/{relative} is missing.",
            remedy="Get a complete copy of the program; nothing is downloaded at run time.",
        )
    return path
