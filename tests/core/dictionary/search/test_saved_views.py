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
    return [view.name for view in dictionary.saved_views()]


def test_a_view_is_saved_changed_renamed_and_deleted(dictionary):
    view_id = dictionary.save_view("  Doubtful   ones ", DOUBTFUL)
    dictionary.save_view("all", SampleQuery())
    (_, view) = dictionary.saved_views()
    assert (view.id, view.name, view.query) == (view_id, "Doubtful ones", DOUBTFUL)
    dictionary.rename_view(view_id, "Far off")
    dictionary.change_view(view_id, SampleQuery(text="beach"))
    assert names(dictionary) == ["all", "Far off"]
    assert dictionary.saved_views()[1].query == SampleQuery(text="beach")
    dictionary.delete_view(view_id)
    dictionary.delete_view(view_id)
    assert names(dictionary) == ["all"]


@pytest.mark.parametrize("name", ["Doubtful", "DOUBTFUL", "", "  ", "Flagged", "flagged"])
def test_a_name_that_is_taken_or_empty_is_refused(dictionary, name):
    dictionary.save_view("doubtful", DOUBTFUL)
    other = dictionary.save_view("other", DOUBTFUL)
    for act in (
        lambda: dictionary.save_view(name, DOUBTFUL),
        lambda: dictionary.rename_view(other, name),
    ):
        with pytest.raises(DictionaryError) as caught:
            act()
        assert caught.value.remedy
    dictionary.rename_view(other, "OTHER")
    assert names(dictionary) == ["doubtful", "OTHER"]


def test_a_view_that_is_gone_is_not_changed(dictionary):
    for act in (
        lambda: dictionary.rename_view(7, "seven"),
        lambda: dictionary.change_view(7, DOUBTFUL),
    ):
        with pytest.raises(NoSuchRecordError):
            act()


@pytest.mark.parametrize(
    ("rules", "said"), [('{"colour": ["red"]}', "colour"), ("{", "JSON"), ("[]", "object")]
)
def test_rules_of_a_newer_program_are_told_of_and_kept(dictionary, rules, said):
    view_id = dictionary.save_view("theirs", DOUBTFUL)
    with dictionary._connection.writing():
        dictionary._connection.execute("UPDATE saved_views SET rules = ?", (rules,))
    (view,) = dictionary.saved_views()
    assert view.query is None
    assert said in view.problem
    dictionary.rename_view(view_id, "still theirs")
    assert dictionary._connection.scalar("SELECT rules FROM saved_views") == rules


def test_built_in_views_list_what_they_say(dictionary, make_sample, make_fit):
    ids = dictionary.add_samples(make_sample(number) for number in range(3)).added_ids
    dictionary.offer([make_fit(ids[0]), make_fit(ids[1], beta=4.0)])
    lists = {name: dictionary.sample_ids(query).tolist() for name, query in BUILT_IN_VIEWS.items()}
    assert lists["Not reviewed"] == ids[:2]
    assert lists["Flagged"] == [ids[1]]
    assert lists["Rejected"] == lists["Corrected"] == []
    assert sorted(lists["Most likely wrong first"]) == ids[:2]
