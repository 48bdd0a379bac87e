"""Files of another method's bodies written again, in the format that they came in.

Rows that no one touched are written as they came, to the last number. A row whose body was rejected
is left out, or says itself that it holds none; one whose person has another body now gets that.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePath
from typing import Any, cast

import numpy as np

from core.dictionary.store import Dictionary
from core.errors import DictionaryError, StudioError
from core.files.atomic_folder import atomic_folder
from core.files.foreign_files import foreign_content, reason_of
from core.formats.bodies.human_data_rows import content_of
from core.formats.bodies.source_rows import ArrayContent, file_content
from core.formats.bodies.writers.changed_rows import UnchangeableRowError, without_body
from core.formats.bodies.writers.human_data import PickledDict, write_human_data
from core.progress import ProgressMeter
from core.types.counted_nouns import counted
from core.types.fits import Fit, Verdict
from core.types.foreign.imported_bodies import BodyFile
from core.workflows.exports.export_request import ExportRequest
from core.workflows.exports.rows_with_fits import RowChanger

_PAGE = 500


class RowFate(StrEnum):
    """What becomes of a row; the words of the report."""

    AS_IT_CAME = "as they came"
    CHANGED = "with the fits that people chose or made since"
    REJECTED = "rejected"
    NOT_WRITABLE = "changed, but not to be written in this form"


_StoredRow = tuple[int, int | None, bytes]
"""Number, owner, and the row as it stood."""


@dataclass(kw_only=True)
class ExportedFile:
    """One file as it was written: how many rows became what; rejected rows are left out of it."""

    out: Path
    source: str
    fates: Counter[RowFate]
    kept_shapes: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def count_kept_shape(self, is_kept: bool) -> None:  # noqa: FBT001 - one fact of one row
        """Note whether a changed row keeps its betas."""
        self.kept_shapes += is_kept

    def lines(self) -> list[str]:
        """What was written, the path at the end."""
        rows = sum(self.fates.values())
        parts = [f"{count} {fate}" for fate, count in self.fates.items() if count]
        lines = [f"{counted(rows, 'row', 'rows')} of {PurePath(self.source).name}: "]
        lines[0] += ", ".join(parts)
        if self.kept_shapes:
            keeps = counted(self.kept_shapes, "changed row keeps", "changed rows keep")
            lines.append(
                f"notice: {keeps} the betas that came, since the project's body has others: pose "
                "and place are new"
            )
        lines += [f"left out: {count}, {reason}" for reason, count in self.reasons.items()]
        return [*lines, str(self.out)]


@dataclass(frozen=True)
class ExportAsImported:
    """Every file that was written."""

    files: tuple[ExportedFile, ...]

    def summary(self) -> str:
        """What was written, file by file."""
        return "\n".join(line for file in self.files for line in file.lines())


def export_as_imported(dictionary: Dictionary, request: ExportRequest) -> ExportAsImported:
    """Write the files that fits of a request's people came from; all rows, where it is everybody.

    Each is written into the folder ``out`` under its own name.

    Raises:
        StudioError: no fit of these people came from a file.
        UserFileError: the folder holds files and ``overwrite`` is off, or cannot be written.
        Cancelled: the user asked to stop.
    """
    ids = request.ids(dictionary).tolist()
    files = [file for file in dictionary.imported_bodies.files_of(ids) if file.heading]
    if not files:
        raise StudioError(
            "No fit of these people came from another method's file whose rows are known.",
            remedy="Take bodies over with main.py import-fits PROJECT FILE.",
        )
    writer = _FileWriter(dictionary, request, frozenset(ids))
    meter = ProgressMeter("Writing files", len(files), request.progress)
    written = []
    with atomic_folder(request.out, overwrite=request.overwrite) as folder:
        for file, name in zip(files, _names(files), strict=True):
            written.append(writer.write(file, folder / name))
            meter.advance()
    return ExportAsImported(tuple(written))


def _names(files: Sequence[BodyFile]) -> list[str]:
    """The files' own names; a second one of a name gets a number."""
    used: Counter[str] = Counter()
    names = []
    for file in files:
        name = PurePath(file.path.replace("\\", "/")).name
        if file.is_of_arrays and PurePath(name).suffix != ".npz":
            name += ".npz"  # pickles and tables come back as arrays by name
        used[name] += 1
        stem, suffix = PurePath(name).stem, PurePath(name).suffix
        names.append(name if used[name] == 1 else f"{stem} ({used[name]}){suffix}")
    return names


