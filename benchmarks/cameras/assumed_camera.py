"""Which focal length to assume of a picture that nothing is known of, and whether fits find it.

Real people with known 3D joints (``common.real_people``) are fitted by ``studio`` under cameras of
a share of their picture's diagonal. ``errors``: [median, mean, 90 %] in mm after Procrustes, by
group of people, start and share. ``objective``: the sum of the objective over the group, which
``cameras --find`` compares. The share is chosen on the other people, never on the one man.

    python -m benchmarks.cameras.assumed_camera [--quick] [--json]
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from benchmarks.common.real_people import REALDATA, RealPerson, real_people
from benchmarks.common.real_samples import RealSample, given_samples, without_detections
from benchmarks.common.reporting import benchmark_arguments, report
from benchmarks.real_views import OTHER_PEOPLE, STARTS, Bench, summary
from core.types.cameras import CameraSource, PictureCamera, picture_middle_px

SHARES = (0.55, 0.65, 0.8, 0.9, 1.0, 1.25)
QUICK_SHARES = (0.65, 1.0)


def of_share(share: float, size_px: tuple[int, int]) -> PictureCamera:
    """An assumed camera of another share of the diagonal."""
    return PictureCamera(
        share * math.hypot(*size_px), picture_middle_px(size_px), source=CameraSource.ASSUMED
    )


def under_share(samples: Sequence[RealSample], share: float) -> list[RealSample]:
    """The same samples, their camera assumed at this share."""
    return [
        replace(
            each,
            sample=replace(each.sample, camera=of_share(share, each.sample.picture_size_px)),
        )
        for each in samples
    ]


@torch.no_grad()
def swept(bench: Bench, people: Sequence[RealPerson], shares: Sequence[float]) -> dict[str, object]:
    """Errors and objective of one group at every share, from keypoints and with detections."""
    given = given_samples(people, bench.finder, camera="given")
    kinds = {"keypoints": without_detections(given)}
    if any(sample.detection is not None for sample in given):
        kinds["detections"] = given
    results: dict[str, object] = {}
    for kind, samples in kinds.items():
        for start in STARTS:
            for share in shares:
                of_this = under_share(samples, share)
                fits = bench.fit(of_this, start)
                rows = [sample.row for sample in of_this]
                errors = bench.errors_mm(people, rows, fits.estimate)
                results[f"{kind} from {start}, {share:g}"] = {
                    "errors": summary(errors),
                    "objective": round(float(np.sum(fits.losses.total.double().numpy()))),
                }
    return results


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    options = benchmark_arguments(__doc__ or "").parse_args(arguments)
    groups = OTHER_PEOPLE if options.quick else (*OTHER_PEOPLE, "multiview")
    if not all((REALDATA / group).is_dir() for group in groups):
        report({"skipped": "needs ../shared/realdata next to the checkout"}, as_json=options.json)
        return 0
    bench = Bench.load()
    shares = QUICK_SHARES if options.quick else SHARES
    results: dict[str, object] = {
        group: swept(bench, real_people(group), shares) for group in groups
    }
    report(results, as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
