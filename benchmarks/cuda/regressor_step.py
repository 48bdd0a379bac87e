"""A step of the regressor on a device, in single precision and in mixed, and what it predicts."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from benchmarks.cuda.fits_on_device import peak_mb, settle
from core.engine.body.smpl_body import BodyModel
from core.engine.regression.input_pictures import normalise_pictures
from core.engine.regression.regressor import Regressor
from core.engine.smplify.pose_prior import PosePrior
from core.engine.training.starting_weights import new_regressor
from core.engine.training.step import adam
from core.geometry.rotations import geodesic_angle
from core.runs.training_configuration import (
    START_RANDOM,
    TrainingConfiguration,
    profile_configuration,
)


@dataclass(frozen=True)
class StepSizes:
    """crops: in a batch. warm_up, steps: left out, and timed."""

    crops: int
    warm_up: int
    steps: int


def configuration_of(profile: str) -> TrainingConfiguration:
    """A profile's configuration, from random weights: nothing is downloaded."""
    return replace(profile_configuration(profile), start_from=START_RANDOM)


def measured_steps(
    configuration: TrainingConfiguration,
    body: BodyModel,
    prior: PosePrior,
    device: torch.device,
    sizes: StepSizes,
) -> dict[str, object]:
    """Seconds and memory of a step in both precisions, and how far their predictions differ.

    A step is forward, backward and the optimiser on crops that lie on the device.
    """
    torch.manual_seed(0)
    regressor, _ = new_regressor(configuration, prior, body)
    on_cpu = copy.deepcopy(regressor)
    size = regressor.input_size_px
    crops = torch.randint(0, 256, (sizes.crops, size, size, 3), dtype=torch.uint8)
    found: dict[str, object] = {
        "backbone": configuration.backbone,
        "crops": sizes.crops,
        "crop_size_px": size,
        **_differences(regressor.to(device), on_cpu, crops[:8], device),
    }
    regressor = regressor.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    for name, is_mixed in (("single", False), ("mixed", True)):
        fresh = copy.deepcopy(regressor).train()
        seconds = _timed(fresh, configuration, crops.to(device), sizes, is_mixed=is_mixed)
        found[f"{name}_step_seconds"] = seconds
        found[f"{name}_crops_per_second"] = sizes.crops / seconds
        found[f"{name}_peak_mb"] = peak_mb(device)
    return found


def _timed(
    regressor: Regressor,
    configuration: TrainingConfiguration,
    crops: Tensor,
    sizes: StepSizes,
    *,
    is_mixed: bool,
) -> float:
    optimiser, device, seconds = adam(regressor, configuration), crops.device, []
    peak_mb(device)
    for _ in range(sizes.warm_up + sizes.steps):
        settle(device)
        began = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        rotations, betas, camera = _predicted(regressor, crops, is_mixed=is_mixed)
        torch.autograd.backward(rotations.square().mean() + betas.mean() + camera.mean())
        optimiser.step()
        settle(device)
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds[sizes.warm_up :]))


def _predicted(
    regressor: Regressor, crops: Tensor, *, is_mixed: bool
) -> tuple[Tensor, Tensor, Tensor]:
    pictures = normalise_pictures(crops).contiguous(memory_format=torch.channels_last)
    with torch.autocast(crops.device.type, dtype=torch.bfloat16, enabled=is_mixed):
        output = regressor(pictures)
    return output.rotations.float(), output.betas.float(), output.camera.float()


@torch.no_grad()
def _differences(
    regressor: Regressor, on_cpu: Regressor, crops: Tensor, device: torch.device
) -> dict[str, object]:
    there = _predicted(on_cpu.eval(), crops, is_mixed=False)[0]
    single, mixed = (
        _predicted(regressor.eval(), crops.to(device), is_mixed=is_mixed)[0].cpu()
        for is_mixed in (False, True)
    )
    return {
        "single_from_cpu_deg": _mean_deg(single, there),
        "mixed_from_cpu_deg": _mean_deg(mixed, there),
    }


def _mean_deg(rotations: Tensor, others: Tensor) -> float:
    return float(torch.rad2deg(geodesic_angle(rotations, others)).mean())
