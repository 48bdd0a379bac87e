"""Export of what people changed: who, what, when."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from core.dictionary.samples.corrections import CORRECTION_COLUMNS
from core.dictionary.store import Dictionary
from core.files.atomic_write import atomic_write
from core.types.counted_nouns import counted


@dataclass(frozen=True, kw_only=True)
class CorrectionsExport:
    """What was written: changes, and how many people made them."""

    out: Path
    changes: int
    authors: int

    def summary(self) -> str:
        """The report in one line and the path."""
        changes = counted(self.changes, "change", "changes")
        return f"{changes} by {counted(self.authors, 'person', 'people')}\n{self.out}"


def export_corrections(
    dictionary: Dictionary, out: Path, *, overwrite: bool = False
) -> CorrectionsExport:
    """Write every change that a person made as a CSV with one line each, oldest first.

    Raises:
        UserFileError: ``out`` exists and ``overwrite`` is off, or cannot be written.
    """
    rows = dictionary.corrections.by_people()
    text = io.StringIO()
    writer = csv.DictWriter(text, CORRECTION_COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    with atomic_write(out, overwrite=overwrite) as stream:
        stream.write(text.getvalue().encode(errors="backslashreplace"))
    return CorrectionsExport(
        out=out, changes=len(rows), authors=len({row["author"] for row in rows})
    )
