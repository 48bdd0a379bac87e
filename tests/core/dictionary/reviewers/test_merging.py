"""Verdicts of two copies of a project, brought together."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from core.dictionary.recovery.backups import back_up
from core.dictionary.recovery.restore import restore
from core.dictionary.store import Dictionary
from core.errors import Cancelled, DictionaryError
from core.progress import CancelToken
from core.types.fits import Origin, RejectReason, Verdict
from core.workflows.replay_edits import edits_beyond, replay
from tests.core.dictionary.conftest import new_fit, new_sample

PEOPLE = (1, 2, 3, 4)


@pytest.fixture
def copies(tmp_path) -> tuple[Path, Path]:
    """Two copies of a project of four fitted people; maria accepted the first."""
    first, second = tmp_path / "first", tmp_path / "second"
    with Dictionary.create(first) as dictionary:
        dictionary.samples.add(new_sample(number) for number in PEOPLE)
        dictionary.fits.offer([new_fit(number) for number in PEOPLE])
        dictionary.verdicts.set({1: Verdict.ACCEPTED}, "maria")
    shutil.copytree(first, second)
    return first, second


def judge(project: Path, reviewer: str, **verdicts: Verdict) -> None:
    with Dictionary.open(project) as dictionary:
        given = {int(name.removeprefix("of_")): verdict for name, verdict in verdicts.items()}
        dictionary.verdicts.set(given, reviewer)


def merge(into: Path, other: Path):
    with Dictionary.open(into) as dictionary:
        dictionary.sign_as("boss")
        done = dictionary.merges.apply(dictionary.merges.rehearse(other))
        assert dictionary.problems() == []
        return done


def content(project: Path) -> tuple[object, ...]:
    """All opinions and verdicts, in no order of storing."""
    with Dictionary.open(project) as dictionary:
        opinions = frozenset(dictionary.opinions.all())
        rows = dictionary.search.rows(PEOPLE)
        fits = dictionary.fits.current(PEOPLE)
        borne = tuple(
            (fit.verdict, fit.verdict_by, fit.verdict_at, fit.reject_reason)
            for fit in fits.values()
        )
        return opinions, tuple(row.verdict for row in rows), borne


def verdict_of(project: Path, sample_id: int) -> tuple[Verdict, str | None]:
    with Dictionary.open(project) as dictionary:
        fit = dictionary.fits.current_of(sample_id)
        return fit.verdict, fit.verdict_by


def test_verdicts_on_different_people_add_up(copies):
    first, second = copies
    judge(first, "maria", of_2=Verdict.ACCEPTED)
    judge(second, "jan", of_3=Verdict.REJECTED)
    done = merge(first, second)
    assert (len(done.added), done.changed, done.disagreed) == (1, (3,), ())
    assert verdict_of(first, 2) == (Verdict.ACCEPTED, "maria")
    assert verdict_of(first, 3) == (Verdict.REJECTED, "jan")


def test_the_newer_verdict_of_the_same_person_counts(copies):
    first, second = copies
    judge(second, "maria", of_1=Verdict.REJECTED)
    assert merge(first, second).disagreed == ()
    assert verdict_of(first, 1) == (Verdict.REJECTED, "maria")
    judge(first, "maria", of_1=Verdict.ACCEPTED)
    merge(first, second)
    assert verdict_of(first, 1) == (Verdict.ACCEPTED, "maria")


def test_where_two_people_disagree_the_fit_is_unsure_unlocked_and_named(copies):
    first, second = copies
    judge(first, "maria", of_2=Verdict.ACCEPTED)
    judge(second, "jan", of_2=Verdict.REJECTED)
    done = merge(first, second)
    with Dictionary.open(first) as dictionary:
        assert done.disagreed == (dictionary.search.rows([2])[0].name,)
        better = dictionary.fits.offer([new_fit(2, loss=1.0, pose=1.5)])[0]
        assert dictionary.fits.current_of(2).id == better.fit_id, "the unsure fit is not locked"


def test_who_saw_the_other_verdict_overrules_it_in_both_copies(copies):
    first, second = copies
    judge(second, "jan", of_1=Verdict.REJECTED)  # maria's verdict was on his screen
    merge(first, second)
    assert verdict_of(first, 1) == (Verdict.REJECTED, "jan")
    merge(second, first)
    assert content(first) == content(second)


def test_merging_twice_changes_nothing(copies):
    first, second = copies
    judge(second, "jan", of_1=Verdict.REJECTED, of_2=Verdict.UNSURE)
    assert merge(first, second)
    seen = content(first)
    again = merge(first, second)
    assert not again
    assert content(first) == seen
    assert again.summary() == "The other copy has no verdict or comment that this project lacks."


def test_copies_that_were_merged_with_each_other_agree_whatever_was_judged(copies, tmp_path):
    draw = random.Random(3)
    base = copies[0]
    for round_number in range(4):
        both = [tmp_path / f"{name}{round_number}" for name in ("a", "b")]
        for copy in both:
            shutil.copytree(base, copy)
            with Dictionary.open(copy) as dictionary:
                for _ in range(12):
                    _judge_at_random(dictionary, draw)
        crossed = tmp_path / f"c{round_number}"
        shutil.copytree(both[0], crossed)
        merge(crossed, both[1])
        merge(both[1], both[0])
        assert content(crossed) == content(both[1])
        merge(both[0], both[1])
        assert content(both[0]) == content(both[1])
        assert not merge(both[0], crossed)


def _judge_at_random(dictionary: Dictionary, draw: random.Random) -> None:
    fit = dictionary.fits.current_of(draw.choice(PEOPLE))
    change = dictionary.verdicts.set_on_fits(
        {fit.id: draw.choice(list(Verdict))},
        draw.choice(["maria", "jan", "eva"]),
        reasons={fit.id: draw.choice([None, *RejectReason])},
        blind={fit.id} if draw.random() < 0.3 else set(),
    )
    if draw.random() < 0.2:
        dictionary.verdicts.take_back(change)


def test_a_verdict_that_was_undone_in_one_copy_is_undone_in_the_other(copies):
    first, second = copies
    with Dictionary.open(first) as dictionary:
        change = dictionary.verdicts.set({2: Verdict.ACCEPTED}, "maria")
    shutil.rmtree(second)
    shutil.copytree(first, second)
    with Dictionary.open(second) as dictionary:
        dictionary.verdicts.take_back(change)
    done = merge(first, second)
    assert (len(done.added), len(done.withdrawn)) == (0, 1)
    assert verdict_of(first, 2)[0] is Verdict.NONE


def test_a_fit_that_only_the_other_copy_has_is_named_and_not_judged(copies):
    first, second = copies
    with Dictionary.open(second) as dictionary:
        dictionary.fits.offer([new_fit(2, loss=5.0, pose=1.0, origin=Origin.REFIT)])
        dictionary.verdicts.set({2: Verdict.ACCEPTED}, "jan")
        dictionary.samples.add([new_sample(9)])
        dictionary.fits.offer([new_fit(5)])
        dictionary.verdicts.set({5: Verdict.ACCEPTED}, "jan")
        names = [row.name for row in dictionary.search.rows([2, 5])]
    done = merge(first, second)
    assert (done.differing, done.missing) == ((names[0],), (names[1],))
    assert not done
    assert verdict_of(first, 2)[0] is Verdict.NONE


def test_the_same_body_made_by_both_copies_is_one(copies):
    first, second = copies
    for copy in copies:
        with Dictionary.open(copy) as dictionary:
            dictionary.fits.offer([new_fit(2, loss=5.0, pose=1.0, origin=Origin.REFIT)])
    judge(second, "jan", of_2=Verdict.ACCEPTED)
    assert merge(first, second).changed == (2,)
    assert verdict_of(first, 2) == (Verdict.ACCEPTED, "jan")


def test_rehearsing_writes_nothing_and_tells_the_same(copies):
    first, second = copies
    judge(second, "jan", of_1=Verdict.UNSURE, of_2=Verdict.REJECTED)
    seen, theirs = content(first), (second / "dictionary.db").read_bytes()
    with Dictionary.open(first) as dictionary:
        planned = dictionary.merges.rehearse(second)
    assert content(first) == seen
    assert (second / "dictionary.db").read_bytes() == theirs
    assert merge(first, second) == planned


def test_undoing_a_merge_restores_everything_and_it_can_be_done_again(copies):
    first, second = copies
    judge(first, "maria", of_3=Verdict.ACCEPTED)
    judge(second, "jan", of_1=Verdict.UNSURE, of_2=Verdict.REJECTED, of_3=Verdict.REJECTED)
    before = content(first)
    with Dictionary.open(first) as dictionary:
        done = dictionary.merges.apply(dictionary.merges.rehearse(second))
        after = frozenset(dictionary.opinions.all())
        dictionary.merges.take_back(done)
        assert content(first) == before
        assert dictionary.merges.apply(done) == done
        assert frozenset(dictionary.opinions.all()) == after
        assert not dictionary.merges.rehearse(second)


def test_a_project_is_not_merged_with_itself(copies):
    with Dictionary.open(copies[0]) as dictionary, pytest.raises(DictionaryError, match="itself"):
        dictionary.merges.rehearse(copies[0])


def test_a_merge_and_its_undo_are_in_the_log_of_edits(copies):
    first, second = copies
    judge(second, "jan", of_2=Verdict.REJECTED, of_3=Verdict.ACCEPTED)
    back_up(first)
    done = merge(first, second)
    merged = content(first)
    restore(first)
    assert content(first) != merged
    assert replay(first, edits_beyond(first)).left_out == []
    assert content(first)[0] == merged[0]
    with Dictionary.open(first) as dictionary:
        dictionary.merges.take_back(done)
    undone = content(first)
    restore(first)
    assert replay(first, edits_beyond(first)).left_out == []
    assert content(first)[:2] == undone[:2]


def comments_in(project: Path) -> list[tuple[int, str, str]]:
    with Dictionary.open(project) as dictionary:
        return [
            (comment.sample_id, comment.author, comment.text)
            for number in PEOPLE
            for comment in dictionary.comments.of_sample(number)
        ]


def test_comments_are_taken_over_once_and_stay_away_where_they_were_removed(copies):
    first, second = copies
    with Dictionary.open(first) as dictionary:
        gone = dictionary.comments.add(1, "look again", "maria")
    merge(second, first)
    assert comments_in(second) == [(1, "maria", "look again")]
    with Dictionary.open(second) as dictionary:
        (copied,) = dictionary.comments.of_sample(1)
        dictionary.comments.remove(copied.id)
        dictionary.comments.add(2, "wrong arm", "jan")
    done = merge(first, second)
    assert (len(done.comments), len(done.comments_removed)) == (1, 1)
    assert "1 comment was added. 1 comment was removed." in done.summary()
    assert comments_in(first) == [(2, "jan", "wrong arm")]
    assert not merge(first, second), "nothing is left"
    with Dictionary.open(first) as dictionary:
        dictionary.merges.take_back(done)
    assert comments_in(first) == [(1, "maria", gone.text)]
    with Dictionary.open(first) as dictionary:
        dictionary.merges.apply(done)
    assert comments_in(first) == [(2, "jan", "wrong arm")]


def test_comments_that_were_merged_come_back_from_the_log_of_edits(copies):
    first, second = copies
    with Dictionary.open(second) as dictionary:
        dictionary.comments.add(3, "hidden by a chair", "jan")
    backup = back_up(first)
    merge(first, second)
    before = comments_in(first)
    restore(first, backup)
    assert comments_in(first) == []
    replay(first, edits_beyond(first))
    assert comments_in(first) == before == [(3, "jan", "hidden by a chair")]


def test_reading_the_other_copy_tells_how_far_it_is_and_can_be_stopped(copies):
    first, second = copies
    judge(second, "jan", of_2=Verdict.REJECTED)
    cancel, told = CancelToken(), []
    with Dictionary.open(first) as dictionary:
        dictionary.merges.rehearse(second, progress=told.append)
        assert (told[-1].done, told[-1].total) == (2, 2)
        cancel.cancel()
        with pytest.raises(Cancelled):
            dictionary.merges.rehearse(second, cancel=cancel)
