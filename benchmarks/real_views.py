"""How good bodies of real people are, by everything that a fit may know of them.

Three groups of people with known 3D joints (``../shared/realdata``, see ``common.real_people``):
28 views of one man, four people of MPI-INF-3DHP, sixteen projections of CMU Panoptic. Errors are
means over joints after Procrustes in mm, and every list is [median, mean, 90 %] over people. All
fits are those of ``studio``.

one_view_long_lens: from keypoints, under the camera of SPIN some 40 m away.
one_view_keypoints_known, one_view_keypoints_unknown: from keypoints, under the true camera, or the
    one that is assumed of a picture of this size.
one_view_known, one_view_unknown: with the directions of bones that the detector sees besides.
pictures_alone: without given keypoints, by what the detector finds; the camera is assumed.
two_views, four_views: of a moment, all pairs of cameras and all four, cameras assumed.
two_views_calibrated, four_views_calibrated: with the true cameras and where they stood.
one_view_one_shape: the one man's pictures one by one with one shape for all, cameras assumed.
regressor_alone, regressor_pictures_alone: what the shipped head says, nothing fitted, from given
    keypoints and from those that the detector finds; it begins nowhere, so all starts are alike.

The keys at the top are those of the one man from the default start, the head's body;
``from_network``, ``from_mean`` and ``from_lifter`` hold all starts, ``other_people`` the other two
groups, ``people`` every person.
``missing`` says of each key that is absent why it is.

    python -m benchmarks.real_views [--quick] [--json]
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.common.real_people import REALDATA, RealPerson, real_people
from benchmarks.common.real_samples import (
    RealSample,
    found_samples,
    given_samples,
    seen,
    under,
    without_detections,
)
from benchmarks.common.reporting import benchmark_arguments, report
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel
from core.engine.detection.people_finder import PeopleFinder
from core.engine.regression.detector_head import DetectorHead
from core.engine.regression.head_checkpoints import load_detector_head
from core.engine.regression.lifter import Lifter
from core.engine.regression.seen_people import SeenSample, seen_people
from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.lifted_start import LifterFitting
from core.engine.smplify.network_start import NetworkFitting
from core.engine.smplify.opinions.head_witness import HeadWitness
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.rigs.camera_rig import CameraRig
from core.engine.smplify.rigs.shared_views import SharedViews
from core.engine.smplify.rigs.world_scale import metres_per_unit
from core.engine.smplify.smplify import FitBatch, Smplify
from core.engine.smplify.view_groups import ViewGroups
from core.geometry.procrustes import procrustes_error
from core.runs.fitting_profiles import profile_named
from core.workflows.predictions.head_predictor import HeadPredictor

Start = Literal["network", "mean", "lifter"]
STARTS: tuple[Start, ...] = ("network", "mean", "lifter")
DEFAULT_START: Start = "network"
"""That of ``fit``."""
OTHER_PEOPLE = ("mpi_inf_3dhp", "panoptic")

Tables = dict[str, dict[str, dict[str, float]]]
"""Errors in mm by group of people, person, and what was fitted from where."""

MISSING: dict[str, str] = {}


@dataclass(frozen=True, eq=False)
class Bench:
    """What every fit needs: the open body, the shipped prior, the shipped networks."""

    model: BodyModel
    prior: PosePrior
    lifter: Lifter
    finder: PeopleFinder
    head: DetectorHead

    @classmethod
    def load(cls) -> Bench:
        """Everything as it ships."""
        return cls(
            load_body(),
            PosePrior.load(),
            Lifter.load(),
            PeopleFinder.load(),
            load_detector_head(),
        )

    @cached_property
    def smplify(self) -> Smplify:
        """The solver of ``studio``."""
        return Smplify(self.model, self.prior, profile_named("studio"))

    @cached_property
    def witness(self) -> HeadWitness:
        """What tells how far landmarks are to be trusted."""
        return HeadWitness(self.smplify.body)

    def fit(self, samples: Sequence[RealSample], start: Start) -> FitBatch:
        """Every sample by itself."""
        keypoints = seen(samples, self.witness)
        if start == "lifter":
            profile = self.smplify.profile
            return LifterFitting(self.model, self.prior, profile, self.lifter).fit(keypoints)
        if start == "network":
            network = NetworkFitting(self.smplify, self.head, body_name=self.model.name)
            return network.fit(keypoints, seen_people(seen_by_head(samples)))
        return self.smplify.fit_from_mean_pose(keypoints)

    def said(self, samples: Sequence[RealSample]) -> BodyEstimate:
        """What the head behind the detector says of every sample."""
        predictor = HeadPredictor(self.head, self.smplify.body, keep_betas=True)
        bodies = predictor([each.sample for each in samples], seen_by_head(samples))
        return BodyEstimate.from_parameters(bodies)

    def fit_together(
        self, samples: Sequence[RealSample], own: FitBatch, members: Sequence[Sequence[int]]
    ) -> BodyEstimate:
        """Rows that show one moment together, moment by moment; a row may be in several."""
        rows = [row for moment in members for row in moment]
        moments = [number for number, moment in enumerate(members) for _ in moment]
        chosen = [samples[row] for row in rows]
        keypoints, views = seen(chosen), ViewGroups.of(moments, [None] * len(rows))
        poses, rig = [each.sample.camera.pose for each in chosen], None
        if any(poses):
            units = metres_per_unit(self.smplify.body, keypoints, poses, views.moments)
            rig = CameraRig.of(poses, keypoints.cameras, views.moments, metres_per_unit=units)
        alone = own.of_rows(torch.tensor(rows))
        found = SharedViews(self.smplify).fit_placed(keypoints, alone, views, rig)
        return found.fits.estimate

    def fit_one_shape(self, samples: Sequence[RealSample], own: FitBatch) -> BodyEstimate:
        """All pictures of one person, each with a pose of its own."""
        views = ViewGroups.of([None] * len(samples), ["one"] * len(samples))
        return SharedViews(self.smplify).fit(seen(samples, self.witness), own, views).estimate

    def errors_mm(
        self, people: Sequence[RealPerson], rows: Sequence[int], bodies: BodyEstimate
    ) -> NDArray[np.float64]:
        """How far each body is off ``(N,)``, by the joints that are trusted.

        rows: which of the people each body is.
        """
        errors = [
            procrustes_error(
                keypoints[list(people[row].keypoint_indices)],
                people[row].joints_m,
                people[row].trusted.astype(np.float64),
            )
            for row, keypoints in zip(rows, self._keypoints(bodies), strict=True)
        ]
        return 1e3 * np.array(errors)

    def _keypoints(self, bodies: BodyEstimate) -> NDArray[np.float64]:
        keypoints = self.smplify.body.keypoints(bodies.rotations, bodies.betas)
        return keypoints.double().numpy()


def seen_by_head(samples: Sequence[RealSample]) -> list[SeenSample]:
    """What the head is given of samples."""
    return [
        SeenSample(
            keypoints_crop_px=each.sample.fitted_keypoints_crop_px,
            landmarks=each.detection,
            trunk_features=None if each.detection is None else each.detection.trunk_features,
        )
        for each in samples
    ]


def summary(errors: NDArray[np.float64]) -> list[float]:
    """[median, mean, 90 %]."""
    values = (np.median(errors), errors.mean(), np.quantile(errors, 0.9))
    return [round(float(value), 1) for value in values]


@dataclass(frozen=True, eq=False)
class Measured:
    """Errors in mm of people, by key and start: which people they are of, and how far off."""

    people: Sequence[RealPerson]
    errors: dict[tuple[str, Start], tuple[list[int], NDArray[np.float64]]]

    def summaries(self, start: Start) -> dict[str, list[float]]:
        """[median, mean, 90 %] by key."""
        return {
            key: summary(errors)
            for (key, begun), (_, errors) in self.errors.items()
            if begun == start
        }

    def table(self) -> dict[str, dict[str, float]]:
        """Every person's error by what was fitted; the mean where a person is in several fits."""
        rows: dict[str, dict[str, float]] = {person.name: {} for person in self.people}
        for (key, start), (members, errors) in self.errors.items():
            for row, person in enumerate(self.people):
                own = errors[np.array(members) == row]
                if len(own):
                    rows[person.name][f"{key} from {start}"] = round(float(own.mean()), 1)
        return rows


