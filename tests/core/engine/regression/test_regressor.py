"""The regressor: SPIN's names and shapes, its head, and what freezing means."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
import timm
import torch
import torchvision

from core.engine.regression import backbones
from core.engine.regression.checkpoints import (
    FORMAT,
    SPIN_BODY_NAME,
    demo_regressor_path,
    load_checkpoint,
    load_regressor,
    regressor_state,
    save_checkpoint,
)
from core.engine.regression.input_pictures import normalise_pictures
from core.engine.regression.mean_parameters import MeanParameters
from core.engine.regression.regressor import Regressor
from core.errors import SetupError, StudioError, UserFileError
from core.workflows.official_files.catalogue import OfficialKind
from core.workflows.official_files.recognition import recognised_file

SMALL = "test_resnet"


@pytest.fixture
def mean():
    return MeanParameters.of_body_pose(np.linspace(-0.2, 0.2, 69))


@pytest.fixture
def small(mean):
    torch.manual_seed(0)
    return Regressor(SMALL, mean=mean, input_size_px=64, body_name="open body")


def resnet50_shapes():
    """Spin.md 1.1, written out: torchvision's resnet50 without fc."""
    shapes = {"conv1.weight": (64, 3, 7, 7), **batch_norm("bn1", 64)}
    wide_in = 64
    for layer, (blocks, width) in enumerate([(3, 64), (4, 128), (6, 256), (3, 512)], start=1):
        for block in range(blocks):
            at = f"layer{layer}.{block}"
            shapes[f"{at}.conv1.weight"] = (width, wide_in, 1, 1)
            shapes[f"{at}.conv2.weight"] = (width, width, 3, 3)
            shapes[f"{at}.conv3.weight"] = (4 * width, width, 1, 1)
            for number, channels in ((1, width), (2, width), (3, 4 * width)):
                shapes |= batch_norm(f"{at}.bn{number}", channels)
            if block == 0:
                shapes[f"{at}.downsample.0.weight"] = (4 * width, wide_in, 1, 1)
                shapes |= batch_norm(f"{at}.downsample.1", 4 * width)
            wide_in = 4 * width
    return shapes


def batch_norm(name, channels):
    parts = dict.fromkeys(("weight", "bias", "running_mean", "running_var"), (channels,))
    return {f"{name}.{part}": shape for part, shape in parts.items()} | {
        f"{name}.num_batches_tracked": ()
    }


def spin_shapes():
    head = {
        "fc1.weight": (1024, 2205), "fc1.bias": (1024,),
        "fc2.weight": (1024, 1024), "fc2.bias": (1024,),
        "decpose.weight": (144, 1024), "decpose.bias": (144,),
        "decshape.weight": (10, 1024), "decshape.bias": (10,),
        "deccam.weight": (3, 1024), "deccam.bias": (3,),
        "init_pose": (1, 144), "init_shape": (1, 10), "init_cam": (1, 3),
    }  # fmt: skip
    return resnet50_shapes() | head


@pytest.fixture(scope="module")
def released_checkpoint(tmp_path_factory):
    """A file with exactly the keys and shapes of SPIN's model_checkpoint.pt."""
    generator = torch.Generator().manual_seed(1)
    model = {}
    for name, shape in spin_shapes().items():
        if name.endswith("num_batches_tracked"):
            model[name] = torch.tensor(7)
        elif name.endswith("running_var"):
            model[name] = torch.rand(shape, generator=generator) + 0.5
        else:
            model[name] = 0.03 * torch.randn(shape, generator=generator)
    path = tmp_path_factory.mktemp("spin") / "model_checkpoint.pt"
    torch.save({"model": model, "epoch": 3, "batch_size": 64}, path)
    return path, model, load_regressor(path)


def test_released_checkpoint_is_recognised_as_spins(released_checkpoint):
    found = recognised_file(released_checkpoint[0])
    assert (found.kind, found.usable) == (OfficialKind.SPIN_CHECKPOINT, True)


