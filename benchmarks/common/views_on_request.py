"""Draws the nine views of a sample each time a line comes; run in this tree or in an earlier one.

    python views_on_request.py BODIES.npz

BODIES.npz holds ``bodies (N, V, 3)``, ``faces (F, 3)`` and ``weights (V, 24)``. Each line names
the first of three bodies, a shift in metres that makes them new, and the side in pixels. The
answer: milliseconds of processor time of this process, all threads, and by the wall, until there
are nine images that Qt paints as they are.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
import time
from typing import Any

import numpy as np

LAYOUTS = (
    ("core.rendering.render_thread", "spin_gui.images.render_cache"),
    ("core.rendering.service", "spin_gui.models.render_cache"),
)
"""Where the service and the images are: now, and at commit 69ccc9e."""
CAMERA_TRANSLATION = np.array([0.0, 0.3, 50.0], dtype=np.float32)


def _modules() -> tuple[Any, Any]:
    for service, images in LAYOUTS:
        if importlib.util.find_spec(service) is not None:
            return importlib.import_module(service), importlib.import_module(images)
    raise SystemExit("This tree has no drawing service at a place that is known.")


def main() -> None:
    """Answer line by line."""
    service_module, images_module = _modules()
    colors = importlib.import_module("core.rendering.colors")
    views = importlib.import_module("core.rendering.views")
    with np.load(sys.argv[1]) as stored:
        bodies, faces, weights = stored["bodies"], stored["faces"], stored["weights"]
    takes = inspect.signature(service_module.RenderService).parameters
    # Undressed where there are no clothes yet: what is drawn now is compared with what was then.
    dress = {"skinning_weights": weights} if "skinning_weights" in takes else {}
    columns = (colors.PREDICTION_COLOR, colors.CURRENT_FIT_COLOR, colors.FIRST_FIT_COLOR)
    angles = (views.CAMERA, views.TOP, views.SIDE)
    with service_module.RenderService(faces, **dress) as service:
        for line in sys.stdin:
            first, shift, size_px = line.split()
            shown = bodies[int(first) : int(first) + 3] + np.float32(shift)
            processor, wall = time.process_time(), time.perf_counter()
            futures = [
                service.submit(
                    views.crop_view(body, CAMERA_TRANSLATION, size_px=int(size_px), angle=angle),
                    color=color,
                )
                for body, color in zip(shown, columns, strict=True)
                for angle in angles
            ]
            images = [images_module.image_of(future.result()) for future in futures]
            processor, wall = time.process_time() - processor, time.perf_counter() - wall
            if len(images) != 9 or any(image.isNull() for image in images):
                raise SystemExit("Nine images were asked for.")
            print(1000 * processor, 1000 * wall, flush=True)


if __name__ == "__main__":
    main()
