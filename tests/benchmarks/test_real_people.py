"""Truth, keypoints and cameras of the real people that benchmarks compare with."""

import numpy as np
import pytest

from benchmarks.common.real_people import real_people


@pytest.mark.parametrize(
    ("group", "count"), [("multiview", 28), ("mpi_inf_3dhp", 4), ("panoptic", 16)]
)
def test_every_person_of_a_group_is_there_with_the_joints_that_are_compared(
    shared_folder, group, count
):
    people = real_people(group)

    assert len({person.name for person in people}) == len(people) == count
    for person in people:
        assert person.joints_m.shape == (len(person.keypoint_indices), 3)
        assert person.trusted.sum() >= 8


@pytest.mark.parametrize("group", ["mpi_inf_3dhp", "panoptic"])
def test_the_true_camera_sees_the_true_joints_where_the_keypoints_are(shared_folder, group):
    for person in real_people(group):
        focal, principal = person.camera.focal_length_px, person.camera.principal_point_px
        seen = focal * person.joints_m[:, :2] / person.joints_m[:, 2:] + principal
        keypoints = person.keypoints_px[list(person.keypoint_indices)]
        missed = np.abs(seen - keypoints[:, :2])[keypoints[:, 2] > 0]
        # MPI-INF's principal point is off the middle of the picture by some 20 px.
        assert missed.max() < 30
