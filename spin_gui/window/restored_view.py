"""Where a reviewer stood in a project: filter, order and sample, found at the next opening."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.search.query_parser import query_from_text, text_of_query
from core.errors import StudioError
from core.files.foreign_files import foreign_content, reason_of


@dataclass(frozen=True)
class ReviewBookmark:
    """The list as it was seen, and the sample that was looked at."""

    query: SampleQuery
    sample_id: int | None

    def to_text(self) -> str:
        """For the settings."""
        return json.dumps(
            {
                "where": text_of_query(self.query),
                "sort": self.query.sort.value,
                "descending": self.query.descending,
                "sample_id": self.sample_id,
            }
        )

    @classmethod
    def from_text(cls, text: str) -> Self | None:
        """The place that ``to_text`` wrote; None for anything else, settings can be edited."""
        try:
            with foreign_content(lambda error: StudioError(reason_of(error))):
                stored = json.loads(text)
                query = replace(
                    query_from_text(str(stored["where"])),
                    sort=SortKey(stored["sort"]),
                    descending=bool(stored["descending"]),
                )
                sample_id = stored["sample_id"]
        except StudioError:
            return None
        return cls(query, sample_id if isinstance(sample_id, int) else None)


def place_key(project: Path) -> str:
    """The settings' key of a project; a digest, since keys may not hold slashes."""
    return hashlib.sha256(os.fsencode(project.resolve())).hexdigest()[:16]
