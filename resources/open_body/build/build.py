"""Runs the steps; what each makes is kept in the cache folder and not made again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from resources.open_body.build.mesh import build_mesh
from resources.open_body.build.model_archive import assemble
from resources.open_body.build.t_pose import bring_to_t_pose

Archive = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class BuildOptions:
    """Where to build, how many people to sample, and the seed of everything random."""

    cache: Path
    out: Path
    count: int
    seed: int


def build_open_body(options: BuildOptions, log: TextIO) -> None:
    """Make ``options.out``; a step whose file lies in the cache is skipped."""
    prefix = f"n{options.count}_seed{options.seed}"
    options.cache.mkdir(parents=True, exist_ok=True)

    def step(name: str, make: Callable[[], Archive]) -> Archive:
        return _cached(options.cache / f"{prefix}_{name}.npz", make, log)

    samples_path = options.cache / f"{prefix}_samples.npz"
    t_posed = step("t_posed", lambda: bring_to_t_pose(_samples(samples_path, options, log)))
    mesh = step("mesh", lambda: build_mesh(t_posed))
    arrays, measured = assemble(t_posed, mesh, seed=options.seed)
    # Its stubs take any keyword for an option; none of the arrays is named like one.
    np.savez_compressed(options.out, **arrays)  # type: ignore[arg-type]
    measured["file_bytes"] = options.out.stat().st_size
    log.write(json.dumps(measured, indent=1) + "\n")


def _samples(path: Path, options: BuildOptions, log: TextIO) -> Archive:
    def sample() -> Archive:
        # The one step that needs anny; the others run from the cache without it.
        from resources.open_body.build.sampling import sample_shapes  # noqa: PLC0415

        return sample_shapes(options.count, options.seed)

    return _cached(path, sample, log)


def _cached(path: Path, make: Callable[[], Archive], log: TextIO) -> Archive:
    if not path.is_file():
        unfinished = path.with_suffix(".unfinished.npz")
        np.savez(unfinished, **make())  # type: ignore[arg-type]  # as above
        unfinished.rename(path)
        log.write(f"{time.strftime('%H:%M:%S')} {path.name} is made\n")
        log.flush()
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
