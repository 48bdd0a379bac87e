"""Made people whom the picture's edge cuts: a face, head and chest, or down to the waist.

500 rendered people (``core.paper.people``), each cut out of its picture in three ways and looked at
by the shipped detector. What the head says of those whom it finds, and fits by ``studio`` from
head, lifter and mean pose, against the true bodies, of which most joints are out of the picture.

    python -m benchmarks.detection.cut_people --work FOLDER [--quick] [--json]

Median and mean error of 14 joints after Procrustes in mm, and how far the root is turned away, in
degrees. The folder keeps people and cut pictures; the same command goes on where it was stopped.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.common.reporting import benchmark_arguments, report
from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.load_body import load_body
from core.engine.regression.head_checkpoints import load_detector_head
from core.engine.regression.lifter import Lifter
from core.engine.regression.seen_people import SeenSample, seen_people
from core.engine.smplify.detected_directions import with_detections
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.lifted_start import LifterFitting
from core.engine.smplify.network_start import NetworkFitting
from core.engine.smplify.opinions.head_witness import HeadWitness
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.smplify import Smplify
from core.geometry.procrustes import procrustes_error
from core.geometry.rotations import geodesic_angle, pose_to_matrices
from core.paper.people import PeopleMaker, PeopleSet
from core.progress import CancelToken, ProgressMeter, ignore_progress
from core.runs.fitting_profiles import STUDIO
from core.types.samples import Sample
from core.workflows.new_projects import NewProject
from core.workflows.photos.import_photos import import_photos
from core.workflows.predictions.head_predictor import seen_with

PEOPLE, QUICK_PEOPLE = 500, 40
BATCH = 64
FACE, NECK = (0, 15, 16, 17, 18), 1
JUDGED = slice(25, 39)
CUTS = {"face": (1.3, 1.6, 1.6), "chest": (1.3, 3.0, 2.5), "waist": (1.5, 5.0, 4.0)}
"""How far a cut reaches above, below and to the sides of the face, in distances to the neck."""
LONGER_SIDE_PX, SMALLEST_PX = 320, 24

Answer = tuple[Tensor, Tensor]
"""Rotations ``(B, 24, 3, 3)`` and betas ``(B, 10)``."""


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--work", type=Path, required=True, help="folder for people and pictures")
    options = parser.parse_args(arguments)
    torch.set_grad_enabled(False)
    benchmark = _CutPeople(options.work, QUICK_PEOPLE if options.quick else PEOPLE)
    report(benchmark.results(), as_json=options.json)
    return 0


@dataclass(frozen=True, eq=False)
class _Found:
    """People whom the detector found in a cut picture. kinds: (P,) of ``CUTS``."""

    samples: Sequence[Sample]
    kinds: NDArray[np.str_]
    rotations: Tensor
    betas: Tensor


class _CutPeople:
    def __init__(self, work: Path, people: int) -> None:
        self._whole = work / "people" / PeopleSet.TEST.value
        self._cut, self._pictures = work / f"cut_{people}", work / f"cut_pictures_{people}"
        self._people = people
        self._model = load_body()
        self._body = KeypointBody(self._model)
        self._smplify = Smplify(self._model, PosePrior.load(), STUDIO)

    def results(self) -> dict[str, object]:
        """Errors by kind of cut and way of answering."""
        meter = ProgressMeter("Rendering", self._people, ignore_progress)
        maker = PeopleMaker(self._model, PosePrior.load())
        maker.make(self._whole, PeopleSet.TEST, self._people, meter, CancelToken())
        truths = self._cut_pictures()
        target: Path | NewProject = self._cut
        if not (self._cut / "dictionary.db").exists():
            target = NewProject(self._cut)
        import_photos(target, [self._pictures])
        with Dictionary.open(self._cut) as dictionary:
            return self._judged(dictionary, _found(dictionary, truths))

    def _cut_pictures(self) -> dict[int, Sample]:
        """Write the cut pictures that are missing; returns the whole people by id."""
        self._pictures.mkdir(parents=True, exist_ok=True)
        with Dictionary.open(self._whole) as dictionary:
            ids = dictionary.search.ids().tolist()[: self._people]
            samples = dictionary.samples.get_many(ids)
        for sample in samples:
            for kind, reach in CUTS.items():
                path = self._pictures / f"{sample.id:04d}_{kind}.png"
                cut = None if path.exists() else _cut_out(sample, reach)
                if cut is not None:
                    cv2.imwrite(str(path), cut)
        return {sample.id: sample for sample in samples}

    def _judged(self, dictionary: Dictionary, found: _Found) -> dict[str, object]:
        head, lifter = load_detector_head().eval(), Lifter.load()
        network = NetworkFitting(self._smplify, head, body_name=self._model.name)
        lifting = LifterFitting(self._model, self._smplify.prior, STUDIO, lifter)

        def said(_: Keypoints2D, seen: Sequence[SeenSample]) -> Answer:
            bodies = head.bodies(seen_people(seen))
            return bodies.rotations, bodies.betas

        def from_head(keypoints: Keypoints2D, seen: Sequence[SeenSample]) -> Answer:
            estimate = network.fit(keypoints, seen_people(seen)).estimate
            return estimate.rotations, estimate.betas

        def from_lifter(keypoints: Keypoints2D, _: Sequence[SeenSample]) -> Answer:
            estimate = lifting.fit(keypoints).estimate
            return estimate.rotations, estimate.betas

        def from_mean(keypoints: Keypoints2D, _: Sequence[SeenSample]) -> Answer:
            estimate = self._smplify.fit_from_mean_pose(keypoints).estimate
            return estimate.rotations, estimate.betas

        results: dict[str, object] = {kind: int((found.kinds == kind).sum()) for kind in CUTS}
        ask = partial(self._answered, dictionary, found)
        for way, answer in (
            ("head", said),
            ("fit from head", from_head),
            ("fit from lifter", from_lifter),
            ("fit from mean", from_mean),
        ):
            results |= self._errors(way, found, ask(answer))
        return results

    def _answered(
        self,
        dictionary: Dictionary,
        found: _Found,
        answer: Callable[[Keypoints2D, Sequence[SeenSample]], Answer],
    ) -> Answer:
        witness, parts = HeadWitness(self._smplify.body), []
        for start in range(0, len(found.samples), BATCH):
            samples = found.samples[start : start + BATCH]
            ids = [sample.id for sample in samples]
            detections = dictionary.detections.get_many(ids, with_features=True)
            keypoints = Keypoints2D.of_samples(samples)
            keypoints = with_detections(keypoints, samples, detections, witness)
            parts.append(answer(keypoints, seen_with(samples, detections)))
        rotations, betas = zip(*parts, strict=True)
        return torch.cat(rotations), torch.cat(betas)

    def _errors(self, way: str, found: _Found, answer: Answer) -> dict[str, object]:
        joints, true = (
            self._body.keypoints(*bodies)[:, JUDGED]
            for bodies in (answer, (found.rotations, found.betas))
        )
        off_mm = 1e3 * procrustes_error(joints, true)
        turned_deg = torch.rad2deg(geodesic_angle(answer[0][:, 0], found.rotations[:, 0]))
        results: dict[str, object] = {}
        for kind in (*CUTS, "all"):
            among = torch.from_numpy((found.kinds == kind) | (kind == "all"))
            results[f"{kind}, {way}, mm"] = _median_and_mean(off_mm[among])
            results[f"{kind}, {way}, root deg"] = _median_and_mean(turned_deg[among])
        return results


def _cut_out(sample: Sample, reach: tuple[float, float, float]) -> NDArray[np.uint8] | None:
    """The part of a person's picture around the face; None where face or neck are not seen."""
    keypoints_px = sample.keypoints_px
    face = keypoints_px[list(FACE)]
    face = face[face[:, 2] > 0]
    picture = cv2.imread(str(sample.picture_path))
    if len(face) < 3 or keypoints_px[NECK, 2] == 0 or picture is None:
        return None
    centre = face[:, :2].mean(0)
    above, below, aside = np.linalg.norm(centre - keypoints_px[NECK, :2]) * np.array(reach)
    left, top = np.maximum(np.subtract(centre, (aside, above)), 0).astype(int)
    right, bottom = np.maximum(np.add(centre, (aside, below)), 0).astype(int)
    cut = picture[top:bottom, left:right]
    if min(cut.shape[:2]) < SMALLEST_PX:
        return None
    scale = LONGER_SIDE_PX / max(cut.shape[:2])
    return cv2.resize(cut, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC).astype(np.uint8)


def _found(dictionary: Dictionary, truths: dict[int, Sample]) -> _Found:
    """Of each cut picture the person who is seen best."""
    best: dict[str, Sample] = {}
    for sample in dictionary.samples.get_many(dictionary.search.ids().tolist()):
        name = sample.picture_path.stem
        other = best.get(name)
        if other is None or sample.keypoints_px[:, 2].sum() > other.keypoints_px[:, 2].sum():
            best[name] = sample
    bodies = [truths[int(name.split("_")[0])].ground_truth.parameters for name in best]
    poses = np.stack([body.pose_axis_angle for body in bodies if body is not None])
    betas = np.stack([body.betas for body in bodies if body is not None])
    return _Found(
        list(best.values()),
        np.array([name.split("_")[1] for name in best]),
        pose_to_matrices(torch.from_numpy(poses).float()),
        torch.from_numpy(betas).float(),
    )


def _median_and_mean(values: Tensor) -> list[float]:
    return [round(float(values.median()), 1), round(float(values.mean()), 1)] if len(values) else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
