"""The gender of a body is told by the name of its file, as its authors and users call it."""

from __future__ import annotations

import pytest

from core.body.conventions import OPEN_BODY_NAME
from core.types.genders import Gender, gender_in_name, gender_of_body
from core.workflows.predictions.body_conversion import is_same_body


@pytest.mark.parametrize(
    ("name", "gender"),
    [
        ("SMPL_FEMALE (1a2b3c4d)", Gender.FEMALE),
        ("SMPL_MALE (1a2b3c4d)", Gender.MALE),
        ("basicModel_f_lbs_10_207_0_v1.0.0", Gender.FEMALE),
        ("basicmodel_m_lbs_10_207_0_v1.1.0", Gender.MALE),
        ("basicModel_neutral_lbs_10_207_0_v1.0.0", Gender.NEUTRAL),
        ("mine (1a2b3c4d)", None),
        ("female_and_neutral", None),
    ],
)
def test_names_tell_genders(name, gender):
    assert gender_in_name(name) is gender
    assert gender_of_body(name) is (gender or Gender.NEUTRAL)


@pytest.mark.parametrize(
    ("gender", "body_name", "is_same"),
    [
        ("", "SMPL_NEUTRAL (1)", True),
        ("neutral", "mine (1)", True),
        ("female", "SMPL_NEUTRAL (1)", False),
        ("female", "SMPL_FEMALE (1)", True),
        ("neutral", "SMPL_FEMALE (1)", False),
        ("", "SMPL_MALE (1)", False),
        ("neutral", OPEN_BODY_NAME, False),
    ],
)
def test_a_projects_body_is_that_of_its_gender_alone(gender, body_name, is_same):
    assert is_same_body("smpl", gender, body_name) is is_same
