"""Whether a calibration that is not of the pictures is noticed.

Moments of real people (``../shared/realdata``, see ``common.real_people``) are fitted with the
places of their cameras as they are, and made wrong: two cameras exchanged, one moved by half a
metre or turned by 10°. ``above`` is the share of moments above each number of px²
(``SharedFits.contradiction_px2``), ``mm`` the errors [median, mean, 90 %] at these places, and
``without`` those without any. ``panoptic``'s projected keypoints get 3 px of noise in the second
study; the third has pairs of cameras.

    python -m benchmarks.groups.wrong_places [--json]
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch

from benchmarks.common.real_people import REALDATA, RealPerson, real_people
from benchmarks.common.real_samples import RealSample, given_samples, seen
from benchmarks.common.reporting import benchmark_arguments, report
from benchmarks.groups.mixed_moments import NOISE_PX, noisy
from benchmarks.real_views import Bench, groups_of_views, summary
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.rigs import shared_views
from core.engine.smplify.rigs.camera_rig import CameraRig
from core.engine.smplify.rigs.shared_views import SharedViews
from core.engine.smplify.rigs.world_scale import metres_per_unit
from core.engine.smplify.smplify import FitBatch
from core.engine.smplify.view_groups import ViewGroups
from core.geometry.rotations import axis_angle_to_matrix
from core.geometry.row_selection import take_rows
from core.types.camera_poses import CameraPose

THRESHOLDS_PX2 = (3, 5, 8, 10, 12, 15, 20, 30)
MOVED_M = 0.5
TURNED_DEG = 10.0

Members = Sequence[Sequence[int]]
Wrong = Callable[[list[CameraPose]], list[CameraPose]]


def exchanged(poses: list[CameraPose]) -> list[CameraPose]:
    """The first two cameras in each other's place."""
    return [poses[1], poses[0], *poses[2:]]


def moved(poses: list[CameraPose]) -> list[CameraPose]:
    """The first camera half a metre to its right; panoptic's unit is the centimetre."""
    first = poses[0]
    unit_m = 0.01 if max(map(abs, first.translation)) > 50 else 1.0
    x, y, z = first.translation
    return [replace(first, translation=(x + MOVED_M / unit_m, y, z)), *poses[1:]]


def turned(poses: list[CameraPose]) -> list[CameraPose]:
    """The first camera turned about its vertical."""
    turn = axis_angle_to_matrix(np.array([0.0, math.radians(TURNED_DEG), 0.0]))
    first = poses[0]
    rotation = tuple((turn @ first.rotation_matrix).ravel().tolist())
    translation = tuple((turn @ np.array(first.translation)).tolist())
    return [replace(first, rotation=rotation, translation=translation), *poses[1:]]


STUDIES: dict[str, Wrong] = {
    "right": lambda poses: poses,
    "exchanged": exchanged,
    f"moved {MOVED_M} m": moved,
    f"turned {TURNED_DEG:g}°": turned,
}


def study(
    bench: Bench,
    people: Sequence[RealPerson],
    samples: Sequence[RealSample],
    keypoints: Keypoints2D,
    members: Members,
) -> dict[str, object]:
    """Every kind of wrong places for some groups of rows."""
    own = bench.smplify.fit_from_mean_pose(keypoints)
    rows = [row for moment in members for row in moment]
    moments = [number for number, moment in enumerate(members) for _ in moment]
    chosen = torch.tensor(rows)
    views = ViewGroups.of(moments, [None] * len(rows))
    given, alone = take_rows(keypoints, chosen), own.of_rows(chosen)
    free = SharedViews(bench.smplify).fit(given, alone, views)
    found: dict[str, object] = {
        "without": summary(bench.errors_mm(people, rows, free.estimate)),
    }
    for name, wrong in STUDIES.items():
        poses = [pose for moment in members for pose in wrong(_poses(samples, moment))]
        found[name] = _at(bench, people, rows, (given, alone, views), poses)
    return found


def _poses(samples: Sequence[RealSample], moment: Sequence[int]) -> list[CameraPose]:
    poses = [samples[row].sample.camera.pose for row in moment]
    return [pose for pose in poses if pose is not None]


def _at(
    bench: Bench,
    people: Sequence[RealPerson],
    rows: Sequence[int],
    task: tuple[Keypoints2D, FitBatch, ViewGroups],
    poses: Sequence[CameraPose],
) -> dict[str, object]:
    keypoints, own, views = task
    units = metres_per_unit(bench.smplify.body, keypoints, poses, views.moments)
    rig = CameraRig.of(poses, keypoints.cameras, views.moments, metres_per_unit=units)
    fits = SharedViews(bench.smplify).fit_placed(keypoints, own, views, rig)
    firsts = [members[0] for members in views.rows_of_moments()]
    values = fits.contradiction_px2[firsts].numpy()
    return {
        "above": {str(px2): round(float((values > px2).mean()), 2) for px2 in THRESHOLDS_PX2},
        "median_px2": round(float(np.median(values)), 1),
        "units": sorted({round(unit, 4) for unit in units}),
        "mm": summary(bench.errors_mm(people, rows, fits.fits.estimate)),
    }


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    options = benchmark_arguments(__doc__ or "").parse_args(arguments)
    if not REALDATA.is_dir():
        report({"skipped": "needs ../shared/realdata next to the checkout"}, as_json=options.json)
        return 0
    # All places are believed, so that the errors at wrong ones are seen.
    shared_views.LARGEST_CONTRADICTION_PX2 = math.inf
    bench = Bench.load()
    results: dict[str, object] = {}
    for name in ("multiview", "panoptic"):
        people = real_people(name)
        samples = given_samples(people, bench.finder, camera="given")
        keypoints, members = seen(samples), groups_of_views(people)
        results[name] = study(bench, people, samples, keypoints, members["four_views"])
        if name == "panoptic":
            label = f"{name}, {NOISE_PX} px"
            keypoints = noisy(keypoints)
            results[label] = study(bench, people, samples, keypoints, members["four_views"])
        pairs = study(bench, people, samples, keypoints, members["two_views"])
        results[f"{name}, two views"] = pairs
    report(results, as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
