"""What happens where a person is asked for whom another process, or an undo, has removed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.errors import NoSuchRecordError

if TYPE_CHECKING:
    from spin_gui.session.session import ProjectSession

GONE = "This person was removed from the project."
"""What stands in the place of who is not there any more."""


@contextmanager
def following_removals(session: ProjectSession) -> Iterator[None]:
    """Do something with people; where one of them was removed, the list follows instead.

    Raises:
        NoSuchRecordError: what was asked for is not there, and no one was removed.
    """
    try:
        yield
    except NoSuchRecordError:
        if not session.follow_removals():
            raise
