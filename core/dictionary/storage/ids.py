"""Ids of rows: many of them in one parameter, and what is said where some do not exist."""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from core.dictionary.storage.connection import Connection
from core.errors import NoSuchRecordError


def id_list(ids: Iterable[int]) -> str:
    """Ids as the JSON array that ``json_each`` takes: any number of them in one parameter."""
    return json.dumps([int(number) for number in ids])


def text_list(texts: Iterable[str]) -> str:
    """Texts, such as paths, as the JSON array that ``json_each`` takes."""
    return json.dumps(list(texts))


def check_all_found(kind: str, requested: Iterable[int], found: Iterable[int]) -> None:
    """Raise ``NoSuchRecordError`` naming the ids that were asked for and do not exist."""
    missing = sorted({int(number) for number in requested} - set(found))
    if missing:
        listed = ", ".join(str(number) for number in missing[:5])
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        raise NoSuchRecordError(f"The project has no {kind} {listed}{more}.")


def removed_samples(connection: Connection, sample_ids: Iterable[int]) -> set[int]:
    """Those of some samples that were in the project and are not any more.

    No number is used twice.
    """
    asked = {int(sample_id) for sample_id in sample_ids}
    there = connection.execute(
        "SELECT id FROM samples WHERE id IN (SELECT value FROM json_each(?))", (id_list(asked),)
    )
    missing = asked - {sample_id for (sample_id,) in there}
    if not missing:
        return missing
    newest = connection.scalar(
        "SELECT seq + 0 AS newest FROM sqlite_sequence WHERE name = 'samples'"
    )
    return {sample_id for sample_id in missing if 0 < sample_id <= (newest or 0)}


SampleIds = NDArray[np.int64]
