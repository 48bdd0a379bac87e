"""Whether pictures of different moments that were taken for one are noticed.

Moments of real people (``../shared/realdata``, see ``common.real_people``) are fitted together as
they are, and with pictures exchanged. ``right`` and ``wrong`` are the shares of groups above each
number of px² (``disagreement_px2``): of all pictures of a moment with one of them from another
moment, and of pairs of pictures. One man's moments are a third of a second apart and look alike;
``panoptic`` has four people, whose projected keypoints get 3 px of noise in the second study.

    python -m benchmarks.groups.mixed_moments [--json]
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import torch

from benchmarks.common.real_people import REALDATA, RealPerson, real_people
from benchmarks.common.real_samples import given_samples, seen
from benchmarks.common.reporting import benchmark_arguments, report
from core.engine.body.load_body import load_body
from core.engine.detection.people_finder import PeopleFinder
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.rigs.shared_views import SharedViews, disagreement_px2
from core.engine.smplify.smplify import Smplify
from core.engine.smplify.view_groups import ViewGroups
from core.geometry.row_selection import take_rows
from core.runs.fitting_profiles import profile_named

THRESHOLDS_PX2 = (5, 8, 10, 12, 15, 20, 30)
NOISE_PX = 3.0

Groups = Sequence[Sequence[int]]


def moments_of(people: Sequence[RealPerson]) -> list[list[int]]:
    """The rows of each moment of several pictures."""
    found: dict[str, list[int]] = defaultdict(list)
    for row, person in enumerate(people):
        found[person.moment].append(row)
    return [rows for rows in found.values() if len(rows) > 1]


def right_and_wrong(moments: Groups) -> dict[str, list[list[int]]]:
    """Whole moments and pairs, as they are and with one picture of another moment."""
    others = [(moment, other) for moment in moments for other in moments if other is not moment]
    return {
        "whole, right": [list(moment) for moment in moments],
        "whole, wrong": [
            [*(row for row in one if row != gone), other[place % len(other)]]
            for one, other in others
            for place, gone in enumerate(one)
        ],
        "pairs, right": [list(pair) for moment in moments for pair in combinations(moment, 2)],
        "pairs, wrong": [
            [first, second] for one, other in others for first in one[:2] for second in other[-2:]
        ],
    }


def shares_above(smplify: Smplify, keypoints: Keypoints2D, groups: Mapping[str, Groups]) -> object:
    """The share of each kind of groups above each threshold."""
    own = smplify.fit_from_mean_pose(keypoints)
    result = {}
    for name, members in groups.items():
        rows = torch.tensor([row for group in members for row in group])
        labels = [number for number, group in enumerate(members) for _ in group]
        views = ViewGroups.of(labels, [None] * len(labels))
        chosen, alone = take_rows(keypoints, rows), own.of_rows(rows)
        together = SharedViews(smplify).fit(chosen, alone, views)
        values = disagreement_px2(alone, together, chosen, views).numpy()
        shares = {str(px2): round(float((values > px2).mean()), 2) for px2 in THRESHOLDS_PX2}
        largest = round(float(np.max(values)), 1)
        result[name] = {"groups": len(members), "above": shares, "largest": largest}
    return result


def noisy(keypoints: Keypoints2D) -> Keypoints2D:
    """The same keypoints with noise, as a detector's."""
    noise = torch.randn(
        keypoints.positions_crop_px.shape, generator=torch.Generator().manual_seed(0)
    )
    present = (keypoints.confidence > 0)[..., None]
    positions = keypoints.positions_crop_px + NOISE_PX * noise * present
    return replace(keypoints, positions_crop_px=positions)


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    options = benchmark_arguments(__doc__ or "").parse_args(arguments)
    if not REALDATA.is_dir():
        report({"skipped": "needs ../shared/realdata next to the checkout"}, as_json=options.json)
        return 0
    smplify = Smplify(load_body(), PosePrior.load(), profile_named("studio"))
    finder = PeopleFinder.load()
    results: dict[str, object] = {}
    for name in ("multiview", "panoptic"):
        people = real_people(name)
        keypoints = seen(given_samples(people, finder, camera="assumed"))
        groups = right_and_wrong(moments_of(people))
        results[name] = shares_above(smplify, keypoints, groups)
        if name == "panoptic":
            results[f"{name}, {NOISE_PX} px"] = shares_above(smplify, noisy(keypoints), groups)
    report(results, as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
