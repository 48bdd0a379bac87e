"""The stages of the work, in their order: each has a tab at the top of the window."""

from __future__ import annotations

from enum import StrEnum

from spin_gui.widgets.page import Page


class Stage(StrEnum):
    """A stage, by the word on its tab."""

    IMPORT = "Import"
    FIT = "Fit"
    REVIEW = "Review"
    CORRECT = "Correct"
    TRAIN = "Train"
    EVALUATE = "Evaluate"
    EXPORT = "Export"


STAGE_PAGES = {
    Stage.IMPORT: Page.IMPORT,
    Stage.FIT: Page.FIT,
    Stage.REVIEW: Page.SAMPLES,
    Stage.CORRECT: Page.SAMPLES,
    Stage.TRAIN: Page.TRAINING,
    Stage.EVALUATE: Page.EVALUATION,
    Stage.EXPORT: Page.EXPORT,
}
"""The page of each stage. Samples are corrected where they are reviewed, in the editor."""

STAGE_ACTIONS = {
    Stage.IMPORT: "go.import",
    Stage.FIT: "go.fit",
    Stage.REVIEW: "go.review",
    Stage.CORRECT: "go.correct",
    Stage.TRAIN: "training.page",
    Stage.EVALUATE: "view.evaluation",
    Stage.EXPORT: "go.export",
}
"""The command that leads to each stage."""


def stage_of(page: Page, *, editing: bool) -> Stage | None:
    """The stage that is shown; None for a page that belongs to none, such as the gallery."""
    if page is Page.SAMPLES:
        return Stage.CORRECT if editing else Stage.REVIEW
    return next((stage for stage, its_page in STAGE_PAGES.items() if its_page is page), None)


def neighbour(stage: Stage | None, steps: int) -> Stage:
    """The stage so far ahead, around the end; from a page without a stage it counts from review."""
    stages = list(Stage)
    return stages[(stages.index(stage or Stage.REVIEW) + steps) % len(stages)]
