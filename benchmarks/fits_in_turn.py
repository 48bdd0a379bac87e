"""Fits the same 64 people several times; prints seconds by the wall and of processor time, as JSON.

Run by ``benchmarks/beside_others.py``, in a process of its own.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks.common.people import make_people
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.load_body import load_body
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.smplify import Smplify
from core.runs.fitting_profiles import STUDIO

PEOPLE, REPEATS = 64, 7


def main() -> None:
    """Fit once without a clock, then with one."""
    model, prior = load_body(), PosePrior.load()
    poses = prior.sample(PEOPLE, np.random.default_rng(0))
    people = make_people(KeypointBody(model), poses, seed=0)
    smplify = Smplify(model, prior, STUDIO)
    wall, processor = [], []
    for _ in range(1 + REPEATS):
        began, worked = time.perf_counter(), time.process_time()
        smplify.fit(people.keypoints, people.start)
        wall.append(time.perf_counter() - began)
        processor.append(time.process_time() - worked)
    print(json.dumps([wall[1:], processor[1:]]))


if __name__ == "__main__":
    main()
