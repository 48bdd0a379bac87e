"""Regressors on the disk: our own format, and the checkpoints that SPIN released."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.engine.body.load_body import OPEN_BODY_NAME
from core.engine.regression.backbones import check_same_shapes, check_same_tensors
from core.engine.regression.mean_parameters import CAMERA_SIZE, POSE_SIZE, MeanParameters
from core.engine.regression.regressor import Regressor
from core.engine.regression.weight_files import read_weight_file, write_weight_file
from core.errors import SetupError, StudioError, UserFileError
from core.files.foreign_files import foreign_file
from core.resource_files import RESOURCES
from core.types.arrays import NUM_BETAS

FORMAT = "spin-studio-regressor"
VERSION = 1
HEAD_FORMAT = "spin-studio-detector-head"
"""Of ``head_checkpoints``."""

SPIN_BODY_NAME = "SMPL"
"""Betas of a released checkpoint belong to SMPL; its file does not say so."""

_SHIPPED_REGRESSOR = RESOURCES / "demo_regressor" / "demo_regressor.pt"
_LARGEST_INPUT_PX, _MOST_ITERATIONS = 2048, 100
_BUFFERS = {"init_pose": POSE_SIZE, "init_shape": NUM_BETAS, "init_cam": CAMERA_SIZE}
_REMEDY = "Give a checkpoint of this program, or a model_checkpoint.pt as SPIN released it."


def regressor_state(regressor: nn.Module) -> dict[str, Any]:
    """What ``regressor_from_state`` needs; a training adds what it needs itself, under other keys.

    Takes a ``Regressor``, or one inside ``DistributedDataParallel``.
    """
    bare = getattr(regressor, "module", regressor)
    if not isinstance(bare, Regressor):
        raise StudioError(f"A {type(bare).__name__} is no regressor.")
    return {
        "format": FORMAT,
        "version": VERSION,
        "backbone": bare.backbone_name,
        "input_size_px": bare.input_size_px,
        "iterations": bare.iterations,
        "body_name": bare.body_name,
        "model": {name: value.detach().cpu() for name, value in bare.state_dict().items()},
    }


def save_checkpoint(path: Path, state: Mapping[str, Any]) -> None:
    """Write a checkpoint so that a crash leaves either the new file whole or the former one.

    Raises:
        UserFileError: the file cannot be written.
    """
    write_weight_file(path, state)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """All that a checkpoint holds, with the weights of the regressor checked.

    Raises:
        UserFileError: the file cannot be read, or a tensor is missing or of another shape.
    """
    state = read_weight_file(path)
    regressor_from_state(state, path)
    return state


def load_regressor(path: Path) -> Regressor:
    """The regressor of a checkpoint, in single precision, ready for use (evaluation mode).

    Raises:
        UserFileError: the file cannot be read, or a tensor is missing or of another shape.
    """
    return regressor_from_state(read_weight_file(path), path)


def regressor_from_state(state: Mapping[str, Any], path: Path) -> Regressor:
    """Build what a checkpoint's dict describes; ``path`` is named in errors.

    Raises:
        UserFileError: the description or a tensor is not what it must be.
    """
    with foreign_file(path, expected="a regressor", remedy=_REMEDY):
        return _regressor_of(state, path)


def _regressor_of(state: Mapping[str, Any], path: Path) -> Regressor:
    model = state.get("model")
    if not isinstance(model, Mapping) or not all(isinstance(v, Tensor) for v in model.values()):
        raise UserFileError("has no weights under 'model'.", path=path, remedy=_REMEDY)
    weights = {
        str(name): value.float() if value.is_floating_point() else value
        for name, value in model.items()
    }
    with torch.device("meta"):  # which takes no memory, whatever network the file names
        described = _empty_regressor(state, weights, path)
    check_same_shapes(described.state_dict(), weights, path, remedy=_REMEDY)
    regressor = _empty_regressor(state, weights, path)
    expected = regressor.state_dict()
    check_same_tensors(expected, weights, path, remedy=_REMEDY)
    regressor.load_state_dict(weights)
    return regressor.eval()


def demo_regressor_path() -> Path | None:
    """The shipped regressor, or None in a copy of the program that lacks it."""
    return _SHIPPED_REGRESSOR if _SHIPPED_REGRESSOR.is_file() else None


def shares_betas(regressor: Regressor, body_name: str) -> bool:
    """Whether the regressor's betas mean this body.

    A checkpoint that SPIN released belongs to SMPL, and every body file of a user is taken for it.
    """
    if regressor.body_name == SPIN_BODY_NAME:
        return body_name != OPEN_BODY_NAME
    return regressor.body_name == body_name


def _empty_regressor(
    state: Mapping[str, Any], weights: Mapping[str, Tensor], path: Path
) -> Regressor:
    if state.get("format") == HEAD_FORMAT:
        raise UserFileError(
            "holds a head behind the detector, which looks at no picture itself.",
            path=path,
            remedy=_REMEDY,
        )
    mean = _mean_of(weights, path)
    if "format" not in state:
        return Regressor("resnet50", mean=mean, body_name=SPIN_BODY_NAME)
    if state["format"] != FORMAT or state.get("version") != VERSION:
        raise UserFileError(
            f"has format {state['format']!r}, version {state.get('version')!r}, "
            f"expected {FORMAT!r}, version {VERSION}.",
            path=path,
            remedy="A newer version of this program may have written it; use that one.",
        )
    try:
        return Regressor(
            str(state.get("backbone")),
            mean=mean,
            iterations=_whole_number(state, "iterations", _MOST_ITERATIONS, path),
            input_size_px=_whole_number(state, "input_size_px", _LARGEST_INPUT_PX, path),
            body_name=str(state.get("body_name", "")),
        )
    except (UserFileError, SetupError):
        raise
    except StudioError as error:
        raise UserFileError(error.message, path=path, remedy=_REMEDY) from error


def _whole_number(state: Mapping[str, Any], name: str, largest: int, path: Path) -> int:
    value = state.get(name)
    if not isinstance(value, int) or not 1 <= value <= largest:
        raise UserFileError(f"{name!r} is {value!r}, expected 1 to {largest}.", path=path)
    return value


def _mean_of(weights: Mapping[str, Tensor], path: Path) -> MeanParameters:
    for name, size in _BUFFERS.items():
        found = weights.get(name)
        if found is None or found.numel() != size:
            shape = None if found is None else tuple(found.shape)
            raise UserFileError(
                f"{name!r} is {'not there' if shape is None else f'of shape {shape}'}, "
                f"expected (1, {size}).",
                path=path,
                remedy=_REMEDY,
            )
    return MeanParameters(*(torch.clone(weights[name]).flatten() for name in _BUFFERS))
