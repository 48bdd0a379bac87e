"""Fits the same people again and again, each time when it is asked to, in a process of its own.

Run by ``benchmarks/fitting.py`` in this tree and in that of an earlier commit, so that the two take
turns: the modules of both layouts are known here, and nothing else of the benchmarks is imported.
Each line of standard input is a request, ``estimate`` or ``mean``, and one line of standard output
answers it: the seconds that it took. ``save PATH`` writes the last bodies of either.

    python fits_on_request.py PROBLEM.npz [--threads N]
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch


class Fits:
    """The people of a problem, and the ``studio`` profile of the tree that this runs in."""

    def __init__(self, problem: Path) -> None:
        inputs = _either("core.engine.smplify.inputs", "core.fitting.problem")
        with np.load(problem) as arrays:
            held = {name: arrays[name] for name in arrays.files}
        tensors = {name: torch.from_numpy(array) for name, array in held.items()}
        names = ("means", "covariances", "weights", "mean_pose")
        prior = _either("core.engine.smplify.pose_prior", "core.fitting.pose_prior").PosePrior(
            **{name: held[name] for name in names}
        )
        profile = _either("core.runs.fitting_profiles", "core.fitting.profiles").STUDIO
        model = _either("core.engine.body.load_body", "core.body.files").load_body()
        solver = _either("core.engine.smplify.smplify", "core.fitting.smplify")
        self._smplify = solver.Smplify(model, prior, profile)
        # Without cameras they are 5000 px of either tree, and no directions of bones are known.
        self._keypoints = inputs.Keypoints2D(tensors["positions_crop_px"], tensors["confidence"])
        start = (tensors["pose_axis_angle"], tensors["betas"], tensors["camera_translation"])
        made = getattr(inputs.BodyEstimate, "from_axis_angle", inputs.BodyEstimate)
        self._start = made(*start)
        self._bodies: dict[str, Any] = {}

    def answer(self, request: str) -> str:
        """Do what a line asks for."""
        word, _, path = request.partition(" ")
        if word == "save":
            np.savez(path, **self._parameters())
            return "saved"
        began = time.perf_counter()
        if word == "mean":
            fit = self._smplify.fit_from_mean_pose(self._keypoints)
        else:
            fit = self._smplify.fit(self._keypoints, self._start)
        spent = time.perf_counter() - began
        self._bodies[word] = fit.estimate
        return repr(spent)

    def _parameters(self) -> dict[str, Any]:
        """The last bodies of either request, by ``request_name``."""
        parameters = {}
        for request, bodies in self._bodies.items():
            own = getattr(bodies, "to_axis_angle", None)
            parameters[f"{request}_pose"] = bodies.pose_axis_angle if own is None else own()
            parameters[f"{request}_betas"] = bodies.betas
            parameters[f"{request}_translation"] = bodies.camera_translation
        return parameters


def _either(now: str, before: str) -> ModuleType:
    """A module by its present name, or by that of the earlier layout, whichever this tree has.

    The tree's files decide and not an import that fails: where the program is installed in place,
    what one tree lacks would come from another.
    """
    here = Path.cwd() / f"{now.replace('.', '/')}.py"
    return importlib.import_module(now if here.exists() else before)


def main() -> None:
    """Answer until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("problem", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    fits = Fits(options.problem)
    for request in sys.stdin:
        sys.stdout.write(f"{fits.answer(request.strip())}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
