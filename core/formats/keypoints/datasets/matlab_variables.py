"""The one variable of a MATLAB file that holds a data set."""

from __future__ import annotations

from pathlib import Path

from core.errors import AnnotationError
from core.files.matlab_files import MatlabError, MatlabValue, read_matlab, read_names


def open_matlab(source: Path, variable: str, *, remedy: str) -> MatlabValue:
    """A variable of a file.

    Raises:
        AnnotationError: no MATLAB file of version 5 to 7, or without the variable.
    """
    try:
        found = read_matlab(source)
    except MatlabError as error:
        raise AnnotationError(f"{error}.", path=source, remedy=remedy) from error
    if variable not in found:
        names = ", ".join(sorted(found))[:80] or "nothing"
        raise AnnotationError(f"found {names}, expected {variable}.", path=source, remedy=remedy)
    return found[variable]


def has_variable(source: Path, variable: str) -> bool:
    """Whether a file has a variable of a name; only the beginning of each is unpacked."""
    return variable in read_names(source)