def test_released_checkpoint_loads_whole(released_checkpoint):
    _, model, regressor = released_checkpoint
    loaded = regressor.state_dict()
    assert loaded.keys() == model.keys()
    for name, value in model.items():
        assert torch.equal(loaded[name], value), name
    assert (regressor.backbone_name, regressor.input_size_px) == ("resnet50", 224)
    assert regressor.body_name == SPIN_BODY_NAME
    assert not regressor.training


def test_backbone_of_a_released_checkpoint_computes_what_torchvision_computes(released_checkpoint):
    _, model, regressor = released_checkpoint
    reference = torchvision.models.resnet50()
    reference.fc = torch.nn.Identity()
    reference.load_state_dict({name: model[name] for name in reference.state_dict()})
    pictures = torch.randn(1, 3, 224, 224)
    with torch.no_grad():
        features = regressor.backbone(pictures)
        torch.testing.assert_close(features, reference.eval()(pictures), rtol=1e-4, atol=1e-4)


def test_checkpoint_without_a_tensor_is_refused_by_name(released_checkpoint, tmp_path):
    _, model, _ = released_checkpoint
    path = tmp_path / "cut.pt"
    cut = {name: value for name, value in model.items() if name != "layer3.2.conv2.weight"}
    torch.save({"model": cut}, path)
    with pytest.raises(UserFileError, match=r"layer3\.2\.conv2\.weight.*not there"):
        load_regressor(path)


def test_checkpoint_with_a_tensor_of_another_shape_is_refused_by_name(small, tmp_path):
    state = regressor_state(small)
    state["model"]["fc2.weight"] = torch.zeros(512, 1024)
    torch.save(state, tmp_path / "odd.pt")
    with pytest.raises(UserFileError, match=r"fc2\.weight.*\(512, 1024\), expected .*\(1024, 1024"):
        load_regressor(tmp_path / "odd.pt")


def test_checkpoint_with_a_tensor_too_many_or_not_finite_is_refused(small, tmp_path):
    for name, value in (
        ("extra.weight", torch.zeros(1)),
        ("fc1.bias", torch.full((1024,), torch.nan)),
    ):
        state = regressor_state(small)
        state["model"][name] = value
        torch.save(state, tmp_path / "odd.pt")
        with pytest.raises(UserFileError, match=name):
            load_regressor(tmp_path / "odd.pt")


class Trap:
    def __reduce__(self):
        return (print, ("run",))


def test_pickle_that_wants_to_run_code_is_refused_and_not_run(tmp_path, capsys):
    path = tmp_path / "trap.pt"
    torch.save({"model": Trap()}, path)
    with pytest.raises(UserFileError, match="Nothing in the file was run"):
        load_regressor(path)
    assert "run" not in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04 cut off"])
def test_damaged_checkpoint_is_refused_with_its_path(tmp_path, content):
    path = tmp_path / "broken.pt"
    path.write_bytes(content)
    with pytest.raises(UserFileError, match=r"broken\.pt"):
        load_regressor(path)


def test_missing_checkpoint_is_refused_with_its_path(tmp_path):
    with pytest.raises(UserFileError, match=r"absent\.pt"):
        load_regressor(tmp_path / "absent.pt")


@pytest.mark.parametrize(
    "change",
    [{"version": 99}, {"backbone": "no_such_net"}, {"iterations": 0}, {"input_size_px": "x"}],
)
def test_checkpoint_with_an_impossible_description_is_refused(small, tmp_path, change):
    torch.save(regressor_state(small) | change, tmp_path / "odd.pt")
    with pytest.raises(UserFileError, match=r"odd\.pt"):
        load_regressor(tmp_path / "odd.pt")


