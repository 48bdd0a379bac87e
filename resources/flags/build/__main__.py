"""``python -m resources.flags.build MOCAP_FOLDER``: people, fits, calibration, written as JSON.

Minutes on the CPU. The people are in poses of one half of the clips that the lifter was not trained
on; ``benchmarks/flags.py`` reports on the other half.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.load_body import load_body
from resources.flags.build.calibrate import calibrate
from resources.flags.build.people import draw_people, unbiased_prior
from resources.flags.build.trials import PROFILES, make_trial
from resources.lifter.build.bodies import Recordings

OUTPUT = Path(__file__).resolve().parents[1] / "calibration.json"
PEOPLE = 8192
SEED = 11


def main(arguments: list[str]) -> int:
    """Run the build; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mocap", type=Path)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args(arguments)
    recordings, model = Recordings.load(options.mocap), load_body()
    prior = unbiased_prior(recordings)
    sys.stderr.write("prior fitted\n")
    people = draw_people(model, recordings, half="calibration", count=options.people, seed=SEED)
    sys.stderr.write(f"{len(people)} people drawn\n")
    trials = []
    for name, profile in PROFILES.items():
        trials.append(make_trial(model, prior, profile, people))
        sys.stderr.write(f"fitted by {name}\n")
    calibration = calibrate(KeypointBody(model), prior, trials)
    calibration.save(options.output)
    sys.stderr.write(f"wrote {options.output.name}; thresholds {dict(calibration.thresholds)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
