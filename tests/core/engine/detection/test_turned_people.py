"""A person is seen in the turn in which the keypoints are surest; others stay as they are."""

from __future__ import annotations

import numpy as np

from core.engine.detection.candidates import Candidate
from core.engine.detection.turned_people import replaced_by_turned, turns_of_picture


def person(sureness: float, *, turns: int = 0, left_px: float = 0.0) -> Candidate:
    """Keypoints along the diagonal of 100 px, all as sure."""
    places = np.linspace(0, 100, 17)
    points = np.stack([places + left_px, places, np.full(17, sureness)], axis=1)
    return Candidate(points, 0.9, turns)


def test_a_picture_is_upright_where_keypoints_are_surest():
    assert turns_of_picture([[person(0.3)], [person(0.6)], [], [person(0.2)]]) == 1
    assert turns_of_picture([[], [], [], []]) == 0


def test_one_person_seen_well_counts_more_than_several_guessed():
    guessed = [person(0.2, left_px=shift) for shift in (0, 200, 400)]
    assert turns_of_picture([guessed, [person(0.5)], [], []]) == 1


def test_who_is_clearly_surer_in_another_turn_is_taken_from_there():
    standing, lying = person(0.7), person(0.3, left_px=500)
    found = replaced_by_turned([standing, lying], [person(0.5, turns=1, left_px=510)])
    assert [candidate.quarter_turns for candidate in found] == [0, 1]
    assert found[0] is standing


def test_who_is_hardly_surer_in_another_turn_is_left():
    upright = [person(0.5)]
    assert replaced_by_turned(upright, [person(0.55, turns=2)]) == upright


def test_who_is_seen_in_another_turn_alone_must_be_sure():
    unsure, sure = person(0.3, turns=1, left_px=500), person(0.4, turns=1, left_px=900)
    found = replaced_by_turned([person(0.7)], [unsure, sure])
    assert found[1:] == [sure]
