"""How well the checks of keypoint labels tell errors, on people that nothing of them has seen.

People of recorded clips that neither the critic, nor its calibration, nor the lifter was made with
are rendered, looked at by the detector, and labelled with care, each by the joints of one of four
data sets. Then each is labelled wrongly once in every way: sides exchanged, a pair exchanged,
joints of two people mixed, joints on one spot, joints left out, joints moved, visibility mistaken.
``auc`` is the area under the ROC of each kind's score, wrong labels against right ones, with the
picture and without. ``raised`` is the share of wrong and of right labels that bear the flag;
``right labels flagged`` those that bear any. The detector was told the true joints of everybody, so
that it looks at the right person: labels that are wrong might have led it to another.

    python -m benchmarks.keypoint_errors [--cache FOLDER] [--quick] [--json]

The folder keeps rendered people (some minutes to make), the same as that of the failure flags.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.common.people import MOCAP
from benchmarks.common.reporting import benchmark_arguments, report
from benchmarks.flagging.outcomes import area_under_roc
from core.body.label_checks.features import LabelSet
from core.body.label_checks.places import FEWEST_PLACES
from core.body.label_checks.scores import LabelChecker, LabelScores
from core.engine.body.load_body import load_body
from core.types.flags import LABEL_FLAGS, FlagName
from resources.label_checks.build.__main__ import seen_sets
from resources.label_checks.build.calibrate import made_wrong, unseen, with_labels
from resources.label_checks.build.seen_people import LabelledSeenPeople
from resources.lifter.build.bodies import Recordings

CHUNKS, QUICK_CHUNKS = range(5), range(1)
"""Of 200 people each, of the half of the clips that is reported on."""

Array = NDArray[np.float64]


@dataclass
class Tally:
    """Scores and raised flags, chunk by chunk: of right labels, and of those of each kind."""

    right: dict[FlagName, list[Array]] = field(default_factory=dict)
    wrong: dict[FlagName, list[Array]] = field(default_factory=dict)
    right_raised: dict[FlagName, list[Array]] = field(default_factory=dict)
    wrong_raised: dict[FlagName, list[Array]] = field(default_factory=dict)

    def add_right(self, scores: LabelScores, rows: NDArray[np.bool_]) -> None:
        """Scores of right labels; ``rows`` that count."""
        for kind in LABEL_FLAGS:
            self.right.setdefault(kind, []).append(scores.scores[kind][rows])
            self.right_raised.setdefault(kind, []).append(scores.raised[kind][rows].astype(float))

    def add_wrong(self, kind: FlagName, scores: LabelScores, rows: NDArray[np.bool_]) -> None:
        """Scores of labels with an error of a kind; ``rows`` that count."""
        self.wrong.setdefault(kind, []).append(scores.scores[kind][rows])
        self.wrong_raised.setdefault(kind, []).append(scores.raised[kind][rows].astype(float))

    def results(self) -> dict[str, object]:
        """Areas, shares raised, and how many right labels bear any flag."""
        kinds = [kind for kind in LABEL_FLAGS if kind in self.wrong]
        right, wrong, right_raised, wrong_raised = (
            {kind: np.concatenate(parts[kind]) for kind in kinds}
            for parts in (self.right, self.wrong, self.right_raised, self.wrong_raised)
        )
        any_raised = np.stack(list(right_raised.values())).max(axis=0)
        return {
            "auc": {str(kind): _auc(right[kind], wrong[kind]) for kind in kinds},
            "raised": {
                str(kind): {
                    "wrong": round(float(wrong_raised[kind].mean()), 3),
                    "right": round(float(right_raised[kind].mean()), 4),
                }
                for kind in kinds
            },
            "right labels flagged": round(float(any_raised.mean()), 3),
            "people": len(any_raised),
        }


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--cache", type=Path, help="folder of rendered people, made or used")
    options = parser.parse_args(arguments)
    if not MOCAP.is_dir():
        report({"skipped": "needs ../shared/mocap next to the checkout"}, as_json=options.json)
        return 0
    with TemporaryDirectory() as temporary:
        chunks = QUICK_CHUNKS if options.quick else CHUNKS
        cache = options.cache or Path(temporary)
        people = list(seen_sets(load_body(), Recordings.load(MOCAP), cache, "report", chunks))
    checker = LabelChecker()
    report(
        {
            "with picture": tally(checker, people, seeing=True),
            "without picture": tally(checker, people, seeing=False),
        },
        as_json=options.json,
    )
    return 0


def tally(
    checker: LabelChecker, sets: Sequence[tuple[LabelledSeenPeople, int]], *, seeing: bool
) -> dict[str, object]:
    """Areas and shares of all kinds; ``seeing`` those whom the detector saw, with what it saw."""
    counted = Tally()
    for people, seed in sets:
        rng = np.random.default_rng(seed)
        enough = people.people.present.sum(axis=1) >= FEWEST_PLACES
        if seeing:
            enough &= people.people.has_picture
        counted.add_right(_checked(checker, people.people, seeing=seeing), enough)
        for kind in LABEL_FLAGS:
            made = made_wrong(kind, people, rng)
            scores = _checked(checker, with_labels(people, made), seeing=seeing)
            counted.add_wrong(kind, scores, enough & made.changed)
    return counted.results()


def _checked(checker: LabelChecker, people: LabelSet, *, seeing: bool) -> LabelScores:
    return checker.check(people if seeing else unseen(people))


def _auc(right: Array, wrong: Array) -> float:
    scores = torch.from_numpy(np.concatenate([right, wrong]))
    is_wrong = torch.arange(len(scores)) >= len(right)
    return round(area_under_roc(scores, is_wrong), 3)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
