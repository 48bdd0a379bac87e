"""A user's data folder in SPIN's formats, made here: six people, whose truth a regressor says."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from core.engine.body.load_body import body_name, load_body
from core.engine.body.smpl_body import BodyModel
from core.engine.evaluation.joint_sets import (
    GROUND_TRUTH_24_TO_EVALUATED,
    H36M_REGRESSOR_TO_EVALUATED,
)
from core.engine.evaluation.part_segmentation import face_parts, part_map
from core.engine.evaluation.predicted_bodies import predicted_bodies
from core.engine.regression.checkpoints import load_regressor, regressor_state, save_checkpoint
from core.engine.regression.mean_parameters import MeanParameters
from core.engine.regression.regressor import Regressor
from core.engine.smplify.inputs import BodyEstimate
from core.geometry.boxes import Box
from core.pictures.decoding import crop_picture, load_picture
from core.rendering.render_thread import RenderService
from core.resource_files import resource_path
from tests.core.engine.evaluation.people_with_truth import make_true_project

PEOPLE = 6
INPUT_PX = 64


@dataclass(frozen=True, eq=False)
class SpinFolder:
    """The folders, the checkpoint, and what the checkpoint says of the people."""

    data: Path
    pictures: Path
    checkpoint: Path
    body: BodyModel
    said: BodyEstimate
    joints_17: np.ndarray
    part_maps: tuple[np.ndarray, ...]

    def save(self, name: str, **fields: np.ndarray) -> None:
        """Write an annotation file of all people, with these fields besides the common ones."""
        np.savez(self.data / "dataset_extras" / name, **common_fields(), **fields)


@pytest.fixture
def project(tmp_path) -> Path:
    """Five people with truth, one without; first fits bend an elbow, current ones are true."""
    return make_true_project(tmp_path)


def common_fields():
    return {
        "imgname": np.array([f"images/person_{index}.png" for index in range(PEOPLE)]),
        "center": np.array([[60.0 + index, 50.0] for index in range(PEOPLE)]),
        "scale": np.full(PEOPLE, 0.5),
    }


def boxes():
    fields = common_fields()
    return [Box(x, y, 200 * 0.5) for x, y in fields["center"]]


@pytest.fixture(scope="session")
def _spin_folder(tmp_path_factory, open_body) -> SpinFolder:
    root = tmp_path_factory.mktemp("spin")
    data, pictures = root / "data", root / "pictures"
    for folder in (data / "smpl", data / "dataset_extras", pictures / "images", pictures / "masks"):
        folder.mkdir(parents=True)
    for name in ("SMPL_NEUTRAL", "SMPL_MALE", "SMPL_FEMALE"):
        shutil.copyfile(resource_path("open_body/open_body.npz"), data / "smpl" / f"{name}.npz")
    _make_women_broader(data / "smpl" / "SMPL_FEMALE.npz")
    np.save(data / "J_regressor_h36m.npy", _joint_regressor(open_body))
    rng = np.random.default_rng(0)
    for index in range(PEOPLE):
        noise = rng.integers(0, 255, (10, 12, 3), dtype=np.uint8)
        picture = cv2.resize(noise, (120, 100), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(pictures / "images" / f"person_{index}.png"), picture)
    checkpoint = root / "regressor.pt"
    save_checkpoint(checkpoint, regressor_state(_regressor(data)))
    body = load_body(data / "smpl" / "SMPL_NEUTRAL.npz")
    said = _said(checkpoint, pictures)
    vertices = body(said.rotations, said.betas).vertices
    regressed = np.einsum("jv,bvc->bjc", _joint_regressor(open_body), vertices.numpy())
    joints = (regressed - regressed[:, :1])[:, list(H36M_REGRESSOR_TO_EVALUATED)]
    maps = _part_maps(body, said, vertices.numpy())
    return SpinFolder(data, pictures, checkpoint, body, said, joints, maps)


@pytest.fixture
def spin_folder(_spin_folder, tmp_path) -> SpinFolder:
    """The annotation files are the test's own; the rest is shared."""
    data = tmp_path / "data"
    shutil.copytree(_spin_folder.data, data, copy_function=_link)
    return SpinFolder(**{**vars(_spin_folder), "data": data})


def _link(source, target):
    Path(target).symlink_to(source)


def _make_women_broader(path):
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays["v_template"] = arrays["v_template"] * np.array([1.1, 1.0, 1.0])
    np.savez(path, **arrays)


def _joint_regressor(body):
    """Seventeen means of a few vertices each."""
    rng = np.random.default_rng(1)
    regressor = np.zeros((17, body.arrays.num_vertices))
    for row in regressor:
        row[rng.choice(len(row), 8, replace=False)] = 1 / 8
    return regressor


def _regressor(data):
    torch.manual_seed(0)
    regressor = Regressor(
        "test_resnet",
        mean=MeanParameters.of_body_pose(np.zeros(69)),
        input_size_px=INPUT_PX,
        body_name=body_name(data / "smpl" / "SMPL_NEUTRAL.npz"),
    )
    # Lively enough that people differ.
    for layer in (regressor.decpose, regressor.decshape):
        torch.nn.init.normal_(layer.weight, std=0.02)
    return regressor


def _said(checkpoint, pictures):
    crops = [
        crop_picture(
            load_picture(pictures / "images" / f"person_{index}.png"), box, size_px=INPUT_PX
        )
        for index, box in enumerate(boxes())
    ]
    return predicted_bodies(load_regressor(checkpoint), torch.from_numpy(np.stack(crops)))


def _part_maps(body, said, vertices):
    with RenderService(body.faces) as rendering:
        return tuple(
            part_map(
                rendering,
                face_parts(body.arrays),
                vertices[index],
                said.camera_translation[index].numpy(),
                box=box,
                picture_size_px=(120, 100),
            )
            for index, box in enumerate(boxes())
        )


def joints_24(joints_17):
    """``(N, 24, 4)`` as data sets give joints: the evaluated ones in their places."""
    joints = np.zeros((len(joints_17), 24, 4))
    joints[:, list(GROUND_TRUTH_24_TO_EVALUATED), :3] = joints_17
    joints[:, list(GROUND_TRUTH_24_TO_EVALUATED), 3] = 1
    return joints
