"""What a training on a few pictures gives people of the same kind, and what it takes from others.

The profile ``cpu`` is trained on the pictures of half of the moments of ``../shared/realdata/
multiview``, in both halves in turn and from each start, and what the head says is measured on the
half that was left out, on MPI-INF-3DHP, on Panoptic, and on made people that no head was trained
on. Errors in mm after Procrustes, [median, mean].

trained_on_views: by start and half, the dictionary before (static fits) and after the training, and
    what the head says before and after, of everybody else.
trust: made people are trained on without their truth; how far their predictions are believed to be
    off at the beginning and at the end, and how far they are: root mean squares over joints in °.
summary: least gain on the half left out, largest losses of the others, of means; how far the
    dictionary is worse than static fits at most; and the largest ratio of believed to true angles.

Made people are kept in ``--cache``, and made there first where they are missing (seconds each).

    python -m benchmarks.learning.loop_on_views [--starts mean,lifter,paper] [--iterations N]
        [--cache FOLDER] [--quick] [--json]
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.common.real_people import REALDATA, RealPerson, real_people
from benchmarks.common.real_projects import project_of_made, project_of_views
from benchmarks.common.real_samples import RealSample, given_samples
from benchmarks.common.reporting import benchmark_arguments, report
from benchmarks.real_views import Bench
from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.regression.detector_head import DetectorHead
from core.engine.regression.head_checkpoints import load_detector_head
from core.engine.smplify.inputs import BodyEstimate
from core.engine.training.train import train
from core.geometry.procrustes import procrustes_error
from core.runs.run_folder import RunFolder, read_metrics
from core.runs.training_configuration import TrainingConfiguration, profile_configuration
from core.workflows.choices import FIT_STARTS
from core.workflows.fit_project import fit_samples
from resources.detector_head.build.chunk_maker import UNSEEN_PEOPLE, ChunkMaker
from resources.detector_head.build.evaluation import bodies_of, score
from resources.detector_head.build.people import DetectedPeople

VIEWS, OTHERS = "multiview", ("mpi_inf_3dhp", "panoptic")
PAPER = "paper"
HALVES = ("first moments left out", "last moments left out")
QUICK_PEOPLE, QUICK_ITERATIONS = 24, 6
TRAINED_MADE = 200
"""Of the made people, how many are trained on where the trust is measured."""

COMPARED = slice(25, 39)
"""The 14 LSP joints of made people."""

TRUST_ITERATIONS = 4
"""At the beginning and at the end: how many iterations what is believed is a mean over."""

Errors = NDArray[np.float64]
Results = dict[str, dict[str, Any]]


@dataclass(frozen=True, eq=False)
class Group:
    """Real people, and what is known of them."""

    people: Sequence[RealPerson]
    samples: Sequence[RealSample]

    def half(self, number: int) -> tuple[list[RealSample], list[RealSample]]:
        """The people of all moments but those of one half, and those of that half."""
        moments = list(dict.fromkeys(person.moment for person in self.people))
        middle = (len(moments) + 1) // 2
        left_out = set(moments[:middle] if number == 0 else moments[middle:])
        kept: list[RealSample] = []
        others: list[RealSample] = []
        for each in self.samples:
            is_out = self.people[each.row].moment in left_out
            (others if is_out else kept).append(each)
        return kept, others


class LoopBench:
    """Everybody who is measured, and the networks as they ship."""

    def __init__(self, cache: Path, *, made: int) -> None:
        self.bench = Bench.load()
        self.body: KeypointBody = self.bench.smplify.body
        self.groups = {}
        for name in (VIEWS, *OTHERS):
            people = real_people(name)
            samples = given_samples(people, self.bench.finder, camera="assumed")
            self.groups[name] = Group(people, samples)
        self.chunk = ChunkMaker(self.bench.model, cache).unseen(count=made)
        self.made = DetectedPeople.of(self.chunk, self.body)

    def said(self, head: DetectorHead, left_out: Sequence[RealSample]) -> dict[str, list[float]]:
        """[median, mean] of what a head says of everybody who was not trained on."""
        bench = replace(self.bench, head=head)
        found = {}
        for name, group in self.groups.items():
            samples = left_out if name == VIEWS else group.samples
            rows = [each.row for each in samples]
            found[name] = _summary(bench.errors_mm(group.people, rows, bench.said(samples)))
        made = score(bodies_of(head, self.made), self.made, self.body)
        found["made"] = [round(made.median_mm, 1), round(made.mean_mm, 1)]
        return found

    def dictionary(self, project: Path) -> list[float]:
        """[median, mean] of a project's current fits of the views."""
        rows, bodies = _current(project)
        return _summary(self.bench.errors_mm(self.groups[VIEWS].people, rows, bodies))

    def dictionary_of_made(self, project: Path) -> list[float]:
        """[median, mean] of a project's current fits of made people."""
        rows, bodies = _current(project)
        truth = self.made.rows(torch.tensor(rows))
        found, true = (
            self.body.keypoints(each.rotations, each.betas)[:, COMPARED] for each in (bodies, truth)
        )
        return _summary(1e3 * procrustes_error(found.double(), true.double()).numpy())


def _summary(errors_mm: Errors) -> list[float]:
    return [round(float(np.median(errors_mm)), 1), round(float(errors_mm.mean()), 1)]


