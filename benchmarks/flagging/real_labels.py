"""What the checks of keypoints say of real people as they are labelled, and with made errors.

People of COCO, CrowdPose, AI Challenger, of a clip of four cameras and of two OpenPose pictures
(``../shared/realdata``), measured by the detector as ``main.py detect`` does. First everybody as
given: who is flagged, and why, to be looked at by people. Then each is made wrong once in every way
that needs no truth: areas under the ROC and shares raised, against the labels as given. The limits
were not fitted to them, but one of these people, a skier at the edge of the picture, made the
evidence of missing joints count less there, and the first run halved the false alarms allowed.

    python -m benchmarks.flagging.real_labels [--json]
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.common.reporting import benchmark_arguments, report
from benchmarks.keypoint_errors import Tally
from core.body.label_checks.features import LabelSet
from core.body.label_checks.places import FEWEST_PLACES
from core.body.label_checks.scores import LabelChecker
from core.dictionary.store import Dictionary
from core.types.arrays import FloatArray
from core.types.flags import LABEL_FLAGS, FlagName
from core.workflows.annotations.check_labels import ProjectLabelChecker, check_labels
from core.workflows.annotations.import_annotations import import_annotations
from core.workflows.photos.detect_project import detect_people
from resources.label_checks.build.made_errors import (
    MadeError,
    drop_joints,
    exchange_pair,
    exchange_sides,
    mix_people,
    move_joint,
    pile_joints,
)

REALDATA = Path(__file__).resolve().parents[3] / "shared" / "realdata"
SOURCES = (
    ("COCO", "coco", "coco/person_keypoints.json"),
    ("CrowdPose", "coco", "crowdpose/test_crowdpose.json"),
    ("AI Challenger", "coco", "aic/test_aic.json"),
    ("four cameras", "openpose", "multiview"),
    ("OpenPose", "openpose", "openpose"),
)
DRAWS = 20


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    options = benchmark_arguments(__doc__ or "").parse_args(arguments)
    if not REALDATA.is_dir():
        report({"skipped": "needs ../shared/realdata next to the checkout"}, as_json=options.json)
        return 0
    results: dict[str, object] = {}
    tally = Tally()
    with TemporaryDirectory() as folder:
        for number, (name, reader, source) in enumerate(SOURCES):
            with Dictionary.create(Path(folder) / str(number)) as dictionary:
                import_annotations(dictionary, reader, REALDATA / source)
                detect_people(Path(folder) / str(number))
                check_labels(dictionary)
                results[name] = as_given(dictionary)
                _add_made(tally, dictionary)
    report({**results, "made errors": tally.results()}, as_json=options.json)
    return 0


def as_given(dictionary: Dictionary) -> dict[str, object]:
    """How many people were checked, and what is said of those who are flagged."""
    ids = dictionary.search.ids().tolist()
    said = {
        dictionary.samples.get(sample_id).name: {
            str(flag.name): flag.reason for flag in flags if flag.name in LABEL_FLAGS
        }
        for sample_id, flags in dictionary.flags.by_sample(ids).items()
    }
    checked = sum(people for people, _ in dictionary.label_checks.raised_by_dataset().values())
    return {"checked": checked, "flagged": {name: why for name, why in said.items() if why}}


def _add_made(tally: Tally, dictionary: Dictionary) -> None:
    checker, project = LabelChecker(), ProjectLabelChecker(dictionary)
    inputs = dictionary.label_checks.inputs(dictionary.search.ids().tolist())
    for people in project.label_sets(inputs):
        enough = people.has_picture & (people.present.sum(axis=1) >= FEWEST_PLACES)
        if not enough.any():
            continue
        tally.add_right(checker.check(people), enough)
        for draw in range(DRAWS):
            rng = np.random.default_rng(draw)
            for kind in LABEL_FLAGS:
                made = _made(kind, people, rng)
                if made is not None:
                    changed = people.with_labels(made.labels)
                    tally.add_wrong(kind, checker.check(changed), enough & made.changed)


def _made(kind: FlagName, people: LabelSet, rng: np.random.Generator) -> MadeError | None:
    labels = people.labels
    if kind is FlagName.MIXED_PEOPLE:
        return mix_people(labels, _next_to(people, rng), rng)
    if kind is FlagName.MISSING_JOINTS:
        return drop_joints(labels, people.landmarks[..., 2] > _IN_SIGHT, rng)
    makers = {
        FlagName.SIDES_EXCHANGED: exchange_sides,
        FlagName.PAIR_EXCHANGED: exchange_pair,
        FlagName.PILED_JOINTS: pile_joints,
        FlagName.MISPLACED_JOINT: move_joint,
    }
    return makers[kind](labels, rng) if kind in makers else None


_IN_SIGHT = 0.8


def _next_to(people: LabelSet, rng: np.random.Generator) -> FloatArray:
    """Everybody as their own neighbour: another person's labels, moved aside by half a height."""
    others = people.labels[rng.permutation(len(people))].copy()
    present = others[..., 2:] > 0
    for row in range(len(people)):
        own, other = (
            labels[row][labels[row, :, 2] > 0][:, :2] for labels in (people.labels, others)
        )
        if len(own) > 1 and len(other) > 1:
            scale = np.ptp(own, axis=0).max() / max(np.ptp(other, axis=0).max(), 1.0)
            aside = np.ptp(own, axis=0).max() * rng.uniform(0.15, 0.8) * rng.choice((-1, 1))
            moved = (others[row, :, :2] - other.mean(axis=0)) * scale + own.mean(axis=0)
            moved[:, 0] += aside
            others[row, :, :2] = np.where(present[row], moved, 0)
    return others


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
