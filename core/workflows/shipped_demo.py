"""The demo project that ships ready made: copied in a moment, without PyTorch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.dictionary.storage.created_files import TakenBack
from core.dictionary.storage.folder_names import DATABASE_FILE
from core.dictionary.storage.migrations import MIGRATIONS
from core.dictionary.storage.project_folder import is_project, project_from_file
from core.dictionary.store import Dictionary
from core.errors import DictionaryError, SetupError
from core.files.atomic_write import atomic_write
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.resource_files import resource_path
from core.workflows.demo_report import PICTURE_FOLDER, DemoReport, DemoStage, report_on, stage_of


def copy_demo_project(
    project: Path,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> DemoReport:
    """Make the demo project by copying the shipped one.

    The dictionary comes last: what was killed half-way is no project yet, and a second call
    completes it. A call that fails leaves nothing that it made.

    Raises:
        DictionaryError: the folder is a project already, or cannot be made.
        UserFileError: another picture of the same name is there, or one cannot be written.
        SetupError: the program's own copy is not complete.
        Cancelled: when asked to stop.
    """
    shipped = resource_path(f"demo/{DATABASE_FILE}")
    pictures = _shipped_pictures()
    if is_project(project):
        raise DictionaryError(
            f"{project} is a project already.", remedy="Open it, or choose another folder."
        )
    meter = ProgressMeter("Copying the demo project", len(pictures), progress)
    with TakenBack(project) as made:
        made.folder(project / PICTURE_FOLDER)
        for picture in pictures:
            if cancel is not None:
                cancel.raise_if_cancelled()
            _copy_picture(picture, project / PICTURE_FOLDER / picture.name, made)
            meter.advance()
        made.project_folders()
        project_from_file(shipped, project, migrations=MIGRATIONS)
        made.database()
        with Dictionary.open(project) as dictionary:
            return report_on(dictionary)


def copy_demo_pictures(folder: Path, *, most: int, cancel: CancelToken | None = None) -> int:
    """Copy the demo's first pictures into a folder, with nothing beside them; returns how many.

    Raises:
        StudioError: the folder cannot be made, or a picture cannot be written; what a failed call
            made goes again.
        Cancelled: when asked to stop.
    """
    pictures = _shipped_pictures()[: max(most, 0)]
    with TakenBack(folder) as made:
        made.folder(folder)
        for picture in pictures:
            if cancel is not None:
                cancel.raise_if_cancelled()
            _copy_picture(picture, folder / picture.name, made)
    return len(pictures)


def _shipped_pictures() -> list[Path]:
    shipped = resource_path(f"demo/{DATABASE_FILE}")
    pictures = sorted((shipped.parent / PICTURE_FOLDER).glob("*.jpg"))
    if not pictures:
        raise SetupError(
            "The pictures of the demo project, resources/demo/pictures, are missing.",
            remedy="Get a complete copy of the program; nothing is downloaded at run time.",
        )
    return pictures


def finished_demo(project: Path) -> DemoReport | None:
    """What a finished demo holds; None for one that was interrupted.

    Raises:
        DictionaryError: the folder holds a project that is no demo.
    """
    with Dictionary.open(project) as dictionary:
        if stage_of(dictionary) is not DemoStage.COMPLETE:
            return None
        return replace(report_on(dictionary), already_there=True)


def _copy_picture(shipped: Path, picture: Path, made: TakenBack) -> None:
    content = shipped.read_bytes()
    if picture.is_file() and picture.read_bytes() == content:
        return
    with atomic_write(picture, overwrite=False) as stream:
        stream.write(content)
    made.file(picture)
