"""Samples like the current one become the list, and the way back leads to the list of before."""

from core.dictionary.search.query import LikeRule, SampleQuery, SortKey
from spin_gui.session.session import ProjectSession
from tests.spin_gui.small_project import make_project


def alike(qtbot, session, **rule):
    with qtbot.waitSignal(session.alike.found):
        session.list_alike(**rule)


def test_the_current_sample_stays_and_its_like_are_listed(qtbot, session):
    session.select(3)
    alike(qtbot, session)
    assert session.query == SampleQuery(like=LikeRule(3), sort=SortKey.LIKENESS)
    assert session.current_id == 3
    assert session.current_row == 0
    assert sorted(session.sample_ids) == [1, 2, 3, 4, 5, 6]
    session.query_back()
    assert session.query == SampleQuery()


def test_mirrored_poses_and_near_copies_are_rules_of_their_own(qtbot, session):
    session.select(2)
    alike(qtbot, session, mirrored=True)
    assert session.query.like == LikeRule(2, mirrored=True)
    alike(qtbot, session, near_copies=True)
    assert session.query.like == LikeRule(session.current_id, near_copies=True)


def test_what_was_found_is_said(qtbot, session):
    said = []
    session.noticed.connect(said.append)
    alike(qtbot, session)
    assert "most alike poses" in said[-1]


def test_closing_ends_the_search(tmp_path, qtbot):
    session = ProjectSession(make_project(tmp_path, pictures=False))
    session.list_alike()
    session.close()
    assert session.alike._thread is not None
    assert not session.alike._thread.is_alive()
