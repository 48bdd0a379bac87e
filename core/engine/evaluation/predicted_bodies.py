"""What a regressor says of crops, as a batch of bodies."""

from __future__ import annotations

import torch
from torch import Tensor

from core.engine.regression.input_pictures import normalise_pictures
from core.engine.regression.regressor import Regressor
from core.engine.smplify.inputs import BodyEstimate


@torch.no_grad()
def predicted_bodies(
    regressor: Regressor, pictures: Tensor, *, keep_betas: bool = True
) -> BodyEstimate:
    """Bodies on the CPU, one a crop, before the long lens.

    Args:
        regressor: in evaluation mode, on any device.
        pictures: ``(B, S, S, 3)`` uint8 RGB.
        keep_betas: False gives everyone the mean shape: the regressor knows another body's betas.
    """
    device = next(regressor.parameters()).device
    output = regressor(normalise_pictures(pictures.to(device)))
    betas = output.betas if keep_betas else torch.zeros_like(output.betas)
    return BodyEstimate(output.rotations.cpu(), betas.cpu(), output.camera_translation.cpu())
