"""A run while it is worked on: its row in the dictionary, its folder, and how both are closed."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from core.dictionary.records import RunStatus
from core.dictionary.store import Dictionary
from core.fitting.profiles import PUBLISHED_SIGMA_PX, Descent, FittingProfile, profile_named
from core.project_tools import program_versions
from core.training.configuration import TrainingConfiguration
from core.training.control import TrainingState
from core.training.run_folder import RunFolder, trim_metrics

RUN_KIND = "train"


def begin_run(
    dictionary: Dictionary, configuration: TrainingConfiguration, resume_run: int | None
) -> int:
    """Note the run, or that it goes on; returns its id."""
    if resume_run is not None:
        dictionary.continue_run(resume_run)
        return resume_run
    return dictionary.start_run(
        RUN_KIND,
        configuration=json.loads(configuration.to_json()),
        versions=program_versions(),
        seed=configuration.seed,
    )


@dataclass(frozen=True)
class OpenRun:
    """begins_after: the iteration of the checkpoint this stretch began with, 0 for a new run."""

    id: int
    configuration: TrainingConfiguration
    folder: RunFolder
    begins_after: int

    @property
    def fitting(self) -> FittingProfile:
        """How SMPLify fits in the loop.

        More iterations than the profile has are spent first, where far keypoints still pull: early
        predictions lie further off than the profile's refinement is made for.
        """
        profile = profile_named(self.configuration.fitting_profile)
        own = sum(descent.iterations for descent in profile.refinement)
        wanted = self.configuration.fit_iterations or own
        if wanted > own:
            far = Descent(wanted - own, PUBLISHED_SIGMA_PX)
            return replace(profile, refinement=(far, *profile.refinement))
        return replace(profile, refinement=_shortened(profile.refinement, wanted))

    def prepare_folder(self) -> None:
        """Make the folder; of a resumed run keep the checkpoint that a cancel goes back to."""
        self.folder.prepare(self.configuration)
        if self.begins_after:
            self.folder.copy(self.folder.last, self.folder.resumed_from)

    def close(self, dictionary: Dictionary, state: TrainingState) -> int:
        """Note how the run ended, and take back what a cancelled one did since it began.

        Returns:
            For how many samples the fit of before is current again.
        """
        withdrawn = 0
        if state is TrainingState.FINISHED:
            self.folder.copy(self.folder.last, self.folder.final)
        if state is TrainingState.CANCELLED:
            withdrawn = dictionary.withdraw_run(self.id, after_iteration=self.begins_after)
            self._discard_files()
        finished = state is TrainingState.FINISHED
        dictionary.end_run(self.id, RunStatus.FINISHED if finished else RunStatus.CANCELLED)
        return withdrawn

    def _discard_files(self) -> None:
        if self.begins_after:
            self.folder.copy(self.folder.resumed_from, self.folder.last)
            trim_metrics(self.folder.metrics, self.begins_after)
        else:
            self.folder.discard()


def _shortened(descents: tuple[Descent, ...], iterations: int) -> tuple[Descent, ...]:
    """The last ``iterations`` iterations of some descents."""
    kept: list[Descent] = []
    for descent in reversed(descents):
        taken = min(descent.iterations, iterations)
        iterations -= taken
        if taken:
            kept.insert(0, replace(descent, iterations=taken))
    return tuple(kept)
