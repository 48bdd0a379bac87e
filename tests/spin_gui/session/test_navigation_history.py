"""Back and forward."""

from __future__ import annotations

from spin_gui.session.navigation_history import REMEMBERED, NavigationHistory


def test_back_and_forward_walk_the_stops():
    trail = NavigationHistory("a")
    for stop in "bcd":
        trail.visit(stop)
    assert [trail.back(), trail.back(), trail.forward()] == ["c", "b", "c"]
    assert [trail.back(), trail.back(), trail.back()] == ["b", "a", "a"]
    assert not trail.can_go_back
    assert trail.can_go_forward


def test_a_new_stop_forgets_what_lay_ahead():
    trail = NavigationHistory("a")
    trail.visit("b")
    trail.back()
    trail.visit("c")
    assert not trail.can_go_forward
    assert trail.back() == "a"


def test_the_same_stop_again_is_no_stop():
    trail = NavigationHistory("a")
    trail.visit("a")
    assert not trail.can_go_back


def test_passing_stops_leave_only_the_last_one():
    trail = NavigationHistory("a")
    for stop in "bcd":
        trail.visit(stop, passing=True)
    trail.visit("d")
    assert trail.back() == "a"
    assert trail.forward() == "d"


def test_passing_and_coming_back_leaves_nothing():
    trail = NavigationHistory("a")
    trail.visit("b", passing=True)
    trail.visit("a")
    assert trail.here == "a"
    assert not trail.can_go_back


def test_it_forgets_the_oldest():
    trail = NavigationHistory(0)
    for stop in range(1, 2 * REMEMBERED):
        trail.visit(stop)
    while trail.can_go_back:
        trail.back()
    assert trail.here == REMEMBERED
