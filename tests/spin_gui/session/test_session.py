"""Selection, edits and undo of one project, on a real dictionary."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.store import Dictionary
from core.types.fits import Origin, Verdict
from core.types.predictions import NewPrediction
from spin_gui.session.fit_edits import make_current
from spin_gui.session.session import ProjectSession
from spin_gui.session.verdict_edits import judge_selected
from tests.spin_gui.small_project import make_project, new_fit, new_sample

UNREVIEWED = SampleQuery(verdicts=frozenset({Verdict.NONE}))


def stored_verdict(session: ProjectSession, sample_id: int) -> Verdict:
    """As another process would read it."""
    with Dictionary.open(session.project) as other:
        fit = other.fits.current_of(sample_id)
        assert fit is not None
        return fit.verdict


def test_the_first_sample_is_current_at_the_start(session):
    assert session.current_id == 1
    assert session.current_row == 0
    assert session.sample_ids.tolist() == [1, 2, 3, 4, 5, 6]


def test_walking_stops_at_both_ends(session, qtbot):
    session.go_previous()
    assert session.current_id == 1
    with qtbot.waitSignal(session.current_changed) as changed:
        session.go_last()
    assert changed.args == [6]
    session.go_next()
    assert session.current_id == 6
    session.go_first()
    assert session.current_id == 1


def test_a_verdict_is_on_disk_and_moves_to_the_next_row(session, qtbot):
    with qtbot.waitSignals([session.saved, session.samples_changed, session.counts_changed]):
        judge_selected(session, Verdict.ACCEPTED)
    assert stored_verdict(session, 1) is Verdict.ACCEPTED
    assert session.current_id == 2
    assert session.counts().left_to_review == 5


def test_the_next_row_is_that_of_the_list_as_seen_when_the_judged_one_leaves_it(session):
    session.set_query(UNREVIEWED)
    session.select(3)
    judge_selected(session, Verdict.REJECTED)
    assert session.sample_ids.tolist() == [1, 2, 4, 5, 6]
    assert session.current_id == 4
    assert session.current_row == 2


def test_the_next_row_follows_the_order_on_screen_even_when_the_verdict_sorts(session):
    session.set_query(SampleQuery(sort=SortKey.LOSS, descending=True))
    session.select(4)
    judge_selected(session, Verdict.UNSURE)
    assert session.current_id == 3
    session.set_query(SampleQuery(sort=SortKey.VERDICT))
    session.go_first()
    expected = int(session.sample_ids[1])
    judge_selected(session, Verdict.REJECTED)
    assert session.current_id == expected


def test_judging_the_last_row_of_a_filtered_list_shows_the_new_last_row(session):
    session.set_query(UNREVIEWED)
    session.go_last()
    judge_selected(session, Verdict.ACCEPTED)
    assert session.current_id == 5
    assert session.current_row == 4


def test_judging_all_empties_the_filtered_list_and_keeps_the_last_sample_on_screen(session):
    session.set_query(UNREVIEWED)
    for _ in range(6):
        judge_selected(session, Verdict.ACCEPTED)
    assert len(session.sample_ids) == 0
    assert session.current_id == 6
    assert session.current_row == -1
    assert session.counts().left_to_review == 0


def test_undo_restores_the_verdict_the_row_and_the_selection(session):
    session.set_query(UNREVIEWED)
    session.select(2)
    judge_selected(session, Verdict.REJECTED)
    session.go_last()
    session.undo_stack.undo()
    assert stored_verdict(session, 2) is Verdict.NONE
    assert session.sample_ids.tolist() == [1, 2, 3, 4, 5, 6]
    assert (session.current_id, session.current_row) == (2, 1)


def test_undo_puts_samples_back_where_they_were_without_sorting_all_again(session, monkeypatch):
    query = SampleQuery(verdicts=UNREVIEWED.verdicts, sort=SortKey.LOSS, descending=True)
    session.set_query(query)
    session.select(4)
    for _ in range(3):
        judge_selected(session, Verdict.ACCEPTED)
    monkeypatch.setattr(session.dictionary.search, "ids", None)
    for _ in range(3):
        session.undo_stack.undo()
    assert session.sample_ids.tolist() == [6, 5, 4, 3, 2, 1]
    assert session.current_id == 4


def test_undo_under_another_order_puts_the_sample_where_that_order_wants_it(session):
    session.set_query(UNREVIEWED)
    session.select(2)
    judge_selected(session, Verdict.ACCEPTED)
    session.set_query(SampleQuery(verdicts=UNREVIEWED.verdicts, sort=SortKey.LOSS, descending=True))
    session.undo_stack.undo()
    assert session.sample_ids.tolist() == [6, 5, 4, 3, 2, 1]


def test_redo_gives_the_verdict_again_and_goes_on_as_the_first_time(session):
    session.select(2)
    judge_selected(session, Verdict.REJECTED)
    session.undo_stack.undo()
    session.undo_stack.redo()
    assert stored_verdict(session, 2) is Verdict.REJECTED
    assert session.current_id == 3


def test_many_verdicts_are_undone_one_by_one_to_their_former_values(session):
    for verdict in (Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNSURE):
        session.select(1)
        judge_selected(session, verdict)
    for expected in (Verdict.REJECTED, Verdict.ACCEPTED, Verdict.NONE):
        session.undo_stack.undo()
        assert stored_verdict(session, 1) is expected
    assert not session.undo_stack.canUndo()


def test_undo_shows_the_sample_even_where_the_filter_hides_it_now(session):
    judge_selected(session, Verdict.ACCEPTED)
    session.set_query(SampleQuery(text="0005"))
    session.undo_stack.undo()
    assert (session.current_id, session.current_row) == (1, -1)
    session.go_next()
    assert session.current_id == 5


def test_the_same_verdict_twice_leaves_no_second_step_to_undo(session):
    judge_selected(session, Verdict.ACCEPTED)
    session.select(1)
    judge_selected(session, Verdict.ACCEPTED)
    assert session.undo_stack.count() == 1
    assert session.current_id == 2


def test_a_sample_without_fit_is_not_judged_and_says_so(tmp_path, qtbot):
    session = ProjectSession(make_project(tmp_path, people=2, losses=[5.0]))
    session.select(2)
    with qtbot.waitSignal(session.noticed) as noticed, qtbot.assertNotEmitted(session.saved):
        judge_selected(session, Verdict.ACCEPTED)
    assert "no fit" in noticed.args[0]
    assert session.current_id == 2
    assert session.counts().left_to_review == 1
    session.close()


def test_a_verdict_key_on_a_sample_without_fit_goes_on(tmp_path):
    session = ProjectSession(make_project(tmp_path, people=3, losses=[5.0]))
    session.select(2)
    judge_selected(session, Verdict.ACCEPTED)
    assert session.current_id == 3
    assert session.undo_stack.count() == 0
    session.close()


def test_make_current_and_its_undo(session):
    first = session.records.current_fit(1)
    session.dictionary.fits.offer([new_fit(1, 50.0, turn_rad=1.0, runner_up=True)])
    session.take_in_changes()
    other = next(fit for fit in session.records.history(1) if not fit.is_current)
    make_current(session, other.id)
    assert session.records.current_fit(1).id == other.id
    assert session.current_id == 1
    session.select(4)
    session.undo_stack.undo()
    assert session.records.current_fit(1).id == first.id
    assert session.current_id == 1
    session.undo_stack.redo()
    assert session.records.current_fit(1).id == other.id


def test_making_the_current_fit_current_changes_nothing(session, qtbot):
    with qtbot.assertNotEmitted(session.saved):
        make_current(session, session.records.current_fit(1).id)
    assert session.undo_stack.count() == 0


def test_fits_of_another_process_are_noticed_without_moving_the_selection(session, qtbot):
    session.set_query(SampleQuery(sort=SortKey.LOSS))
    session.select(3)
    before = session.records.current_fit(3).id
    with Dictionary.open(session.project) as other:
        other.fits.offer([new_fit(3, 1.0, turn_rad=1.0, origin=Origin.IN_LOOP)])
    with qtbot.waitSignals([session.rows_stale, session.samples_changed, session.ids_changed]):
        session.notice_external_changes()
    assert session.current_id == 3
    assert session.current_row == 0
    assert session.records.current_fit(3).id != before


def test_only_samples_whose_fit_changed_are_told_of(session, qtbot):
    for sample_id in (1, 2, 3):
        session.records.current_fit(sample_id)
    with Dictionary.open(session.project) as other:
        other.verdicts.set({2: Verdict.ACCEPTED}, "someone")
    with qtbot.waitSignal(session.samples_changed) as changed:
        session.notice_external_changes()
    assert changed.args == [{2}]


def test_a_new_prediction_is_told_of(session, qtbot):
    assert session.records.prediction(2) is None
    parameters = session.records.current_fit(2).parameters
    for iteration in (1, 2):
        with Dictionary.open(session.project) as other:
            prediction = NewPrediction(sample_id=2, parameters=parameters, iteration=iteration)
            other.predictions.store([prediction])
        with qtbot.waitSignal(session.samples_changed) as changed:
            session.take_in_changes()
        assert changed.args == [{2}]
        assert session.records.prediction(2).iteration == iteration


def test_own_writes_are_no_external_change(session, qtbot):
    judge_selected(session, Verdict.ACCEPTED)
    with qtbot.assertNotEmitted(session.rows_stale):
        session.notice_external_changes()


def test_a_sample_that_leaves_the_list_through_others_stays_on_screen(session):
    session.set_query(UNREVIEWED)
    session.select(3)
    with Dictionary.open(session.project) as other:
        other.verdicts.set({3: Verdict.ACCEPTED}, "someone")
    session.notice_external_changes()
    assert (session.current_id, session.current_row) == (3, -1)
    session.go_next()
    assert session.current_id == 4


def test_the_verdict_goes_to_the_fit_that_was_seen_not_to_one_that_replaced_it(session):
    seen = session.records.current_fit(1)
    with Dictionary.open(session.project) as other:
        other.fits.offer([new_fit(1, 0.5, turn_rad=1.0)])
    judge_selected(session, Verdict.REJECTED)
    by_id = {fit.id: fit for fit in session.records.history(1)}
    assert by_id[seen.id].verdict is Verdict.REJECTED
    assert session.records.current_fit(1).verdict is Verdict.NONE


def test_imported_samples_appear_and_the_first_becomes_current(tmp_path: Path, qtbot):
    session = ProjectSession(make_project(tmp_path, people=0))
    assert session.current_id is None
    with Dictionary.open(session.project) as other:
        other.samples.add([new_sample(tmp_path, 1)])
    with qtbot.waitSignal(session.current_changed):
        session.notice_external_changes()
    assert session.current_id == 1
    session.close()


def test_a_query_that_hides_the_current_sample_selects_its_first_one(session, qtbot):
    with qtbot.waitSignal(session.current_changed):
        session.set_query(SampleQuery(text="0004"))
    assert (session.current_id, session.current_row) == (4, 0)
    session.set_query(SampleQuery(text="nothing has this name"))
    assert (session.current_id, session.current_row) == (None, -1)
    session.set_query(SampleQuery())
    assert session.current_id == 1


def test_records_are_read_once_until_they_change(session, monkeypatch):
    reads = []
    read = session.dictionary.fits.history
    monkeypatch.setattr(
        session.dictionary.fits, "history", lambda one: reads.append(one) or read(one)
    )
    session.records.history(1)
    session.records.history(1)
    assert reads == [1]
    judge_selected(session, Verdict.ACCEPTED)
    session.records.history(1)
    assert reads == [1, 1]


def test_an_edit_that_cannot_be_written_leaves_nothing_to_undo(session, monkeypatch):
    def refuse(*_arguments: object, **_by_name: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(session.dictionary.verdicts, "set_on_fits", refuse)
    with pytest.raises(OSError, match="disk full"):
        judge_selected(session, Verdict.ACCEPTED)
    assert session.undo_stack.count() == 0
    assert session.current_id == 1
