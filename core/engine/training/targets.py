"""What each person of a batch is trained on: ground truth, the current fit, or 2D joints alone.

Pose and shape are valid or not each for itself. A fit that a person rejected never supervises; one
that a person accepted always does, however its joints lie (docs/method.md, "Supervision").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.engine.smplify.inputs import LONG_LENSES, BodyEstimate, RootJoints, cameras_like
from core.geometry.crop_camera import CropCameras
from core.geometry.row_selection import put_rows, select_rows, take_rows
from core.runs.training_configuration import TrainingConfiguration
from core.types.bodies import BodyParameters
from core.types.fits import Fit, NewFit, Origin, Verdict
from core.types.limits import VALID_MAX_ABS_BETA

_UNKNOWN = -1
_INFORMED = frozenset(
    {Origin.LIFTER, Origin.REFIT, Origin.CORRECTED, Origin.IMPORTED, Origin.GROUND_TRUTH}
)


_HELD_TO_PREDICTIONS = frozenset({Origin.IN_LOOP, Origin.NETWORK})


def _is_prediction(fit: Fit | NewFit) -> bool:
    """Whether a fit is what a regressor said in a training; ``fit --init network`` fits it."""
    return fit.origin is Origin.NETWORK and fit.iteration is not None


@dataclass(frozen=True, eq=False)
class CurrentFits:
    """The dictionary's current fits of B samples, in their canonical crops, on the CPU.

    estimate: B bodies, at rest with mean shape where ``present`` (B,) does not hold. cameras: of
        the crops, B of them, which the bodies are written for.
    loss: (B,) comparison loss in px², infinite without a fit.
    accepted, rejected, from_truth: (B,) what a person said, and whether the fit is ground truth.
    in_loop, informed: (B,) whether it was held to a regressor's prediction, as in a training, and
        whether it knows more than its keypoints and the regressor that is trained: from the lifter,
        a refit, a person or another program, or from the detector's head where that is another.
    predicted: (B,) whether it is a regressor's prediction as it was.
    fit_id, run_id, iteration: (B,) which fit it is, and when it was made; -1 where unknown.
    """

    estimate: BodyEstimate
    cameras: CropCameras[Tensor]
    present: Tensor
    loss: Tensor
    accepted: Tensor
    rejected: Tensor
    from_truth: Tensor
    in_loop: Tensor
    informed: Tensor
    predicted: Tensor
    fit_id: Tensor
    run_id: Tensor
    iteration: Tensor

    @classmethod
    def of(
        cls,
        sample_ids: Sequence[int],
        fits: Mapping[int, Fit],
        cameras: CropCameras[Tensor] = LONG_LENSES,
        *,
        root_joints: RootJoints | None = None,
        trains_head: bool = False,
    ) -> CurrentFits:
        """In the order of ``sample_ids``.

        Args:
            sample_ids: B of them.
            fits: by the id of their sample.
            cameras: of the samples' crops, B of them or one for all.
            root_joints: of the body model; see ``BodyEstimate.between_cameras``.
            trains_head: whether the regressor is the detector's head, so that fits that began at
                what the head says know no more than it.
        """
        count = len(sample_ids)
        nothing = BodyEstimate.at_rest(count)
        rows = [(row, fits[one]) for row, one in enumerate(sample_ids) if one in fits]
        current = cls(
            nothing,
            cameras_like(nothing.betas, cameras),
            torch.zeros(count, dtype=torch.bool),
            torch.full((count,), torch.inf),
            *(torch.zeros(count, dtype=torch.bool) for _ in range(6)),
            *(torch.full((count,), _UNKNOWN) for _ in range(3)),
        )
        current._put({row: fit.parameters for row, fit in rows}, root_joints)
        for row, fit in rows:
            current.loss[row] = fit.losses.comparison
            current.accepted[row] = fit.verdict is Verdict.ACCEPTED
            current.rejected[row] = fit.verdict is Verdict.REJECTED
            current.from_truth[row] = fit.origin is Origin.GROUND_TRUTH
            current.in_loop[row] = fit.origin in _HELD_TO_PREDICTIONS and not _is_prediction(fit)
            of_head = fit.origin is Origin.NETWORK and not _is_prediction(fit)
            current.informed[row] = fit.origin in _INFORMED or (of_head and not trains_head)
            current.predicted[row] = _is_prediction(fit)
            current.fit_id[row] = fit.id
            current.run_id[row] = _UNKNOWN if fit.run_id is None else fit.run_id
            current.iteration[row] = _UNKNOWN if fit.iteration is None else fit.iteration
        return current

    def with_new(self, fits: Mapping[int, NewFit]) -> CurrentFits:
        """With new fits of the loop, by row, in the place of those before; without verdict yet."""
        if not fits:
            return self
        changed = take_rows(self, torch.arange(len(self.loss)))
        changed._put({row: fit.parameters for row, fit in fits.items()})  # noqa: SLF001 - its own
        for row, fit in fits.items():
            changed.loss[row] = fit.losses.comparison
            for flags in (changed.accepted, changed.rejected, changed.from_truth, changed.informed):
                flags[row] = False
            changed.predicted[row] = _is_prediction(fit)
            changed.in_loop[row] = not changed.predicted[row]
            for which in (changed.fit_id, changed.run_id, changed.iteration):
                which[row] = _UNKNOWN
        return changed

    def _put(
        self, bodies: Mapping[int, BodyParameters], root_joints: RootJoints | None = None
    ) -> None:
        if not bodies:
            return
        rows = torch.tensor(list(bodies))
        cameras = take_rows(self.cameras, rows)
        put_rows(
            self.estimate,
            rows,
            BodyEstimate.from_parameters(bodies.values(), cameras, root_joints=root_joints),
        )
        self.present[rows] = True

    def reliable(self, well_fitting_loss_px2: float) -> Tensor:
        """``(B,)``: fits that say what the regressor should: accepted, or well on the joints.

        What a regressor said itself proves nothing, unless a person accepted it.
        """
        well = (self.loss < well_fitting_loss_px2) & ~self.rejected & ~self.predicted
        return self.present & (self.accepted | well)

    def pose_valid(self, configuration: TrainingConfiguration, paper_loss: Tensor | None) -> Tensor:
        """``(B,)``: whose pose may supervise.

        Args:
            configuration: for the limit, and whether ground truth may be used.
            paper_loss: ``(B,)`` loss by the published code's rule, where that decides.
        """
        loss = self.loss if paper_loss is None else paper_loss
        well = (loss < configuration.valid_loss_px2) & ~self.rejected
        if not configuration.paired:
            well &= ~self.from_truth
        return self.present & (well | self.accepted)

    def shape_valid(self, pose_valid: Tensor) -> Tensor:
        """``(B,)``: whose betas may supervise, too: none of them is extreme."""
        return pose_valid & (self.estimate.betas.abs().amax(1) <= VALID_MAX_ABS_BETA)


@dataclass(frozen=True, eq=False)
class Targets:
    """Bodies to be learned, in the canonical crops: ground truth over fits where it is used."""

    estimate: BodyEstimate
    pose_valid: Tensor
    shape_valid: Tensor

    @classmethod
    def of_fits(
        cls,
        current: CurrentFits,
        configuration: TrainingConfiguration,
        paper_loss: Tensor | None = None,
    ) -> Targets:
        """The current fits, where they are valid."""
        pose_valid = current.pose_valid(configuration, paper_loss)
        return cls(current.estimate, pose_valid, current.shape_valid(pose_valid))

    def with_truth(self, truth: BodyEstimate, has_truth: Tensor) -> Targets:
        """Pose and betas of B true bodies in the canonical crop where ``has_truth`` (B,)."""
        target = replace(truth, camera_translation=self.estimate.camera_translation)
        estimate = select_rows(has_truth, target, self.estimate)
        return Targets(estimate, self.pose_valid | has_truth, self.shape_valid | has_truth)
