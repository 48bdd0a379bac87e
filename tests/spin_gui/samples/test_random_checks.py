"""Random checks in the window: mixed into the queues, kept with verdicts, told with an interval."""

import pytest

from core.dictionary.search.query import SampleQuery
from core.dictionary.search.saved_views import BUILT_IN_VIEWS, MOST_LIKELY_WRONG
from core.dictionary.store import Dictionary
from core.types.fits import Verdict
from spin_gui.samples.progress import ProgressDialog
from spin_gui.samples.random_checks import NOT_BEGUN, RandomChecksDialog
from spin_gui.session.audit_edits import begin_checks, end_checks
from spin_gui.session.session import ProjectSession
from spin_gui.session.verdict_edits import judge_current
from tests.spin_gui.small_project import make_project

QUEUE = BUILT_IN_VIEWS[MOST_LIKELY_WRONG]


@pytest.fixture
def session(tmp_path, qtbot):
    opened = ProjectSession(make_project(tmp_path, people=60, pictures=False))
    yield opened
    opened.close()


def review(session, verdict=Verdict.ACCEPTED, *, verdicts=30):
    session.open_view(QUEUE)
    for _ in range(verdicts):
        judge_current(session, verdict)


def drawn(session):
    audits = session.dictionary.audits
    return audits.draws(audits.latest())


def test_reviewing_a_queue_meets_about_the_share_of_random_ones_in_their_order(session):
    begin_checks(session, seed=1, share=1 / 3)
    review(session)
    draws = drawn(session)
    estimate = session.dictionary.audits.estimate(session.dictionary.audits.latest())
    assert 4 <= len(draws) <= 16
    assert [draw.position for draw in draws] == sorted(draw.position for draw in draws)
    assert estimate.checked >= len(draws)
    assert estimate.unreviewed == 30


def test_every_listed_sample_is_listed_once(session):
    begin_checks(session, seed=1, share=0.2)
    session.open_view(QUEUE)
    assert sorted(session.sample_ids) == list(range(1, 61))


def test_other_lists_are_left_as_they_are(session):
    begin_checks(session, seed=1, share=0.5)
    session.set_query(SampleQuery(verdicts=frozenset({Verdict.NONE})))
    assert session.sample_ids.tolist() == list(range(1, 61))
    judge_current(session, Verdict.ACCEPTED)
    assert drawn(session) == []


def test_looking_alone_writes_nothing_and_a_skipped_one_is_met_again(session):
    begin_checks(session, seed=1, share=0.5)
    session.open_view(QUEUE)
    for _ in range(10):
        session.go_next()
    assert drawn(session) == []
    before = session.sample_ids.tolist()
    session.refresh()
    assert session.sample_ids.tolist() == before


def test_beginning_and_ending_are_steps_of_undo(session):
    audits = session.dictionary.audits
    first = begin_checks(session, seed=1, share=0.1)
    second = begin_checks(session, seed=2, share=0.1)
    end_checks(session)
    session.undo_stack.undo()
    assert audits.running().id == second.id
    session.undo_stack.undo()
    assert audits.running().id == first.id
    session.undo_stack.undo()
    assert audits.running() is None
    session.undo_stack.redo()
    assert audits.running().id == first.id


def test_taking_verdicts_back_takes_them_out_of_the_estimate(session):
    begin_checks(session, seed=1, share=1 / 3)
    review(session, Verdict.REJECTED, verdicts=10)
    audits = session.dictionary.audits
    assert audits.estimate(audits.latest()).wrong > 0
    for _ in range(10):
        session.undo_stack.undo()
    assert audits.estimate(audits.latest()).checked == 0


def test_the_dialog_begins_with_a_seed_and_tells_the_interval(session, qtbot):
    dialog = RandomChecksDialog(session)
    qtbot.addWidget(dialog)
    assert dialog.state.text() == NOT_BEGUN
    dialog.seed.setText("12")
    dialog.begin.click()
    assert session.dictionary.audits.running().seed == 12
    review(session)
    assert "random fits" in dialog.state.text()
    dialog.end.click()
    assert "ended" in dialog.state.text()
    assert not dialog.end.isEnabled()


def test_a_seed_that_is_none_is_told_and_nothing_begins(session, qtbot):
    dialog = RandomChecksDialog(session)
    qtbot.addWidget(dialog)
    dialog.seed.setText("often")
    dialog.begin.click()
    assert "no seed" in dialog.state.text()
    assert session.dictionary.audits.running() is None


def test_review_progress_tells_the_interval_of_every_flag(session, qtbot):
    review(session, Verdict.REJECTED, verdicts=8)
    dialog = ProgressDialog(session)
    qtbot.addWidget(dialog)
    last = dialog.table.columnCount() - 1
    told = {
        dialog.table.item(row, 0).text(): dialog.table.item(row, last).text()
        for row in range(dialog.table.rowCount())
    }
    assert told["Far from the keypoints"] == "–" or "%" in told["Far from the keypoints"]
    assert any("%" in text for text in told.values())


def test_what_was_drawn_is_found_after_a_restart(session):
    begin_checks(session, seed=1, share=1 / 3)
    review(session)
    before = drawn(session)
    with Dictionary.open(session.project) as again:
        assert again.audits.draws(again.audits.running()) == before
