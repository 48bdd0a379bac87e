"""How long a view of a body takes to draw, as the window asks for it.

``first_ms``: the first view of a new pose, with normals and upload; ``again_ms``: a further view of
it; ``sample_ms``: one sample's three columns × three views, through the service.

``nine_views_over_before``: the processor time of the nine views as images that Qt paints, over that
of an earlier commit (``--before``), in turns, one thread each.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.common.earlier_commit import BEFORE
from benchmarks.common.reporting import benchmark_arguments, report
from benchmarks.common.views_before import compared_with_before
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel
from core.rendering.colors import CURRENT_FIT_COLOR, FIRST_FIT_COLOR, PREDICTION_COLOR
from core.rendering.render_thread import RenderService
from core.rendering.views import CAMERA, SIDE, TOP, crop_view

CAMERA_TRANSLATION = np.array([0.0, 0.3, 50.0], dtype=np.float32)
SIZES_PX = (280, 400)


def random_bodies(body: BodyModel, count: int) -> NDArray[np.float32]:
    """Vertices ``(count, V, 3)`` of standing bodies with moved limbs."""
    pose = 0.15 * torch.randn(count, 72, generator=torch.Generator().manual_seed(0))
    pose[:, :3] = torch.tensor([torch.pi, 0.0, 0.0])
    vertices: NDArray[np.float32] = body.posed(pose, torch.zeros(count, 10)).vertices.numpy()
    return vertices


def milliseconds(work: Callable[[], object]) -> float:
    """Wall-clock milliseconds of one call."""
    begun = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - begun)


def time_views(
    service: RenderService, bodies: NDArray[np.float32], size_px: int, shift: float
) -> tuple[list[float], list[float]]:
    """Milliseconds of each body's first view and of its further ones; ``shift`` makes it new."""
    first: list[float] = []
    again: list[float] = []
    for vertices in bodies:
        for angle in (CAMERA, TOP, SIDE):
            view = crop_view(vertices + shift, CAMERA_TRANSLATION, size_px=size_px, angle=angle)
            taken = milliseconds(partial(service.render, view))
            (first if angle == CAMERA else again).append(taken)
    return first, again


def time_samples(service: RenderService, bodies: NDArray[np.float32], size_px: int) -> list[float]:
    """Milliseconds until all nine views of a sample are there, for triples of bodies."""
    colors = (PREDICTION_COLOR, CURRENT_FIT_COLOR, FIRST_FIT_COLOR)

    def nine(columns: NDArray[np.float32]) -> None:
        futures = [
            service.submit(
                crop_view(vertices, CAMERA_TRANSLATION, size_px=size_px, angle=angle), color=color
            )
            for vertices, color in zip(columns, colors, strict=True)
            for angle in (CAMERA, TOP, SIDE)
        ]
        for future in futures:
            future.result()

    groups = [bodies[start : start + 3] for start in range(0, len(bodies) - 2, 3)]
    return [milliseconds(partial(nine, group)) for group in groups]


def main() -> None:
    """Measure and report."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--before", default=BEFORE, help="the commit to be compared with")
    arguments = parser.parse_args()
    body = load_body()
    bodies = random_bodies(body, 6 if arguments.quick else 30)
    results: dict[str, object] = {}
    with RenderService(body.faces, skinning_weights=body.arrays.weights) as service:
        warm_up = crop_view(bodies[0], CAMERA_TRANSLATION, size_px=64)
        results["start_ms"] = milliseconds(lambda: service.render(warm_up))
        for number, size_px in enumerate(SIZES_PX, start=1):
            first, again = time_views(service, bodies, size_px, shift=1e-4 * number)
            results[f"first_ms_{size_px}px"] = float(np.median(first))
            results[f"again_ms_{size_px}px"] = float(np.median(again))
            whole = time_samples(service, bodies + 1e-3 * number, size_px)
            results[f"sample_ms_{size_px}px"] = float(np.median(whole))
            results[f"sample_ms_p95_{size_px}px"] = float(np.percentile(whole, 95))
        still = crop_view(bodies[0], CAMERA_TRANSLATION, size_px=400)
        results["still_ms_400px_2x"] = milliseconds(lambda: service.render(still, supersampling=2))
    results |= compared_with_before(
        body, bodies, revision=arguments.before, turns=8 if arguments.quick else 60
    )
    report(results, as_json=arguments.json)


if __name__ == "__main__":
    main()
