"""Every error the program raises on purpose.

The tree:

    StudioError                    what went wrong, and what to do about it
    ├── UserFileError              a file from outside cannot be used
    │   ├── AnnotationError        keypoints or boxes in an annotation file
    │   ├── BodyFileError          an SMPL body file
    │   │   └── UnsafePickleError  a pickle that asks for more than arrays
    │   └── PictureError           a picture that is missing, damaged or too large
    ├── ShapeError                 an array of the wrong shape reached a module's door
    ├── DictionaryError            the project's database
    │   ├── NotAProjectError       the folder holds no dictionary
    │   ├── ProjectGoneError       its folder was moved, deleted or replaced while it was open
    │   ├── ReadOnlyProjectError   it can be looked at, but not written
    │   ├── SchemaTooNewError      written by a newer program
    │   ├── DiskError              the disk is in the way; the database may well be sound
    │   ├── DictionaryBusyError    another process held the write lock too long
    │   └── NoSuchRecordError      a sample, fit or run that does not exist
    ├── RenderingError             no OpenGL context, or a failed draw
    ├── SetupError                 something the machine lacks
    └── Cancelled                  the user asked to stop; what is done is kept

Catch ``StudioError`` to show a message and go on; anything else is a fault of the program.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def printable(value: object) -> str:
    """A text that every terminal, log and label takes.

    Names of files need not be text: Python writes their odd bytes as halves of surrogate pairs,
    which no encoding knows. These are written as escapes.
    """
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")


class StudioError(Exception):
    """What went wrong, with the remedy beside it.

    ``message`` names the actual and the expected value; ``remedy`` says what the user can do.
    Both can be printed whatever they quote.
    """

    def __init__(self, message: str, *, remedy: str = "") -> None:
        self.message = printable(message)
        self.remedy = printable(remedy)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class UserFileError(StudioError):
    """A file from outside cannot be used; ``path`` says which one."""

    def __init__(self, message: str, *, path: Path, remedy: str = "") -> None:
        super().__init__(f"{path}: {message}", remedy=remedy)
        self.path = path


class AnnotationError(UserFileError):
    """An annotation file, or one entry of it, is not what its format promises."""


class BodyFileError(UserFileError):
    """A body file lacks an array or holds one of the wrong shape."""


class UnsafePickleError(BodyFileError):
    """A pickle asks for a name that arrays do not need; nothing of it was run."""


class PictureError(UserFileError):
    """A picture is missing, damaged, or larger than the limit."""


class ShapeError(StudioError):
    """An array has another shape than the function expects."""

    def __init__(self, name: str, *, actual: Sequence[int], expected: str) -> None:
        super().__init__(f"{name} has shape {tuple(actual)}, expected {expected}.")
        self.actual = tuple(actual)
        self.expected = expected


class DictionaryError(StudioError):
    """The project's database cannot do what was asked."""


class NotAProjectError(DictionaryError):
    """The folder holds no dictionary.db."""


class ProjectGoneError(DictionaryError):
    """The project's folder was moved, deleted or replaced while it was open."""


class ReadOnlyProjectError(DictionaryError):
    """The project was opened to be looked at: its folder cannot be written."""


class SchemaTooNewError(DictionaryError):
    """The database was written by a newer version of the program."""


class DictionaryBusyError(DictionaryError):
    """Another process held the write lock longer than the program waits."""


class DiskError(DictionaryError):
    """The disk is in the way, or the rights to it: the database itself may well be sound."""


class NoSuchRecordError(DictionaryError):
    """A sample, fit or run with this id does not exist."""


class RenderingError(StudioError):
    """OpenGL gave no context, or drawing failed."""


class SetupError(StudioError):
    """The machine lacks something the program needs."""


class Cancelled(StudioError):
    """The user asked to stop. What was finished before is kept."""

    def __init__(self, message: str = "Cancelled by the user.") -> None:
        super().__init__(message)
