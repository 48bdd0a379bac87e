"""What the benchmark of flags says of its targets."""

from benchmarks.flags import STUDIO_WAYS, WANTED_AUC, targets


def found(spearman, area):
    return {
        "rendered": {
            "spearman": {way: [spearman, 0.5, 0.7] for way in STUDIO_WAYS},
            "auc": {f"{name}, {way}": area for name in WANTED_AUC for way in STUDIO_WAYS},
        },
        "real": {"spearman": {f"multiview, {way}": [0.3, -0.2, 0.8] for way in STUDIO_WAYS}},
    }


def test_each_target_says_whether_it_is_reached():
    told = targets(found(0.61, 0.86))
    assert told["spearman, made people, mean"]["met"]
    assert told["auc, part orientation, network"] == {"found": 0.86, "wanted": 0.85, "met": True}
    assert not told["auc, body, mean"]["met"]


def test_the_clip_is_reported_without_a_target():
    assert targets(found(0.61, 0.86))["spearman, one man's clip, mean"] == {"found": 0.3}


def test_parts_that_were_not_run_have_no_targets():
    assert targets({}) == {}
