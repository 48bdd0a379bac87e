"""Comments on samples: written, found, taken away and brought back."""

from __future__ import annotations

import pytest

from core.dictionary.recovery.backups import back_up
from core.dictionary.recovery.restore import restore
from core.dictionary.search.query_parser import query_from_text
from core.dictionary.store import Dictionary
from core.errors import DictionaryError, NoSuchRecordError
from core.workflows.replay_edits import edits_beyond, replay
from tests.core.dictionary.conftest import new_sample


def test_several_comments_keep_author_time_and_order(dictionary, sample_id):
    dictionary.comments.add(sample_id, "  left arm?  ", "maria")
    dictionary.sign_as("jan")
    dictionary.comments.add(sample_id, "looks right to me")
    told = [(comment.author, comment.text) for comment in dictionary.comments.of_sample(sample_id)]
    assert told == [("maria", "left arm?"), ("jan", "looks right to me")]


def test_comments_are_found_by_their_words(dictionary, sample_id):
    other = dictionary.samples.add([new_sample(7)]).added_ids[0]
    comment = dictionary.comments.add(sample_id, "Left Arm hidden")
    index = dictionary.search.index(dictionary.search.snapshot())
    for text, expected in (
        ("comment:arm", [sample_id]),
        ("comment:leg", []),
        ("comment:any", [sample_id]),
        ("comment:none", [other]),
    ):
        query = query_from_text(text)
        assert dictionary.search.ids(query).tolist() == expected
        assert index.ids(query).tolist() == expected
    dictionary.comments.remove(comment.id)
    assert index.ids(query_from_text("comment:any")).tolist() == []
    dictionary.comments.restore(comment.id)
    assert index.ids(query_from_text("comment:any")).tolist() == [sample_id]


@pytest.mark.parametrize("text", ["", "  ", "x" * 4001])
def test_a_comment_says_something_and_not_a_book(dictionary, sample_id, text):
    with pytest.raises(DictionaryError, match="characters"):
        dictionary.comments.add(sample_id, text)


def test_what_does_not_exist_is_named(dictionary):
    with pytest.raises(NoSuchRecordError, match="99"):
        dictionary.comments.add(99, "there")
    with pytest.raises(NoSuchRecordError, match="99"):
        dictionary.comments.remove(99)


def test_comments_come_back_from_the_log_of_edits(tmp_path):
    project = tmp_path / "project"
    with Dictionary.create(project) as dictionary:
        dictionary.samples.add([new_sample(1)])
        early = dictionary.comments.add(1, "early", "maria")
    back_up(project)
    with Dictionary.open(project) as dictionary:
        dictionary.comments.add(1, "late", "jan")
        gone = dictionary.comments.add(1, "gone", "jan")
        dictionary.comments.remove(gone.id)
        dictionary.comments.remove(early.id)
        dictionary.comments.restore(early.id)
        wanted = [(each.at, each.author, each.text) for each in dictionary.comments.of_sample(1)]
    restore(project)
    assert replay(project, edits_beyond(project)).left_out == []
    with Dictionary.open(project) as dictionary:
        told = [(each.at, each.author, each.text) for each in dictionary.comments.of_sample(1)]
    assert told == wanted
