"""What doing the edits of the log again needs to find: people by name, fits by their body."""

from __future__ import annotations

from typing import Any

from core.dictionary.clock import PROGRAM_AUTHOR
from core.dictionary.connection import Connection
from core.dictionary.edit_log import Line, from_text
from core.dictionary.fits import insert_fit
from core.dictionary.logged_edits import BLOBS_OF_FITS

_FIND_PERSON = """
SELECT id FROM samples WHERE picture_path = :picture AND dataset = :dataset
    AND (:person IS NULL OR person_key = :person) ORDER BY id LIMIT 1"""

_FIND_FIT = """
SELECT id FROM fits WHERE sample_id = :sample_id AND created_at = :created_at
    AND origin = :origin AND pose_axis_angle = :pose_axis_angle AND betas = :betas"""

_KNOWN = """
SELECT events.at, events.author, events.what, samples.picture_path, samples.dataset,
    samples.person_key
FROM events JOIN samples ON samples.id = events.sample_id WHERE events.author <> ?"""

_NOT_LOGGED = {"run_id": None, "iteration": None, "made_from_fit_id": None}


class Replays:
    """Of one opened dictionary; reached as ``dictionary.replays``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known_edits(self) -> set[tuple[Any, ...]]:
        """Time, author, kind, picture, data set and person of every edit by people."""
        return set(self._connection.execute(_KNOWN, (PROGRAM_AUTHOR,)))

    def person(self, picture: str, dataset: str, person_key: str | None) -> int | None:
        """The sample of a person, named as the log names it; of anybody in the picture for None."""
        names = {"picture": picture, "dataset": dataset, "person": person_key}
        found = self._connection.scalar(_FIND_PERSON, names)
        return None if found is None else int(found)

    def fit(self, sample_id: int, logged: Line) -> int:
        """The fit that an edit was about; stored anew where the dictionary lacks it.

        Raises:
            ValueError, KeyError: the line of the log is damaged.
        """
        row = {
            **logged,
            **{name: from_text(logged[name]) for name in BLOBS_OF_FITS},
            **_NOT_LOGGED,
            "sample_id": sample_id,
        }
        found = self._connection.scalar(_FIND_FIT, row)
        if found is not None:
            return int(found)
        with self._connection.writing():
            return insert_fit(self._connection, row)
