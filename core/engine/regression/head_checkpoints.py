"""Heads behind the detector on the disk: the one that ships, and those of runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.engine.regression.backbones import check_same_shapes, check_same_tensors
from core.engine.regression.checkpoints import (
    HEAD_FORMAT,
    regressor_from_state,
    regressor_state,
)
from core.engine.regression.detector_head import DetectorHead
from core.engine.regression.regressor import Regressor
from core.engine.regression.weight_files import read_weight_file
from core.errors import UserFileError
from core.files.foreign_files import foreign_file
from core.resource_files import RESOURCES

HEAD_VERSION = 1

_SHIPPED_HEAD = RESOURCES / "detector_head" / "detector_head.pt"
_WIDEST, _MOST_BLOCKS = 4096, 32
"""No file makes the program build a network that does not fit into memory."""
_REMEDY = "Give a checkpoint of a run with the profile cpu."


def head_state(head: DetectorHead) -> dict[str, Any]:
    """What ``head_from_state`` needs; a training adds what it needs itself, under other keys."""
    return {
        "format": HEAD_FORMAT,
        "version": HEAD_VERSION,
        "width": head.width,
        "blocks": len(head.blocks),
        "body_name": head.body_name,
        "model": {name: value.detach().cpu() for name, value in head.state_dict().items()},
    }


def trained_state(network: nn.Module) -> dict[str, Any]:
    """The state of whatever a run trains, a regressor or a head, perhaps in parallel."""
    bare = getattr(network, "module", network)
    return head_state(bare) if isinstance(bare, DetectorHead) else regressor_state(bare)


def trained_from_state(state: Mapping[str, Any], path: Path) -> Regressor | DetectorHead:
    """The inverse of ``trained_state``; errors as those of ``head_from_state``."""
    if is_head_state(state):
        return head_from_state(state, path)
    return regressor_from_state(state, path)


def is_head_state(state: Mapping[str, Any]) -> bool:
    """Whether a checkpoint holds a head and no regressor that looks at pictures."""
    return state.get("format") == HEAD_FORMAT


def head_from_state(state: Mapping[str, Any], path: Path) -> DetectorHead:
    """Build what a checkpoint's dict describes, in single precision, ready for use.

    Raises:
        UserFileError: the description or a tensor is not what it must be; names ``path``.
    """
    with foreign_file(path, expected="a detector's head", remedy=_REMEDY):
        return _head_of(state, path)


def load_detector_head(path: Path | None = None) -> DetectorHead:
    """The head of a checkpoint, or the shipped one.

    Raises:
        UserFileError: the file cannot be read, or holds something else.
    """
    chosen = _SHIPPED_HEAD if path is None else path
    return head_from_state(read_weight_file(chosen), chosen)


def detector_head_path() -> Path | None:
    """The shipped head, or None in a copy of the program that lacks it."""
    return _SHIPPED_HEAD if _SHIPPED_HEAD.is_file() else None


def _head_of(state: Mapping[str, Any], path: Path) -> DetectorHead:
    if not is_head_state(state) or state.get("version") != HEAD_VERSION:
        raise UserFileError(
            f"has format {state.get('format')!r}, version {state.get('version')!r}, "
            f"expected {HEAD_FORMAT!r}, version {HEAD_VERSION}.",
            path=path,
            remedy=_REMEDY,
        )
    model = state.get("model")
    if not isinstance(model, Mapping) or not all(isinstance(v, Tensor) for v in model.values()):
        raise UserFileError("has no weights under 'model'.", path=path, remedy=_REMEDY)
    weights = {str(name): value.float() for name, value in model.items()}
    width = _whole_number(state, "width", 1, _WIDEST, path)
    blocks = _whole_number(state, "blocks", 0, _MOST_BLOCKS, path)
    body_name = str(state.get("body_name", ""))
    with torch.device("meta"):  # which takes no memory, whatever the file describes
        described = DetectorHead(width=width, blocks=blocks)
    check_same_shapes(described.state_dict(), weights, path, remedy=_REMEDY)
    head = DetectorHead(width=width, blocks=blocks, body_name=body_name)
    check_same_tensors(head.state_dict(), weights, path, remedy=_REMEDY)
    head.load_state_dict(weights)
    return head.eval()


def _whole_number(
    state: Mapping[str, Any], name: str, smallest: int, largest: int, path: Path
) -> int:
    value = state.get(name)
    if not isinstance(value, int) or not smallest <= value <= largest:
        raise UserFileError(f"{name!r} is {value!r}, expected {smallest} to {largest}.", path=path)
    return value
