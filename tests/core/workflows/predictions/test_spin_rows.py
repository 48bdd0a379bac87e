"""Fits of SPIN's that name no pictures: rows in the order of the data set's npz."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import AnnotationError
from core.formats.bodies.prediction_files import read_foreign_predictions
from core.formats.known_files import recognise
from core.workflows.predictions.import_predictions import import_predictions
from tests.core.workflows.predictions import true_bodies as bodies
from tests.core.workflows.predictions.true_bodies import TrueBody


@pytest.fixture
def truths() -> list[TrueBody]:
    return bodies.true_bodies()


@pytest.fixture
def extras(tmp_path: Path, truths: list[TrueBody]) -> Path:
    """SPIN's folder of data sets: that of these people, and others."""
    folder = tmp_path / "data" / "dataset_extras"
    folder.mkdir(parents=True)
    for name, count in (("coco_2014_train", 3), ("mpii_train", 3), ("hr-lspet_train", 5)):
        np.savez(
            folder / f"{name}.npz",
            imgname=np.array(
                [truth.picture for truth in truths] if "coco" in name else ["x"] * count
            ),
            center=np.array([(truth.box.center_x_px, truth.box.center_y_px) for truth in truths]),
            scale=np.array([truth.box.side_px / 200 for truth in truths]),
            part=np.zeros((count, 24, 3)),
        )
    (folder / "broken.npz").write_bytes(b"PK\3\4 and no more")
    return folder


def arrays(truths: list[TrueBody], betas: str = "betas", **more: Any) -> dict[str, Any]:
    return {
        "pose": np.float32([truth.pose for truth in truths]),
        betas: np.float32([truth.betas for truth in truths]),
        **more,
    }


def static_fits(folder: Path, truths: list[TrueBody], name: str = "coco_fits.npy") -> Path:
    path = folder.parent / "static_fits" / name
    path.parent.mkdir(exist_ok=True)
    made = arrays(truths)
    np.save(path, np.concatenate([made["pose"], made["betas"]], axis=1))
    return path


def check(found: Any, truths: list[TrueBody], rows: tuple[int, ...] = (0, 1, 2)) -> None:
    assert found.entries.tolist() == list(rows)
    for index, row in enumerate(rows):
        assert found.picture_names[index] == truths[row].picture
        np.testing.assert_array_equal(found.pose_axis_angle[index], np.float32(truths[row].pose))
        np.testing.assert_array_equal(found.betas[index], np.float32(truths[row].betas))
        assert found.box_sides_px[index] == pytest.approx(truths[row].box.side_px)


def test_the_bare_array_finds_its_data_set_as_spin_lays_them_out(extras, truths):
    found = read_foreign_predictions(static_fits(extras, truths))
    check(found, truths)
    assert "its rows are taken for those of coco_2014_train.npz" in found.notes.notices[0]


def test_the_bodies_stand_where_the_keypoints_say(tmp_path, extras, truths):
    project = bodies.make_project(tmp_path, truths)
    source = static_fits(extras, truths)
    known = recognise(source)
    assert known is not None
    assert (known.what, known.holds_bodies) == ("SPIN's fits of a data set (npy, N×82)", True)
    report = import_predictions(project, "static", source, betas="keep")
    assert (report.imported, report.solved_cameras) == (3, 3)


@pytest.mark.parametrize(("betas", "valid"), [("betas", "valid_fit"), ("shape", "has_smpl")])
def test_final_fits_and_those_of_several_views_are_npz_without_pictures(
    extras, truths, betas, valid
):
    made = arrays(truths, betas, **{valid: np.array([1, 0, 1])})
    np.savez(extras.parent / "coco.npz", **made)
    found = read_foreign_predictions(extras.parent / "coco.npz")
    check(found, truths, (0, 2))
    assert found.without_body == {f"{valid} is 0": 1}


def test_results_of_an_evaluation_have_their_cameras(tmp_path, extras, truths):
    """SPIN's eval.py: weak cameras of the data set's boxes."""
    project = bodies.make_project(tmp_path, truths)
    camera = np.float32([[0.9, 0.02, -0.1]] * 3)
    np.savez(extras / "coco_results.npz", **arrays(truths, camera=camera))
    report = import_predictions(project, "spin", extras / "coco_results.npz", betas="keep")
    assert (report.imported, report.solved_cameras) == (3, 0)
    for found, _ in bodies.imported_bodies(project, "spin"):
        expected = [0.02, -0.1, 2 * 5000 / (224 * 0.9)]
        np.testing.assert_allclose(found.camera_translation, expected, rtol=1e-5)


def test_rows_of_no_or_several_data_sets_are_refused(extras, truths):
    with pytest.raises(AnnotationError, match=r"several npz have as many \(coco_2014_train\.npz, "):
        read_foreign_predictions(static_fits(extras, truths, "fits.npy"))
    with pytest.raises(AnnotationError, match="no npz beside it has as many"):
        read_foreign_predictions(static_fits(extras, truths[:2]))


def test_another_array_is_told_its_shape(tmp_path):
    np.save(tmp_path / "coco_fits.npy", np.zeros((3, 85)))
    with pytest.raises(AnnotationError, match=r"shape \(3, 85\), expected SPIN's fits, \(N, 82\)"):
        read_foreign_predictions(tmp_path / "coco_fits.npy")
