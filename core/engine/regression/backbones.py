"""Backbones of the regressor: any network of ``timm``, without its classifier."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import torch
from torch import Tensor, nn

from core.engine.regression.weight_files import read_weight_file
from core.errors import SetupError, StudioError, UserFileError

_OWN_NAMES = ("fc.", "classifier.", "head.")
"""Classifiers in files of ImageNet weights: the only part a backbone may leave aside."""


def make_backbone(name: str, *, pretrained: bool | Path = False) -> nn.Module:
    """A network ``(B, 3, H, W)`` to ``(B, F)``; its ``num_features`` says F. Any H and W will do.

    Args:
        name: of the network in ``timm``.
        pretrained: False for random weights; the path of a file with ImageNet weights; or True to
            let ``timm`` download them, which only a user may ask for.

    Raises:
        StudioError: ``timm`` has no such network.
        SetupError: ``timm`` cannot be imported, or the download failed.
        UserFileError: the file does not hold this network's weights.
    """
    timm = _timm()
    if not timm.is_model(name):
        near = ", ".join(timm.list_models(f"*{name[:6]}*")[:5])
        raise StudioError(
            f"timm has no backbone {name!r}.",
            remedy=f"Near it: {near}." if near else "Choose resnet50, for example.",
        )
    downloaded = _downloaded(name) if pretrained is True else None
    backbone = downloaded or cast("nn.Module", _create(name, pretrained=False))
    if isinstance(pretrained, Path):
        load_backbone_weights(backbone, pretrained)
    return backbone


def can_build_backbones() -> bool:
    """Whether ``timm`` can be loaded, for work that does without predictions where it cannot."""
    try:
        _timm()
    except SetupError:
        return False
    return True


def _timm() -> ModuleType:
    """``timm``, imported when a network is built: fits need neither it nor torchvision."""
    try:
        return import_module("timm")
    # A torchvision that was built for another PyTorch raises errors of several kinds.
    except Exception as error:
        raise SetupError(
            f"The networks that look at pictures come from timm, which cannot be loaded ({error}).",
            remedy="Install timm and the torchvision that belongs to your PyTorch "
            "(docs/install.md). Fitting, judging and correcting do without them.",
        ) from error


def _create(name: str, *, pretrained: bool) -> Any:
    return _timm().create_model(name, pretrained=pretrained, num_classes=0, global_pool="avg")


def _downloaded(name: str) -> nn.Module:
    try:
        return cast("nn.Module", _create(name, pretrained=True))
    # timm, huggingface_hub and requests raise what they like when a download fails.
    except Exception as error:
        raise SetupError(
            f"The ImageNet weights of {name} could not be downloaded ({error}).",
            remedy="Connect this machine to the internet, give a file of weights instead, or train "
            "from random weights.",
        ) from error


def load_backbone_weights(backbone: nn.Module, path: Path) -> None:
    """Put ImageNet weights, as torchvision or timm save them, into a backbone.

    Raises:
        UserFileError: the file cannot be read, or lacks a tensor of the network's shape.
    """
    saved = read_weight_file(path)
    nested = saved.get("state_dict", saved)
    weights = nested if isinstance(nested, dict) else saved
    state = {
        key: value
        for key, value in weights.items()
        if isinstance(value, Tensor) and not str(key).startswith(_OWN_NAMES)
    }
    check_same_tensors(backbone.state_dict(), state, path)
    backbone.load_state_dict(state)


def check_same_tensors(
    expected: dict[str, Any], actual: dict[str, Any], path: Path, *, remedy: str = ""
) -> None:
    """Raise ``UserFileError`` unless two state dicts have the same names, shapes and finite values.

    ``num_batches_tracked`` may be missing: torch itself did not always write it.
    """
    check_same_shapes(expected, actual, path, remedy=remedy)
    for name, tensor in expected.items():
        found = actual.setdefault(name, torch.zeros_like(tensor))
        if not torch.isfinite(found).all():
            raise UserFileError(f"{name!r} holds values that are not finite.", path=path)


def check_same_shapes(
    expected: Mapping[str, Any], actual: Mapping[str, Any], path: Path, *, remedy: str = ""
) -> None:
    """As ``check_same_tensors``, of names and shapes alone: ``expected`` may be on ``meta``."""
    for name in sorted(expected.keys() | actual.keys()):
        expected_shape, found_shape = (_shape(state.get(name)) for state in (expected, actual))
        may_lack = name not in actual and name.endswith("num_batches_tracked")
        if expected_shape != found_shape and not may_lack:
            raise UserFileError(
                f"{name!r} is {found_shape}, expected {expected_shape}.",
                path=path,
                remedy=remedy or "Give the weights of this very network.",
            )


def _shape(value: object) -> str:
    if value is None:
        return "not there"
    return f"of shape {tuple(value.shape)}" if isinstance(value, Tensor) else "no tensor"