@torch.no_grad()
def measured(bench: Bench, group: str) -> Measured:
    """All fits of one group of people from all starts."""
    people = real_people(group)
    given = given_samples(people, bench.finder, camera="given")
    assumed = under(given, people, "assumed")
    cases = {
        "one_view_long_lens": without_detections(under(given, people, "long lens")),
        "one_view_keypoints_known": without_detections(given),
        "one_view_keypoints_unknown": without_detections(assumed),
    }
    if any(sample.detection is not None for sample in given):
        cases["one_view_known"] = given
        cases["one_view_unknown"] = assumed
        cases["pictures_alone"] = found_samples(people, bench.finder)
    found = Measured(people, {})
    alone = {"regressor_alone": given}
    if "pictures_alone" in cases:
        alone["regressor_pictures_alone"] = cases["pictures_alone"]
    for key, samples in alone.items():
        rows = [sample.row for sample in samples]
        errors = bench.errors_mm(people, rows, bench.said(samples))
        found.errors.update({(key, start): (rows, errors) for start in STARTS})
    for start in STARTS:
        for key, samples in cases.items():
            fits = bench.fit(samples, start)
            rows = [sample.row for sample in samples]
            found.errors[key, start] = rows, bench.errors_mm(people, rows, fits.estimate)
            if key in ("one_view_unknown", "one_view_known"):
                kind = "_calibrated" if key == "one_view_known" else ""
                for views, members in groups_of_views(people).items():
                    bodies = bench.fit_together(samples, fits, members)
                    together = [row for moment in members for row in moment]
                    errors = bench.errors_mm(people, together, bodies)
                    found.errors[views + kind, start] = together, errors
            if key == "one_view_unknown" and group == "multiview":
                bodies = bench.fit_one_shape(samples, fits)
                errors = bench.errors_mm(people, rows, bodies)
                found.errors["one_view_one_shape", start] = rows, errors
    return found


