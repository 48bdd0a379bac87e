"""Views are stored as rules, under names that are told apart as people do."""

from __future__ import annotations

import pytest

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.search.query_parser import query_from_text
from core.dictionary.search.saved_views import BUILT_IN_VIEWS
from core.errors import DictionaryError, NoSuchRecordError

DOUBTFUL = query_from_text("verdict:none loss:50.. beach").in_order_of(
    SampleQuery(sort=SortKey.LOSS, descending=True)
)


def names(dictionary) -> list[str]:
    return [view.name for view in dictionary.saved_views.all()]


def test_a_view_is_saved_changed_renamed_and_deleted(dictionary):
    view_id = dictionary.saved_views.save("  Doubtful   ones ", DOUBTFUL)
    dictionary.saved_views.save("all", SampleQuery())
    (_, view) = dictionary.saved_views.all()
    assert (view.id, view.name, view.query) == (view_id, "Doubtful ones", DOUBTFUL)
    dictionary.saved_views.rename(view_id, "Far off")
    dictionary.saved_views.change(view_id, SampleQuery(text="beach"))
    assert names(dictionary) == ["all", "Far off"]
    assert dictionary.saved_views.all()[1].query == SampleQuery(text="beach")
    dictionary.saved_views.delete(view_id)
    dictionary.saved_views.delete(view_id)
    assert names(dictionary) == ["all"]


@pytest.mark.parametrize("name", ["Doubtful", "DOUBTFUL", "", "  ", "Flagged", "flagged"])
def test_a_name_that_is_taken_or_empty_is_refused(dictionary, name):
    dictionary.saved_views.save("doubtful", DOUBTFUL)
    other = dictionary.saved_views.save("other", DOUBTFUL)
    for act in (
        lambda: dictionary.saved_views.save(name, DOUBTFUL),
        lambda: dictionary.saved_views.rename(other, name),
    ):
        with pytest.raises(DictionaryError) as caught:
            act()
        assert caught.value.remedy
    dictionary.saved_views.rename(other, "OTHER")
    assert names(dictionary) == ["doubtful", "OTHER"]


def test_a_view_that_is_gone_is_not_changed(dictionary):
    for act in (
        lambda: dictionary.saved_views.rename(7, "seven"),
        lambda: dictionary.saved_views.change(7, DOUBTFUL),
    ):
        with pytest.raises(NoSuchRecordError):
            act()


@pytest.mark.parametrize(
    ("rules", "said"), [('{"colour": ["red"]}', "colour"), ("{", "JSON"), ("[]", "object")]
)
def test_rules_of_a_newer_program_are_told_of_and_kept(dictionary, rules, said):
    view_id = dictionary.saved_views.save("theirs", DOUBTFUL)
    with dictionary._connection.writing():
        dictionary._connection.execute("UPDATE saved_views SET rules = ?", (rules,))
    (view,) = dictionary.saved_views.all()
    assert view.query is None
    assert said in view.problem
    dictionary.saved_views.rename(view_id, "still theirs")
    assert dictionary._connection.scalar("SELECT rules FROM saved_views") == rules


def test_built_in_views_list_what_they_say(dictionary, make_sample, make_fit):
    ids = dictionary.samples.add(make_sample(number) for number in range(3)).added_ids
    dictionary.fits.offer([make_fit(ids[0]), make_fit(ids[1], beta=4.0)])
    lists = {name: dictionary.search.ids(query).tolist() for name, query in BUILT_IN_VIEWS.items()}
    assert lists["Not reviewed"] == ids[:2]
    assert lists["Flagged"] == [ids[1]]
    assert lists["Rejected"] == lists["Corrected"] == []
    assert sorted(lists["Most likely wrong first"]) == ids[:2]
