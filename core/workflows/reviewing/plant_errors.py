"""Makes errors in accepted fits and mixes them into what reviewers judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

import numpy as np

from core.dictionary.assessment.assessments import Assessment
from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.made_errors import make_error
from core.engine.project_models import project_body
from core.errors import StudioError
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.types.bodies import BodyParameters
from core.types.fits import FitLosses
from core.types.reviewing.made_errors import ErrorFlag, ErrorKind, MadeError
from core.workflows.flag_project import SampleFlagger
from core.workflows.reviewing.errors_to_plant import ErrorsToPlant, PlantedErrors

PHASE = "Making errors"
_ASSESSED_TOGETHER = 64


def plant_errors(
    project: Path,
    asked: ErrorsToPlant,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> PlantedErrors:
    """Draw accepted fits, make an error in each, and have reviewers asked about them.

    Draws depend on the names of pictures and people and on the seed. Nothing is stored where the
    user stops it.

    Args:
        project: its folder; its dictionary is opened here, for this thread.
        asked: how many, of which kinds.
        progress: told after each body.
        cancel: asked before each.

    Raises:
        StudioError: nothing is asked for, or a body or prior cannot be used.
        Cancelled: the user asked to stop.
    """
    if asked.count < 1 or not asked.kinds:
        raise StudioError(
            f"{asked.count} errors of {len(asked.kinds)} kinds were asked for.",
            remedy="Ask for 1 or more, of at least one kind.",
        )
    cancel = cancel or CancelToken()
    with Dictionary.open(project) as dictionary:
        ids = dictionary.made_errors.candidates(dictionary.search.ids(asked.where).tolist())
        made = _Maker(dictionary, asked).errors(ids, progress, cancel)
        planted = dictionary.made_errors.plant(made, ask_everyone=asked.ask_everyone)
    kinds = Counter(error.kind for error in made if error.sample_id in set(planted))
    return PlantedErrors(
        sample_ids=tuple(planted),
        candidates=len(ids),
        by_kind={kind: kinds[kind] for kind in ErrorKind if kinds[kind]},
    )


class _Maker:
    """Makes the errors of one draw."""

    def __init__(self, dictionary: Dictionary, asked: ErrorsToPlant) -> None:
        self._dictionary, self._asked = dictionary, asked
        self._draw = np.random.default_rng(asked.seed)
        self._body = KeypointBody(project_body(dictionary))

    def errors(
        self, ids: Sequence[int], progress: ProgressCallback, cancel: CancelToken
    ) -> list[MadeError]:
        """Errors in as many of these samples as are asked for, or fewer where too few will do."""
        order = self._draw.permutation(np.array(ids, np.int64)).tolist()
        kinds = cycle(self._draw.permutation(np.array(self._asked.kinds, object)).tolist())
        wrong: dict[int, tuple[ErrorKind, BodyParameters]] = {}
        wanted = min(self._asked.count, len(order))
        meter = ProgressMeter(PHASE, wanted, progress)
        fits = self._dictionary.fits.current(order)
        for sample_id in order:
            if len(wrong) == wanted:
                break
            cancel.raise_if_cancelled()
            found = self._first_that_shows(fits[sample_id].parameters, next(kinds))
            if found is not None:
                wrong[sample_id] = found
                meter.advance()
        return self._assessed(wrong, cancel)

    def _first_that_shows(
        self, right: BodyParameters, first: ErrorKind
    ) -> tuple[ErrorKind, BodyParameters] | None:
        """With the kind whose turn it is, or else with the next one that shows in this body."""
        at = self._asked.kinds.index(first)
        for kind in (*self._asked.kinds[at:], *self._asked.kinds[:at]):
            wrong = make_error(right, kind, draw=self._draw, body=self._body)
            if wrong is not None:
                return kind, wrong
        return None

    def _assessed(
        self, wrong: dict[int, tuple[ErrorKind, BodyParameters]], cancel: CancelToken
    ) -> list[MadeError]:
        if not wrong:
            return []
        flagger, ids, made = SampleFlagger(self._dictionary), list(wrong), []
        for first in range(0, len(ids), _ASSESSED_TOGETHER):
            cancel.raise_if_cancelled()
            bodies = {key: wrong[key][1] for key in ids[first : first + _ASSESSED_TOGETHER]}
            for losses, assessed in flagger.assessments_of(bodies):
                kind, body = wrong[assessed.basis.sample_id]
                made.append(_made_error(kind, body, losses, assessed))
        return made


def _made_error(
    kind: ErrorKind, body: BodyParameters, losses: FitLosses, assessed: Assessment
) -> MadeError:
    return MadeError(
        sample_id=assessed.basis.sample_id,
        fit_id=assessed.basis.fit_id,
        kind=kind,
        parameters=body,
        losses=losses,
        suspicion=assessed.suspicion,
        informativeness=assessed.informativeness,
        disagreement_deg=assessed.disagreement_deg,
        error_2d_px=assessed.error_2d_px,
        error_3d_mm=assessed.error_3d_mm,
        flags=tuple(
            ErrorFlag(name=str(flag.name), score=flag.score, reason=flag.reason)
            for flag in assessed.flags
        ),
        touch_gains_mm=assessed.touch_gains_mm,
    )
