"""What the evaluation shows for what was chosen: words, series, tables. Knows nothing of Qt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.dictionary.fits.prediction_sets import PredictionSet
from core.engine.evaluation.dictionary_history import moments_table
from core.engine.evaluation.metrics import (
    LOSS,
    Metric,
    MetricSeries,
    joint_series_table,
    metric_named,
    metric_series,
    series_table,
    worst_table,
)
from core.engine.evaluation.project_bodies import (
    CURRENT_FITS,
    INITIAL_FITS,
    PREDICTIONS,
    ReferenceBodies,
    set_name,
)
from core.engine.evaluation.project_evaluation import ProjectEvaluation
from core.engine.evaluation.tables import Table
from spin_gui.evaluation.evaluator import Course

EXPORTED_WORST = 50

TITLES = {
    PREDICTIONS: "Predictions",
    INITIAL_FITS: "Initial fits",
    CURRENT_FITS: "Current fits",
}


@dataclass(frozen=True)
class KindWords:
    """One kind of bodies in a list: its name in the evaluation, its title, what it is.

    place: decides on its colour; predictions and fits keep theirs, whatever sets there are.
    """

    name: str
    title: str
    tip: str
    place: int


def kinds_of(evaluation: ProjectEvaluation, sets: Sequence[PredictionSet]) -> list[KindWords]:
    """The kinds of bodies that the project has, with the runs whose regressors made them."""
    words = {
        PREDICTIONS: KindWords(
            PREDICTIONS,
            f"Predictions{_of_runs(evaluation.prediction_runs)}",
            "The latest output of a regressor for each sample",
            0,
        ),
        INITIAL_FITS: KindWords(
            INITIAL_FITS, TITLES[INITIAL_FITS], "The first fit that SMPLify made of each sample", 1
        ),
        CURRENT_FITS: KindWords(
            CURRENT_FITS, TITLES[CURRENT_FITS], "The best fit of each sample so far", 2
        ),
        **{
            set_name(one.name): KindWords(
                set_name(one.name),
                _set_title(one),
                f"Prediction set, {one.size} people, from {one.source}",
                len(TITLES) + index,
            )
            for index, one in enumerate(sets)
        },
    }
    names = [keypoint.name for keypoint in evaluation.keypoints]
    return [
        words.get(name, KindWords(name, name, "A set that is gone", len(words))) for name in names
    ]


def _set_title(one: PredictionSet) -> str:
    """The set's name with its run, which many a name says already."""
    if one.run_id is None or f"run {one.run_id}" in one.name:
        return one.name
    return f"{one.name}{_of_runs({one.run_id})}"


def _of_runs(run_ids: Collection[int | None]) -> str:
    known = sorted(run_id for run_id in run_ids if run_id is not None)
    if not known:
        return ""
    if len(known) < len(run_ids) or len(known) > 1:
        return " · several regressors"
    return f" · run {known[0]}"


@dataclass(frozen=True, eq=False)
class EvaluationView:
    """An evaluation as it was chosen to be looked at.

    shown: names of the kinds that are drawn; chosen: the one whose people are listed.
    """

    evaluation: ProjectEvaluation
    metric: Metric
    shown: Collection[str]
    chosen: str

    @property
    def by_verdict(self) -> bool:
        """Whether the series are verdicts in place of kinds of bodies."""
        return self.metric.key == LOSS

    def series(self) -> list[MetricSeries]:
        """What is drawn."""
        found = metric_series(self.evaluation, self.metric)
        return [item for item in found if self.by_verdict or item.name in self.shown]

    def listed(self) -> MetricSeries:
        """Whose people are listed; all fits, where the series are verdicts.

        Where the chosen ones lack this metric: the first that are shown.
        """
        found = metric_series(self.evaluation, self.metric)
        if not self.by_verdict:
            others = [series for series in found if series.name in self.shown]
            named = [series for series in found if series.name == self.chosen] or others
            return named[0] if named else _empty_series(self.chosen)
        if not found:
            return _empty_series(CURRENT_FITS)
        return MetricSeries(
            CURRENT_FITS,
            np.concatenate([series.sample_ids for series in found]),
            np.concatenate([series.values for series in found]),
        )

    def table(self) -> Table:
        """The table on top: all metrics where a truth is known, or how this one is spread."""
        if not self.metric.needs_truth:
            return self._spread_table()
        summary = self.evaluation.summary_table()
        return replace(summary, rows=tuple(row for row in summary.rows if row[0] in self.shown))

    def tables(self, names: Mapping[int, str], courses: Mapping[int, Course]) -> list[Table]:
        """Everything in numbers, for a file."""
        series = self.series()
        by_joint = joint_series_table(series, self.metric)
        return [
            *([self.table()] if self.metric.needs_truth else []),
            self._spread_table(),
            *([by_joint] if by_joint.rows else []),
            worst_table(self.listed(), self.metric, names, count=EXPORTED_WORST),
            *(
                replace(table, key=f"{table.key}_{run_id}")
                for run_id, course in courses.items()
                for table in (moments_table(course, run_id=run_id),)
            ),
        ]

    def people_between(self, low: float, high: float) -> list[int]:
        """Rows of ``listed`` from the worst on, of values from ``low`` up to below ``high``."""
        people = self.listed()
        rows = people.worst_first(self.metric)
        values = people.values[rows]
        inside: list[int] = rows[(low <= values) & (values < high)].tolist()
        return inside

    def _spread_table(self) -> Table:
        table = series_table(self.series(), self.metric)
        return replace(table, columns=("verdict", *table.columns[1:])) if self.by_verdict else table


def course_metric(metric: Metric) -> Metric:
    """What the dictionary's course is drawn in: the metric, or the nearest that it has."""
    return metric if metric.moment is not None else metric_named("reconstruction_mm")


def about(evaluation: ProjectEvaluation) -> str:
    """What must be known to read these numbers, in a sentence or two."""
    known, samples = evaluation.with_truth, evaluation.samples
    if evaluation.truth is ReferenceBodies.ACCEPTED:
        if not known:
            return (
                "No fit is accepted here: accept fits that lie well on their people, and bodies "
                "can be compared with them. Distances from keypoints and losses need no verdict."
            )
        return (
            f"{known} of {samples} samples have an accepted fit. Distance from it is agreement, "
            "not error: people accept what they are shown, and what is near to it looks good."
        )
    if not known:
        return (
            f"None of the {samples} samples has a known true body, so there are no errors in 3D. "
            "Shown are the distance from annotated keypoints, and losses by verdict; against "
            "accepted fits, bodies can be compared in 3D, too."
        )
    if known < samples:
        return (
            f"{known} of {samples} samples have a known true body; errors are of those. "
            "2D errors and losses are of all."
        )
    return f"All {samples} samples have a known true body."


def _empty_series(name: str) -> MetricSeries:
    return MetricSeries(name, np.empty(0, np.int64), np.empty(0))
