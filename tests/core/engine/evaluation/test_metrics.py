"""Each metric by name, of people and of joints; what is known of a project without a truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.engine.evaluation.metrics import (
    LOSS,
    METRICS,
    TWO_D,
    joint_series_table,
    metric_named,
    metric_series,
    series_table,
    worst_table,
)
from core.engine.evaluation.project_bodies import ReferenceBodies
from core.engine.evaluation.project_evaluation import (
    CURRENT_FITS,
    INITIAL_FITS,
    PREDICTIONS,
    evaluate_project,
)
from core.engine.evaluation.shared_bins import bin_of, common_edges, shares
from core.errors import StudioError
from core.types.fits import Origin, Verdict
from tests.core.engine.evaluation.people_with_truth import PEOPLE, body, fit, sample


def named(series, name):
    return next(part for part in series if part.name == name)


@pytest.fixture
def without_truth(tmp_path):
    """Three people with keypoints and fits, and no truth: accepted, rejected, not reviewed."""
    folder = tmp_path / "project"
    with Dictionary.create(folder) as dictionary:
        people = [sample(tmp_path, number, with_truth=False) for number in range(3)]
        seen = np.zeros((49, 3), np.float32)
        seen[[25, 30, 36]] = [112, 112, 1]
        people[0] = replace(people[0], keypoints_px=seen)
        ids = dictionary.samples.add(people).added_ids
        dictionary.fits.offer(
            [fit(sample_id, body(sample_id, pose_change=0.5), 9.0) for sample_id in ids]
        )
        better = [fit(sample_id, body(sample_id), float(sample_id)) for sample_id in ids]
        dictionary.fits.offer([replace(item, origin=Origin.IN_LOOP) for item in better])
        for one, verdict in zip(ids, (Verdict.ACCEPTED, Verdict.REJECTED), strict=False):
            dictionary.verdicts.set({one: verdict})
    return folder


def test_means_of_people_and_of_joints_agree_for_every_metric_that_has_both(project):
    found = evaluate_project(project)
    for metric in METRICS:
        if metric.joints is None:
            continue
        for metric_part in metric_series(found, metric):
            assert metric_part.values.mean() == pytest.approx(
                np.mean(list(metric_part.joints.values())), abs=1e-9
            )


def test_a_metric_gives_what_the_summary_gives(project):
    found = evaluate_project(project)
    for metric in METRICS:
        if metric.moment is None:
            continue
        for metric_part in metric_series(found, metric):
            expected = metric.moment(found.named(metric_part.name).errors.summary())
            assert metric_part.values.mean() == pytest.approx(expected)


def test_the_worst_person_has_the_largest_error_or_the_smallest_share(project):
    found = evaluate_project(project)
    for key in ("mpjpe_mm", "auc"):
        metric = metric_named(key)
        series = named(metric_series(found, metric), PREDICTIONS)
        worst = series.worst_first(metric)[0]
        # The third person's elbow is bent most.
        assert series.sample_ids[worst] == 3
        table = worst_table(series, metric, {3: "2.png"}, count=2)
        assert table.rows[0][:2] == ("3", "2.png")
        assert len(table.rows) == 2


def test_tables_have_a_row_a_kind_and_a_row_a_joint(project):
    found = evaluate_project(project)
    metric = metric_named("mpjpe_mm")
    series = metric_series(found, metric)
    rows = series_table(series, metric).rows
    assert [row[0] for row in rows] == [PREDICTIONS, INITIAL_FITS, CURRENT_FITS]
    assert [row[1] for row in rows] == ["3", str(PEOPLE), str(PEOPLE)]
    assert len(joint_series_table(series, metric).rows) == 14
    no_joints = metric_named("pve_mm")
    assert joint_series_table(metric_series(found, no_joints), no_joints).rows == ()


def test_an_unknown_metric_is_refused_with_the_known_ones():
    with pytest.raises(StudioError, match="no metric 'fame'"):
        metric_named("fame")


def test_without_a_truth_keypoints_and_losses_are_still_judged(without_truth):
    found = evaluate_project(without_truth, need_truth=False)
    assert (found.samples, found.with_truth, found.bodies) == (3, 0, ())
    assert metric_series(found, metric_named("mpjpe_mm")) == ()
    assert found.prediction_runs == frozenset()
    in_2d = named(metric_series(found, metric_named(TWO_D)), CURRENT_FITS)
    assert in_2d.sample_ids.tolist() == [1]  # the others have no keypoints
    assert list(in_2d.joints) == ["Right Ankle", "Left Ankle", "Left Wrist"]
    assert in_2d.values[0] == pytest.approx(np.mean(list(in_2d.joints.values())))
    errors = metric_series(found, metric_named(LOSS))
    assert [(error.name, error.values.tolist()) for error in errors] == [
        ("accepted", [1.0]),
        ("rejected", [np.sqrt(2.0)]),
        ("not reviewed", [np.sqrt(3.0)]),
    ]


def test_openpose_names_stand_where_its_keypoints_are_what_is_annotated(without_truth):
    with Dictionary.open(without_truth) as dictionary:
        seen = np.zeros((49, 3), np.float32)
        seen[[0, 4, 11, 30]] = [112, 112, 0.5]
        people = [replace(sample(without_truth, 7, with_truth=False), keypoints_px=seen)]
        (added,) = dictionary.samples.add(people).added_ids
        dictionary.fits.offer([fit(added, body(1), 1.0)])
    found = evaluate_project(without_truth, where=SampleQuery(text="7.png"), need_truth=False)
    (initial, _current) = metric_series(found, metric_named(TWO_D))
    assert list(initial.joints) == ["OP Nose", "OP RWrist", "OP RAnkle"]


def test_bodies_are_compared_with_accepted_fits_on_request(without_truth):
    found = evaluate_project(without_truth, truth=ReferenceBodies.ACCEPTED)
    assert found.with_truth == 1
    assert [each_body.name for each_body in found.bodies] == [
        INITIAL_FITS
    ]  # not the fits with themselves
    assert found.named(INITIAL_FITS).sample_ids.tolist() == [1]
    assert found.named(INITIAL_FITS).errors.mpjpe_mm[0] > 1
    assert "agreement" in found.summary_table().note
    with Dictionary.open(without_truth) as dictionary:
        dictionary.verdicts.set({1: Verdict.NONE})
    with pytest.raises(StudioError, match="accepted fit"):
        evaluate_project(without_truth, truth=ReferenceBodies.ACCEPTED)


def test_all_groups_share_the_bins_and_the_last_one_takes_what_lies_beyond():
    rng = np.random.default_rng(0)
    groups = [rng.uniform(0, 50, 500), rng.uniform(0, 100, 500), np.array([np.nan])]
    edges = common_edges(groups, bins=10)
    assert edges[0] == 0
    assert edges[-1] == pytest.approx(94, abs=4)
    for group in groups[:2]:
        assert shares(group, edges).sum() == pytest.approx(1)
    assert shares(groups[2], edges).sum() == 0
    assert bin_of(np.array([0.0, 1e9, edges[3]]), edges).tolist() == [0, 9, 3]


def test_percentages_end_at_a_hundred_and_nothing_still_has_bins():
    assert common_edges([np.array([3.0])], limit=100.0, bins=4).tolist() == [0, 25, 50, 75, 100]
    assert common_edges([np.zeros(3), np.empty(0)], bins=2).tolist() == [0, 0.5, 1]
    assert shares(np.array([100.0]), np.linspace(0, 100, 5)).tolist() == [0, 0, 0, 1]
