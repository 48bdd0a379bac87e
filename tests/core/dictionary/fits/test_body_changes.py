"""What follows from fits that were measured again; unknown losses stay unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.types.fits import FitLosses


@pytest.fixture
def fitted_id(dictionary, sample_id, make_fit) -> int:
    dictionary.fits.offer([make_fit(sample_id)])
    return sample_id


def test_lists_follow_losses_that_were_measured_again(dictionary, fitted_id):
    fit = dictionary.fits.current_of(fitted_id)
    losses: FitLosses = replace(fit.losses, comparison=321.5, pose_prior=9.0, pull=1e6)
    with dictionary._connection.writing():
        dictionary.body_changes.set_losses("fits", {fit.id: losses})
        dictionary.body_changes.renew_derived([fitted_id])
    again = dictionary.fits.current_of(fitted_id)
    assert (again.losses.comparison, again.losses.pose_prior) == (321.5, 9.0)
    assert again.losses.pull == fit.losses.pull, "how far a solver went is not measured"
    assert not again.pose_valid
    select = "SELECT current_loss, current_pose_prior FROM samples WHERE id = ?"
    assert dictionary._connection.execute(select, (fitted_id,)) == [(321.5, 9.0)]
    assert dictionary.problems() == []


def test_a_loss_that_is_not_known_is_none_in_lists(dictionary, fitted_id):
    connection = dictionary._connection
    with connection.writing():
        connection.execute("UPDATE fits SET comparison_loss = 9e999")
        dictionary.body_changes.renew_derived([fitted_id])
    assert connection.scalar("SELECT current_loss FROM samples WHERE id = ?", (fitted_id,)) is None
    with connection.writing():
        connection.execute("UPDATE fits SET comparison_loss = 12.5")
        dictionary.body_changes.renew_derived([fitted_id])
    assert connection.scalar("SELECT current_loss FROM samples WHERE id = ?", (fitted_id,)) == 12.5