class _FileWriter:
    """Writes one file after the other."""

    def __init__(self, dictionary: Dictionary, request: ExportRequest, ids: frozenset[int]) -> None:
        self._dictionary, self._request, self._ids = dictionary, request, ids
        self._changer = RowChanger(dictionary)

    def write(self, file: BodyFile, out: Path) -> ExportedFile:
        rows: list[bytes] = []
        report = ExportedFile(out=self._request.out / out.name, source=file.path, fates=Counter())
        for page in self._pages(file):
            rows += self._rows(file, page, report)
        _write_content(out, file.heading, rows)
        return report

    def _pages(self, file: BodyFile) -> Iterator[list[_StoredRow]]:
        """Rows, some at a time; of a part of the project only its people's."""
        page: list[_StoredRow] = []
        everything = self._request.is_everything
        for _position, number, owner, entry in self._dictionary.imported_bodies.entries(file.id):
            if everything or owner in self._ids:
                page.append((number, owner, entry))
            if len(page) == _PAGE:
                if self._request.cancel is not None:
                    self._request.cancel.raise_if_cancelled()
                yield page
                page = []
        yield page

    def _rows(
        self, file: BodyFile, page: Sequence[_StoredRow], report: ExportedFile
    ) -> Iterator[bytes]:
        taken, current = _fits_of(self._dictionary, page)
        self._changer.look_at([owner for _number, owner, _entry in page if owner is not None])
        for number, owner, entry in page:
            own, now = taken.get(number), current.get(owner or 0)
            fate, row = _fate(own, now), entry
            if fate is RowFate.REJECTED:
                row = without_body(file.heading, entry)
            elif fate is RowFate.CHANGED and own is not None and now is not None:
                try:
                    row = self._changer.row(file, entry, own, now)
                    report.count_kept_shape(not self._changer.writes_betas(own))
                except UnchangeableRowError as error:
                    fate, row = RowFate.NOT_WRITABLE, b""
                    report.reasons[str(error)] += 1
            report.fates[fate] += 1
            if row:
                yield row


def _fits_of(
    dictionary: Dictionary, page: Sequence[_StoredRow]
) -> tuple[dict[int, Fit], dict[int, Fit]]:
    """The fits that rows became, by the row's number, and the current ones by sample."""
    owners = [owner for _number, owner, _entry in page if owner is not None]
    of_rows = dictionary.imported_bodies.fits_of([number for number, *_ in page])
    fits = dictionary.fits.get_many(list(of_rows.values()))
    by_id = {fit.id: fit for fit in fits}
    taken = {number: by_id[fit_id] for number, fit_id in of_rows.items()}
    return taken, dictionary.fits.current(owners)


def _fate(own: Fit | None, current: Fit | None) -> RowFate:
    """What becomes of a row that became a fit, beside the fit that is current now.

    A body that was kept beside an older fit, or lost against it by the dictionary's rules, was
    touched by no one; a newer fit, or one that a person accepted, takes its place.
    """
    if own is None:
        return RowFate.AS_IT_CAME
    if current is None or current.id == own.id:
        return RowFate.REJECTED if own.verdict is Verdict.REJECTED else RowFate.AS_IT_CAME
    is_chosen = current.id > own.id or current.verdict is Verdict.ACCEPTED
    if current.verdict is not Verdict.REJECTED and (is_chosen or own.verdict is Verdict.REJECTED):
        return RowFate.CHANGED
    if own.verdict is Verdict.REJECTED or is_chosen:
        return RowFate.REJECTED
    return RowFate.AS_IT_CAME


def _write_content(out: Path, heading: str, rows: Sequence[bytes]) -> None:
    def error_of(error: Exception) -> DictionaryError:
        return DictionaryError(f"The stored rows do not make a file ({reason_of(error)}).")

    with foreign_content(error_of):
        content = file_content(heading, rows)
        nested = content_of(content.arrays) if isinstance(content, ArrayContent) else None
    if nested is not None:
        dicts = {
            name: PickledDict(value) if isinstance(value, dict) else value
            for name, value in nested.items()
        }
        write_human_data(out, dicts, overwrite=False)
    elif isinstance(content, ArrayContent):
        with out.open("xb") as stream:
            np.savez(stream, **cast("dict[str, Any]", content.arrays))
    else:
        out.write_bytes(json.dumps(content.document).encode())