def groups_of_views(people: Sequence[RealPerson]) -> dict[str, list[tuple[int, ...]]]:
    """All pairs and all fours of people of one moment; empty where moments have one view each."""
    moments: dict[str, list[int]] = {}
    for row, person in enumerate(people):
        moments.setdefault(person.moment, []).append(row)
    found = {
        key: [rows for moment in moments.values() for rows in combinations(moment, views)]
        for key, views in (("two_views", 2), ("four_views", 4))
    }
    return {key: members for key, members in found.items() if members}


def measure(groups: Sequence[str]) -> tuple[dict[str, object], Tables]:
    """All fits of all groups of people: the results to report, and the table of every person."""
    bench = Bench.load()
    found = {group: measured(bench, group) for group in groups}
    summaries = {
        group: {f"from_{start}": of_group.summaries(start) for start in STARTS}
        for group, of_group in found.items()
    }
    one_man = summaries.pop("multiview")
    results: dict[str, object] = {
        **one_man[f"from_{DEFAULT_START}"],
        **one_man,
        "other_people": summaries,
        "missing": MISSING,
    }
    return results, {group: of_group.table() for group, of_group in found.items()}


def print_tables(tables: Tables) -> None:
    """One line a person, the errors in the order of the first line."""
    for group, rows in tables.items():
        print(f"{group}: {', '.join(next(iter(rows.values())))}")
        for name, errors in rows.items():
            print(f"  {name:40s}", *(f"{error:8.1f}" for error in errors.values()))


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    options = benchmark_arguments(__doc__ or "").parse_args(arguments)
    groups = ("multiview",) if options.quick else ("multiview", *OTHER_PEOPLE)
    if not all((REALDATA / group).is_dir() for group in groups):
        report({"skipped": "needs ../shared/realdata next to the checkout"}, as_json=options.json)
        return 0
    results, tables = measure(groups)
    if options.json:
        results["people"] = tables
    else:
        print_tables(tables)
    report(results, as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