def test_saved_regressor_gives_the_same_bodies_and_keeps_what_a_training_adds(small, tmp_path):
    path = tmp_path / "runs" / "last.pt"
    save_checkpoint(path, regressor_state(small) | {"iteration": 12})
    pictures = torch.randn(2, 3, 64, 64)
    loaded = load_regressor(path)
    with torch.no_grad():
        wanted, got = small.eval()(pictures), loaded(pictures)
    assert torch.equal(wanted.rotations, got.rotations)
    assert torch.equal(wanted.camera, got.camera)
    assert (loaded.body_name, loaded.input_size_px) == ("open body", 64)
    state = load_checkpoint(path)
    assert (state["iteration"], state["format"]) == (12, FORMAT)
    assert [file.name for file in path.parent.iterdir()] == ["last.pt"]


def test_failed_write_leaves_the_former_checkpoint(small, tmp_path):
    path = tmp_path / "last.pt"
    save_checkpoint(path, regressor_state(small))
    before = path.read_bytes()
    with pytest.raises((AttributeError, UserFileError, TypeError)):
        save_checkpoint(path, {"model": lambda: None})
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["last.pt"]


def test_untrained_regressor_gives_nearly_the_mean_person(small, mean):
    with torch.no_grad():
        output = small.eval()(torch.randn(3, 3, 64, 64))
    root = output.rotations[:, 0]
    torch.testing.assert_close(
        root, torch.diag(torch.tensor([1.0, -1, -1])).expand(3, 3, 3), atol=0.3, rtol=0
    )
    torch.testing.assert_close(output.camera, mean.camera.expand(3, 3), atol=0.3, rtol=0)
    depth = 2 * 5000 / (224 * output.camera[:, 0])
    torch.testing.assert_close(output.camera_translation[:, 2], depth)


def test_head_iterates_as_spin_does(small):
    """The head written out by hand from spin.md 1.2 and 1.3."""
    small.eval()
    pictures = torch.randn(2, 3, 64, 64)
    weights = small.state_dict()
    with torch.no_grad():
        features = small.backbone(pictures)
        p, s, c = (weights[name].repeat(2, 1) for name in ("init_pose", "init_shape", "init_cam"))
        for _ in range(3):
            x = torch.cat([features, p, s, c], 1) @ weights["fc1.weight"].T + weights["fc1.bias"]
            x = x @ weights["fc2.weight"].T + weights["fc2.bias"]
            p = p + x @ weights["decpose.weight"].T + weights["decpose.bias"]
            s = s + x @ weights["decshape.weight"].T + weights["decshape.bias"]
            c = c + x @ weights["deccam.weight"].T + weights["deccam.bias"]
        output = small(pictures)
    columns = p.view(2, 24, 3, 2)
    first = columns[..., 0] / columns[..., 0].norm(dim=-1, keepdim=True)
    torch.testing.assert_close(output.rotations[..., 0], first, atol=1e-5, rtol=0)
    torch.testing.assert_close(output.betas, s, atol=1e-5, rtol=0)
    torch.testing.assert_close(output.camera, c, atol=1e-5, rtol=0)
    identity = output.rotations @ output.rotations.mT
    torch.testing.assert_close(identity, torch.eye(3).expand(2, 24, 3, 3), atol=1e-5, rtol=0)


def test_gradient_reaches_backbone_and_head(small):
    output = small.train()(torch.randn(2, 3, 64, 64))
    (
        output.rotations.square().sum() * 0
        + output.rotations[..., 0, 1].sum()
        + output.betas.sum()
        + output.camera.sum()
    ).backward()
    missing = [name for name, value in small.named_parameters() if value.grad is None]
    assert missing == []


def test_input_of_another_size_is_pooled(small):
    with torch.no_grad():
        assert small.eval()(torch.randn(1, 3, 96, 80)).betas.shape == (1, 10)


def test_frozen_normalisation_keeps_statistics_and_drops_nothing_while_training(small):
    small.freeze_normalisation().train()
    before = {name: value.clone() for name, value in small.named_buffers()}
    pictures = torch.randn(4, 3, 64, 64)
    first, second = small(pictures), small(pictures)
    assert torch.equal(first.betas, second.betas)
    assert all(torch.equal(value, before[name]) for name, value in small.named_buffers())
    small.freeze_normalisation(frozen=False)
    assert not torch.equal(small(pictures).betas, small(pictures).betas)
    assert not torch.equal(small.backbone.bn1.running_mean, before["backbone.bn1.running_mean"])


