from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.store import Dictionary
from core.errors import Cancelled, UserFileError
from core.progress import CancelToken
from core.types.bodies import BodyParameters
from core.types.camera_poses import CameraPose
from core.types.cameras import PictureCamera
from core.types.fits import FitLosses, NewFit, Origin, Verdict
from core.types.samples import NewSample
from core.workflows.export_fits import export_spin_fits

EVERYTHING = SampleQuery()


def new_sample(number: int) -> NewSample:
    keypoints = np.zeros((49, 3), dtype=np.float32)
    keypoints[25:45] = [[10 * i, 5 * i, 1] for i in range(20)]
    return NewSample(
        picture_path=Path(f"/pictures/{9 - number}.jpg"),
        picture_size_px=(640, 480),
        dataset="coco",
        person_key=str(number),
        box_center_px=np.array([100 + number, 50], dtype=np.float32),
        box_scale=1.5,
        keypoints_px=keypoints,
    )


def new_fit(sample_id: int, *, loss: float = 10.0, beta: float = 0.5) -> NewFit:
    pose = np.arange(72, dtype=np.float32) / 100 + sample_id
    betas = np.full(10, beta, dtype=np.float32)
    translation = np.array([0, 0, 40], dtype=np.float32)
    losses = FitLosses(
        reprojection=loss, pose_prior=1, angle_prior=1, shape_prior=1, comparison=loss
    )
    parameters = BodyParameters(pose, betas, translation)
    return NewFit(sample_id=sample_id, parameters=parameters, losses=losses, origin=Origin.MEAN)


@pytest.fixture
def dictionary(tmp_path: Path) -> Iterator[Dictionary]:
    made = Dictionary.create(tmp_path / "project")
    yield made
    made.close()


@pytest.fixture
def ids(dictionary: Dictionary) -> list[int]:
    return dictionary.samples.add(new_sample(number) for number in range(6)).added_ids


Loaded = dict[str, np.ndarray]


@pytest.fixture
def exported(dictionary: Dictionary, tmp_path: Path) -> Callable[[SampleQuery], Loaded]:
    def export(query: SampleQuery = EVERYTHING) -> Loaded:
        out = tmp_path / "fits.npz"
        export_spin_fits(dictionary, out, query=query, overwrite=True)
        with np.load(out, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}

    return export


def test_arrays_come_back_with_names_shapes_and_values(
    dictionary: Dictionary, ids: Sequence[int], exported: Callable[..., Loaded]
) -> None:
    dictionary.fits.offer([new_fit(ids[1]), new_fit(ids[4])])
    loaded = exported()
    assert loaded["pose"].shape == (6, 72)
    assert loaded["betas"].shape == (6, 10)
    np.testing.assert_array_equal(loaded["valid_fit"], [0, 1, 0, 0, 1, 0])
    for row, sample_id in ((1, ids[1]), (4, ids[4])):
        np.testing.assert_allclose(loaded["pose"][row], np.arange(72) / 100 + sample_id, rtol=1e-6)
        np.testing.assert_array_equal(loaded["betas"][row], np.float32(0.5))
    without = loaded["valid_fit"] == 0
    assert not loaded["pose"][without].any()
    assert not loaded["betas"][without].any()
    np.testing.assert_array_equal(loaded["center"][:, 0], 100 + np.arange(6))
    np.testing.assert_allclose(loaded["scale"], 1.5)
    assert loaded["imgname"].tolist() == [f"/pictures/{9 - number}.jpg" for number in range(6)]
    assert loaded["person"].tolist() == list("012345")
    np.testing.assert_array_equal(loaded["sample_id"], ids)


def test_rejected_fits_are_zeros_and_accepted_ones_always_valid(
    dictionary: Dictionary, ids: Sequence[int], exported: Callable[..., Loaded], tmp_path: Path
) -> None:
    poor = 5000.0
    dictionary.fits.offer([new_fit(ids[0]), new_fit(ids[1], loss=poor), new_fit(ids[2], loss=poor)])
    dictionary.fits.offer([new_fit(ids[3])])
    verdicts = {ids[0]: Verdict.REJECTED, ids[2]: Verdict.ACCEPTED, ids[3]: Verdict.UNSURE}
    dictionary.verdicts.set(verdicts, "test")
    loaded = exported()
    np.testing.assert_array_equal(loaded["valid_fit"], [0, 0, 1, 1, 0, 0])
    assert not loaded["pose"][:2].any()
    report = export_spin_fits(dictionary, tmp_path / "again.npz")
    counts = (report.samples, report.valid, report.rejected, report.not_believed)
    assert counts == (6, 2, 1, 1)
    assert report.without_fit == 2
    assert "2 valid fits, 1 rejected, 1 too poor, 2 without a fit" in report.summary()


