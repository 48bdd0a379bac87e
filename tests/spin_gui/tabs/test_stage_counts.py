"""The numbers on the tabs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.dictionary.search.work_facts import WorkFacts
from core.types.fits import Verdict
from spin_gui.session.review_counts import ReviewCounts
from spin_gui.tabs.stage_counts import short_count, stage_counts, waiting_for_fit
from spin_gui.widgets.page import Page
from spin_gui.widgets.stage import Stage, neighbour, stage_of

COUNTS = ReviewCounts(60, 60, 40, 7, accepted=9, rejected=4)
FACTS = WorkFacts(
    people=60,
    pictures=51,
    empty_pictures=0,
    by_dataset={},
    by_camera={},
    unfittable=2,
    measured=0,
    by_origin={},
    by_verdict={Verdict.NONE: 40, Verdict.ACCEPTED: 9, Verdict.REJECTED: 4},
    too_poor=3,
    corrected=1,
    trainings=2,
    with_truth=0,
)


def test_each_tab_counts_what_is_left_or_there() -> None:
    found = stage_counts(COUNTS, FACTS)
    assert {stage: found[stage].number for stage in Stage} == {
        Stage.IMPORT: 60,
        Stage.FIT: 5,
        Stage.REVIEW: 40,
        Stage.CORRECT: 4,
        Stage.TRAIN: 2,
        Stage.EVALUATE: None,
        Stage.EXPORT: 46,
    }
    assert "1 person with corrected keypoints" in found[Stage.CORRECT].words


def test_what_is_known_at_once_is_counted_before_the_facts_are_read() -> None:
    found = stage_counts(COUNTS, None)
    assert found[Stage.FIT].number == 7
    assert found[Stage.EXPORT].number is None
    assert waiting_for_fit(COUNTS, replace(FACTS, unfittable=9)) == 0


@pytest.mark.parametrize(
    ("number", "text"), [(None, ""), (0, ""), (7, "7"), (9999, "9999"), (300_000, "300k")]
)
def test_a_tab_is_wide_enough_for_any_number(number: int | None, text: str) -> None:
    assert short_count(number) == text


def test_every_page_but_gallery_and_comparison_belongs_to_a_stage() -> None:
    without = [page for page in Page if stage_of(page, editing=False) is None]
    assert without == [Page.GALLERY, Page.COMPARE]
    assert stage_of(Page.SAMPLES, editing=True) is Stage.CORRECT
    assert neighbour(Stage.EXPORT, 1) is Stage.IMPORT
    assert neighbour(None, -1) is Stage.FIT
