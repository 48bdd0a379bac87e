"""The networks say what the same networks say in the runtimes that they were published for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.engine.detection.blazepose import refined
from core.engine.detection.blazepose_network import BlazePoseNetwork
from core.engine.detection.layers import SameConvolution
from core.engine.detection.movenet import MoveNet, decoded
from core.engine.detection.movenet_network import MoveNetHeads, MoveNetNetwork
from core.engine.detection.network_files import filled_network
from core.errors import ShapeError, UserFileError
from core.resource_files import resource_path
from resources.detector.build.references import (
    HEAT_STEP,
    MOVENET_HEADS,
    PICTURES,
    reference_picture,
)

REFERENCES = Path(__file__).with_name("references.npz")


@pytest.fixture(scope="module")
def references():
    with np.load(REFERENCES) as stored:
        return dict(stored)


@pytest.fixture(scope="module")
def movenet():
    return MoveNet.load()


@pytest.fixture(scope="module")
def pictures():
    return np.stack([reference_picture(*place) for place in PICTURES])


def as_input(pictures) -> torch.Tensor:
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float()


def test_movenet_equals_tensorflow_js(movenet, pictures, references):
    with torch.inference_mode():
        heads = movenet.network(as_input(pictures) / 127.5 - 1)
    for number, (row, column) in enumerate(references["movenet_cell"].astype(int)):
        for name in MOVENET_HEADS:
            ours = getattr(heads, name)[number, :, row, column].numpy()
            # Logits and cells of 4 px; pictures may differ by a grey level between decoders.
            assert np.abs(ours - references[f"movenet_{name}"][number]).max() < 0.02, name


def test_a_person_is_decoded_as_by_the_published_graph(movenet, pictures, references):
    for picture, expected in zip(pictures, references["movenet_keypoints"], strict=True):
        people = movenet.people(picture, least_center=0.5, most=20)
        assert len(people) == 1
        ours = people.keypoints_px[0]
        assert np.abs(ours[:, [1, 0]] - 256 * expected[:, :2]).max() < 0.1
        # The published graph says how sure anyone is of the place, not this person alone.
        assert (ours[:, 2] < expected[:, 2] + 0.01).all()
        assert np.median(np.abs(ours[:, 2] - expected[:, 2])) < 0.01


def test_blazepose_equals_litert(pictures, references):
    network = filled_network(BlazePoseNetwork(), resource_path("detector/blazepose_full.npz"))
    with torch.inference_mode():
        outputs = network(as_input(pictures) / 255)
    points = np.abs(outputs.points.numpy() - references["blazepose_points"])
    assert points[..., :2].max() < 0.1, "pixels"
    assert points[..., 3:].max() < 0.05, "logits of visibility and presence"
    assert np.abs(outputs.world.numpy() - references["blazepose_world"]).max() < 5e-4, "metres"
    heat = outputs.heat[..., ::HEAT_STEP, ::HEAT_STEP].permute(0, 2, 3, 1).numpy()
    assert np.abs(heat - references["blazepose_heat"]).max() < 0.1
    person = torch.sigmoid(outputs.person_logit).numpy()
    assert np.abs(person - references["blazepose_person"][:, 0]).max() < 1e-3


def heads_with_people(count: int) -> MoveNetHeads:
    """People in a row, 16 cells apart, each keypoint where the person's middle is."""
    side = 16 * count
    heads = {
        name: torch.zeros(1, channels, 16, side)
        for name, channels in zip(MOVENET_HEADS, (1, 2, 2, 17, 34, 34), strict=True)
    }
    heads["center"][:] = heads["heat"][:] = -10
    heads["box_size"][:] = 8
    for person in range(count):
        heads["center"][0, 0, 8, 16 * person + 8] = 3
        heads["heat"][0, :, 8, 16 * person + 8] = 3
    return MoveNetHeads(**heads)


def test_there_is_no_limit_of_six_people():
    people = decoded(heads_with_people(9), least_center=0.5, most=60)
    assert len(people) == 9
    places = sorted(people.keypoints_px[:, 0, 0])
    assert places == [4 * (16 * person + 8) for person in range(9)]
    assert (people.keypoints_px[..., 1] == 32).all()
    assert len(decoded(heads_with_people(9), least_center=0.99, most=60)) == 0


def test_points_move_to_the_middle_of_the_heat_about_them_if_it_is_hot():
    heat = torch.zeros(3, 64, 64)
    heat[0, 20, 30], heat[0, 20, 32] = 0.8, 0.8
    heat[1, 20, 30] = 0.4
    heat[2, 60, 60] = 1
    points = torch.tensor([[122.0, 81.0], [122.0, 81.0], [-5.0, 300.0]])
    moved = refined(points, heat)
    assert torch.allclose(moved[0], torch.tensor([124.0, 80.0]))
    assert torch.equal(moved[1:], points[1:])


@pytest.mark.parametrize(("pads_evenly", "tap"), [(False, 0), (True, 1)])
def test_strided_convolutions_pad_as_the_graph_does(pads_evenly, tap):
    """TensorFlow's odd row of zeros lies below and to the right; some graphs pad all sides."""
    picture = torch.arange(16.0).view(1, 1, 4, 4)
    layer = SameConvolution(
        1, 1, 3, stride=2, pads_evenly=pads_evenly, bias=False, activation="none"
    )
    layer.convolution.weight.data.zero_()
    layer.convolution.weight.data[0, 0, tap, tap] = 1
    assert layer(picture)[0, 0].tolist() == [[0, 2], [8, 10]]


def test_inputs_of_other_shapes_are_refused(movenet):
    with pytest.raises(ShapeError):
        movenet.network(torch.zeros(1, 3, 100, 100))
    with pytest.raises(ShapeError):
        BlazePoseNetwork()(torch.zeros(1, 3, 128, 128))


def test_a_file_of_another_network_is_refused():
    with pytest.raises(UserFileError, match=r"has the shape .*, expected"):
        filled_network(MoveNetNetwork(), resource_path("detector/blazepose_full.npz"))


def test_a_damaged_file_is_refused(tmp_path):
    with np.load(resource_path("detector/movenet_multipose.npz")) as stored:
        arrays = dict(stored)
    arrays["heads.0.1.convolution.bias"] = np.array([np.nan], np.float16)
    np.savez(tmp_path / "broken.npz", **arrays)
    with pytest.raises(UserFileError, match="not finite"):
        filled_network(MoveNetNetwork(), tmp_path / "broken.npz")
