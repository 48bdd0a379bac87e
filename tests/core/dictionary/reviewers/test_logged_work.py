"""Whose people are, and answers to hidden cases, come back from the log of edits."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.dictionary.recovery.backups import back_up
from core.dictionary.recovery.restore import restore
from core.dictionary.store import Dictionary
from core.types.fits import Verdict
from core.workflows.replay_edits import edits_beyond, replay
from tests.core.dictionary.conftest import new_fit, new_sample


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """Four people accepted by maria, all of them known cases."""
    project = tmp_path / "project"
    with Dictionary.create(project) as dictionary:
        ids = dictionary.samples.add(new_sample(number) for number in range(4)).added_ids
        dictionary.fits.offer([new_fit(number) for number in ids])
        dictionary.verdicts.set(dict.fromkeys(ids, Verdict.ACCEPTED), "maria")
        dictionary.known_cases.draw(ids, 4, expert="maria")
    return project


def state(project: Path) -> tuple[object, ...]:
    with Dictionary.open(project) as dictionary:
        return dictionary.shares.assigned_counts(), dictionary.known_cases.scores()


def lost_and_found(project: Path, backup: Path) -> int:
    """Go back to a backup, do the log again; how many edits that took."""
    before = state(project)
    restore(project, backup)
    assert state(project) != before
    report = replay(project, edits_beyond(project))
    assert report.left_out == []
    assert state(project) == before
    assert edits_beyond(project) == [], "a second time there is nothing to do"
    return report.done


def test_the_last_division_comes_back(judged: Path):
    backup = back_up(judged)
    with Dictionary.open(judged) as dictionary:
        dictionary.shares.split([1, 2, 3, 4], {"maria": 1, "jan": 1}, seed=None)
        dictionary.shares.assign({1: "eva", 2: None})
    assert state(judged)[0] == {"eva": 1, "jan": 2}
    assert lost_and_found(judged, backup) == 3, "each person once, and not the one of everyone's"


def test_answers_come_back_and_those_that_were_taken_back_do_not(judged: Path):
    backup = back_up(judged)
    with Dictionary.open(judged) as dictionary:
        dictionary.sign_as("jan")
        dictionary.hidden.update()
        cases = sorted(dictionary.hidden.fit_ids)
        undone = dictionary.verdicts.set_on_fits({cases[0]: Verdict.REJECTED}, blind=cases)
        dictionary.verdicts.take_back(undone)
        dictionary.verdicts.set_on_fits(
            {cases[1]: Verdict.ACCEPTED, cases[2]: Verdict.UNSURE}, blind=cases
        )
    (score,) = state(judged)[1]
    assert (score.right, score.unsure, score.total) == (1, 1, 2)
    assert lost_and_found(judged, backup) == 2
