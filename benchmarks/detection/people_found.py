"""How well the detector finds and measures people in real pictures, and what that costs.

Annotated people of COCO and MPII (``../shared/realdata``) count as found where a person's
keypoints have an OKS of at least 0.5 with theirs; errors are distances of keypoints of people who
were found, in pixels and as a share of the person's size (the root of the annotated area; of MPII,
0.8 × the box about the joints). Two group photographs without annotation say how many people are
found. Every annotated picture is also turned by a quarter, a half and three quarters, to see
whether that is noticed. ``phantoms`` are people found in pictures without any. Times are of the
processor, on one thread.

    python -m benchmarks.detection.people_found [--quick] [--json]
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.common.reporting import benchmark_arguments, report
from benchmarks.detection.empty_pictures import empty_pictures
from core.engine.detection.candidates import coco_keypoints
from core.engine.detection.people_finder import PeopleFinder
from core.engine.detection.similarity import oks, person_area_px2
from core.pictures.decoding import PICTURE_SUFFIXES, load_picture
from core.types.detections import LEAST_AGREEMENT, DetectedPerson

REALDATA = Path(__file__).resolve().parents[3] / "shared" / "realdata"
FOUND_OKS = 0.5
_EMPTY_PICTURES, _EMPTY_PICTURES_QUICK = 400, 40
MPII_OF_COCO = {5: 13, 6: 12, 7: 14, 8: 11, 9: 15, 10: 10, 11: 3, 12: 2, 13: 4, 14: 1, 15: 5, 16: 0}
"""The MPII joint of those of COCO's keypoints that MPII has."""


@dataclass(frozen=True, eq=False)
class AnnotatedPerson:
    """keypoints_px (17, 3), the third number 0 where a keypoint is not annotated; area in px²."""

    keypoints_px: NDArray[np.float64]
    area_px2: float

    @property
    def annotated(self) -> NDArray[np.bool_]:
        """(17,) which keypoints are known."""
        return self.keypoints_px[:, 2] > 0


People = Mapping[Path, Sequence[AnnotatedPerson]]


@dataclass
class Tally:
    """What comes together over the pictures of a data set."""

    oks: list[float] = field(default_factory=list)
    error_px: list[float] = field(default_factory=list)
    error_share: list[float] = field(default_factory=list)
    merged_share: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    found_in_all: int = 0
    agreeing: int = 0

    def add(self, found: Sequence[DetectedPerson], people: Sequence[AnnotatedPerson]) -> None:
        """Compare the people found in a picture with those annotated there."""
        self.found_in_all += len(found)
        self.agreeing += sum(person.agreement >= LEAST_AGREEMENT for person in found)
        for wanted in people:
            likeness = [_likeness(person, wanted) for person in found]
            self.oks.append(max(likeness, default=0.0))
            if self.oks[-1] >= FOUND_OKS:
                self._measure(found[int(np.argmax(likeness))], wanted)

    def _measure(self, person: DetectedPerson, wanted: AnnotatedPerson) -> None:
        size = np.sqrt(wanted.area_px2)
        apart = _distances(person.coco_keypoints_px, wanted.keypoints_px)[wanted.annotated]
        self.error_px += apart.tolist()
        self.error_share += (apart / size).tolist()
        merged = coco_keypoints(person.keypoints_px)
        both = wanted.annotated & (merged[:, 2] > 0)
        self.merged_share += (_distances(merged, wanted.keypoints_px)[both] / size).tolist()

    def results(self, name: str) -> dict[str, object]:
        """Numbers for the report."""
        found = sum(value >= FOUND_OKS for value in self.oks)
        return {
            f"{name}_found": f"{found} of {len(self.oks)}",
            f"{name}_mean_oks": round(float(np.mean(self.oks)), 3),
            f"{name}_median_error_px": round(float(np.median(self.error_px)), 2),
            f"{name}_median_error_share": round(float(np.median(self.error_share)), 4),
            f"{name}_merged_error_share": round(float(np.median(self.merged_share)), 4),
            f"{name}_people_in_all": self.found_in_all,
            f"{name}_people_agreed_on": self.agreeing,
            f"{name}_processor_s_a_picture": round(float(np.mean(self.seconds)), 3),
        }


