"""The metrics by name: what each says of a person, of a joint, and of many people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from core.engine.evaluation.body_errors import COMPARED_NAMES, BodyErrors, ErrorSummary
from core.engine.evaluation.joint_metrics import auc, pck
from core.engine.evaluation.project_evaluation import ProjectEvaluation
from core.engine.evaluation.tables import Spread, Table, Value
from core.errors import StudioError
from core.types.fits import Verdict

FloatColumn = NDArray[np.float64]

TWO_D, LOSS = "2d", "loss"
"""Known without a truth."""

_VERDICTS = {
    Verdict.ACCEPTED: "accepted",
    Verdict.UNSURE: "unsure",
    Verdict.REJECTED: "rejected",
    Verdict.NONE: "not reviewed",
}


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One number about a person.

    people: (N,) of a truth's errors; joints: (14,) mean of each joint, where joints have it;
    moment: the mean over people. All three None: it needs no truth.
    largest: the largest value there can be; None where there is no end.
    """

    key: str
    title: str
    unit: str
    meaning: str
    higher_is_better: bool = False
    largest: float | None = None
    people: Callable[[BodyErrors], FloatColumn] | None = None
    joints: Callable[[BodyErrors], FloatColumn] | None = None
    moment: Callable[[ErrorSummary], float] | None = None

    @property
    def needs_truth(self) -> bool:
        """Whether it compares with a true body."""
        return self.people is not None

    @property
    def heading(self) -> str:
        """``MPJPE, mm``."""
        return f"{self.title}, {self.unit}"


def _share_metric(
    key: str, title: str, meaning: str, share: Callable[..., torch.Tensor], *, aligned: bool
) -> Metric:
    def distances(errors: BodyErrors) -> FloatColumn:
        return errors.aligned_joint_mm if aligned else errors.joint_mm

    return Metric(
        key=key,
        title=title,
        unit="%",
        meaning=meaning,
        higher_is_better=True,
        largest=100.0,
        people=lambda errors: 100 * getattr(errors, key),
        joints=lambda errors: 100 * share(torch.from_numpy(distances(errors).T)).numpy(),
        moment=lambda summary: 100 * float(getattr(summary, key)),
    )


METRICS: tuple[Metric, ...] = (
    Metric(
        key="reconstruction_mm",
        title="Reconstruction error",
        unit="mm",
        meaning="Mean distance of 14 joints after the best turn, shift and scale (PA-MPJPE)",
        people=lambda errors: errors.reconstruction_mm,
        joints=lambda errors: errors.aligned_joint_mm.mean(axis=0),
        moment=lambda summary: summary.reconstruction_mm,
    ),
    Metric(
        key="mpjpe_mm",
        title="MPJPE",
        unit="mm",
        meaning="Mean distance of 14 joints with the middles of the hips laid on each other",
        people=lambda errors: errors.mpjpe_mm,
        joints=lambda errors: errors.joint_mm.mean(axis=0),
        moment=lambda summary: summary.mpjpe_mm,
    ),
    Metric(
        key="pve_mm",
        title="PVE",
        unit="mm",
        meaning="Mean distance of all vertices with the middles of the hips laid on each other",
        people=lambda errors: errors.pve_mm,
        moment=lambda summary: summary.pve_mm,
    ),
    _share_metric("pck", "PCK", "Joints nearer than 150 mm", pck, aligned=False),
    _share_metric("auc", "AUC", "Mean of PCK over 0, 5, … 150 mm", auc, aligned=False),
    _share_metric(
        "aligned_pck",
        "PCK, aligned",
        "Joints nearer than 150 mm, aligned",
        pck,
        aligned=True,
    ),
    _share_metric(
        "aligned_auc", "AUC, aligned", "Mean of PCK over 0, 5, … 150 mm, aligned", auc, aligned=True
    ),
    Metric(
        key="root_deg",
        title="Root orientation",
        unit="°",
        meaning="Angle between the orientations of the whole bodies",
        largest=180.0,
        people=lambda errors: errors.root_deg,
    ),
    Metric(
        key=TWO_D,
        title="2D error",
        unit="px",
        meaning="Mean distance of projected joints from annotated keypoints, pixels of the crop",
    ),
    Metric(
        key=LOSS,
        title="Error by verdict",
        unit="px",
        meaning="Error of current fits, the root of their loss, by what people said of them",
    ),
)


