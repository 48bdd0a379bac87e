"""The gender of a data set's body: a closed list of three, in the spellings that files have."""

from __future__ import annotations

import re
from enum import StrEnum


class Gender(StrEnum):
    """Which of SMPL's three models a true body is of."""

    MALE = "male"
    FEMALE = "female"
    NEUTRAL = "neutral"


GENDER_WORDS = "m or male (0), f or female (1), n or neutral (-1)"

_BY_WORD = {
    **dict.fromkeys(("m", "male", "0"), Gender.MALE),
    **dict.fromkeys(("f", "female", "1"), Gender.FEMALE),
    **dict.fromkeys(("n", "neutral", "-1"), Gender.NEUTRAL),
}


_IN_NAMES = {
    Gender.NEUTRAL: re.compile("neutral", re.IGNORECASE),
    Gender.FEMALE: re.compile("female|model_f", re.IGNORECASE),
    Gender.MALE: re.compile("(?<!fe)male|model_m", re.IGNORECASE),
}


def gender_in_name(name: str) -> Gender | None:
    """The one gender that the name of a body's file tells; the file itself does not hold it.

    As SMPL's authors, SPIN and smplx call their files: ``basicModel_f_lbs_10_207_0_v1.0.0``,
    ``SMPL_MALE``.
    """
    found = [gender for gender, pattern in _IN_NAMES.items() if pattern.search(name)]
    return found[0] if len(found) == 1 else None


def gender_of_body(body_name: str) -> Gender:
    """Whose betas those of a project's body are; neutral where its name does not tell."""
    return gender_in_name(body_name) or Gender.NEUTRAL


def gender_of(value: object) -> Gender | None:
    """The gender that a text, or SPIN's number, means; None for anything else."""
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _BY_WORD.get(str(value).strip().casefold())
