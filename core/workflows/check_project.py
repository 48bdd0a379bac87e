"""Looks for damage in a project: its dictionary, and the files that it speaks of."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.dictionary.storage.folder_names import CHECKPOINT_FOLDER
from core.dictionary.store import Dictionary
from core.errors import (
    DictionaryBusyError,
    DictionaryError,
    DiskError,
    NotAProjectError,
    SchemaTooNewError,
)
from core.progress import CancelToken, ProgressCallback, ignore_progress
from core.types.counted_nouns import counted
from core.types.runs import RunStatus


@dataclass(frozen=True)
class CheckReport:
    """What was found.

    problems: damage; each changes, or may change, what people see. notes: files that are not where
    the project looks for them, which is no damage to it.
    """

    samples: int
    problems: tuple[str, ...]
    notes: tuple[str, ...]

    def summary(self) -> str:
        """A sentence for the user."""
        if not self.problems:
            samples = counted(self.samples, "sample", "samples")
            them = "it" if self.samples == 1 else "them"
            return f"The project is sound: {samples} and all that belongs to {them}."
        count = len(self.problems)
        found = "1 problem was" if count == 1 else f"{count} problems were"
        return (
            f"{found} found. Go back to the newest sound backup with main.py restore PROJECT, or "
            "in the window with File ▸ Restore a backup…"
        )


def check_project(
    project: Path,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> CheckReport:
    """Read all of a project and compare it with what was written.

    A dictionary too damaged to be opened is no error, but a report of that.

    Raises:
        NotAProjectError, SchemaTooNewError, DictionaryBusyError: there is nothing to look at.
        DiskError: the disk is in the way, as a full one where the schema is an old one. It is
            no damage, and no backup mends it.
        Cancelled: the user asked to stop.
    """
    try:
        with Dictionary.open(project) as dictionary:
            problems = tuple(dictionary.problems(progress=progress, cancel=cancel))
            return CheckReport(
                samples=0 if problems else dictionary.search.count(),
                problems=problems,
                notes=() if problems else tuple(_missing_files(dictionary)),
            )
    except (NotAProjectError, SchemaTooNewError, DictionaryBusyError, DiskError):
        raise
    except DictionaryError as error:
        return CheckReport(samples=0, problems=(error.message,), notes=())


def _missing_files(dictionary: Dictionary) -> Iterator[str]:
    missing = [
        picture.path for picture in dictionary.pictures.all() if not os.path.lexists(picture.path)
    ]
    if missing:
        what = counted(
            len(missing), "picture is not where it was", "pictures are not where they were"
        )
        yield f"{what}, such as {missing[0]}; main.py relink PROJECT OLD NEW finds what moved."
    for run in dictionary.runs.all():
        folder = dictionary.project / CHECKPOINT_FOLDER / f"run_{run.id}"
        # One that was thrown back is cancelled, too, and has no folder.
        left_some = run.status is RunStatus.FINISHED or (
            run.status is RunStatus.CANCELLED and folder.is_dir()
        )
        if run.is_training and left_some and not any(folder.glob("*.pt")):
            yield f"Run {run.id} has no checkpoint any more: {folder} holds none."
