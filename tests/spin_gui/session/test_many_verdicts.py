"""Verdicts on many samples at once: one transaction, one step of undo."""

from __future__ import annotations

import pytest

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.store import Dictionary
from core.types.fits import Verdict
from spin_gui.session.session import ProjectSession
from spin_gui.session.verdict_edits import judge_samples, judge_selected
from tests.spin_gui.small_project import new_fit, new_sample

UNREVIEWED = SampleQuery(verdicts=frozenset({Verdict.NONE}))


def stored_verdicts(session: ProjectSession) -> dict[int, Verdict]:
    """As another process would read them."""
    with Dictionary.open(session.project) as other:
        fits = other.fits.current(range(1, 7))
    return {sample_id: fit.verdict for sample_id, fit in fits.items()}


def judged(session: ProjectSession, verdict: Verdict) -> set[int]:
    return {one for one, stored in stored_verdicts(session).items() if stored is verdict}


def test_many_verdicts_are_one_step_of_undo(session, qtbot):
    session.select(2)
    with qtbot.waitSignal(session.samples_changed) as changed:
        assert judge_samples(session, [2, 3, 5], Verdict.REJECTED) == 3
    assert changed.args == [{2, 3, 5}]
    assert judged(session, Verdict.REJECTED) == {2, 3, 5}
    assert session.undo_stack.count() == 1
    assert session.undo_stack.undoText() == "Reject 3 fits"
    session.undo_stack.undo()
    assert judged(session, Verdict.NONE) == {1, 2, 3, 4, 5, 6}
    session.undo_stack.redo()
    assert judged(session, Verdict.REJECTED) == {2, 3, 5}


def test_undo_gives_each_fit_its_own_former_verdict(session):
    judge_samples(session, [1], Verdict.ACCEPTED)
    judge_samples(session, [2], Verdict.UNSURE)
    assert judge_samples(session, [1, 2, 3], Verdict.ACCEPTED) == 2
    session.undo_stack.undo()
    stored = stored_verdicts(session)
    assert [stored[number] for number in (1, 2, 3)] == [
        Verdict.ACCEPTED,
        Verdict.UNSURE,
        Verdict.NONE,
    ]


def test_the_selection_is_what_the_verdict_keys_judge(session):
    session.select(2)
    session.set_selected([2, 4])
    judge_selected(session, Verdict.ACCEPTED)
    assert judged(session, Verdict.ACCEPTED) == {2, 4}
    assert session.current_id == 5


def test_undo_selects_the_judged_samples_again(session):
    judge_samples(session, [2, 4], Verdict.ACCEPTED)
    session.set_selected([])
    session.go_last()
    session.undo_stack.undo()
    assert session.selected_ids.tolist() == [2, 4]
    assert session.current_id == 2


@pytest.mark.parametrize("ids", [[5, 6], [1, 6]])
def test_judged_to_the_end_of_a_filtered_list_the_last_row_left_is_shown(session, ids):
    session.set_query(UNREVIEWED)
    session.select(6)
    judge_samples(session, ids, Verdict.REJECTED)
    assert session.current_id == session.sample_ids[-1]
    assert not set(ids) & set(session.sample_ids.tolist())


def test_undo_puts_many_back_where_the_order_wants_them(session):
    session.set_query(SampleQuery(verdicts=UNREVIEWED.verdicts, sort=SortKey.LOSS, descending=True))
    judge_samples(session, [3, 5], Verdict.REJECTED)
    assert session.sample_ids.tolist() == [6, 4, 2, 1]
    session.undo_stack.undo()
    assert session.sample_ids.tolist() == [6, 5, 4, 3, 2, 1]


def test_samples_without_a_fit_are_left_out_and_nothing_to_judge_is_said(session, tmp_path, qtbot):
    with Dictionary.open(session.project) as other:
        without_fit = other.samples.add([new_sample(tmp_path, 9)]).added_ids[0]
    session.refresh()
    assert judge_samples(session, [1, without_fit], Verdict.ACCEPTED) == 1
    with qtbot.waitSignal(session.noticed):
        assert judge_samples(session, [without_fit], Verdict.ACCEPTED) == 0
    assert session.undo_stack.count() == 1


def test_the_fit_that_was_looked_at_is_judged_even_when_the_loop_replaced_it(session):
    looked_at = session.records.current_fit(3).id
    with Dictionary.open(session.project) as other:
        replaced = other.fits.offer([new_fit(3, 0.1, turn_rad=0.9)])[0].fit_id
    judge_samples(session, [3], Verdict.REJECTED, shown_fit_ids={3: looked_at})
    verdicts = {fit.id: fit.verdict for fit in session.records.history(3)}
    assert verdicts == {looked_at: Verdict.REJECTED, replaced: Verdict.NONE}


def test_the_same_verdict_again_is_no_edit(session, qtbot):
    judge_samples(session, [1, 2], Verdict.ACCEPTED)
    with qtbot.waitSignal(session.noticed):
        assert judge_samples(session, [1, 2], Verdict.ACCEPTED) == 0
    assert session.undo_stack.count() == 1
