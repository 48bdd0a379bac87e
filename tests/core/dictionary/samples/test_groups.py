"""Moments and subjects: kept consistent, undone exactly, left and joined by verdicts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.dictionary.samples.groups import names_from_json
from core.dictionary.store import Dictionary
from core.errors import DictionaryError, NoSuchRecordError
from core.types.fits import OfferOutcome, Origin, Verdict
from core.types.view_groups import GroupNames


@pytest.fixture
def people(dictionary: Dictionary, make_sample: Callable[..., object]) -> list[int]:
    """Six people of six pictures."""
    return dictionary.samples.add([make_sample(number) for number in range(6)]).added_ids


def names(moment: str | None = None, subject: str | None = None, camera: str | None = None):
    return GroupNames(moment=moment, subject=subject, camera=camera)


def test_names_are_read_back_by_sample(dictionary: Dictionary, people: list[int]) -> None:
    dictionary.groups.assign({people[0]: names("m1", "Eva", "left"), people[1]: names("m1", "Eva")})
    found = dictionary.groups.of(people)
    assert set(found) == set(people[:2])
    assert found[people[0]].names == names("m1", "Eva", "left")
    assert found[people[0]].moment == found[people[1]].moment
    assert found[people[0]].group_id == found[people[0]].moment.id


def test_an_edit_is_undone_and_done_again(dictionary: Dictionary, people: list[int]) -> None:
    dictionary.groups.assign({people[0]: names("m1", camera="left")})
    before = dictionary.groups.of(people)
    change = dictionary.groups.same_moment(people[:3])
    after = dictionary.groups.of(people)
    assert {member.moment.name for member in after.values()} == {"m1"}
    assert change.changed_ids == people[1:3]
    dictionary.groups.restore(change.before)
    assert dictionary.groups.of(people) == before
    dictionary.groups.restore(change.after)
    assert dictionary.groups.of(people) == after


def test_new_groups_are_numbered(dictionary: Dictionary, people: list[int]) -> None:
    dictionary.groups.same_moment(people[:2])
    dictionary.groups.same_moment(people[2:4])
    dictionary.groups.same_person([people[0], people[4]])
    found = dictionary.groups.of(people)
    assert [found[person].moment.name for person in people[:4]] == ["moment 1"] * 2 + [
        "moment 2"
    ] * 2
    # The other picture of the first moment shows the same person.
    assert {person for person in people if found.get(person) and found[person].subject} == {
        people[0],
        people[1],
        people[4],
    }


def test_who_joins_a_moment_is_its_subject(dictionary: Dictionary, people: list[int]) -> None:
    dictionary.groups.assign({people[0]: names("m1", "Eva"), people[1]: names("m2")})
    dictionary.groups.assign({people[1]: names("m1")})
    assert dictionary.groups.of(people)[people[1]].subject.name == "Eva"


def test_a_moment_shows_one_person(dictionary: Dictionary, people: list[int]) -> None:
    dictionary.groups.assign({people[0]: names(None, "Eva"), people[1]: names(None, "Adam")})
    before = dictionary.groups.of(people)
    with pytest.raises(DictionaryError, match=r"different people: Adam, Eva\."):
        dictionary.groups.same_moment(people[:2])
    assert dictionary.groups.of(people) == before


def test_a_moment_holds_one_person_of_a_picture(
    dictionary: Dictionary, make_sample: Callable[..., object]
) -> None:
    two = dictionary.samples.add(
        [make_sample(number, picture="group.jpg") for number in range(2)]
    ).added_ids
    with pytest.raises(DictionaryError, match=r"2 people of the picture group\.jpg cannot"):
        dictionary.groups.same_moment(two)
    assert dictionary.groups.of(two) == {}
    # One person may be in a picture twice, as in a mirror.
    dictionary.groups.same_person(two)
    assert len(dictionary.groups.of(two)) == 2


def test_one_sample_is_no_group(dictionary: Dictionary, people: list[int]) -> None:
    with pytest.raises(DictionaryError, match="at least two"):
        dictionary.groups.same_moment([people[0], people[0]])
    with pytest.raises(DictionaryError, match="at least two"):
        dictionary.groups.same_person([people[0]])


def test_an_unknown_sample_stores_nothing(dictionary: Dictionary, people: list[int]) -> None:
    with pytest.raises(NoSuchRecordError):
        dictionary.groups.same_moment([people[0], 999])
    assert dictionary.groups.of(people) == {}


def test_groups_to_fit_are_subjects_or_moments_of_several(
    dictionary: Dictionary, people: list[int]
) -> None:
    dictionary.groups.assign(
        {
            people[0]: names("m2", "Eva"),
            people[1]: names("m1", "Eva"),
            people[2]: names("m2", "Eva"),
            people[3]: names("m3"),
            people[4]: names("m4"),
            people[5]: names("m4"),
        }
    )
    eva = [people[0], people[2], people[1]]
    assert dictionary.groups.fitted_together() == [eva, people[4:]]
    assert dictionary.groups.fitted_together([people[1]]) == [eva]
    assert dictionary.groups.fitted_together([people[3]]) == []
    assert dictionary.groups.in_moment(people[2]) == [people[0], people[2]]


def test_one_rejected_body_leaves_its_moment_until_it_is_judged_otherwise(
    dictionary: Dictionary, people: list[int], make_fit: Callable[..., object]
) -> None:
    dictionary.fits.offer([make_fit(person) for person in people])
    dictionary.groups.same_moment(people[:3])
    change = dictionary.verdicts.set({people[1]: Verdict.REJECTED})
    assert dictionary.groups.of(people)[people[1]].left_out
    assert dictionary.groups.fitted_together() == [[people[0], people[2]]]
    dictionary.verdicts.set_on_fits(change.before)
    assert dictionary.groups.fitted_together() == [people[:3]]


def test_a_sample_that_was_left_out_is_put_back_by_hand(
    dictionary: Dictionary, people: list[int], make_fit: Callable[..., object]
) -> None:
    dictionary.fits.offer([make_fit(person) for person in people])
    dictionary.groups.same_moment(people[:3])
    dictionary.verdicts.set({people[1]: Verdict.REJECTED})
    dictionary.groups.same_moment(people[:2])
    assert dictionary.groups.fitted_together() == [people[:3]]


def test_a_body_that_is_rejected_in_all_pictures_leaves_the_moment_whole(
    dictionary: Dictionary, people: list[int], make_fit: Callable[..., object]
) -> None:
    dictionary.fits.offer([make_fit(person) for person in people])
    dictionary.groups.same_moment(people[:3])
    dictionary.verdicts.set(dict.fromkeys(people[:3], Verdict.REJECTED))
    assert dictionary.groups.fitted_together() == [people[:3]]


def test_an_edit_is_logged_with_the_names(dictionary: Dictionary, people: list[int]) -> None:
    dictionary.groups.assign({people[0]: names("m1", "Eva", "left")}, author="maria")
    dictionary.groups.ungroup([people[0]], author="maria")
    joined, left = dictionary.events.of(people[0])
    assert (joined.what, joined.author, joined.before) == ("group", "maria", None)
    assert names_from_json(joined.after) == names("m1", "Eva", "left")
    assert names_from_json(left.after) is None


def test_lists_hear_of_a_change(dictionary: Dictionary, people: list[int]) -> None:
    count = "SELECT count(*) FROM changes WHERE sample_id = ?"
    before = dictionary._connection.scalar(count, (people[0],))
    dictionary.groups.same_person(people[:2])
    assert dictionary._connection.scalar(count, (people[0],)) > before


def test_a_fit_keeps_the_number_of_its_group(
    dictionary: Dictionary, people: list[int], make_fit: Callable[..., object]
) -> None:
    dictionary.groups.same_moment(people[:2])
    group_id = dictionary.groups.of(people)[people[0]].group_id
    dictionary.fits.offer([replace(make_fit(people[0]), group_id=group_id), make_fit(people[1])])
    current = dictionary.fits.current(people)
    assert [current[person].group_id for person in people[:2]] == [group_id, None]


def of_group(make_fit, person: int, current, *, loss: float = 80.0, pose: object = 0.5):
    return replace(
        make_fit(person, loss=loss, pose=pose, origin=Origin.REFIT),
        supersedes_fit_id=current[person].id,
    )


def test_a_groups_fits_become_current_together(
    dictionary: Dictionary, people: list[int], make_fit: Callable[..., object]
) -> None:
    dictionary.fits.offer([make_fit(person) for person in people])
    current = dictionary.fits.current(people)
    results = dictionary.fits.offer_group(
        [of_group(make_fit, person, current) for person in people[:3]]
    )
    assert {result.outcome for result in results} == {OfferOutcome.BECAME_CURRENT}
    now = dictionary.fits.current(people)
    assert [now[person].origin for person in people] == [Origin.REFIT] * 3 + [Origin.IN_LOOP] * 3


@pytest.mark.parametrize("obstacle", ["accepted", "near copy", "not better"])
def test_where_one_picture_keeps_its_body_none_of_the_group_is_stored(
    dictionary: Dictionary, people: list[int], make_fit: Callable[..., object], obstacle: str
) -> None:
    dictionary.fits.offer([make_fit(person) for person in people])
    current = dictionary.fits.current(people)
    offered = [of_group(make_fit, person, current) for person in people[:3]]
    if obstacle == "accepted":
        dictionary.verdicts.set({people[1]: Verdict.ACCEPTED})
    elif obstacle == "near copy":
        dictionary.verdicts.set({people[1]: Verdict.REJECTED})
        offered[1] = of_group(make_fit, people[1], current, pose=0.0)
    else:
        offered[1] = replace(offered[1], supersedes_fit_id=None)
    results = dictionary.fits.offer_group(offered)
    assert {result.outcome for result in results} == {OfferOutcome.REFUSED}
    assert f"Sample {people[1]} of the group" in results[0].reason
    assert [len(dictionary.fits.history(person)) for person in people[:3]] == [1, 1, 1]


def test_a_group_may_go_back_to_a_fit_of_its_history(
    dictionary: Dictionary, people: list[int], make_fit: Callable[..., object]
) -> None:
    dictionary.fits.offer([make_fit(person) for person in people[:2]])
    first = dictionary.fits.current(people)
    offered = [of_group(make_fit, person, first) for person in people[:2]]
    dictionary.fits.offer_group(offered)
    dictionary.fits.make_current(people[0], first[people[0]].id)
    now = dictionary.fits.current(people)
    again = [replace(fit, supersedes_fit_id=now[fit.sample_id].id) for fit in offered]
    results = dictionary.fits.offer_group(again)
    assert {result.outcome for result in results} == {OfferOutcome.BECAME_CURRENT}
    assert [len(dictionary.fits.history(person)) for person in people[:2]] == [2, 2]
