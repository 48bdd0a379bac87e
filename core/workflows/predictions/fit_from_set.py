"""First fits that begin at the bodies of a prediction set, as refits do.

The fits are those of ``refit --from set:NAME``; whom they are for is told as for ``fit``: people of
the set who have no such fit yet and whose fit no one accepted. So it goes on where it was stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.progress import CancelToken, ProgressCallback, ignore_progress
from core.types.fits import Origin
from core.workflows.choices import FITTED_TOGETHER, SET_PREFIX
from core.workflows.predictions.take_over_plan import people_of_set
from core.workflows.refit_project import RefitReport, refit_samples

_EVERYBODY = SampleQuery()


@dataclass(frozen=True, kw_only=True)
class FitFromSetReport:
    """What came of it.

    people: of the set, as far as they were asked for. unusable: of those, with too few keypoints.
    left_accepted: without such a fit, whose fit is accepted. refitted_before: who had such a fit.
    """

    set_name: str
    people: int
    unusable: int
    left_accepted: int
    refitted_before: int
    fits: RefitReport

    @property
    def none_can_be_fitted(self) -> bool:
        """Whether all of them have too few keypoints."""
        return self.unusable == self.people

    @property
    def cancelled(self) -> bool:
        """Whether it was stopped before the last one."""
        return self.fits.cancelled

    def summary(self) -> str:
        """What was done, and who was left alone, in a few lines."""
        lines = [f"From '{self.set_name}': {self.fits.summary()}"]
        lines += [
            f"{count} {words}"
            for count, words in (
                (self.refitted_before, "had such a fit already (refit makes another)"),
                (self.left_accepted, "with an accepted fit: left alone"),
                (self.unusable, "with too few keypoints"),
            )
            if count
        ]
        return "\n".join(lines)


def fit_from_set(
    project: Path,
    set_name: str,
    *,
    where: SampleQuery = _EVERYBODY,
    profile: str = "studio",
    batch_size: int = FITTED_TOGETHER,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> FitFromSetReport:
    """Fit the people of a prediction set from its bodies, where they have no such fit yet.

    Args:
        project: folder of the project; its dictionary is opened here, for this thread.
        set_name: of the set.
        where: which of its people.
        profile: ``studio`` or ``paper``.
        batch_size: people fitted together, and stored in one transaction.
        progress: told after each batch.
        cancel: asked between batches; the batches before it stay.

    Raises:
        NoSuchRecordError: the project has no such set.
        StudioError: the set has none of these people, or as ``refit_samples``.
    """
    with Dictionary.open(project) as dictionary:
        chosen = dictionary.prediction_sets.named(set_name)
        ids = people_of_set(dictionary, chosen, where=where)
        waiting = dictionary.search.awaiting_fit(Origin.REFIT, among=ids).tolist()
        unusable = dictionary.search.count_unusable(among=ids)
        accepted = dictionary.search.count_accepted_without_fit(Origin.REFIT, among=ids)
    fits = RefitReport()
    if waiting:
        fits = refit_samples(
            project,
            starts=[f"{SET_PREFIX}{chosen.name}"],
            sample_ids=waiting,
            profile=profile,
            batch_size=batch_size,
            progress=progress,
            cancel=cancel,
        )
    return FitFromSetReport(
        set_name=chosen.name,
        people=len(ids),
        unusable=unusable,
        left_accepted=accepted,
        refitted_before=len(ids) - len(waiting) - unusable - accepted,
        fits=fits,
    )
