"""What tells how far the detector's landmarks have the directions of bones wrong.

People with known bodies whom the detector has looked at (``trusted_people``), and where
``../shared/realdata`` lies next to the checkout, four people of MPI-INF-3DHP and 28 views of one
man, who are only reported. For every candidate the rank correlation (Spearman) of what it says of a
person with the true error of that person's bones, the same in depth alone, and of single bones.
Errors are root mean squares over twelve bones. Then the curve: what the trust that is in use
believes, with and without a witness, against what is true, by tenths of the people.

``--fit`` prints the numbers of ``core.body.bone_trust`` for a witness: fitted to one half of the
made people by the likelihood of a gamma distribution, its likelihood given for the other half.

    python -m benchmarks.detection.landmark_trust --cache FOLDER [--chunks N] [--fit] [--quick]
        [--json]
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr

from benchmarks.common.reporting import benchmark_arguments, report
from benchmarks.detection.trust_fitting import fitted_model
from benchmarks.detection.trusted_people import trusted_people
from benchmarks.detection.watched_people import WatchedPeople, real_watched_people, watched_people
from core.body.bone_directions import bone_directions, bone_visibility
from core.body.bone_trust import bone_error_variances, corrected_bone_directions
from core.body.conventions import COCO_17_TO_KEYPOINTS
from core.engine.body.load_body import load_body
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.smplify import Smplify
from core.runs.fitting_profiles import STUDIO

Array = NDArray[np.float64]

DEFAULT_CHUNKS = 4
_QUICK_PEOPLE = 12


def squared_errors(people: WatchedPeople) -> Array:
    """``(N, 12, 3)`` of the corrected directions; NaN where the truth of a bone is not known."""
    return (corrected_bone_directions(people.landmarks_m) - people.true_directions) ** 2


def variances(people: WatchedPeople, *, witnessed: bool) -> Array:
    """σ_b² ``(N, 12, 3)`` as the program believes."""
    believed: Array = bone_error_variances(
        people.landmarks_m,
        people.landmarks_px,
        people.keypoints_px,
        people.own,
        witness=people.said["head without landmarks"] if witnessed else None,
    )
    return believed


def candidates(people: WatchedPeople, smplify: Smplify) -> dict[str, Array]:
    """What each candidate says of each bone ``(N, 12)``, as a squared error of any scale."""
    directions = corrected_bone_directions(people.landmarks_m)
    raw = bone_directions(people.landmarks_m)
    found = {
        "keypoints, as without a witness": variances(people, witnessed=False).sum(-1),
        "all, as with a witness": variances(people, witnessed=True).sum(-1),
    }
    for name, said in people.said.items():
        found[f"agreement with the {name}"] = ((said - directions) ** 2).sum(-1)
    passes = ("first pass", "mirrored pass", "shifted pass", "other shifted pass")
    seen = [((bone_directions(of) - raw) ** 2).sum(-1) for of in np.moveaxis(people.passes_m, 1, 0)]
    found |= dict(zip(passes, seen, strict=True))
    found["all passes"] = np.mean(seen[1:], axis=0)
    found["MoveNet against BlazePose, by bone"] = _by_movenet(people)
    found["visibility"] = 1 - np.clip(bone_visibility(people.landmarks_px), 0, 1)
    for name, of_person in (
        ("the head's own spread", people.spread**2),
        ("MoveNet against BlazePose, OKS", 1 - people.agreement),
        ("the score of who finds people", 1 - people.score),
        *_of_fits(people, smplify).items(),
    ):
        found[name] = np.repeat(of_person[:, None], raw.shape[1], axis=1)
    return found


def _by_movenet(people: WatchedPeople) -> Array:
    keypoints = np.zeros_like(people.keypoints_px)
    keypoints[:, list(COCO_17_TO_KEYPOINTS)] = people.coco_px
    variances = bone_error_variances(
        people.landmarks_m, people.landmarks_px, keypoints, np.zeros_like(people.own)
    )
    return np.asarray(variances).sum(-1)


def _of_fits(people: WatchedPeople, smplify: Smplify) -> dict[str, Array]:
    """What is left in the objective of fits with the term: 2D error, and the term itself."""
    losses = smplify.fit_from_mean_pose(people.fitted()).losses
    return {
        "2D error of the fit": losses.reprojection.double().numpy(),
        "the term at the fit": losses.bone_directions.double().numpy(),
    }


def correlations(people: WatchedPeople, said: Mapping[str, Array]) -> dict[str, list[float]]:
    """[person, person in depth, bone] by candidate."""
    squares = squared_errors(people)
    of_bones, in_depth = squares.sum(-1), squares[..., 2]
    return {
        name: [
            _spearman(values.mean(1), np.nanmean(of_bones, axis=1)),
            _spearman(values.mean(1), np.nanmean(in_depth, axis=1)),
            _spearman(values.ravel(), of_bones.ravel()),
        ]
        for name, values in said.items()
    }


def _spearman(values: Array, errors: Array) -> float:
    known = np.isfinite(values) & np.isfinite(errors)
    return round(float(spearmanr(values[known], errors[known])[0]), 2)


def curve(people: WatchedPeople, *, witnessed: bool, parts: int = 10) -> list[list[float]]:
    """[people, believed, true] in degrees, from the most trusted people to the least."""
    believed = variances(people, witnessed=witnessed).sum(-1).mean(1)
    true = np.nanmean(squared_errors(people).sum(-1), axis=1)
    order = np.argsort(believed)
    return [
        [
            len(part),
            *(round(float(np.degrees(np.sqrt(of[part].mean()))), 1) for of in (believed, true)),
        ]
        for part in np.array_split(order, min(parts, len(order)))
    ]


def measured(groups: Mapping[str, WatchedPeople]) -> dict[str, object]:
    """Everything that is reported."""
    smplify = Smplify(load_body(), PosePrior.load(), STUDIO)
    results: dict[str, object] = {}
    for group, people in groups.items():
        results[f"{group}: people"] = len(people)
        for name, values in correlations(people, candidates(people, smplify)).items():
            results[f"{group}: {name}"] = values
        for witnessed in (False, True):
            name = "with a witness" if witnessed else "by keypoints alone"
            results[f"{group}: curve {name}"] = curve(people, witnessed=witnessed)
    return results


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit status."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--cache", type=Path, required=True, help="folder of people")
    parser.add_argument("--chunks", type=int, default=DEFAULT_CHUNKS, help="of 200 people each")
    parser.add_argument("--fit", action="store_true", help="fit the numbers of bone_trust")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    if options.quick:
        made = trusted_people(1, options.cache, people=_QUICK_PEOPLE)
    else:
        made = trusted_people(options.chunks, options.cache)
    body = Smplify(load_body(), PosePrior.load(), STUDIO).body
    groups = {
        "made, marked keypoints": watched_people(made, body, own=False),
        "made, own keypoints": watched_people(made, body, own=True),
    }
    if options.fit:
        report(fitted_model(list(groups.values())), as_json=options.json)
        return 0
    if not options.quick:
        groups |= real_watched_people(body)
    report(measured(groups), as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
