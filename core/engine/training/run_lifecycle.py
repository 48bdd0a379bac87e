"""A run while it is worked on: its row in the dictionary, its folder, and how both are closed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.dictionary.fits.runs import Withdrawal
from core.dictionary.store import Dictionary
from core.engine.project_models import program_versions
from core.runs.fitting_profiles import PUBLISHED_SIGMA_PX, Descent, FittingProfile, profile_named
from core.runs.run_folder import RunFolder, trim_metrics
from core.runs.training_configuration import TrainingConfiguration
from core.runs.training_control import TrainingState
from core.types.runs import TRAINING_KIND, RunStatus


@dataclass(frozen=True)
class OpenRun:
    """begins_after: the iteration of the checkpoint this stretch began with, 0 for a new run.

    withdrawal: what a resumed run had done after that checkpoint, and was taken back.
    """

    id: int
    configuration: TrainingConfiguration
    folder: RunFolder
    begins_after: int = 0
    withdrawal: Withdrawal = field(default_factory=Withdrawal)

    @property
    def fitting(self) -> FittingProfile:
        """How SMPLify fits in the loop.

        More iterations than the profile has are spent first, where far keypoints still pull: early
        predictions lie further off than the profile's refinement is made for.
        """
        profile = profile_named(self.configuration.fitting_profile)
        own = sum(descent.iterations for descent in profile.refinement)
        requested = self.configuration.fit_iterations or own
        if requested > own:
            far = Descent(requested - own, PUBLISHED_SIGMA_PX)
            return replace(profile, refinement=(far, *profile.refinement))
        return replace(profile, refinement=_shortened(profile.refinement, requested))

    def close(self, dictionary: Dictionary, state: TrainingState) -> int:
        """Note how the run ended, and take back what a cancelled one did since it began.

        Returns:
            For how many samples the fit of before is current again, since the beginning or resume.
        """
        withdrawn = self.withdrawal.samples
        if state is TrainingState.FINISHED:
            self.folder.copy(self.folder.last, self.folder.final)
        if state is TrainingState.CANCELLED:
            withdrawn += self._take_back(dictionary).samples
        finished = state is TrainingState.FINISHED
        dictionary.runs.end(self.id, RunStatus.FINISHED if finished else RunStatus.CANCELLED)
        return withdrawn

    def _take_back(self, dictionary: Dictionary) -> Withdrawal:
        """Checkpoints first: killed in between, a resume withdraws what lies beyond the older one.

        The other way round it would go on from a checkpoint whose fits are gone.
        """
        if self.begins_after:
            self.folder.copy(self.folder.resumed_from, self.folder.last)
            trim_metrics(self.folder.metrics, self.begins_after)
        else:
            self.folder.forget_checkpoints()
        withdrawal = dictionary.runs.roll_back(self.id, after_iteration=self.begins_after)
        if not self.begins_after:
            self.folder.discard()
        return withdrawal


def begin_run(
    dictionary: Dictionary,
    configuration: TrainingConfiguration,
    *,
    save_start: Callable[[Path], None],
) -> OpenRun:
    """Note a new run; it is there together with its first checkpoint, or not at all.

    Args:
        dictionary: of the project.
        configuration: of the run.
        save_start: writes the checkpoint that the run begins with to a path.
    """
    unfinished = RunFolder.unfinished(dictionary.project)
    try:
        unfinished.prepare(configuration)
        save_start(unfinished.start)
        run_id = dictionary.runs.start(
            TRAINING_KIND,
            configuration=json.loads(configuration.to_json()),
            versions=program_versions(),
            seed=configuration.seed,
            prepare=lambda run_id: unfinished.become(RunFolder.of(dictionary.project, run_id)),
        )
    finally:
        unfinished.discard()
    return OpenRun(run_id, configuration, RunFolder.of(dictionary.project, run_id))


def resume_run(
    dictionary: Dictionary, run_id: int, configuration: TrainingConfiguration, *, after: int
) -> OpenRun:
    """Note that a run goes on from its checkpoint of iteration ``after``.

    Fits and predictions of later iterations, which a crash has cut off from their weights, are
    withdrawn; the checkpoint is kept for a cancel to go back to.
    """
    dictionary.runs.resume(run_id)
    withdrawal = dictionary.runs.roll_back(run_id, after_iteration=after)
    folder = RunFolder.of(dictionary.project, run_id)
    folder.prepare(configuration)
    if after:
        folder.copy(folder.last, folder.resumed_from)
    return OpenRun(run_id, configuration, folder, after, withdrawal)


def _shortened(descents: tuple[Descent, ...], iterations: int) -> tuple[Descent, ...]:
    """The last ``iterations`` iterations of some descents."""
    kept: list[Descent] = []
    for descent in reversed(descents):
        taken = min(descent.iterations, iterations)
        iterations -= taken
        if taken:
            kept.insert(0, replace(descent, iterations=taken))
    return tuple(kept)