def test_data_parallel_wrapping_keeps_names(small):
    wrapped = torch.nn.ModuleDict({"module": small})
    state = wrapped.state_dict()
    assert "module.conv1.0.weight" in state
    assert not any("backbone" in name for name in state)
    wrapped.load_state_dict(state)


def test_imagenet_weights_come_from_a_file(mean, tmp_path):
    source = timm.create_model(SMALL, num_classes=10)
    torch.save(source.state_dict(), tmp_path / "weights.pth")
    regressor = Regressor(SMALL, mean=mean, pretrained=tmp_path / "weights.pth")
    assert torch.equal(regressor.backbone.conv1[0].weight, source.conv1[0].weight)


def test_weights_of_another_network_are_refused(mean, tmp_path):
    torch.save(timm.create_model("test_efficientnet").state_dict(), tmp_path / "weights.pth")
    with pytest.raises(UserFileError, match=r"weights\.pth"):
        Regressor(SMALL, mean=mean, pretrained=tmp_path / "weights.pth")


def test_nothing_is_downloaded_unless_asked_and_offline_says_what_to_do(mean, monkeypatch):
    asked = []

    def create(name, *, pretrained):
        asked.append(pretrained)
        if pretrained:
            raise OSError("no route to host")
        return timm.create_model(name, num_classes=0)

    monkeypatch.setattr(backbones, "_create", create)
    Regressor(SMALL, mean=mean)
    assert asked == [False]
    with pytest.raises(SetupError, match=r"no route to host.*file of weights"):
        Regressor(SMALL, mean=mean, pretrained=True)


def test_unknown_backbone_is_refused(mean):
    with pytest.raises(StudioError, match="resnet5000"):
        Regressor("resnet5000", mean=mean)


def test_pictures_are_normalised_as_for_imagenet():
    pictures = torch.zeros(1, 2, 2, 3, dtype=torch.uint8)
    pictures[..., 0], pictures[..., 1], pictures[..., 2] = 255, 0, 128
    got = normalise_pictures(pictures)
    wanted = [(1 - 0.485) / 0.229, -0.456 / 0.224, (128 / 255 - 0.406) / 0.225]
    assert got.shape == (1, 3, 2, 2)
    np.testing.assert_allclose(got[0, :, 0, 0], wanted, rtol=1e-5)
    assert got.is_contiguous(memory_format=torch.channels_last)


def test_mean_parameters_of_a_file(tmp_path):
    pose = np.tile(np.float32([1, 0, 0, -1, 0, 0]), 24)
    np.savez(
        tmp_path / "mean.npz",
        pose=pose,
        shape=np.full(10, 0.2, np.float32),
        cam=np.float32([0.9, 0, 0]),
    )
    mean = MeanParameters.from_file(tmp_path / "mean.npz")
    np.testing.assert_array_equal(mean.pose_sixd, pose)
    assert mean.camera[0] == pytest.approx(0.9)
    np.savez(tmp_path / "short.npz", pose=pose[:6], shape=np.zeros(10), cam=np.zeros(3))
    with pytest.raises(UserFileError, match="pose"):
        MeanParameters.from_file(tmp_path / "short.npz")


def test_mean_pose_stands_upright_before_the_camera():
    mean = MeanParameters.of_body_pose(np.zeros(69))
    np.testing.assert_allclose(mean.pose_sixd[:6], [1, 0, 0, -1, 0, 0], atol=1e-6)
    assert math.isclose(float(mean.camera[0]), 0.9, abs_tol=1e-6)


def test_without_timm_a_regressor_says_what_is_missing_and_what_does_without(monkeypatch):
    """As on a machine whose PyTorch has no torchvision that loads beside it."""
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(SetupError, match="timm") as refused:
        load_regressor(demo_regressor_path())
    assert "torchvision" in refused.value.remedy
