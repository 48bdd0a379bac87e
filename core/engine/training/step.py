"""One training step of SPIN: predict, fit, offer the fits, compute losses, update the weights.

The regressor sees, and is supervised in, the augmented crop; fits live in the un-augmented one
(Kolotouros et al. 2019, section 3.4; docs/method.md, "One step").
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.data.augmentation import augment_cameras
from core.engine.data.training_samples import CropBatch
from core.engine.regression.input_pictures import normalise_pictures
from core.engine.smplify.inputs import LONG_LENSES, BodyEstimate, cameras_like
from core.engine.smplify.reprojection_loss import comparison_loss
from core.engine.training.anchored_adam import AnchoredAdam
from core.engine.training.augmented_frames import detached_estimate, to_augmented, to_canonical
from core.engine.training.distribution import World
from core.engine.training.fit_store import FitStore
from core.engine.training.fitting_in_loop import InLoopFitting, OfferedFits, keypoints_2d
from core.engine.training.gradient_guards import limit_gradients, lost_parts, refuse_lost_parts
from core.engine.training.losses import RegressorBodies, Supervision, error_2d_px, regressor_losses
from core.engine.training.targets import CurrentFits, Targets
from core.engine.training.visit_order import iteration_seed
from core.geometry.crop_camera import CropCameras, weak_perspective_to_translation
from core.runs.fitting_profiles import profile_named
from core.runs.training_configuration import TrainingConfiguration


@dataclass(frozen=True, eq=False)
class StepResult:
    """One step, for metrics and previews.

    prediction: in the augmented crops, detached. cameras: of the prediction, in the plain crops.
    """

    losses: dict[str, float]
    error_2d_px: float
    improved: int
    valid: int
    samples: int
    fit_seconds: float
    prediction: BodyEstimate
    cameras: CropCameras[Tensor]
    current_before: CurrentFits
    offered: OfferedFits | None


@dataclass(frozen=True, eq=False)
class StartOfFits:
    """Predictions of B people in the un-augmented crops, on the CPU.

    spread_rad: (B, 24), by how much each rotation is probably off; None where the network does not
    say it.
    """

    estimate: BodyEstimate
    spread_rad: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Learner:
    """The network that learns, on its device. network: the regressor, perhaps in parallel."""

    network: nn.Module
    optimiser: torch.optim.Optimizer
    body: KeypointBody
    device: torch.device
    input_size_px: int

    def predict(self, batch: CropBatch, cameras: CropCameras[Tensor]) -> RegressorBodies:
        """What the regressor says of the augmented crops and their cameras; differentiable."""
        pictures = batch.pictures
        on_cuda = self.device.type == "cuda"
        normalised = normalise_pictures(pictures.to(self.device, non_blocking=True))
        if not len(pictures):
            # Other processes wait for this one's gradients: a black picture of no weight.
            normalised = normalised.new_zeros(1, 3, self.input_size_px, self.input_size_px)
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=on_cuda):
            output = self.network(normalised.contiguous(memory_format=torch.channels_last))
        rows = slice(0, len(pictures))
        rotations, betas = output.rotations[rows], output.betas[rows]
        weak, here = output.camera[rows], cameras_like(output.camera[rows], cameras)
        return RegressorBodies(
            rotations,
            betas,
            weak[:, 0],
            weak_perspective_to_translation(weak, here),
            self.body.keypoints(rotations, betas),
            here,
        )

    def start_of_fits(
        self, batch: CropBatch, prediction: BodyEstimate, cameras: CropCameras[Tensor]
    ) -> StartOfFits:
        """What fits begin with and are held to: the same prediction, in the un-augmented crops.

        The cameras are those of these crops, B of them.
        """
        return StartOfFits(to_canonical(prediction, batch.augmentations, self.body, cameras))

    def rehearsal(self, configuration: TrainingConfiguration, iteration: int) -> Tensor | None:
        """The loss of people who are trained on besides; None where there are none."""
        del configuration, iteration  # No network that looks at pictures has such people.
        return None

    def descend(self, loss: Tensor, *, gradient_norm_limit: float, iteration: int) -> None:
        """One step of the optimiser; raises ``StudioError`` where a gradient is not finite."""
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        limit_gradients(list(self.network.parameters()), gradient_norm_limit, iteration=iteration)
        self.optimiser.step()


def adam(network: nn.Module, configuration: TrainingConfiguration) -> torch.optim.Optimizer:
    """Adam without decay over all parameters, in one pass over each instead of a dozen."""
    if configuration.anchor or configuration.share_in_use < 1:
        return AnchoredAdam(
            network.parameters(),
            learning_rate=configuration.learning_rate,
            anchor=configuration.anchor,
        )
    return torch.optim.Adam(network.parameters(), lr=configuration.learning_rate, fused=True)


class SpinStep:
    """Does one step after the other; holds what lives as long as the run."""

    def __init__(
        self,
        learner: Learner,
        fitting: InLoopFitting | None,
        fit_store: FitStore,
        configuration: TrainingConfiguration,
        world: World,
    ) -> None:
        """``fitting`` is None where nothing is fitted in the loop."""
        self.learner, self.fitting = learner, fitting
        self._fit_store, self._configuration, self._world = fit_store, configuration, world

    def __call__(self, batch: CropBatch, iteration: int) -> StepResult:
        """Take step number ``iteration``, from 1.

        Raises:
            DictionaryError: the dictionary cannot be read or written.
            StudioError: the loss or its gradient is not finite; the weights are as before.
        """
        ids = batch.sample_ids.tolist()
        torch.manual_seed(iteration_seed(self._configuration.seed, iteration, self._world.rank))
        lenses = self._lenses(batch)
        predicted = self.learner.predict(batch, augment_cameras(lenses, batch.augmentations))
        prediction = detached_estimate(
            predicted.rotations, predicted.betas, predicted.camera_translation
        )
        started = time.perf_counter()
        current = CurrentFits.of(
            ids,
            self._fit_store.current_fits(ids),
            batch.cameras,
            root_joints=self.learner.body.root_joint_like,
            trains_head=self._configuration.trains_head,
        )
        offered, after = None, current
        if self.fitting is not None:
            start = self.learner.start_of_fits(batch, prediction, lenses)
            offered, after = self.fitting(
                ids,
                batch.keypoints_canonical_px,
                start.estimate.between_cameras(lenses, batch.cameras),
                current,
                iteration=iteration,
                spread_rad=start.spread_rad,
            )
        fit_seconds = time.perf_counter() - started
        supervision = self._supervision(batch, after)
        losses = regressor_losses(predicted, supervision, self._configuration)
        rehearsal = self.learner.rehearsal(self._configuration, iteration)
        if rehearsal is not None:
            losses = {**losses, "replay": rehearsal, "total": losses["total"] + rehearsal}
        if self._is_worth_it(losses, samples=len(ids), iteration=iteration):
            limit = self._configuration.gradient_norm_limit
            self.learner.descend(losses["total"], gradient_norm_limit=limit, iteration=iteration)
        parts = torch.stack(list(losses.values())).detach().cpu().tolist()
        return StepResult(
            losses=dict(zip(losses, parts, strict=True)),
            error_2d_px=error_2d_px(predicted, supervision.keypoints_crop_px),
            improved=0 if offered is None else int(offered.kept.sum()),
            valid=int(supervision.pose_valid.sum()),
            samples=len(ids),
            fit_seconds=fit_seconds,
            prediction=prediction,
            cameras=lenses,
            current_before=current,
            offered=offered,
        )

    def _lenses(self, batch: CropBatch) -> CropCameras[Tensor]:
        """The cameras of the plain crops that predictions are placed before, B of them."""
        if profile_named(self._configuration.fitting_profile).long_lens:
            return cameras_like(batch.keypoints_canonical_px, LONG_LENSES)
        return batch.cameras

    def _is_worth_it(self, losses: dict[str, Tensor], *, samples: int, iteration: int) -> bool:
        """Whether any process has a sample at all; none may have met a loss that is not finite.

        All processes decide alike; otherwise one would wait for the others' gradients for ever.
        """
        sums = torch.cat([torch.tensor([float(samples)]), lost_parts(losses)])
        sums = self._world.summed(sums)
        refuse_lost_parts(losses, sums[1:], iteration=iteration)
        return bool(sums[0] > 0)

    def _supervision(self, batch: CropBatch, current: CurrentFits) -> Supervision:
        """What to learn, in the augmented crops and on the learner's device."""
        targets = Targets.of_fits(current, self._configuration, self._paper_loss(batch, current))
        joints_3d = torch.zeros_like(batch.joints_3d)
        if self._configuration.paired:
            joints_3d = batch.joints_3d
            targets = targets.with_truth(batch.truth, batch.has_truth)
        augmented = to_augmented(
            targets.estimate, batch.augmentations, self.learner.body, batch.cameras
        )
        here = self.learner.device
        return Supervision(
            keypoints_crop_px=batch.keypoints_crop_px.to(here),
            rotations=augmented.rotations.to(here),
            pose_valid=targets.pose_valid.to(here),
            betas=augmented.betas.to(here),
            shape_valid=targets.shape_valid.to(here),
            joints_3d=joints_3d.to(here),
        )

    def _paper_loss(self, batch: CropBatch, current: CurrentFits) -> Tensor | None:
        if self._configuration.validity_rule != "paper":
            return None
        keypoints = keypoints_2d(batch.keypoints_canonical_px)
        return comparison_loss(self.learner.body, current.estimate, keypoints, rule="paper").cpu()
