"""``python -m resources.pose_prior.build MOCAP_FOLDER``: search, fit, show convergence, write.

The record of the search is kept in ``build/selection.json`` beside the parameters; a second call
reads it instead of searching again (``--search-again`` searches).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from resources.pose_prior.build.mixture import Mixture
from resources.pose_prior.build.mocap import MocapPoses, load_mocap, mirrored
from resources.pose_prior.build.selection import Candidate, as_row, candidates, fit_to, score

FOLDER = Path(__file__).resolve().parent
OUTPUT = FOLDER.parent / "pose_prior.npz"
RECORD = FOLDER / "selection.json"
SEEDS = 5
SEARCH_STRIDE = 3
"""The search takes every third frame: neighbours in time hardly differ, and it is 25 x 4 fits."""


def main(arguments: list[str]) -> int:
    """Run the build; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mocap", type=Path)
    parser.add_argument("--search-again", action="store_true")
    options = parser.parse_args(arguments)
    poses = load_mocap(options.mocap)
    if options.search_again or not RECORD.is_file():
        RECORD.write_text(json.dumps(search(poses), indent=1) + "\n")
    rows = json.loads(RECORD.read_text())["search"]
    best = max(rows, key=lambda row: row["unseen_actions"])
    mixtures = [
        fit_to(poses, components=best["components"], spread=best["spread"], seed=seed)
        for seed in range(SEEDS)
    ]
    chosen = max(mixtures, key=lambda mixture: mixture.train_log_likelihood)
    write(chosen, poses)
    record = {"search": rows, "chosen": best, "seeds": convergence(mixtures)}
    RECORD.write_text(json.dumps(record, indent=1) + "\n")
    sys.stdout.write(json.dumps({"chosen": best, "seeds": record["seeds"]}, indent=1) + "\n")
    return 0


def search(poses: MocapPoses) -> dict[str, list[dict[str, float | int]]]:
    """Every setting's likelihood, reported as it is found."""
    thinned = poses.where(np.arange(len(poses.clips)) % SEARCH_STRIDE == 0)
    rows: list[dict[str, float | int]] = []
    for candidate in candidates(thinned):
        rows.append(as_row(candidate))
        sys.stderr.write(_line(candidate))
        sys.stderr.flush()
    return {"search": rows}


def _line(candidate: Candidate) -> str:
    return (
        f"K {candidate.components:3d} spread {candidate.spread:.3f}: unseen actions "
        f"{candidate.unseen_actions:8.2f}, unseen clips {candidate.unseen_clips:8.2f}, "
        f"train {candidate.train:8.2f}\n"
    )


def convergence(mixtures: list[Mixture]) -> list[dict[str, float | int | bool]]:
    """What each seed ended with."""
    return [
        {
            "seed": seed,
            "iterations": mixture.iterations,
            "converged": mixture.converged,
            "train_log_likelihood": round(mixture.train_log_likelihood, 3),
            "smallest_weight": round(float(mixture.weights.min()), 4),
        }
        for seed, mixture in enumerate(mixtures)
    ]


def write(mixture: Mixture, poses: MocapPoses) -> None:
    """The parameters as float32; the mean pose weighs actions as the fit does."""
    weights = poses.action_weights() / poses.action_weights().sum()
    both = 0.5 * (poses.body_pose + mirrored(poses.body_pose))
    order = np.argsort(-mixture.weights)
    np.savez_compressed(
        OUTPUT,
        means=mixture.means[order].astype(np.float32),
        covariances=mixture.covariances[order].astype(np.float32),
        weights=mixture.weights[order].astype(np.float32),
        mean_pose=(weights @ both).astype(np.float32),
    )
    sys.stderr.write(f"wrote {OUTPUT.name}: score on all {score(mixture, poses):.2f}\n")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
