"""Clothes cover what they should."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.body.conventions import SKELETON_JOINT_NAMES
from core.engine.synthetic.wardrobe import Hair, Legwear, Outfit, Sleeves, Wardrobe, random_outfit


@pytest.fixture(scope="module")
def wardrobe(open_body):
    return Wardrobe(open_body.arrays)


@pytest.fixture(scope="module")
def near(open_body):
    """Indices of the vertices that follow mostly one joint."""
    owner = open_body.arrays.weights.argmax(axis=1)
    return lambda joint: np.flatnonzero(owner == SKELETON_JOINT_NAMES.index(joint))


def _outfit(**changes) -> Outfit:
    plain = Outfit(
        skin=(1.0, 0.0, 0.0),
        hair=Hair.SHORT,
        hair_color=(0.0, 0.0, 0.0),
        sleeves=Sleeves.SHORT,
        shirt=(0.0, 1.0, 0.0),
        stripes=None,
        sleeve_color=(0.0, 1.0, 0.0),
        legwear=Legwear.TROUSERS,
        trousers=(0.0, 0.0, 1.0),
        shoes=(1.0, 1.0, 0.0),
        tucked_in=False,
    )
    return replace(plain, **changes)


def test_shirt_trousers_shoes_and_skin_are_where_they_belong(wardrobe, near):
    colors = wardrobe.dress(_outfit()).colors
    expected = {
        "spine2": (0, 1, 0),
        "left_knee": (0, 0, 1),
        "left_wrist": (1, 0, 0),
    }
    for joint, color in expected.items():
        median = np.median(colors[near(joint)], axis=0)
        np.testing.assert_allclose(median, color, atol=0.02, err_msg=joint)
    toes = colors[near("right_foot")]
    assert toes[:, 1].min() > 0.35, "bare skin at the toes"
    assert (toes == (1, 1, 0)).all(axis=1).mean() > 0.2


def test_hair_is_on_the_head_and_not_in_the_face(wardrobe, open_body):
    vertices, ids = open_body.arrays.v_template, open_body.arrays.vertex_ids
    for style in (Hair.SHORT, Hair.LONG):
        hair = wardrobe.hair(style)
        assert hair[vertices[:, 1].argmax()] == 1
        assert hair[ids["nose"]] == hair[ids["leye"]] == hair[ids["lindex"]] == 0
    assert wardrobe.hair(Hair.LONG).sum() > 1.2 * wardrobe.hair(Hair.SHORT).sum()
    assert not wardrobe.hair(Hair.BALD).any()


def test_sleeves_and_legs_have_the_lengths_they_are_named_for(wardrobe, near):
    cover = {length: wardrobe.shirt(length, tucked_in=False) for length in Sleeves}
    elbow, upper_arm = near("left_elbow"), near("left_shoulder")
    assert cover[Sleeves.LONG][elbow].mean() > 0.9
    assert cover[Sleeves.SHORT][elbow].mean() < 0.1 < cover[Sleeves.SHORT][upper_arm].mean()
    assert cover[Sleeves.NONE].sum() < cover[Sleeves.SHORT].sum() < cover[Sleeves.LONG].sum()
    shins = near("right_knee")
    assert wardrobe.legwear(Legwear.TROUSERS)[shins].mean() > 0.8
    assert wardrobe.legwear(Legwear.SHORTS)[shins].mean() < 0.1


def test_clothes_are_alike_on_both_sides(wardrobe, near):
    colors = wardrobe.dress(_outfit()).colors
    for joint in ("shoulder", "elbow", "knee", "ankle"):
        left, right = (colors[near(f"{side}_{joint}")].mean(axis=0) for side in ("left", "right"))
        np.testing.assert_allclose(left, right, atol=0.03)


def test_random_outfits_differ_stay_in_range_and_repeat_with_the_seed(wardrobe):
    outfits = [random_outfit(np.random.default_rng(seed)) for seed in range(30)]
    assert outfits[3] == random_outfit(np.random.default_rng(3))
    assert len({outfit.legwear for outfit in outfits}) == 3
    assert len({outfit.hair for outfit in outfits}) == 3
    for outfit in outfits[:8]:
        dress = wardrobe.dress(outfit)
        assert dress.colors.min() >= 0
        assert dress.colors.max() <= 1
        assert 0 <= dress.thickness.min() < dress.thickness.max() < 0.04
