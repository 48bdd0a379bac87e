"""The error of a fit is the root of its loss, and leads back to it."""

from __future__ import annotations

import math

import pytest

from core.types.fits import error_px, loss_of_error
from core.types.flags import off_keypoints_words


@pytest.mark.parametrize("error", [0.0, 0.1, 2.1, 3.5, 10.0, 123.4])
def test_an_error_leads_to_its_loss_and_back(error: float) -> None:
    assert error_px(loss_of_error(error)) == pytest.approx(error, rel=1e-7)


def test_the_square_of_a_decimal_number_has_its_own_digits_only() -> None:
    assert loss_of_error(2.1) == 4.41


def test_what_is_not_known_or_has_no_end_stays_so() -> None:
    assert math.isnan(error_px(math.nan))
    assert error_px(math.inf) == math.inf
    assert error_px(-1e-9) == 0.0


def test_words_say_the_same_error() -> None:
    assert off_keypoints_words(12.25) == "the joints lie 3.5 px off"
