"""Which body and which pose prior a project works with, and its body for the window.

The modules that read and pose bodies are imported when a body is needed, because the window paints
its list first. None of them loads PyTorch, unlike ``core.engine.project_models``, which builds what
fits and trains from these files.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.body.conventions import OPEN_BODY_NAME
from core.dictionary.storage.body_ownership import BODY_NAME
from core.dictionary.store import Dictionary

if TYPE_CHECKING:
    from core.body.arrays import BodyArrays
    from core.body.display_body import DisplayBody

BODY_FILE = "body_file"
POSE_PRIOR_FILE = "pose_prior_file"


def body_file(dictionary: Dictionary) -> Path | None:
    """A project's own body file; None for the open body."""
    return _file(dictionary, BODY_FILE)


def pose_prior_file(dictionary: Dictionary) -> Path | None:
    """A project's own pose prior; None for the shipped one."""
    return _file(dictionary, POSE_PRIOR_FILE)


def display_body(dictionary: Dictionary) -> DisplayBody:
    """The body of a project, for looking at.

    Raises:
        BodyFileError: the file is missing or no SMPL body.
        DictionaryError: the project's fits were made with another body.
    """
    from core.body.display_body import DisplayBody  # noqa: PLC0415 - see the module

    arrays, name = body_arrays(dictionary)
    return DisplayBody(arrays, name=name)


def body_arrays(dictionary: Dictionary) -> tuple[BodyArrays, str]:
    """The numbers of a project's body, and its name; raises as ``display_body``."""
    from core.body.smpl_files import load_named_arrays  # noqa: PLC0415 - see the module

    arrays, name = load_named_arrays(body_file(dictionary))
    dictionary.body.refuse_other(name)
    return arrays, name


def body_name(dictionary: Dictionary) -> str:
    """The name of a project's body, whose file need not be there any more."""
    name = dictionary.settings.get(BODY_NAME)
    if name:
        return name
    file = body_file(dictionary)
    return OPEN_BODY_NAME if file is None else file.name


def display_body_loader(dictionary: Dictionary) -> Callable[[], DisplayBody]:
    """A function that loads the body of a project for looking at, on any thread.

    A file of the user's own is read at once, so that its errors appear when the project is opened.

    Raises:
        BodyFileError, DictionaryError: as ``display_body``.
    """
    if body_file(dictionary) is not None:
        body = display_body(dictionary)
        return lambda: body
    dictionary.body.refuse_other(OPEN_BODY_NAME)
    return _open_body


def _open_body() -> DisplayBody:
    from core.body.display_body import DisplayBody  # noqa: PLC0415
    from core.body.smpl_files import load_named_arrays  # noqa: PLC0415 - see the module

    arrays, name = load_named_arrays()
    return DisplayBody(arrays, name=name)


def body_settings(path: Path | None) -> dict[str, str]:
    """The settings of a project that works with a body file; None means the open body.

    Raises:
        BodyFileError: the file is no SMPL body.
    """
    from core.body.smpl_files import load_named_arrays  # noqa: PLC0415 - see the module

    _, name = load_named_arrays(path)
    return {BODY_FILE: "" if path is None else str(path.resolve()), BODY_NAME: name}


def choose_body(dictionary: Dictionary, path: Path | None) -> None:
    """Work on a project with another body file from now on; None means the open body.

    After an error the project keeps the body that it has.

    Raises:
        BodyFileError: the file is no SMPL body.
        DictionaryError: the project holds fits of another body.
    """
    settings = body_settings(path)
    dictionary.body.change(settings[BODY_NAME], settings)


def _file(dictionary: Dictionary, key: str) -> Path | None:
    value = dictionary.settings.get(key)
    return Path(value) if value else None