def coco_people(folder: Path) -> dict[Path, list[AnnotatedPerson]]:
    """People of COCO's file with at least one keypoint, by picture."""
    content = json.loads((folder / "person_keypoints.json").read_text())
    names = {picture["id"]: picture["file_name"] for picture in content["images"]}
    people: dict[Path, list[AnnotatedPerson]] = {}
    for entry in content["annotations"]:
        if entry["num_keypoints"]:
            keypoints = np.array(entry["keypoints"], dtype=np.float64).reshape(17, 3)
            person = AnnotatedPerson(keypoints, float(entry["area"]))
            people.setdefault(folder / names[entry["image_id"]], []).append(person)
    return people


def mpii_people(folder: Path) -> dict[Path, list[AnnotatedPerson]]:
    """People of MPII's file, in COCO's order, by picture."""
    people: dict[Path, list[AnnotatedPerson]] = {}
    for entry in json.loads((folder / "annotations.json").read_text()):
        joints = np.column_stack([entry["joints"], entry["joints_vis"]]).astype(np.float64)
        keypoints = np.zeros((17, 3))
        keypoints[list(MPII_OF_COCO)] = joints[list(MPII_OF_COCO.values())]
        area = person_area_px2(keypoints[keypoints[:, 2] > 0])
        people.setdefault(folder / entry["image"], []).append(AnnotatedPerson(keypoints, area))
    return people


def turns_noticed(finder: PeopleFinder, picture: NDArray[np.uint8]) -> int:
    """Of the three turned pictures, in how many the surest person is seen upright again."""
    noticed = 0
    for turns in (1, 2, 3):
        people = finder.find(np.ascontiguousarray(np.rot90(picture, -turns)))
        noticed += bool(people) and max(people, key=_sureness).quarter_turns == turns
    return noticed


def timed(
    finder: PeopleFinder, picture: NDArray[np.uint8], seconds: list[float]
) -> list[DetectedPerson]:
    """The people of a picture; the processor's time is added."""
    started = time.process_time()
    people = finder.find(picture)
    seconds.append(time.process_time() - started)
    return people


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    options = benchmark_arguments(__doc__ or "").parse_args(arguments)
    if not REALDATA.is_dir():
        report({"skipped": "needs ../shared/realdata next to the checkout"}, as_json=options.json)
        return 0
    torch.set_num_threads(1)
    started = time.process_time()
    finder = PeopleFinder.load()
    results: dict[str, object] = {"load_processor_s": round(time.process_time() - started, 3)}
    sets: dict[str, People] = {
        "coco": coco_people(REALDATA / "coco"),
        "mpii": mpii_people(REALDATA / "mpii"),
    }
    noticed = turned = 0
    for name, pictures in sets.items():
        tally = Tally()
        for path, people in pictures.items():
            picture = load_picture(path)
            tally.add(timed(finder, picture, tally.seconds), people)
            if not options.quick:
                noticed, turned = noticed + turns_noticed(finder, picture), turned + 3
        results.update(tally.results(name))
    photos = sorted(REALDATA.joinpath("photos").iterdir())
    for number, path in enumerate(path for path in photos if path.suffix in PICTURE_SUFFIXES):
        tally = Tally()
        tally.add(timed(finder, load_picture(path), tally.seconds), [])
        results[f"photo_{number}_people"] = tally.found_in_all
        results[f"photo_{number}_people_agreed_on"] = tally.agreeing
        results[f"photo_{number}_processor_s"] = round(tally.seconds[0], 3)
    count = _EMPTY_PICTURES_QUICK if options.quick else _EMPTY_PICTURES
    phantoms = [len(finder.find(picture)) for picture in empty_pictures(count)]
    results["phantoms"] = f"{sum(phantoms)} in {count} pictures"
    if not options.quick:
        results["turns_noticed"] = f"{noticed} of {turned}"
    report(results, as_json=options.json)
    return 0


def _likeness(person: DetectedPerson, wanted: AnnotatedPerson) -> float:
    return oks(
        person.coco_keypoints_px,
        wanted.keypoints_px,
        area_px2=wanted.area_px2,
        seen=wanted.annotated,
    )


def _distances(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.float64]:
    """``(K,)`` between points ``(K, 2 or more)``."""
    return np.asarray(np.hypot(*(first[:, :2] - second[:, :2]).T), dtype=np.float64)


def _sureness(person: DetectedPerson) -> float:
    return float(person.coco_keypoints_px[:, 2].mean())


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
