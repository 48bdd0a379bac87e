"""The number on each tab, and what it counts in words. Knows nothing of Qt."""

from __future__ import annotations

from dataclasses import dataclass

from core.dictionary.search.work_facts import WorkFacts
from core.types.counted_nouns import counted
from spin_gui.session.review_counts import ReviewCounts
from spin_gui.session.wording import count_text
from spin_gui.widgets.stage import Stage

COUNTED_STAGES = frozenset(Stage) - {Stage.EVALUATE}
"""Stages with a number; the others keep no room for one."""

_SHORT_FROM = 10_000


@dataclass(frozen=True)
class StageCount:
    """number: on the tab, None while it is not known. words: what there is, for the tooltip."""

    number: int | None
    words: str


def stage_counts(counts: ReviewCounts, facts: WorkFacts | None) -> dict[Stage, StageCount]:
    """The numbers of all tabs; without facts those that need them are missing."""
    to_fit = waiting_for_fit(counts, facts)
    corrected = 0 if facts is None else facts.corrected
    fits = counts.total - counts.without_fit
    return {
        Stage.IMPORT: StageCount(counts.total, f"{_people(counts.total)} in the project"),
        Stage.FIT: StageCount(to_fit, f"{_people(to_fit)} without a fit, {fits} with one"),
        Stage.REVIEW: StageCount(
            counts.left_to_review, f"{_fits(counts.left_to_review)} without a verdict"
        ),
        Stage.CORRECT: StageCount(
            counts.rejected,
            f"{_fits(counts.rejected)} rejected as wrong; "
            f"{_people(corrected)} with corrected keypoints or box",
        ),
        Stage.TRAIN: _trainings(facts),
        Stage.EVALUATE: _with_truth(facts),
        Stage.EXPORT: _exportable(counts, facts),
    }


def waiting_for_fit(counts: ReviewCounts, facts: WorkFacts | None) -> int:
    """People without a fit who have keypoints enough for one, as far as is known."""
    return max(counts.without_fit - (0 if facts is None else facts.unfittable), 0)


def short_count(number: int | None) -> str:
    """A number for a tab: ``7``, ``9999``, ``300k``; nothing for none."""
    if not number:
        return ""
    return f"{number // 1000}k" if number >= _SHORT_FROM else str(number)


def _trainings(facts: WorkFacts | None) -> StageCount:
    if facts is None:
        return StageCount(None, "Trainings of this project")
    return StageCount(facts.trainings, counted(facts.trainings, "training", "trainings"))


def _with_truth(facts: WorkFacts | None) -> StageCount:
    if facts is None or not facts.with_truth:
        return StageCount(None, "How good predictions and fits are")
    return StageCount(None, f"{_fits(facts.with_truth)} can be measured against a known body")


def _exportable(counts: ReviewCounts, facts: WorkFacts | None) -> StageCount:
    if facts is None:
        return StageCount(None, f"{_fits(counts.accepted)} accepted")
    words = f"{_fits(facts.exportable)} can be exported, {count_text(counts.accepted)} accepted"
    return StageCount(facts.exportable, words)


def _people(count: int) -> str:
    return f"{count_text(count)} {'person' if count == 1 else 'people'}"


def _fits(count: int) -> str:
    return f"{count_text(count)} {'fit' if count == 1 else 'fits'}"
