"""Adding samples and reading them back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import DictionaryError, NoSuchRecordError, StudioError
from core.types.bodies import BodyParameters
from core.types.fits import Origin, Verdict
from core.types.limits import FEW_KEYPOINTS
from core.types.samples import GroundTruth


def test_a_sample_is_read_back_as_it_was_added(dictionary, make_sample):
    generator = np.random.default_rng(0)
    parameters = BodyParameters(
        pose_axis_angle=generator.normal(size=72).astype(np.float32),
        betas=generator.normal(size=10).astype(np.float32),
        camera_translation=np.array([0.1, -0.2, 40.0], dtype=np.float32),
    )
    joints_3d = generator.normal(size=(49, 4)).astype(np.float32)
    keypoints_px = generator.uniform(1, 400, size=(49, 3)).astype(np.float32)
    added = replace(
        make_sample(3),
        keypoints_px=keypoints_px,
        ground_truth=GroundTruth(parameters=parameters, joints_3d=joints_3d),
    )
    sample = dictionary.samples.get(dictionary.samples.add([added]).added_ids[0])
    assert sample.picture_path == Path("/pictures/000003.jpg")
    assert (sample.picture_size_px, sample.dataset, sample.person_key) == (
        (640, 480),
        "coco",
        "person 3",
    )
    assert (sample.box.center_x_px, sample.box.center_y_px) == (320.5, 240.25)
    assert sample.box.side_px == 250.0
    np.testing.assert_array_equal(sample.keypoints_px, keypoints_px)
    np.testing.assert_array_equal(sample.ground_truth.joints_3d, joints_3d)
    for name in ("pose_axis_angle", "betas", "camera_translation"):
        np.testing.assert_array_equal(
            getattr(sample.ground_truth.parameters, name), getattr(parameters, name)
        )


def test_keypoints_are_given_in_the_crop_too(dictionary, sample_id):
    on_crop = dictionary.samples.get(sample_id).keypoints_crop_px
    assert on_crop[48] == pytest.approx([112 - 0.5 * 224 / 250, 112 - 0.25 * 224 / 250, 0.9])


def test_without_ground_truth_none_is_read(dictionary, sample_id):
    truth = dictionary.samples.get(sample_id).ground_truth
    assert truth.parameters is None
    assert truth.joints_3d is None


def test_a_second_import_adds_only_what_is_new(dictionary, make_sample):
    dictionary.samples.add([make_sample(1), make_sample(2)])
    again = dictionary.samples.add([make_sample(1), make_sample(2), make_sample(3)])
    assert (len(again.added_ids), again.already_there) == (1, 2)
    assert dictionary.search.count() == 3


def test_a_person_twice_in_one_import_is_added_once(dictionary, make_sample):
    added = dictionary.samples.add([make_sample(1), make_sample(1)])
    assert (len(added.added_ids), added.already_there) == (1, 1)


def test_the_same_picture_in_another_dataset_is_another_sample(dictionary, make_sample):
    added = dictionary.samples.add([make_sample(1), make_sample(1, dataset="lsp")])
    assert len(added.added_ids) == 2


def test_samples_come_in_the_order_asked_for(dictionary, make_sample):
    ids = dictionary.samples.add(make_sample(number) for number in range(4)).added_ids
    asked = [ids[2], ids[0], ids[3]]
    assert [sample.id for sample in dictionary.samples.get_many(asked)] == asked
    assert [row.id for row in dictionary.search.rows(asked)] == asked


def test_an_unknown_sample_is_named(dictionary, sample_id):
    with pytest.raises(NoSuchRecordError, match="no sample 7, 9"):
        dictionary.samples.get_many([sample_id, 9, 7])


def test_a_reader_that_fails_half_way_leaves_nothing(dictionary, make_sample):
    def failing():
        yield make_sample(1)
        raise StudioError("entry 2 is broken")

    with pytest.raises(StudioError, match="entry 2"):
        dictionary.samples.add(failing())
    assert dictionary.search.count() == 0


def test_a_slow_reader_does_not_keep_others_from_writing(dictionary, make_sample, make_fit):
    first = dictionary.samples.add([make_sample(0)]).added_ids[0]

    def slow():
        yield make_sample(1)
        with type(dictionary).open(dictionary.project, busy_timeout_s=0) as other:
            other.fits.offer([make_fit(first)])
        yield make_sample(2)

    assert len(dictionary.samples.add(slow()).added_ids) == 2


@pytest.mark.parametrize(
    "broken",
    [
        {"keypoints_px": np.full((49, 3), np.nan, dtype=np.float32)},
        {"box_scale": 0.0},
        {"box_center_px": np.array([np.inf, 0], dtype=np.float32)},
    ],
)
def test_a_sample_that_is_not_finite_is_refused_with_all_of_its_import(
    dictionary, make_sample, broken
):
    with pytest.raises(StudioError, match="finite"):
        dictionary.samples.add([make_sample(1), replace(make_sample(2), **broken)])
    assert dictionary.search.count() == 0


def test_a_path_that_is_no_text_is_refused_with_a_remedy(dictionary, make_sample):
    latin1 = replace(make_sample(1), picture_path=Path("/pictures/caf\udce9.jpg"))
    with pytest.raises(DictionaryError, match="Rename"):
        dictionary.samples.add([latin1])


@pytest.mark.parametrize(
    ("visible", "flags"),
    [
        (0, ("no keypoints",)),
        (FEW_KEYPOINTS - 1, ("few keypoints",)),
        (FEW_KEYPOINTS, ()),
    ],
)
def test_samples_with_few_keypoints_are_flagged(dictionary, make_sample, visible, flags):
    sample_id = dictionary.samples.add([make_sample(visible=visible)]).added_ids[0]
    row = dictionary.search.rows([sample_id])[0]
    assert (row.flags, row.visible_keypoints) == (flags, visible)


def test_ignored_joints_do_not_make_a_sample_usable(dictionary, make_sample):
    """Neck and hips are left out by SMPLify: with them alone there is nothing to fit."""
    sample = make_sample(visible=0)
    sample.keypoints_px[[1, 9, 12, 27, 28]] = [300.0, 200.0, 1.0]
    sample_id = dictionary.samples.add([sample]).added_ids[0]
    assert dictionary.search.rows([sample_id])[0].visible_keypoints == 5
    assert len(dictionary.search.awaiting_fit(Origin.MEAN)) == 0
    assert dictionary.search.count_unusable() == 1


def test_samples_await_a_fit_until_there_is_one_of_that_origin(dictionary, make_sample, make_fit):
    ids = dictionary.samples.add(make_sample(number) for number in range(3)).added_ids
    dictionary.fits.offer([make_fit(ids[0], origin=Origin.MEAN), make_fit(ids[1])])
    assert dictionary.search.awaiting_fit(Origin.MEAN).tolist() == ids[1:]
    assert dictionary.search.awaiting_fit(Origin.MEAN, among=ids[:2]).tolist() == [ids[1]]
    assert dictionary.search.awaiting_fit(Origin.IN_LOOP).tolist() == [ids[0], ids[2]]


def test_a_sample_whose_fit_is_accepted_awaits_no_other(dictionary, make_sample, make_fit):
    ids = dictionary.samples.add(make_sample(number) for number in range(3)).added_ids
    dictionary.fits.offer([make_fit(sample_id, origin=Origin.MEAN) for sample_id in ids[:2]])
    dictionary.verdicts.set({ids[0]: Verdict.ACCEPTED, ids[1]: Verdict.REJECTED})
    assert dictionary.search.awaiting_fit(Origin.LIFTER).tolist() == ids[1:]
    assert dictionary.search.count_accepted_without_fit(Origin.LIFTER) == 1
    assert dictionary.search.count_accepted_without_fit(Origin.MEAN) == 0
    dictionary.verdicts.set({ids[0]: Verdict.NONE})
    assert dictionary.search.awaiting_fit(Origin.LIFTER).tolist() == ids
