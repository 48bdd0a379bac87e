"""Suspicion and flags on real people: how well errors are ordered, and how often flags are raised.

Three groups with known 3D joints (``benchmarks.common.real_people``), fitted by ``studio`` under
the camera that is assumed of their pictures, from the mean pose and from what the head says;
one man of a short clip, four people of MPI-INF-3DHP, sixteen projections of CMU Panoptic without
pictures. ``spearman`` of suspicion with the error of the joints after Procrustes, with the 5 and
95 % quantiles of draws of moments. Nothing is chosen by these numbers.

``photographs``: of the people found in ``../shared/realdata/photos``, the share that bears each
flag.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from benchmarks.common.ranks import bootstrapped, spearman
from benchmarks.common.real_people import REALDATA, RealPerson, real_people
from benchmarks.common.real_samples import RealSample, given_samples, seen, under
from benchmarks.real_views import Bench
from core.engine.failure_detection.assessor import FlagAssessor, FlagScores
from core.engine.failure_detection.head_alternative import head_alternative
from core.engine.failure_detection.inputs import FlagInputs
from core.engine.failure_detection.lifter_alternative import lifter_alternative
from core.engine.regression.seen_people import SeenSample, seen_people
from core.engine.smplify.network_start import NetworkFitting
from core.engine.smplify.opinions.head_witness import HeadWitness
from core.engine.smplify.smplify import FitBatch
from core.formats.keypoints.person_boxes import box_around_visible
from core.pictures.decoding import load_picture
from core.types.cameras import assumed_camera
from core.types.keypoint_sources import KeypointSource, all_from
from core.types.samples import GroundTruth, Sample
from core.workflows.photos.finder import landmarks_of

GROUPS = ("multiview", "mpi_inf_3dhp", "panoptic")
WAYS = ("mean", "network")
PHOTOS = REALDATA / "photos"
_FEWEST_KEYPOINTS = 6


def real_suspicion(
    groups: Sequence[str] = GROUPS, *, photographs: bool = True
) -> tuple[dict[str, object], dict[str, object]]:
    """Rows for a reader; ``spearman`` by group and way, and the shares of ``photographs``."""
    judge = _Judge(Bench.load())
    found: dict[str, object] = {}
    rows: dict[str, object] = {}
    for group in groups:
        people = real_people(group)
        samples = under(
            given_samples(people, judge.bench.finder, camera="given"), people, "assumed"
        )
        for way in WAYS:
            fits, scores = judge.judged(samples, way)
            numbers = [sample.row for sample in samples]
            error = judge.bench.errors_mm(people, numbers, fits.estimate)
            ordered = _ordered(people, samples, scores.suspicion.numpy(), error)
            found[f"{group}, {way}"] = ordered
            rows[f"{group} from {way}"] = (
                f"{len(error)} people, {np.median(error):.1f} / {error.mean():.1f} mm, spearman "
                f"{ordered[0]:.2f} ({ordered[1]:.2f} to {ordered[2]:.2f})"
            )
    shares = judge.photographs() if photographs else {}
    rows |= {f"photographs {name}": share for name, share in shares.items()}
    return rows, {"spearman": found, "photographs": shares}


def _ordered(
    people: Sequence[RealPerson],
    samples: Sequence[RealSample],
    suspicion: np.ndarray[tuple[int], np.dtype[np.float32]],
    error: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> list[float]:
    """Spearman and its 5 and 95 % quantiles."""
    moments = [people[sample.row].moment for sample in samples]
    low, high = bootstrapped(lambda rows: spearman(suspicion[rows], error[rows]), moments)
    return [round(value, 3) for value in (spearman(suspicion, error), low, high)]


class _Judge:
    """Fits people and lets flags look at them."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._network = NetworkFitting(bench.smplify, bench.head, body_name=bench.model.name)
        self._assessor = FlagAssessor(bench.smplify.body, bench.prior)

    @torch.no_grad()
    def judged(self, samples: Sequence[RealSample], way: str) -> tuple[FitBatch, FlagScores]:
        """Fits in one of ``WAYS``, and what flags say of them."""
        bench = self.bench
        keypoints = seen(samples, HeadWitness(bench.smplify.body))
        people = seen_people([_seen(sample) for sample in samples])
        fits = (
            bench.smplify.fit_from_mean_pose(keypoints)
            if way == "mean"
            else self._network.fit(keypoints, people)
        )
        body, name = bench.smplify.body, bench.model.name
        lifted = lifter_alternative(
            bench.lifter, body, keypoints, has_betas=bench.lifter.body_name == name
        )
        said = head_alternative(
            bench.head, body, people, keypoints, has_betas=bench.head.body_name == name
        )
        return fits, self._assessor.assess(
            FlagInputs(keypoints, fits.estimate, fits.comparison, (lifted, said))
        )

    def photographs(self) -> dict[str, float]:
        """The share of people of photographs with each flag, fitted from what the head says."""
        samples: list[RealSample] = []
        for path in sorted(PHOTOS.glob("*.jpg")):
            picture = load_picture(path)
            size_px = (picture.shape[1], picture.shape[0])
            for person in self.bench.finder.find(picture):
                if person.keypoints_seen < _FEWEST_KEYPOINTS:
                    continue
                sample = Sample(
                    id=len(samples),
                    name=path.name,
                    picture_path=path,
                    picture_size_px=size_px,
                    dataset="photos",
                    person_key=str(len(samples)),
                    box=box_around_visible(person.keypoints_px),
                    keypoints_px=np.asarray(person.keypoints_px, np.float32),
                    ground_truth=GroundTruth(),
                    imported_at="",
                    camera=assumed_camera(size_px),
                    keypoint_sources=all_from(KeypointSource.DETECTED),
                )
                samples.append(RealSample(len(samples), sample, landmarks_of(person)))
        _, scores = self.judged(samples, "network")
        shares = {
            str(kind): float(raised.double().mean()) for kind, raised in scores.raised.items()
        }
        suspected = float((scores.suspicion >= 0.5).double().mean())
        return {"people": len(samples), **shares, "suspicion of one half": suspected}


def _seen(sample: RealSample) -> SeenSample:
    detection = sample.detection
    return SeenSample(
        keypoints_crop_px=sample.sample.fitted_keypoints_crop_px,
        landmarks=detection,
        trunk_features=None if detection is None else detection.trunk_features,
    )
