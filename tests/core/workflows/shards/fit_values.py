"""Fits of projects as values that can be compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from core.dictionary.store import Dictionary
from core.types.fits import Fit

BATCH = 3
"""People fitted together in these tests."""

FitValue = tuple[object, ...]


def value_of(fit: Fit) -> FitValue:
    body = fit.parameters
    arrays = (body.pose_axis_angle, body.betas, body.camera_translation)
    return (
        *(array.tobytes() for array in arrays),
        body.camera,
        fit.losses,
        fit.origin,
        fit.runner_up,
        fit.group_id,
        fit.pose_valid,
        fit.shape_valid,
    )


def current(project: Path) -> dict[int, FitValue]:
    with Dictionary.open(project) as dictionary:
        fits = dictionary.fits.current(dictionary.search.ids().tolist())
    return {sample_id: value_of(fit) for sample_id, fit in fits.items()}


def histories(project: Path) -> dict[int, set[FitValue]]:
    with Dictionary.open(project) as dictionary:
        return {
            sample_id: set(map(value_of, dictionary.fits.history(sample_id)))
            for sample_id in dictionary.search.ids().tolist()
        }


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums come out the same to the last bit in every process, whatever the machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