def _current(project: Path) -> tuple[list[int], BodyEstimate]:
    """The rows of people who have a fit, and the fits."""
    with Dictionary.open(project) as dictionary:
        samples = dictionary.samples.get_many(dictionary.search.ids().tolist())
        fits = dictionary.fits.current([sample.id for sample in samples])
    there = [sample for sample in samples if sample.id in fits]
    bodies = BodyEstimate.from_parameters([fits[sample.id].parameters for sample in there])
    return [int(sample.person_key) for sample in there], bodies


def fitted(project: Path, start: str) -> None:
    """Static fits: ``studio`` from a start, or the published ones from the mean pose."""
    if start == PAPER:
        fit_samples(project, profile="paper", init="mean")
    else:
        fit_samples(project, init=start)


def trained(project: Path, configuration: TrainingConfiguration) -> DetectorHead:
    """The head after a training."""
    run = train(project, configuration)
    return load_detector_head(RunFolder.of(project, run.run_id).newest())


def on_views(
    bench: LoopBench, folder: Path, start: str, number: int, configuration: TrainingConfiguration
) -> dict[str, Any]:
    """One training on half of the views: everything before and after."""
    group = bench.groups[VIEWS]
    kept, left_out = group.half(number)
    project = folder / "views"
    project_of_views(project, group.people, kept)
    fitted(project, start)
    static = bench.dictionary(project)
    head = trained(project, configuration)
    found = {
        "dictionary": {"static": static, "after": bench.dictionary(project)},
        "said": {
            "before": bench.said(load_detector_head(), left_out),
            "after": bench.said(head, left_out),
        },
    }
    shutil.rmtree(project)
    return found


def on_made(
    bench: LoopBench, folder: Path, start: str, configuration: TrainingConfiguration
) -> dict[str, Any]:
    """One training on made people without their truth: the dictionary, and what is believed."""
    people = min(TRAINED_MADE, len(bench.made))
    rows = torch.arange(people)
    project = folder / "made"
    project_of_made(project, bench.chunk.rows(slice(0, people)))
    fitted(project, start)
    static = bench.dictionary_of_made(project)
    run = train(project, configuration)
    log = RunFolder.of(project, run.run_id)
    believed = [each.disagreement_deg for each in read_metrics(log.metrics)]
    heads = (load_detector_head(), load_detector_head(log.newest()))
    true = [
        score(bodies_of(head, bench.made.rows(rows)), bench.made.rows(rows), bench.body).true_deg
        for head in heads
    ]
    found = {
        "dictionary": {"static": static, "after": bench.dictionary_of_made(project)},
        "begin": _trust(believed[:TRUST_ITERATIONS], true[0]),
        "end": _trust(believed[-TRUST_ITERATIONS:], true[1]),
    }
    shutil.rmtree(project)
    return found


def _trust(believed_deg: Sequence[float | None], true_deg: float) -> dict[str, float]:
    known = [each for each in believed_deg if each is not None]
    believed = float(np.sqrt(np.mean(np.square(known))))
    return {
        "believed_deg": round(believed, 1),
        "true_deg": round(true_deg, 1),
        "ratio": round(believed / true_deg, 2),
    }


def summary(views: Results, trust: Results) -> dict[str, Any]:
    """What decides, over all trainings."""

    def change(found: dict[str, Any], name: str) -> float:
        said = found["said"]
        return float(said["after"][name][1] - said["before"][name][1])

    trainings = [found for halves in views.values() for found in halves.values()]
    dictionaries = [found["dictionary"] for found in [*trainings, *trust.values()]]
    ratios = [found[when]["ratio"] for found in trust.values() for when in ("begin", "end")]
    return {
        "least_gain_on_the_half_left_out_mm": round(-max(change(f, VIEWS) for f in trainings), 1),
        "largest_loss_mm": {
            name: round(max(change(found, name) for found in trainings), 1)
            for name in (*OTHERS, "made")
        },
        "dictionary_worse_by_at_most_mm": round(
            max(each["after"][1] - each["static"][1] for each in dictionaries), 1
        ),
        "believed_over_true": [min(ratios), max(ratios)],
    }


def measure(
    cache: Path, starts: Sequence[str], configuration: TrainingConfiguration, *, made: int
) -> dict[str, Any]:
    """All trainings."""
    bench = LoopBench(cache, made=made)
    views: Results = {}
    trust: Results = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for start in starts:
            trust[start] = on_made(bench, folder, start, configuration)
            _tell(f"{start}, made people: {trust[start]}")
            views[start] = {}
            for number, half in enumerate(HALVES):
                views[start][half] = on_views(bench, folder, start, number, configuration)
                _tell(f"{start}, {half}: {views[start][half]}")
    return {"trained_on_views": views, "trust": trust, "summary": summary(views, trust)}


def _tell(line: str) -> None:
    """These trainings take minutes each."""
    print(line, file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--starts", default=",".join((*FIT_STARTS, PAPER)))
    parser.add_argument("--iterations", type=int, default=None)
    parser.add_argument("--cache", type=Path, default=None, help="folder of the made people")
    options = parser.parse_args(arguments)
    if not all((REALDATA / group).is_dir() for group in (VIEWS, *OTHERS)):
        report({"skipped": "needs ../shared/realdata next to the checkout"}, as_json=options.json)
        return 0
    configuration = profile_configuration("cpu")
    iterations = QUICK_ITERATIONS if options.quick else configuration.iterations
    configuration = replace(configuration, iterations=options.iterations or iterations)
    with tempfile.TemporaryDirectory() as folder:
        results = measure(
            options.cache or Path(folder),
            options.starts.split(","),
            configuration,
            made=QUICK_PEOPLE if options.quick else UNSEEN_PEOPLE,
        )
    report(results, as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
