"""The error tree: one base, and messages that say what to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core import errors
from core.types.bodies import BodyParameters


def test_every_error_derives_from_the_one_base() -> None:
    raised = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, Exception)
    ]
    assert len(raised) >= 14
    assert all(issubclass(error, errors.StudioError) for error in raised)


def test_the_tree_in_the_docstring_names_every_error() -> None:
    names = {
        n
        for n, v in vars(errors).items()
        if isinstance(v, type) and v.__module__ == errors.__name__
    }
    drawn = errors.__doc__ or ""
    assert all(name in drawn for name in names)


def test_file_errors_name_the_file_and_the_remedy() -> None:
    error = errors.PictureError("is no picture.", path=Path("a.jpg"), remedy="Save it as JPEG.")
    assert str(error) == "a.jpg: is no picture. Save it as JPEG."
    assert error.path == Path("a.jpg")


def test_wrong_shapes_are_refused_at_the_door() -> None:
    with pytest.raises(errors.ShapeError, match=r"\(69,\), expected \(72,\)"):
        BodyParameters(np.zeros(69, np.float32), np.zeros(10, np.float32), np.zeros(3, np.float32))
