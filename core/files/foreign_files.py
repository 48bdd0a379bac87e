"""The one door through which what other programs wrote comes in.

A parser of a damaged or forged file – json, zipfile, numpy, OpenCV, torch – raises whatever it
comes to: a list of exception types is never complete, and what is missing from it takes the whole
program down. So readers list none. They read inside ``foreign_file``, and whatever goes wrong there
is the file's fault and becomes the file's error, with what was raised as its cause. The program's
own errors, ``Cancelled`` among them, pass as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

from core.errors import StudioError, UserFileError, printable

_Reader = TypeVar("_Reader", bound=Callable[..., Any])

_MAX_REASON_LENGTH = 200
_TERMINAL_CODES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")

_OS_REMEDY = "Check the path, and that you may read the file."


@contextmanager
def foreign_content(
    error_of: Callable[[Exception], Exception], *, passing: type[Exception] = StudioError
) -> Iterator[None]:
    """Turn whatever parsing raises into another error.

    Args:
        error_of: makes the error from what was raised; ``reason_of`` says that in one line.
        passing: errors of the reader itself, which pass as the program's own do.
    """
    try:
        yield
    except (StudioError, passing):
        raise
    except Exception as error:
        raise error_of(error) from error


@contextmanager
def foreign_file(
    path: Path,
    kind: type[UserFileError] = UserFileError,
    *,
    expected: str,
    remedy: str = "Get a complete copy of the file.",
) -> Iterator[None]:
    """Read a file from outside: whatever goes wrong within is an error of the file.

    Args:
        path: which file.
        kind: of the error.
        expected: what the file should be, with its article: "a JSON document".
        remedy: what to do about a file that is something else.

    Raises:
        UserFileError: of the ``kind``, with the path and what went wrong.
    """

    def error_of(error: Exception) -> UserFileError:
        if isinstance(error, OSError):
            return kind(f"cannot be read: {reason_of(error)}.", path=path, remedy=_OS_REMEDY)
        message = f"cannot be read as {expected} ({reason_of(error)})."
        return kind(message, path=path, remedy=remedy)

    with foreign_content(error_of):
        yield


def foreign_reader(
    kind: type[UserFileError], *, expected: str, remedy: str = "Get a complete copy of the file."
) -> Callable[[_Reader], _Reader]:
    """Put a whole function, whose first argument is the path, behind ``foreign_file``'s door."""

    def behind_door(read: _Reader) -> _Reader:
        @wraps(read)
        def reader(path: Path, *args: Any, **kwargs: Any) -> Any:
            with foreign_file(path, kind, expected=expected, remedy=remedy):
                return read(path, *args, **kwargs)

        return cast("_Reader", reader)

    return behind_door


def reason_of(error: BaseException) -> str:
    """What an exception says, as one short line without terminal codes; never empty."""
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if isinstance(error, MemoryError):
        return "it asks for more memory than there is"
    if isinstance(error, KeyError):
        return f"{_one_line(error)} is missing"
    told = getattr(error, "strerror", None)  # of OSError, and of PyAV's errors of other kinds
    if told:
        return str(told)
    return _one_line(error) or type(error).__name__


def _one_line(error: BaseException) -> str:
    text = _TERMINAL_CODES.sub("", printable(error))
    text = _CONTROL_CHARACTERS.sub(" ", text).strip().rstrip(".")
    return text if len(text) <= _MAX_REASON_LENGTH else text[: _MAX_REASON_LENGTH - 1] + "…"
