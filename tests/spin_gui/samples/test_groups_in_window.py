"""Grouping people in the window: one step of undo, shown in list and details, judged as one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QFontMetrics

from core.dictionary.search.query_parser import query_from_text
from core.types.fits import NewFit, Origin, Verdict
from spin_gui.samples.correction_wording import correction_text, group_text
from spin_gui.samples.sample_delegate import facts_of
from spin_gui.session.group_edits import NOT_GROUPED, SELECT_SEVERAL
from spin_gui.session.verdict_edits import judge_current, judge_selected


def grouped(session) -> dict[int, str]:
    found = session.dictionary.groups.of(range(1, 8))
    return {sample_id: group_text(member.names) for sample_id, member in found.items()}


def give_one_body(session, sample_ids) -> None:
    """Fits of the whole moment, as a refit makes them."""
    group_id = session.dictionary.groups.of(sample_ids)[sample_ids[0]].group_id
    fits = session.dictionary.fits.current(sample_ids)
    session.dictionary.fits.offer_group(
        [
            NewFit(
                sample_id=sample_id,
                parameters=fits[sample_ids[0]].parameters,
                losses=replace(fits[sample_id].losses, comparison=1.0 + sample_id),
                origin=Origin.REFIT,
                group_id=group_id,
                supersedes_fit_id=fits[sample_id].id,
            )
            for sample_id in sample_ids
        ]
    )
    session.records.forget_fits(sample_ids)


def test_a_moment_of_the_selection_is_undone_and_done_again(window):
    session = window.page.session
    session.set_selected([1, 2, 3])
    window.commands["groups.same_moment"].trigger()
    moment = dict.fromkeys((1, 2, 3), "moment 1")
    assert grouped(session) == moment
    assert "Same moment for 3 people – saved" in window.status.saved.text()
    window.commands["edit.undo"].trigger()
    assert grouped(session) == {}
    window.commands["edit.redo"].trigger()
    assert grouped(session) == moment


def test_a_person_is_one_at_any_time_and_no_longer(window):
    session = window.page.session
    session.set_selected([1, 2])
    window.commands["groups.same_person"].trigger()
    assert grouped(session) == dict.fromkeys((1, 2), "subject 1")
    session.set_selected([])
    session.select(2)
    window.commands["groups.ungroup"].trigger()
    assert grouped(session) == {1: "subject 1"}
    window.commands["edit.undo"].trigger()
    assert grouped(session) == dict.fromkeys((1, 2), "subject 1")


@pytest.mark.parametrize(
    ("action", "told"), [("groups.same_moment", SELECT_SEVERAL), ("groups.ungroup", NOT_GROUPED)]
)
def test_what_cannot_be_grouped_is_told(window, action, told):
    session, notices = window.page.session, []
    session.noticed.connect(notices.append)
    session.select(1)
    window.commands[action].trigger()
    assert notices == [told]
    assert not session.undo_stack.canUndo()


def test_different_people_are_no_moment(window):
    session, notices = window.page.session, []
    session.noticed.connect(notices.append)
    for pair in ([1, 2], [3, 4]):
        session.set_selected(pair)
        window.commands["groups.same_person"].trigger()
    session.set_selected([1, 3])
    window.commands["groups.same_moment"].trigger()
    assert "would show different people: subject 1, subject 2." in notices[-1]
    assert grouped(session)[1] == "subject 1"


def test_the_next_picture_of_a_moment_is_shown_and_after_the_last_the_first(session):
    from spin_gui.session.group_edits import show_next_picture

    session.dictionary.groups.same_moment([2, 4, 5])
    session.select(2)
    shown = []
    for _ in range(3):
        show_next_picture(session)
        shown.append(session.current_id)
    assert shown == [4, 5, 2]


def test_a_verdict_is_for_the_body_in_all_pictures_of_the_moment(session):
    session.dictionary.groups.same_moment([2, 3, 4])
    give_one_body(session, [2, 3, 4])
    session.select(3)
    judge_current(session, Verdict.ACCEPTED)
    fits = session.dictionary.fits.current(range(1, 7))
    accepted = [sample_id for sample_id, fit in fits.items() if fit.verdict is Verdict.ACCEPTED]
    assert accepted == [2, 3, 4]
    assert session.current_id == 5
    session.undo_stack.undo()
    fits = session.dictionary.fits.current([2, 3, 4])
    assert {fit.verdict for fit in fits.values()} == {Verdict.NONE}


def test_a_verdict_on_a_body_of_one_picture_is_for_it_alone(session):
    session.dictionary.groups.same_moment([2, 3])
    session.select(2)
    judge_current(session, Verdict.ACCEPTED)
    fits = session.dictionary.fits.current([2, 3])
    assert [fits[sample_id].verdict for sample_id in (2, 3)] == [Verdict.ACCEPTED, Verdict.NONE]


def test_selected_pictures_of_a_moment_may_be_judged_apart(session):
    session.dictionary.groups.same_moment([2, 3, 4])
    give_one_body(session, [2, 3, 4])
    session.set_selected([2, 3])
    judge_selected(session, Verdict.REJECTED)
    groups = session.dictionary.groups.of([2, 3, 4])
    assert [groups[sample_id].left_out for sample_id in (2, 3, 4)] == [True, True, False]


def test_list_and_details_show_the_group(window, qtbot):
    session = window.page.session
    session.set_selected([1, 2])
    window.commands["groups.same_moment"].trigger()
    session.set_selected([])
    session.select(1)
    row = session.records.row(1)
    metrics = QFontMetrics(window.font())
    assert facts_of(row, metrics, 10_000).endswith(" · moment 1")
    assert "moment" not in facts_of(row, metrics, 1)
    qtbot.waitUntil(lambda: window.page.is_complete, timeout=20_000)
    details = window.page.parts.details
    qtbot.waitUntil(lambda: details.sample_facts.value("Group") == "moment 1")


def test_pictures_of_a_moment_stand_side_by_side_and_a_click_shows_one(window, qtbot):
    session = window.page.session
    qtbot.waitUntil(lambda: window.page.is_complete, timeout=20_000)
    session.select(2)
    strip = window.page.parts.moment
    assert strip.isHidden()
    session.set_selected([2, 4, 5])
    window.commands["groups.same_moment"].trigger()
    session.set_selected([])
    session.select(2)
    assert not strip.isHidden()
    assert [button.isChecked() for button in strip.buttons] == [True, False, False]
    qtbot.waitUntil(
        lambda: not any(button.icon().isNull() for button in strip.buttons), timeout=20_000
    )
    strip.buttons[2].click()
    assert session.current_id == 5
    assert [button.isChecked() for button in strip.buttons] == [False, False, True]
    session.select(1)
    assert strip.isHidden()


def test_an_event_of_a_group_reads_as_words(session):
    session.dictionary.groups.same_moment([1, 2])
    session.dictionary.groups.ungroup([1])
    joined, left = (
        correction_text(event) for event in session.dictionary.events.of(1) if event.what == "group"
    )
    assert (joined, left) == ("moment 1", "by themselves again")


def test_pictures_whose_body_is_rejected_leave_their_moment_until_they_are_put_back(window):
    session = window.page.session
    groups = session.dictionary.groups
    groups.same_moment([1, 2, 3, 4])
    give_one_body(session, [1, 2, 3, 4])
    session.set_selected([2, 3])
    judge_selected(session, Verdict.REJECTED)
    assert groups.fitted_together() == [[1, 4]]
    left_out = query_from_text("group:left-out")
    assert session.dictionary.search.ids(left_out).tolist() == [2, 3]
    session.set_selected([1, 2, 3])
    window.commands["groups.same_moment"].trigger()
    assert groups.fitted_together() == [[1, 2, 3, 4]]
    window.commands["edit.undo"].trigger()
    assert groups.fitted_together() == [[1, 4]]


def test_the_picture_shown_is_left_out_of_its_moment_and_put_back(window):
    session = window.page.session
    groups = session.dictionary.groups
    groups.same_moment([1, 2, 3])
    session.select(2)
    window.commands["groups.leave_out"].trigger()
    assert groups.fitted_together() == [[1, 3]]
    window.commands["edit.undo"].trigger()
    assert groups.fitted_together() == [[1, 2, 3]]
    window.commands["edit.redo"].trigger()
    session.set_selected([1, 2])
    window.commands["groups.same_moment"].trigger()
    assert groups.fitted_together() == [[1, 2, 3]]


def test_who_is_of_no_moment_cannot_be_left_out(window):
    session, said = window.page.session, []
    session.noticed.connect(said.append)
    session.select(5)
    window.commands["groups.leave_out"].trigger()
    assert said == [NOT_GROUPED]
