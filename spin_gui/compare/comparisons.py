"""What stands beside what, and how far apart it is, worked out on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import NamedTuple

import numpy as np

from core.body.display_body import DisplayBody
from core.errors import NoSuchRecordError
from core.rendering.colormaps import viridis
from core.system.priority_executor import PriorityExecutor
from core.types.arrays import FloatArray
from core.types.samples import Sample
from core.workflows.compare_bodies import BodyComparer, Comparison
from core.workflows.comparison_sources import CURRENT, FIRST, PREDICTION, TRUTH, WORDS, body_source
from spin_gui.images.produced_cache import URGENT, ProducedCache
from spin_gui.session.error_scale import error_text
from spin_gui.session.session import ProjectSession
from spin_gui.session.wording import origin_title
from spin_gui.viewer.sample_scene import ShownBody

REMEMBERED = 64


class Alignment(StrEnum):
    """How two bodies are laid on each other before their distance is measured."""

    ROOTS = "roots"
    PROCRUSTES = "procrustes"


@dataclass(frozen=True)
class Side:
    """One side: a source's key, or a fit of one sample's history."""

    key: str
    fit_id: int | None = None

    @property
    def for_all(self) -> bool:
        """Whether every sample may have it, as a sheet of many rows needs."""
        return self.fit_id is None


def known_sides(session: ProjectSession) -> list[tuple[Side, str]]:
    """What can be compared for every sample, with the words for it."""
    words = [(Side(key), WORDS[key]) for key in (CURRENT, FIRST, PREDICTION, TRUTH)]
    sets = session.dictionary.prediction_sets.all()
    return [*words, *((Side(prediction_set.name), prediction_set.name) for prediction_set in sets)]


def side_title(session: ProjectSession, side: Side) -> str:
    """The words for a side."""
    if side.fit_id is None:
        return WORDS.get(side.key, side.key)
    try:
        fit = session.dictionary.fits.get_many([side.fit_id])[0]
    except NoSuchRecordError:
        return f"Fit {side.fit_id}, removed"
    error = error_text(fit.losses.comparison)
    return f"Fit {fit.id}, {origin_title(fit.origin)}, {error}"


def body_of(session: ProjectSession, side: Side, sample_id: int) -> ShownBody | None:
    """The body of a side for a sample; None where there is none.

    Raises:
        StudioError: a prediction set of this name does not exist any more.
    """
    if side.fit_id is not None:
        found = [fit for fit in session.records.history(sample_id) if fit.id == side.fit_id]
        return ShownBody(found[0].parameters, fit_id=side.fit_id) if found else None
    parameters = body_source(session.dictionary, side.key).bodies([sample_id]).get(sample_id)
    return None if parameters is None else ShownBody(parameters)


def difference_colors(comparison: Comparison, alignment: Alignment, limit_mm: float) -> FloatArray:
    """A colour ``(V, 3)`` for each vertex: dark where the bodies agree, light from the limit on."""
    difference = comparison.difference
    distances = (
        difference.vertices_mm if alignment is Alignment.ROOTS else difference.vertices_aligned_mm
    )
    return viridis(distances / np.float32(limit_mm))


class ComparisonKey(NamedTuple):
    """A sample and the digests of both bodies."""

    sample_id: int
    left: str
    right: str


class Comparisons(ProducedCache[ComparisonKey, Comparison]):
    """Compares one pair at a time and remembers the last ones."""

    def __init__(self, body: DisplayBody) -> None:
        super().__init__(budget=REMEMBERED, size_of=lambda _comparison: 1)
        self._comparer = BodyComparer(body)
        self._work: Callable[[], Comparison] | None = None
        self._executor = PriorityExecutor("comparing")

    def compare(self, sample: Sample, left: ShownBody, right: ShownBody) -> Comparison | None:
        """The comparison if it is known; otherwise it is requested, and no other any more."""
        key = ComparisonKey(sample.id, left.digest, right.digest)
        known = self.get(key)
        if known is None:
            self._work = partial(
                self._comparer.compare,
                left.parameters,
                right.parameters,
                sample.fitted_keypoints_crop_px,
                sample.crop_camera,
            )
            self.request({key: URGENT})
        return known

    def close(self) -> None:
        """End the thread."""
        super().close()
        self._executor.close()

    def _produce(self, key: ComparisonKey, priority: int) -> Future[Comparison] | None:  # noqa: ARG002
        return None if self._work is None else self._executor.submit(self._work, priority=priority)
