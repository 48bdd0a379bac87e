"""What becomes of arms that something hides: do they follow landmarks and prior, or noise?

Made people (``trusted_people``) with a box before elbow and wrist of one arm. A detector of
keypoints leaves them out, or guesses: with a confidence of 0.3 and errors of 6 % of the box's side.
Errors are root mean squares over upper arm and forearm in degrees, of the hidden arms and of the
other arms of the same people, in fits from the mean pose.

    python -m benchmarks.detection.hidden_arms --cache FOLDER [--quick] [--json]
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.common.reporting import benchmark_arguments, report
from benchmarks.detection.trusted_people import ARMS, TrustedPeople, trusted_people
from benchmarks.detection.watched_people import WatchedPeople, bones_of_bodies, watched_people
from core.engine.body.load_body import load_body
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.smplify import Smplify
from core.engine.synthetic.detector import Seen
from core.runs.fitting_profiles import STUDIO

_PEOPLE, _QUICK_PEOPLE = 120, 12
GUESSED_CONFIDENCE = 0.3
GUESSED_SHARE = 0.06
_BONES_OF_ARM = ((0, 1), (2, 3))


def hidden_arms(people: TrustedPeople) -> NDArray[np.bool_]:
    """``(N, 2)``: whose right and left arm cannot be seen."""
    behind = people.visible == Seen.BEHIND_OTHERS
    return np.stack([behind[:, list(joints)].all(axis=1) for joints in ARMS], axis=1)


def with_guesses(people: TrustedPeople, *, seed: int = 0) -> TrustedPeople:
    """The people with elbows and wrists of hidden arms guessed."""
    rng = np.random.default_rng(seed)
    marked = people.marked_px.copy()
    hidden = hidden_arms(people)
    for arm, joints in enumerate(ARMS):
        for joint in joints:
            rows = hidden[:, arm]
            wrong = rng.normal(size=(int(rows.sum()), 2)) * GUESSED_SHARE * people.box[rows, 2:]
            marked[rows, joint, :2] = people.true_px[rows, joint] + wrong
            marked[rows, joint, 2] = GUESSED_CONFIDENCE
    return replace(people, marked_px=marked)


def errors_deg(
    smplify: Smplify, keypoints: Keypoints2D, people: WatchedPeople, hidden: NDArray[np.bool_]
) -> list[float]:
    """[hidden arms, other arms] of fits."""
    estimate = smplify.fit_from_mean_pose(keypoints).estimate
    found = bones_of_bodies(smplify.body, estimate.rotations, estimate.betas)
    cosine = (found * people.true_directions).sum(-1).clip(-1, 1)
    of_bones = np.degrees(np.arccos(cosine)) ** 2
    of_arms = np.stack([of_bones[:, list(bones)].mean(1) for bones in _BONES_OF_ARM], axis=1)
    return [round(float(np.sqrt(of_arms[which].mean())), 1) for which in (hidden, ~hidden)]


def measured(people: TrustedPeople) -> dict[str, object]:
    """Errors by what a fit is given."""
    smplify = Smplify(load_body(), PosePrior.load(), STUDIO)
    hidden = hidden_arms(people)
    results: dict[str, object] = {"hidden arms": int(hidden.sum())}
    for what, seen in (("left out", people), ("guessed", with_guesses(people))):
        watched = watched_people(seen, smplify.body, own=False)
        both = watched.fitted()
        for name, keypoints in (
            ("without landmarks", replace(both, bone_directions=None)),
            ("landmarks by keypoints alone", watched.fitted(witnessed=False)),
            ("landmarks with a witness", both),
        ):
            results[f"{what}, {name}"] = errors_deg(smplify, keypoints, watched, hidden)
    return results


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit status."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--cache", type=Path, required=True, help="folder of people")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    people = trusted_people(
        1, options.cache, people=_QUICK_PEOPLE if options.quick else _PEOPLE, covered_arms=True
    )
    report(measured(people.rows(np.asarray(hidden_arms(people).any(axis=1)))), as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