def test_where_cameras_stood_is_written_where_it_is_known(
    dictionary: Dictionary, ids: Sequence[int], exported: Callable[..., Loaded]
) -> None:
    assert "world_rotation" not in exported()
    turned = (0.0, 0, 1, 0, 1, 0, -1, 0, 0)
    pose = CameraPose(turned, (1.0, 2.0, 3.0), "set.json ab", 0.001)
    picture = dictionary.samples.get(ids[1]).picture_path
    camera = PictureCamera(900.0, (10.0, 10.0), pose=pose)
    dictionary.cameras.set({picture: camera}, compare=lambda *_given: None)
    loaded = exported()
    np.testing.assert_array_equal(loaded["world_rotation"][1].ravel(), turned)
    np.testing.assert_array_equal(loaded["world_translation"][1], [1, 2, 3])
    assert loaded["world_metres_per_unit"][1] == np.float32(0.001)
    assert loaded["world"].tolist() == ["", "set.json ab", "", "", "", ""]
    assert not loaded["world_rotation"][0].any()


def test_extreme_betas_keep_a_valid_pose_and_are_marked(
    dictionary: Dictionary, ids: Sequence[int], exported: Callable[..., Loaded]
) -> None:
    dictionary.fits.offer([new_fit(ids[0], beta=4.0), new_fit(ids[1])])
    loaded = exported()
    assert loaded["valid_fit"][:2].all()
    assert loaded["valid_shape"][:2].tolist() == [False, True]
    np.testing.assert_array_equal(loaded["betas"][0], np.float32(4))


def test_rows_are_in_id_order_whatever_the_query_sorts_by(
    dictionary: Dictionary, ids: Sequence[int], exported: Callable[..., Loaded]
) -> None:
    dictionary.fits.offer([new_fit(ids[1]), new_fit(ids[4], loss=2)])
    query = SampleQuery(origins=frozenset({Origin.MEAN}), sort=SortKey.LOSS, descending=True)
    np.testing.assert_array_equal(exported(query)["sample_id"], [ids[1], ids[4]])
    by_name = exported(SampleQuery(sort=SortKey.NAME))
    np.testing.assert_array_equal(by_name["sample_id"], ids)


def test_pages_join_seamlessly(
    dictionary: Dictionary,
    ids: Sequence[int],
    exported: Callable[..., Loaded],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dictionary.fits.offer([new_fit(sample_id) for sample_id in ids])
    whole = exported()
    monkeypatch.setattr("core.workflows.exports.export_request._PAGE", 4)
    paged = exported()
    for name, array in whole.items():
        np.testing.assert_array_equal(paged[name], array)


def test_an_empty_project_gives_empty_arrays(
    dictionary: Dictionary, exported: Callable[..., Loaded]
) -> None:
    loaded = exported()
    assert loaded["pose"].shape == (0, 72)
    assert loaded["imgname"].shape == (0,)


def test_an_existing_file_is_kept_unless_allowed(dictionary: Dictionary, tmp_path: Path) -> None:
    out = tmp_path / "fits.npz"
    out.write_bytes(b"precious")
    with pytest.raises(UserFileError, match="exists already"):
        export_spin_fits(dictionary, out)
    assert out.read_bytes() == b"precious"
    export_spin_fits(dictionary, out, overwrite=True)
    assert np.load(out, allow_pickle=False)["pose"].shape == (0, 72)


def test_cancel_writes_nothing(dictionary: Dictionary, ids: Sequence[int], tmp_path: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        export_spin_fits(dictionary, tmp_path / "fits.npz", cancel=cancel)
    assert not (tmp_path / "fits.npz").exists()
