"""SPIN's own loaders, written from their definition, find what the project holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import Cancelled
from core.progress import CancelToken
from core.types.samples import GroundTruth, NewSample
from core.workflows.exports.export_spin_dataset import export_spin_dataset, export_spin_npy


class SpinLoader:
    """What SPIN's BaseDataset reads of a data set's npz, and how, and its fits (facts: nkolot/SPIN,
    datasets/base_dataset.py and train/fits_dict.py)."""

    def __init__(self, npz: Path, fits: Path | None = None) -> None:
        data = np.load(npz)
        self.imgname, self.scale, self.center = data["imgname"], data["scale"], data["center"]
        try:
            self.pose = data["pose"].astype(np.float64)
            self.betas = data["shape"].astype(np.float64)
            has = data["has_smpl"] if "has_smpl" in data else np.ones(len(self.imgname))
            self.has_smpl = has.astype(np.float64)
        except KeyError:
            self.has_smpl = np.zeros(len(self.imgname))
        self.joints_3d = data.get("S")
        self.keypoints = np.concatenate([data["openpose"], data["part"]], axis=1)
        self.fits = None if fits is None else np.load(fits)

    def pose_and_betas(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        assert self.fits is not None
        return self.fits[row, :72], self.fits[row, 72:]


class PymafLoader:
    """What PyMAF's BaseDataset takes of the npz, and the item that it makes without augmentation
    (HongwenZhang/PyMAF, datasets/base_dataset.py and utils/imutils.py)."""

    def __init__(self, npz: Path) -> None:
        data = np.load(npz, allow_pickle=True)
        self.imgname, self.scale, self.center = data["imgname"], data["scale"], data["center"]
        try:
            self.pose, self.betas = data["pose"].astype(float), data["shape"].astype(float)
            self.has_smpl = data.get("has_smpl", np.ones(len(self.imgname), dtype=np.float32))
        except KeyError:
            self.has_smpl = np.zeros(len(self.imgname), dtype=np.float32)
        self.pose_3d, self.smpl_2d = data.get("S"), data.get("smpl_2dkps")
        count = len(self.imgname)
        part = data.get("part", np.zeros((count, 24, 3)))
        self.keypoints = np.concatenate(
            [data.get("openpose", np.zeros((count, 25, 3))), part], axis=1
        )
        gender = data.get("gender")
        self.gender = (
            -np.ones(count, np.int32)
            if gender is None
            else np.array([0 if str(each) == "m" else 1 for each in gender], np.int32)
        )

    def item(self, row: int) -> dict[str, np.ndarray]:
        zeros = np.zeros(72), np.zeros(10)
        pose, betas = (self.pose[row], self.betas[row]) if self.has_smpl[row] else zeros
        keypoints = self.keypoints[row].copy()
        for point in keypoints:
            point[:2] = self._to_crop(point[:2] + 1, row)
        keypoints[:, :2] = 2 * keypoints[:, :2] / 224 - 1
        return {"pose": pose, "betas": betas, "keypoints": keypoints, "gender": self.gender[row]}

    def _to_crop(self, point: np.ndarray, row: int) -> np.ndarray:
        """``transform`` of a point counted from 1: scaled, and cut to whole pixels."""
        side = 200 * self.scale[row]
        moved = 224 * (point - 1 - self.center[row]) / side + 224 / 2
        return moved.astype(int) + 1


@pytest.fixture
def loaded(people, tmp_path) -> SpinLoader:
    request = people.request(tmp_path / "set.npz")
    export_spin_dataset(people.dictionary, request)
    export_spin_npy(people.dictionary, people.request(tmp_path / "set_fits.npy"))
    return SpinLoader(tmp_path / "set.npz", tmp_path / "set_fits.npy")


def test_boxes_and_all_49_keypoints_are_those_of_the_project(loaded, people):
    for row, sample in enumerate(people.dictionary.samples.get_many([1, 2, 3, 4, 5])):
        np.testing.assert_array_equal(loaded.keypoints[row], sample.keypoints_px)
        assert 200 * loaded.scale[row] == pytest.approx(sample.box.side_px)
        assert loaded.center[row].tolist() == [sample.box.center_x_px, sample.box.center_y_px]
    assert loaded.imgname.tolist() == [f"scene_{number // 2}.jpg" for number in range(5)]
    assert loaded.joints_3d is None


def test_pymaf_crops_and_learns_what_spin_does(loaded, people, tmp_path):
    pymaf = PymafLoader(tmp_path / "set.npz")
    np.testing.assert_array_equal(pymaf.has_smpl, loaded.has_smpl)
    assert pymaf.smpl_2d is None
    assert pymaf.pose_3d is None
    off: list[float] = []
    for row, sample in enumerate(people.dictionary.samples.get_many([1, 2, 3, 4, 5])):
        item = pymaf.item(row)
        assert item["gender"] == -1
        in_crop = sample.box.picture_to_crop(sample.keypoints_px[:, :2])
        seen = sample.keypoints_px[:, 2] > 0
        inside = seen & (in_crop > 0).all(1)
        off += (112 * (item["keypoints"][inside, :2] + 1) - in_crop[inside]).ravel().tolist()
        np.testing.assert_array_equal(item["keypoints"][:, 2], sample.keypoints_px[:, 2])
    assert len(off) > 50
    assert min(off) >= -1e-3, "PyMAF cuts to whole pixels, counted from 1"
    assert max(off) <= 1 + 1e-3
    body, item = people.body(people.accepted), pymaf.item(1)
    np.testing.assert_array_equal(item["pose"].astype(np.float32), body.pose_axis_angle)
    np.testing.assert_array_equal(item["betas"].astype(np.float32), body.betas)
    assert not pymaf.item(0)["pose"].any()


def test_only_accepted_bodies_pass_for_the_truth(loaded, people):
    assert loaded.has_smpl.tolist() == [0, 1, 0, 0, 0]
    body = people.body(people.accepted)
    np.testing.assert_array_equal(loaded.pose[1].astype(np.float32), body.pose_axis_angle)
    np.testing.assert_array_equal(loaded.betas[1].astype(np.float32), body.betas)
    assert not loaded.pose[[0, 2, 3, 4]].any()


def test_fits_stand_in_the_order_of_the_data_set_and_bad_ones_are_zeros(loaded, people):
    for row, sample_id in enumerate((1, 2)):
        pose, betas = loaded.pose_and_betas(row)
        np.testing.assert_array_equal(pose, people.body(sample_id).pose_axis_angle)
        np.testing.assert_array_equal(betas, people.body(sample_id).betas)
    assert loaded.fits.shape == (5, 82)
    assert not loaded.fits[2:].any()


def test_the_file_says_where_pictures_are_and_whose_the_betas_are(people, tmp_path, loaded):
    with np.load(tmp_path / "set.npz", allow_pickle=False) as file:
        assert file["pictures_folder"] == (tmp_path / "pictures").as_posix()
        assert file["body_name"] == "open body"
        assert file["sample_id"].tolist() == [1, 2, 3, 4, 5]
        assert file["person"].tolist() == ["100", "101", "102", "103", "104"]


def test_what_the_data_set_states_as_true_comes_first(people, tmp_path):
    first = people.dictionary.samples.get(people.good)
    joints = np.zeros((49, 4), np.float32)
    joints[25:, 3], joints[30] = 1, [0.1, 0.2, 0.3, 0.5]
    truth = people.body(people.accepted)
    people.dictionary.samples.add(
        [
            NewSample(
                picture_path=first.picture_path,
                picture_size_px=first.picture_size_px,
                dataset="h36m",
                person_key="true",
                box_center_px=np.array([50, 60], np.float32),
                box_scale=1.0,
                keypoints_px=np.zeros((49, 3), np.float32),
                ground_truth=GroundTruth(parameters=truth, joints_3d=joints),
            )
        ]
    )
    report = export_spin_dataset(people.dictionary, people.request(tmp_path / "with_truth.npz"))
    loaded = SpinLoader(tmp_path / "with_truth.npz")
    assert loaded.has_smpl.tolist() == [0, 1, 0, 0, 0, 1]
    np.testing.assert_array_equal(loaded.pose[5].astype(np.float32), truth.pose_axis_angle)
    np.testing.assert_array_equal(loaded.joints_3d[5, 5], joints[30])
    assert loaded.joints_3d.shape == (6, 24, 4)
    assert "states as true were written: 1" in report.summary()


def test_what_is_left_out_is_counted_by_reason(people, tmp_path):
    summary = export_spin_npy(people.dictionary, people.request(tmp_path / "fits.npy")).summary()
    assert "5 samples: 2 bodies; left out: 1 rejected, 1 too poor, 1 without a fit" in summary
    summary = export_spin_dataset(people.dictionary, people.request(tmp_path / "a.npz")).summary()
    assert "1 body; left out: 1 with a fit that no one accepted" in summary
    assert "open body" in summary


@pytest.mark.parametrize("export", [export_spin_dataset, export_spin_npy])
def test_no_one_and_cancelling(people, tmp_path, export):
    assert export(people.dictionary, people.request(tmp_path / "no", sample_ids=())).bodies == 0
    assert (tmp_path / "no").exists()
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        export(people.dictionary, people.request(tmp_path / "cancelled", cancel=cancel))
    assert not (tmp_path / "cancelled").exists()