def metric_named(key: str) -> Metric:
    """A metric by its key; raises ``StudioError``."""
    for metric in METRICS:
        if metric.key == key:
            return metric
    keys = ", ".join(item.key for item in METRICS)
    raise StudioError(f"There is no metric {key!r}.", remedy=f"Use one of: {keys}.")


@dataclass(frozen=True, eq=False)
class MetricSeries:
    """A metric of one kind of bodies.

    sample_ids, values: (N,) of the people who have it. joints: mean of each joint by name; empty
    where the metric has none.
    """

    name: str
    sample_ids: NDArray[np.int64]
    values: FloatColumn
    joints: Mapping[str, float] = field(default_factory=dict)

    def worst_first(self, metric: Metric) -> NDArray[np.int64]:
        """``(N,)`` rows from the worst person to the best."""
        sign = 1.0 if metric.higher_is_better else -1.0
        order: NDArray[np.int64] = np.argsort(sign * self.values, kind="stable")
        return order


def metric_series(evaluation: ProjectEvaluation, metric: Metric) -> tuple[MetricSeries, ...]:
    """A metric of every kind of bodies that is there; for the loss, a series for each verdict."""
    if metric.key == LOSS:
        found = [
            _finite_series(title, part.sample_ids, np.sqrt(part.losses), {})
            for verdict, title in _VERDICTS.items()
            for part in (evaluation.losses.with_verdict(verdict),)
        ]
    elif metric.key == TWO_D:
        found = [
            _finite_series(
                keypoint.name,
                keypoint.sample_ids,
                keypoint.errors.error_px,
                keypoint.errors.mean_keypoints_px(),
            )
            for keypoint in evaluation.keypoints
        ]
    else:
        found = [
            _finite_series(body.name, body.sample_ids, values, _joints(body.errors, metric))
            for body in evaluation.bodies
            for values in (metric.people(body.errors) if metric.people else np.empty(0),)
        ]
    return tuple(series for series in found if len(series.values))


def _joints(errors: BodyErrors, metric: Metric) -> dict[str, float]:
    if metric.joints is None:
        return {}
    return dict(zip(COMPARED_NAMES, metric.joints(errors).tolist(), strict=True))


def series_table(series: Sequence[MetricSeries], metric: Metric) -> Table:
    """How a metric is spread, a row a kind of bodies."""
    rows: list[tuple[Value, ...]] = []
    for part in series:
        numbers = [
            float(number)
            for number in (
                part.values.mean(),
                *np.quantile(part.values, (0.5, 0.1 if metric.higher_is_better else 0.9)),
                part.values.min() if metric.higher_is_better else part.values.max(),
            )
        ]
        rows.append((part.name, str(len(part.values)), *(Spread((number,)) for number in numbers)))
    tail = "90 % above" if metric.higher_is_better else "90 % below"
    return Table(
        f"people_{metric.key}",
        f"{metric.heading}: people",
        ("bodies", "people", "mean", "median", tail, "worst"),
        tuple(rows),
        f"{metric.meaning}.",
    )


def joint_series_table(series: Sequence[MetricSeries], metric: Metric) -> Table:
    """A row a joint, a column a kind of bodies."""
    names = list(dict.fromkeys(name for part in series for name in part.joints))
    return Table(
        f"joints_{metric.key}",
        f"{metric.heading}: joints",
        ("joint", *(part.name for part in series)),
        tuple(
            (
                name,
                *(Spread((part.joints[name],) if name in part.joints else ()) for part in series),
            )
            for name in names
        ),
    )


def worst_table(
    series: MetricSeries, metric: Metric, names: Mapping[int, str], *, count: int
) -> Table:
    """The worst people of one kind of bodies; ``names`` by sample id."""
    rows = series.worst_first(metric)[:count]
    return Table(
        f"worst_{metric.key}",
        f"{metric.heading}: the worst of {series.name}",
        ("sample", "name", metric.heading),
        tuple(
            (str(sample_id), names.get(sample_id, ""), Spread((float(series.values[row]),)))
            for row in rows
            for sample_id in (int(series.sample_ids[row]),)
        ),
    )


def _finite_series(
    name: str, sample_ids: NDArray[np.int64], values: FloatColumn, joints: Mapping[str, float]
) -> MetricSeries:
    finite = np.isfinite(values)
    return MetricSeries(name, sample_ids[finite], values[finite], joints)
