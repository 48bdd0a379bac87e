"""Samples like one: by pose, mirrored too, and near copies by their pictures."""

import cv2
import numpy as np
import pytest

from core.body.alike_poses.descriptors import mirrored, pose_descriptors, pose_distances_mm
from core.body.conventions import SKELETON_FLIP
from core.dictionary.search.query import LikeRule, SampleQuery, SortKey
from core.dictionary.search.query_json import query_from_rules, rules_of
from core.dictionary.search.query_parser import query_from_text, text_of_query
from core.errors import StudioError
from core.types.fits import Origin, Verdict

ALIKE = SortKey.LIKENESS


def pose(seed, *, away=0.0):
    """A pose by number, and others near it."""
    base = 0.4 * np.random.default_rng(seed).standard_normal(72)
    return (base + away * np.random.default_rng(99).standard_normal(72)).astype(np.float32)


def in_mirror(axis_angle):
    turned = axis_angle.reshape(24, 3)[list(SKELETON_FLIP)] * (1, -1, -1)
    return turned.reshape(72).astype(np.float32)


@pytest.fixture
def sample_ids(dictionary, make_sample, make_fit):
    """Near the first lie the second and the third, the fourth is its mirror, others are others."""
    poses = [pose(1), pose(1, away=0.05), pose(1, away=0.1), in_mirror(pose(1)), pose(2), pose(3)]
    samples = [make_sample(number) for number in range(len(poses) + 1)]
    ids = dictionary.samples.add(samples).added_ids
    dictionary.fits.offer(
        [make_fit(sample_id, pose=body) for sample_id, body in zip(ids, poses, strict=False)]
    )
    return ids


def listed(dictionary, text, **order):
    query = query_from_text(text).in_order_of(SampleQuery(sort=ALIKE, **order))
    index = dictionary.search.index(dictionary.search.snapshot())
    by_sql = dictionary.search.ids(query).tolist()
    assert index.ids(query).tolist() == by_sql
    assert dictionary.search.count(query) == len(by_sql)
    return by_sql


def test_a_pose_is_nearest_to_itself_and_near_ones_come_next(dictionary, sample_ids):
    found = listed(dictionary, f"like:{sample_ids[0]}")
    assert found[:3] == sample_ids[:3]
    assert sample_ids[6] not in found


def test_the_mirrored_pose_comes_first_where_it_is_asked_for(dictionary, sample_ids):
    assert listed(dictionary, f"like:{sample_ids[0]}")[3] != sample_ids[3]
    found = listed(dictionary, f"like:{sample_ids[0]},mirrored")
    assert set(found[:2]) == {sample_ids[0], sample_ids[3]}


def test_other_rules_narrow_what_is_alike_and_other_orders_hold(dictionary, sample_ids):
    dictionary.verdicts.set({sample_ids[1]: Verdict.REJECTED})
    assert listed(dictionary, f"like:{sample_ids[0]} verdict:rejected") == [sample_ids[1]]
    by_id = dictionary.search.ids(query_from_text(f"like:{sample_ids[2]}"))
    assert by_id.tolist() == sample_ids[:6]
    assert listed(dictionary, f"like:{sample_ids[0]}", descending=True)[-1] == sample_ids[0]


def test_verdict_counts_are_of_what_is_alike(dictionary, sample_ids):
    counts = dictionary.search.verdict_counts(query_from_text(f"like:{sample_ids[0]}"))
    assert counts[Verdict.NONE] == 6


def test_a_new_fit_is_taken_in(dictionary, sample_ids, make_fit):
    assert listed(dictionary, f"like:{sample_ids[0]}")[3] != sample_ids[5]
    dictionary.fits.offer(
        [make_fit(sample_ids[5], pose=pose(1, away=0.01), loss=1.0, origin=Origin.REFIT)]
    )
    assert listed(dictionary, f"like:{sample_ids[0]}")[1] == sample_ids[5]


def test_a_verdict_leaves_the_ranking_as_it_was(dictionary, sample_ids):
    rule = LikeRule(sample_ids[0])
    first = dictionary.search.likeness.ranked(rule)
    dictionary.verdicts.set({sample_ids[0]: Verdict.ACCEPTED})
    assert dictionary.search.likeness.ranked(rule) is first


def test_a_sample_without_a_fit_is_like_none(dictionary, sample_ids):
    assert listed(dictionary, f"like:{sample_ids[6]}") == []
    assert listed(dictionary, f"same:{sample_ids[6]}") == []
    assert listed(dictionary, "like:9999") == []


@pytest.mark.parametrize("text", ["like:12", "like:12,mirrored", "same:12 verdict:none"])
def test_rules_are_read_back_as_text_and_as_json(text):
    query = query_from_text(text)
    assert query_from_text(text_of_query(query)) == query
    assert query_from_rules(rules_of(query)) == query


@pytest.mark.parametrize("text", ["like:some", "like:1,2", "like:1 same:1", "like:mirrored"])
def test_a_rule_without_exactly_one_sample_is_told(text):
    with pytest.raises(StudioError, match=r"like|same"):
        query_from_text(text)


def picture(path, seed, *, size=(640, 480), brighter=0):
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 200, (12, 16, 3), dtype=np.uint8) + np.uint8(brighter)
    cv2.imwrite(str(path), cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC))
    return path


def test_near_copies_are_told_from_other_people_in_the_same_pose_by_their_pictures(
    dictionary, make_sample, make_fit, tmp_path
):
    from dataclasses import replace

    paths = [
        picture(tmp_path / "first.png", 1),
        picture(tmp_path / "again.jpg", 1, brighter=30),
        picture(tmp_path / "other.png", 2),
        tmp_path / "gone.png",
    ]
    samples = [replace(make_sample(number), picture_path=path) for number, path in enumerate(paths)]
    ids = dictionary.samples.add(samples).added_ids
    dictionary.fits.offer([make_fit(sample_id, pose=pose(1)) for sample_id in ids])
    assert listed(dictionary, f"same:{ids[0]}") == [ids[0], ids[1], ids[3]]


def test_another_side_of_the_same_pose_is_no_near_copy(dictionary, make_sample, make_fit):
    turned = pose(1)
    turned[:3] += (0.0, 1.5, 0.0)
    ids = dictionary.samples.add([make_sample(number) for number in range(2)]).added_ids
    dictionary.fits.offer([make_fit(ids[0], pose=pose(1)), make_fit(ids[1], pose=turned)])
    assert listed(dictionary, f"like:{ids[0]}") == ids
    assert listed(dictionary, f"same:{ids[0]}") == [ids[0]]


def test_distances_are_those_of_joints_and_the_mirror_of_the_mirror_is_the_pose():
    some = pose_descriptors(np.stack([pose(seed) for seed in range(5)]))
    assert np.array_equal(mirrored(mirrored(some)), some)
    moved = some[0].astype(np.float32) + np.float32(0.01)
    away = pose_distances_mm(moved[None].astype(np.float16), some[0])
    assert away[0] == pytest.approx(10 * 3**0.5, rel=0.02)


def test_the_mirrored_descriptor_is_that_of_the_mirrored_pose():
    body = pose(4)
    twice = pose_descriptors(np.stack([body, in_mirror(body)]))
    assert np.allclose(mirrored(twice[:1])[0], twice[1], atol=2e-3)
