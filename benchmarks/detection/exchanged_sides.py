"""Whether exchanged sides are told from right ones, by keypoints and by the detector.

People as they were annotated, and the same people with left and right exchanged: of COCO,
CrowdPose, AI Challenger and a clip of four cameras (``../shared/realdata``, left out where it is
missing), and of the demo that ships. The detector is given the keypoints each time, as by
``main.py detect``.

    python -m benchmarks.detection.exchanged_sides [--quick] [--json]
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.common.reporting import benchmark_arguments, report
from core.body.compared_keypoints.exchanged_sides import face_from_behind, side_contradiction
from core.body.conventions import KEYPOINT_FLIP
from core.body.usable_keypoints import enough_keypoints
from core.dictionary.assessment.exchanged_sides import LIMIT
from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.pictures.decoding import load_picture
from core.types.samples import Sample
from core.workflows.annotations.import_annotations import import_annotations
from core.workflows.photos.finder import Finder, load_finder
from core.workflows.shipped_demo import copy_demo_project

REALDATA = Path(__file__).resolve().parents[3] / "shared" / "realdata"
SOURCES: Mapping[str, tuple[str, str]] = {
    "COCO": ("coco", "coco/person_keypoints.json"),
    "CrowdPose": ("coco", "crowdpose/test_crowdpose.json"),
    "AI Challenger": ("coco", "aic/test_aic.json"),
    "four cameras": ("openpose", "multiview"),
}
_QUICK_PEOPLE = 4


def contradictions(finder: Finder, sample: Sample) -> NDArray[np.float64]:
    """``(2,)`` for the person as given and with sides exchanged; NaN where it is not measured."""
    rgb = load_picture(sample.picture_path)
    values = []
    for keypoints in (sample.keypoints_px, sample.keypoints_px[list(KEYPOINT_FLIP)]):
        given = keypoints if enough_keypoints(keypoints) else None
        person = finder.measure(rgb, keypoints_px=given, box=sample.box)
        if person is None or person.landmarks_px is None:
            values.append(np.nan)
        else:
            values.append(float(side_contradiction(keypoints[None], person.landmarks_px[None])[0]))
    return np.array(values)


def measured(finder: Finder, people: Sequence[Sample]) -> dict[str, object]:
    """How many people each of the two checks can tell, and how many it calls exchanged."""
    results: dict[str, object] = {"people": len(people)}
    keypoints = np.stack([sample.keypoints_px for sample in people])
    by_picture = np.stack([contradictions(finder, sample) for sample in people])
    for column, what in enumerate(("as given", "exchanged")):
        given = keypoints if column == 0 else keypoints[:, list(KEYPOINT_FLIP)]
        faces, values = face_from_behind(given), by_picture[:, column]
        results[f"{what}, faces from behind"] = f"{_above(faces, 0.5)} of {_told(faces)}"
        results[f"{what}, flagged"] = f"{_above(values, LIMIT)} of {_told(values)}"
    return results


def _above(values: NDArray[np.float64], limit: float) -> int:
    return int((values[np.isfinite(values)] > limit).sum())


def _told(values: NDArray[np.float64]) -> int:
    return int(np.isfinite(values).sum())


def people_of(folder: Path, *, at_most: int | None) -> dict[str, list[Sample]]:
    """People of each source; projects are made in ``folder``."""
    people = {}
    copy_demo_project(folder / "demo")
    projects = {"demo": folder / "demo"}
    for number, (name, (format_name, source)) in enumerate(SOURCES.items()):
        if (REALDATA / source).exists():
            projects[name] = folder / str(number)
            with Dictionary.create(projects[name]) as dictionary:
                import_annotations(dictionary, format_name, REALDATA / source)
    for name, project in projects.items():
        with Dictionary.open(project) as dictionary:
            ids = dictionary.search.ids(SampleQuery()).tolist()
            people[name] = dictionary.samples.get_many(ids[:at_most])
    return people


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print."""
    options = benchmark_arguments(__doc__ or "").parse_args(arguments)
    torch.set_num_threads(1)
    finder = load_finder()
    results: dict[str, object] = {}
    with TemporaryDirectory() as folder:
        people = people_of(Path(folder), at_most=_QUICK_PEOPLE if options.quick else None)
        for name, found in people.items():
            rows = measured(finder, found)
            results |= {f"{name}: {what}": value for what, value in rows.items()}
    report(results, as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
