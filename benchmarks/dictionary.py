"""How long a dictionary of 300 000 people takes to open, to list, and to write to."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.common.reporting import benchmark_arguments, report
from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.store import Dictionary
from core.types.bodies import BodyParameters
from core.types.fits import FitLosses, NewFit, Origin, Verdict
from core.types.predictions import NewPrediction
from core.types.samples import NewSample

PEOPLE = 300_000
QUICK_PEOPLE = 20_000
CHUNK = 5_000
PAGE = 200
BATCH = 64
REPEATS = 20

_NO_VERDICT = frozenset({Verdict.NONE})


def make_dictionary(project: Path, people: int, generator: np.random.Generator) -> None:
    """People with one fit each, a third of them judged."""
    with Dictionary.create(project) as dictionary:
        for first in range(0, people, CHUNK):
            numbers = range(first, min(first + CHUNK, people))
            ids = dictionary.samples.add(_samples(numbers, generator)).added_ids
            dictionary.fits.offer([_fit(sample_id, generator) for sample_id in ids])
            choices = generator.choice(["accepted", "rejected", "none", "none"], size=len(ids))
            dictionary.verdicts.set(
                {
                    sample_id: Verdict(str(choice))
                    for sample_id, choice in zip(ids, choices, strict=True)
                },
                "benchmark",
            )


def _samples(numbers: range, generator: np.random.Generator) -> Iterator[NewSample]:
    for number in numbers:
        yield NewSample(
            picture_path=Path(f"/data/pictures/train/{number // 3:012d}.jpg"),
            picture_size_px=(640, 480),
            dataset=("coco", "mpii", "lsp")[number % 3],
            person_key=f"person {number}",
            box_center_px=np.array([320, 240], dtype=np.float32),
            box_scale=1.2,
            keypoints_px=generator.random((49, 3), dtype=np.float32),
        )


def _fit(sample_id: int, generator: np.random.Generator, *, better: bool = False) -> NewFit:
    loss = 0.5 if better else float(generator.lognormal(3, 1))
    return NewFit(
        sample_id=sample_id,
        parameters=BodyParameters(
            pose_axis_angle=generator.normal(0, 0.3, 72).astype(np.float32),
            betas=generator.normal(0, 1.2, 10).astype(np.float32),
            camera_translation=np.array([0, 0, generator.uniform(20, 80)], dtype=np.float32),
        ),
        losses=FitLosses(
            reprojection=loss, pose_prior=80, angle_prior=4, shape_prior=6, comparison=loss
        ),
        origin=Origin.IN_LOOP if better else Origin.MEAN,
    )


def milliseconds(action: Callable[[], object], *, repeats: int = REPEATS) -> float:
    """Median of ``repeats`` calls, after one that warms the cache."""
    action()
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        action()
        taken.append(time.perf_counter() - started)
    return 1000 * float(np.median(taken))


def measure_reading(project: Path, people: int) -> dict[str, float]:
    """Opening and listing."""
    results = {"open_ms": milliseconds(lambda: Dictionary.open(project).close())}
    generator = np.random.default_rng(1)
    with Dictionary.open(project) as dictionary:
        for sort in SortKey:
            name = f"list_by_{sort.name.lower()}_ms"
            results[name] = _listing(dictionary, SampleQuery(sort=sort))
        results["list_unjudged_by_loss_ms"] = _listing(
            dictionary, SampleQuery(verdicts=_NO_VERDICT, sort=SortKey.LOSS, descending=True)
        )
        results["list_dataset_by_loss_ms"] = _listing(
            dictionary, SampleQuery(datasets=frozenset({"lsp"}), sort=SortKey.LOSS)
        )
        results["search_ms"] = _listing(dictionary, SampleQuery(text="99999"))
        results["count_unjudged_ms"] = milliseconds(
            lambda: dictionary.search.count(SampleQuery(verdicts=_NO_VERDICT))
        )
        results["verdict_counts_ms"] = milliseconds(dictionary.search.verdict_counts)
        results["page_of_rows_ms"] = milliseconds(
            lambda: dictionary.search.rows(generator.integers(1, people + 1, PAGE))
        )
        results["one_sample_with_fits_ms"] = milliseconds(
            lambda: _open_sample(dictionary, int(generator.integers(1, people + 1)))
        )
        results["info_ms"] = milliseconds(dictionary.info, repeats=3)
    return results


def _listing(dictionary: Dictionary, query: SampleQuery) -> float:
    return milliseconds(lambda: dictionary.search.ids(query), repeats=5)


def _open_sample(dictionary: Dictionary, sample_id: int) -> None:
    dictionary.samples.get(sample_id)
    dictionary.fits.current_of(sample_id)
    dictionary.fits.first_of(sample_id)
    dictionary.fits.history(sample_id)


def measure_writing(project: Path, people: int) -> dict[str, float]:
    """A verdict, a batch of a training step, and predictions of many samples."""
    generator = np.random.default_rng(2)
    with Dictionary.open(project) as dictionary:

        def judge() -> None:
            sample_id = int(generator.integers(1, people + 1))
            dictionary.verdicts.set({sample_id: Verdict.UNSURE}, "benchmark")

        def offer() -> None:
            ids = generator.choice(people, BATCH, replace=False) + 1
            dictionary.fits.offer(
                [_fit(int(sample_id), generator, better=True) for sample_id in ids]
            )

        made = [
            NewPrediction(sample_id=index, parameters=_fit(index, generator).parameters)
            for index in range(1, CHUNK + 1)
        ]
        return {
            "verdict_ms": milliseconds(judge),
            "offer_batch_of_64_ms": milliseconds(offer),
            "store_5000_predictions_ms": milliseconds(
                lambda: dictionary.predictions.store(made), repeats=5
            ),
        }


def measure_taking_back(project: Path) -> dict[str, float]:
    """Removing everybody, and putting them back: on the clock, and of the processor."""
    results = {}
    with Dictionary.open(project) as dictionary:
        everybody = dictionary.search.ids().tolist()
        removals = dictionary.removals
        for name, action in (
            ("hanging_on_everybody", lambda: removals.hanging_on_people(everybody)),
            ("remove_everybody", lambda: removals.people(everybody)),
            ("put_everybody_back", lambda: removals.put_back(removals.all()[0].id)),
        ):
            started, used = time.perf_counter(), time.process_time()
            action()
            results[f"{name}_s"] = time.perf_counter() - started
            results[f"{name}_cpu_s"] = time.process_time() - used
    return results


def main() -> None:
    """Make the dictionary in a temporary folder and measure it."""
    options = benchmark_arguments(__doc__ or "").parse_args()
    people = QUICK_PEOPLE if options.quick else PEOPLE
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        started = time.perf_counter()
        make_dictionary(project, people, np.random.default_rng(0))
        results: dict[str, object] = {
            "people": people,
            "make_s": time.perf_counter() - started,
            "file_mb": (project / "dictionary.db").stat().st_size / 1e6,
            **measure_reading(project, people),
            **measure_writing(project, people),
            **measure_taking_back(project),
        }
    report(results, as_json=options.json)


if __name__ == "__main__":
    main()
