"""From a project to a written sheet: the jobs that the command line and the window start."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.errors import StudioError, UserFileError
from core.files.atomic_write import atomic_write
from core.progress import CancelToken, ProgressCallback, ignore_progress
from core.rendering.sheets import SHEET_SUFFIXES, Sheet, SheetSection, write_sheet
from core.types.counted_nouns import counted
from core.types.flags import FlagName, flag_words
from core.workflows.choices import COMPARISON_ROWS, FAILURE_ROWS, SUCCESS_ROWS
from core.workflows.comparison_sources import CURRENT, body_source
from core.workflows.reports.captions import listed
from core.workflows.reports.report_renderer import (
    ALL_AROUND,
    FAILURE_COLUMNS,
    LIFTED,
    PICTURE_COLUMN,
    PREDICTED,
    ChosenRows,
    SheetStudio,
    columns_of,
)
from core.workflows.reports.row_selection import best_samples, samples_to_compare

_EVERYTHING = SampleQuery()


@dataclass(frozen=True)
class ReportReport:
    """What was written: the file, and how many rows it has."""

    out: Path
    rows: int
    seconds: float

    def summary(self) -> str:
        """One sentence."""
        return f"Wrote {counted(self.rows, 'row', 'rows')} in {self.seconds:.1f} s to {self.out}."


def report_failures(
    project: Path,
    out: Path,
    *,
    kinds: Sequence[FlagName] = (),
    rows: int = FAILURE_ROWS,
    where: SampleQuery = _EVERYTHING,
    sample_ids: Sequence[int] | None = None,
    for_reviewer: str | None = None,
    overwrite: bool = False,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ReportReport:
    """The worst fits of each kind of failure, beside prediction and lifter (the paper's Figure 2).

    Args:
        project: folder of the project; its dictionary is opened here, for this thread.
        out: the file to write; its ending decides on the format (``SHEET_SUFFIXES``).
        kinds: the flags, a section each; none means all that are raised.
        rows: of each kind, the worst by the flag's score.
        where: which samples.
        sample_ids: exactly these, in this order and one section, whatever else is said.
        for_reviewer: who looks at it; verdicts that are hidden from this reviewer are not on it.
        overwrite: replace an existing file.
        progress: told row by row.
        cancel: asked before each row; nothing is written then.

    Raises:
        StudioError: a file ending of no format, a number of rows below one, or a body or database
            that cannot be used.
        UserFileError: ``out`` exists, or cannot be written.
        Cancelled: the user asked to stop.
    """
    _check(out, rows, overwrite=overwrite)
    with SheetStudio.opened(project, progress, cancel, for_reviewer=for_reviewer) as studio:
        dictionary = studio.dictionary
        if sample_ids is not None:
            chosen = [ChosenRows("", "", None, list(sample_ids))]
        else:
            there = dictionary.flags.counts(where)
            chosen = [
                _kind_section(dictionary, kind, there.get(kind, 0), where, rows)
                for kind in (kinds or [name for name in FlagName if name in there])
            ]
        sections = studio.failure_sections(chosen)
        note = "The worst of each kind, by the score of its flag. Flags suggest; people decide."
        if sample_ids is not None:
            note = f"{counted(len(sample_ids), 'chosen sample', 'chosen samples')}."
        sheet = _without_empty_groups(
            Sheet("SMPLify's failures", FAILURE_COLUMNS, sections, note, studio.footer())
        )
    return _written(sheet, out, studio.started, overwrite=overwrite)


def report_successes(
    project: Path,
    out: Path,
    *,
    of: str = CURRENT,
    rows: int = SUCCESS_ROWS,
    where: SampleQuery = _EVERYTHING,
    sample_ids: Sequence[int] | None = None,
    overwrite: bool = False,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ReportReport:
    """Picture, camera, top and side of what there is least reason to doubt (the paper's Figure 1).

    Args and errors as for ``report_failures``; ``of`` is a source of
    ``core.workflows.comparison_sources``.
    """
    _check(out, rows, overwrite=overwrite)
    with SheetStudio.opened(project, progress, cancel) as studio:
        source = body_source(studio.dictionary, of)
        ids = (
            best_samples(studio.dictionary, source, where, rows)
            if sample_ids is None
            else list(sample_ids)
        )
        columns = [PICTURE_COLUMN, *columns_of(source.title, ALL_AROUND)]
        section = SheetSection("", studio.success_rows(source, ids))
        note = "The least suspicious of the unflagged fits that were not rejected, then by loss."
        if sample_ids is not None:
            note = f"{counted(len(ids), 'chosen sample', 'chosen samples')}."
        sheet = Sheet(f"{source.title}: successes", columns, [section], note, studio.footer())
    return _written(sheet, out, studio.started, overwrite=overwrite)


def report_comparison(
    project: Path,
    out: Path,
    *,
    left: str,
    right: str,
    order: str = "difference",
    rows: int = COMPARISON_ROWS,
    where: SampleQuery = _EVERYTHING,
    sample_ids: Sequence[int] | None = None,
    for_reviewer: str | None = None,
    overwrite: bool = False,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ReportReport:
    """Two sources side by side: another method and ours (Figure 3), paired and unpaired (Figure 4).

    Args and errors as for ``report_failures``; ``left`` and ``right`` are sources of
    ``core.workflows.comparison_sources``, ``order`` one of ``COMPARISON_ORDERS``.
    """
    _check(out, rows, overwrite=overwrite)
    with SheetStudio.opened(project, progress, cancel, for_reviewer=for_reviewer) as studio:
        sides = (body_source(studio.dictionary, left), body_source(studio.dictionary, right))
        if sample_ids is None:
            ids = samples_to_compare(
                studio.dictionary,
                sides,
                where,
                order=order,
                body=KeypointBody(studio.body),
                progress=progress,
                cancel=studio.cancel,
            )
            chosen = {"difference": "farthest apart", "suspicion": "most suspicious"}
            best = chosen.get(order, "first")
            note = f"Of {counted(len(ids), 'sample', 'samples')} that both know, the {best}."
        else:
            ids = list(sample_ids)
            note = f"{counted(len(ids), 'chosen sample', 'chosen samples')}."
        groups = [*columns_of(sides[0].title, ALL_AROUND), *columns_of(sides[1].title, ALL_AROUND)]
        section = SheetSection("", studio.comparison_rows(sides, ids[:rows]))
        title = f"{sides[0].title} beside {sides[1].in_sentence}"
        sheet = Sheet(title, [PICTURE_COLUMN, *groups], [section], note, studio.footer())
    return _written(sheet, out, studio.started, overwrite=overwrite)


def _kind_section(
    dictionary: Dictionary, kind: FlagName, count: int, where: SampleQuery, rows: int
) -> ChosenRows:
    words = flag_words(kind)
    note = f"{counted(count, 'sample', 'samples')}: {words.meaning}."
    ids = dictionary.flags.sample_ids([kind], where)[:rows].tolist()
    return ChosenRows(words.title, note, kind, ids)


def _without_empty_groups(sheet: Sheet) -> Sheet:
    """Leave out the columns of a body that no row has."""
    rows = [row for section in sheet.sections for row in section.rows]
    empty = {
        group
        for group in (PREDICTED, LIFTED)
        if not any(
            cell.picture is not None
            for row in rows
            for column, cell in zip(sheet.columns, row.cells, strict=True)
            if column.group == group
        )
    }
    kept = [index for index, column in enumerate(sheet.columns) if column.group not in empty]
    sections = [
        replace(
            section,
            rows=[replace(row, cells=[row.cells[index] for index in kept]) for row in section.rows],
        )
        for section in sheet.sections
    ]
    return replace(sheet, columns=[sheet.columns[index] for index in kept], sections=sections)


def _check(out: Path, rows: int, *, overwrite: bool) -> None:
    """Refuse at once what would be refused only after minutes of drawing."""
    if out.suffix.lower() not in SHEET_SUFFIXES:
        raise UserFileError(
            f"ends in {out.suffix or 'nothing'!r}, expected {listed(SHEET_SUFFIXES)}.",
            path=out,
            remedy="The ending decides on the format: give another name.",
        )
    if rows < 1:
        raise StudioError(f"The number of rows is {rows}, expected at least 1.")
    if out.exists() and not overwrite:
        raise UserFileError(
            "exists already; nothing was written.",
            path=out,
            remedy="Choose another name, or allow it to be overwritten.",
        )


def _written(sheet: Sheet, out: Path, started: float, *, overwrite: bool) -> ReportReport:
    with atomic_write(out, overwrite=overwrite) as stream:
        write_sheet(sheet, stream, out.suffix.lower())
    count = sum(len(section.rows) for section in sheet.sections)
    return ReportReport(out, count, time.monotonic() - started)
