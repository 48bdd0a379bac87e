"""Lists of flagged samples: the worst first, counted as they are listed."""

from __future__ import annotations

import pytest

from core.dictionary.assessment.assessments import Assessment, RaisedFlag
from core.dictionary.search.query import SampleQuery
from core.types.flags import FlagName


@pytest.fixture
def ids(dictionary, make_sample, make_fit):
    """Losses and betas that raise flags by themselves, and two that an assessment raises."""
    new = [make_sample(number, dataset="ab"[number % 2]) for number in range(5)]
    new.append(make_sample(9, visible=6))
    ids = dictionary.samples.add(new).added_ids
    betas = dict(zip(ids, (4, 5, 1, 3.5, 1), strict=False))
    dictionary.fits.offer(
        [make_fit(one, loss=100.0 + one, beta=beta) for one, beta in betas.items()]
    )
    bases = dictionary.assessments.inputs(ids)
    dictionary.assessments.store(
        [
            Assessment(
                basis=bases[one],
                suspicion=suspicion,
                informativeness=0,
                flags=(RaisedFlag(FlagName.DEPTH, 1 - suspicion, "too near"),),
            )
            for one, suspicion in ((ids[2], 0.4), (ids[3], 0.8))
        ]
    )
    return ids


def test_one_kind_is_ordered_by_its_score(dictionary, ids):
    assert dictionary.flags.sample_ids([FlagName.BETAS]).tolist() == [ids[1], ids[0], ids[3]]
    assert dictionary.flags.sample_ids([FlagName.DEPTH]).tolist() == [ids[2], ids[3]]
    assert dictionary.flags.sample_ids([FlagName.FEW_KEYPOINTS]).tolist() == [ids[5]]


def test_several_kinds_are_ordered_by_suspicion_then_by_loss(dictionary, ids):
    assert dictionary.flags.sample_ids().tolist() == [ids[number] for number in (3, 2, 4, 1, 0, 5)]
    both = dictionary.flags.sample_ids([FlagName.DEPTH, FlagName.FEW_KEYPOINTS])
    assert both.tolist() == [ids[3], ids[2], ids[5]]


def test_a_query_narrows_lists_and_counts_alike(dictionary, ids):
    odd = SampleQuery(datasets=frozenset({"b"}))
    assert dictionary.flags.sample_ids([FlagName.BETAS], odd).tolist() == [ids[1], ids[3]]
    for query in (SampleQuery(), odd, SampleQuery(text="000009")):
        counts = dictionary.flags.counts(query)
        assert counts == {
            name: len(listed)
            for name in FlagName
            if len(listed := dictionary.flags.sample_ids([name], query))
        }


def test_flags_of_many_are_read_at_once(dictionary, ids):
    flags = dictionary.flags.by_sample(ids)
    assert [flag.name for flag in flags[ids[3]]] == ["betas", "depth", "reprojection"]
    assert flags[ids[2]][0].reason == "too near"
    assert flags == {
        sample_id: dictionary.flags.of(sample_id)
        for sample_id in ids
        if dictionary.flags.of(sample_id)
    }
