"""What jobs over a project can be asked for, by name or number.

Imports nothing: the command line explains its options without loading what works on them.
"""

from __future__ import annotations

SHIPPED_PEOPLE, SHIPPED_SEED = 60, 0
"""The demo project that ships ready made, as ``make_demo_project`` would be asked for it."""

FIT_STARTS = ("mean", "lifter", "network")
"""Where a first fit may begin; ``core.workflows.starting_points`` has their origins."""

DEFAULT_FIT_STARTS = {"studio": "network", "paper": "mean"}
"""Where a first fit begins unless another start is named, by fitting profile; ``paper`` begins as
the paper does."""

REFIT_STARTS = ("mean", "current", "prediction", "lifter", "network")
"""Where a refit may begin."""

SET_PREFIX = "set:"
"""Before the name of a prediction set, where a word or a file might stand, too."""

START_TITLES = {
    "mean": "mean pose",
    "current": "current fit",
    "prediction": "prediction",
    "lifter": "lifted pose",
    "network": "network",
}
"""The starts of fits and refits, as reports name them."""


def start_title(start: str) -> str:
    """A start as reports name it; that of a prediction set is the set's name."""
    return START_TITLES.get(start) or f"'{start.removeprefix(SET_PREFIX)}'"


FITTED_TOGETHER = 128
"""People in one batch of a fit or refit. With half as many the kernels are so short that two
threads mostly wait for the interpreter; twice as many take more memory and gain little."""

FLAGGED_TOGETHER = 256
"""Fits in one batch of the search for failures."""

FAILURE_ROWS, SUCCESS_ROWS, COMPARISON_ROWS = 6, 12, 12
"""Rows of a contact sheet; of failures, rows of each kind."""

COMPARISON_ORDERS = ("difference", "suspicion", "id")
"""What the rows of a comparison can be ordered by."""
