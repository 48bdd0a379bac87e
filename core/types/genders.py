"""The gender of a data set's body: a closed list of three, in the spellings that files have."""

from __future__ import annotations

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


def gender_of(value: object) -> Gender | None:
    """The gender that a text, or SPIN's number, means; None for anything else."""
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _BY_WORD.get(str(value).strip().casefold())
