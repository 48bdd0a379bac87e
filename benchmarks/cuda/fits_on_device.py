"""Fits of ``studio`` from an estimate on a device: how many a second, and how near to the CPU's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from benchmarks.common.people import People, make_people, some_people
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.smplify import FitBatch, Smplify
from core.geometry.rotations import geodesic_angle
from core.runs.fitting_profiles import STUDIO

REPEATS = 3
COMPARED = 64
"""People whose fits are compared with the CPU's."""


@dataclass(frozen=True)
class FitTiming:
    """Fits of one batch size. seconds: of a batch, the median of some. peak_mb: on the device."""

    batch: int
    seconds: float
    peak_mb: float

    @property
    def fits_per_second(self) -> float:
        """How many people are fitted in a second."""
        return self.batch / self.seconds


def settle(device: torch.device) -> None:
    """Wait until the device has done what it was told to."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def peak_mb(device: torch.device) -> float:
    """The most memory that tensors took on a CUDA device since it was last asked; elsewhere 0."""
    if device.type != "cuda":
        return 0.0
    peak = torch.cuda.max_memory_allocated(device) / 2**20
    torch.cuda.reset_peak_memory_stats(device)
    return peak


def people_of(body: BodyModel, prior: PosePrior, count: int) -> People:
    """People as a detector and a network would give them, on the CPU, the same for every device."""
    poses = prior.sample(count, np.random.default_rng(0))
    return make_people(KeypointBody(body), poses, seed=0)


def timed_fits(
    smplify: Smplify, people: People, batches: list[int], *, until: float
) -> Iterator[FitTiming]:
    """Fit batches of growing size; stops where the next would end after ``until``.

    Keypoints and starts begin on the CPU and fits end there, as they do in a project's fit.
    until: on the clock of ``time.monotonic``.
    """
    device = smplify.body.device
    fitted(smplify, some_people(people, batches[0]))  # kernels are chosen and loaded
    peak_mb(device)
    for batch in batches:
        some, seconds = some_people(people, batch), []
        for _ in range(REPEATS):
            began = time.perf_counter()
            fitted(smplify, some)
            seconds.append(time.perf_counter() - began)
        timing = FitTiming(batch, float(np.median(seconds)), peak_mb(device))
        yield timing
        growth = 4 * (REPEATS + 1) * timing.seconds
        if time.monotonic() + growth > until:
            return


def fitted(smplify: Smplify, people: People) -> FitBatch:
    """Fits from the disturbed truth; done when this returns."""
    fits = smplify.fit(people.keypoints, people.start)
    settle(smplify.body.device)
    return fits


def compared_with_cpu(on_device: Smplify, on_cpu: Smplify, people: People) -> dict[str, object]:
    """How far the fits of a device are from the CPU's."""
    some = some_people(people, COMPARED)
    here, there = fitted(on_device, some), fitted(on_cpu, some)
    rotations = here.estimate.rotations.cpu()
    angles = torch.rad2deg(geodesic_angle(rotations, there.estimate.rotations)).mean(1)
    loss = here.comparison.cpu() / there.comparison
    return {
        "compared_people": len(angles),
        "joint_difference_deg_median": float(angles.median()),
        "joint_difference_deg_largest": float(angles.max()),
        "loss_over_cpu_median": float(loss.median()),
        "loss_over_cpu_largest": float(loss.max()),
        "share_within_a_degree": float((angles < 1).double().mean()),
    }


def smplify_on(device: torch.device, body: BodyModel, prior: PosePrior) -> Smplify:
    """The solver with its body on a device."""
    return Smplify(BodyModel(body.arrays, name=body.name, device=device), prior, STUDIO)
