"""The formats a project can be exported to: one list for the command and for the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.progress import CancelToken, ProgressCallback, ignore_progress
from core.workflows.annotations.export_keypoints import export_coco_keypoints
from core.workflows.export_corrections import export_corrections

_EVERYTHING = SampleQuery()


class ExportSummary(Protocol):
    """What every export reports."""

    def summary(self) -> str:
        """What was written, in a line, and the path."""


Export = Callable[..., ExportSummary]


@dataclass(frozen=True, kw_only=True)
class ExportFormat:
    """One format.

    by_sample: whether a query chooses what is written; otherwise it is always everything.
    """

    name: str
    title: str
    help: str
    suffix: str
    by_sample: bool
    write: Export


def _writer(module: str, name: str) -> Export:
    """A writer whose module is imported when it writes: it reads bodies, which help must not."""

    def write(*arguments: Any, **options: Any) -> ExportSummary:
        export: Export = getattr(import_module(module), name)
        return export(*arguments, **options)

    return write


EXPORT_FORMATS: dict[str, ExportFormat] = {
    export_format.name: export_format
    for export_format in (
        ExportFormat(
            name="spin-fits",
            title="SPIN's final fits (npz)",
            help="SPIN's npz of final fits: what its trainers and their successors read. Rejected "
            "fits and those too poor to learn from are zeros",
            suffix=".npz",
            by_sample=True,
            write=_writer("core.workflows.export_fits", "export_spin_fits"),
        ),
        ExportFormat(
            name="coco-keypoints",
            title="Keypoints (COCO's JSON)",
            help="COCO's JSON of keypoints as they stand, corrected and drawn ones included",
            suffix=".json",
            by_sample=True,
            write=export_coco_keypoints,
        ),
        ExportFormat(
            name="corrections",
            title="Changes by people (CSV)",
            help="a CSV of what people changed: who, when, what, from, to",
            suffix=".csv",
            by_sample=False,
            write=export_corrections,
        ),
    )
}


def export_project(
    project: Path,
    format_name: str,
    out: Path,
    *,
    query: SampleQuery = _EVERYTHING,
    overwrite: bool = False,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ExportSummary:
    """Write a project, or the samples of a query, whole or not at all.

    Raises:
        UserFileError: ``out`` exists and ``overwrite`` is off, or cannot be written.
        DictionaryError: the project cannot be read.
        Cancelled: the user asked to stop; nothing was written.
    """
    chosen = EXPORT_FORMATS[format_name]
    with Dictionary.open(project) as dictionary:
        if not chosen.by_sample:
            return chosen.write(dictionary, out, overwrite=overwrite)
        return chosen.write(
            dictionary, out, query=query, overwrite=overwrite, progress=progress, cancel=cancel
        )
