"""The head behind the detector before it has learned anything."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from core.engine.regression.detector_head import DetectorHead
from core.engine.regression.head_checkpoints import load_detector_head

_MEASURED = ("trunk_mean", "trunk_spread")


def untrained_head(like: Path, *, mean_sixd: Tensor, seed: int) -> DetectorHead:
    """A head with random weights that says a mean pose of everybody.

    Only the width and what it knows of the frozen trunk, mean and spread of its features, are those
    of another head: they are measured, not learned, and no body enters into them.

    Args:
        like: file of that other head.
        mean_sixd: ``(144,)``, what rotations are changes of.
        seed: of the weights.

    Raises:
        UserFileError: the file cannot be read, or is no such head.
    """
    known = load_detector_head(like)
    torch.manual_seed(seed)
    head = DetectorHead(
        width=known.width,
        blocks=len(known.blocks),
        body_name=known.body_name,
        mean_sixd=mean_sixd,
    )
    for name in _MEASURED:
        getattr(head, name).copy_(getattr(known, name))
    return head.eval()
