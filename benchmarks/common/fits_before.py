"""``studio`` of this tree and of an earlier commit on the same people, in turns.

Each runs in a process of its own. Both fit under the 5000 px of SPIN's camera, without directions
of bones, with the same number of threads. A ratio is the median over the turns; results are
compared by what the bodies say.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import torch

from benchmarks.common.earlier_commit import ROOT, environment_of, worktree_of
from benchmarks.common.people import People
from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.pose_prior import PosePrior

PROGRAM = Path(__file__).with_name("fits_on_request.py")
REQUESTS = {"estimate": "studio", "mean": "mean_start"}
"""What each is called among the results."""

Measures = Mapping[str, Callable[[BodyEstimate], float]]


class _Fitter:
    """A process that fits when it is asked to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, request: str) -> str:
        """The answer to a request."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{request}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        if not answer:
            raise RuntimeError(f"No answer to {request!r}: status {self._process.wait()}.")
        return answer


@contextmanager
def _fitter(tree: Path, problem: Path, threads: int) -> Iterator[_Fitter]:
    with subprocess.Popen(
        [sys.executable, str(PROGRAM), str(problem), "--threads", str(threads)],
        cwd=tree,
        env=environment_of(tree),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield _Fitter(process)
        assert process.stdin is not None
        process.stdin.close()


def compared_with_before(
    people: People, prior: PosePrior, measures: Measures, *, revision: str, turns: int
) -> dict[str, object]:
    """Times and results of this tree over those of a commit, by name.

    Args:
        people: that both fit, from their estimates and from the mean pose.
        prior: of poses, for both.
        measures: numbers of fits, whose ratios are told beside those of the times.
        revision: the commit; where the history lacks it, that is all that is said.
        turns: of either.
    """
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        earlier = stack.enter_context(worktree_of(revision, Path(folder)))
        if earlier is None:
            return {"before": f"{revision} is not in this history"}
        problem = Path(folder) / "problem.npz"
        _write(problem, people, prior)
        threads = torch.get_num_threads()
        fitters = {
            name: stack.enter_context(_fitter(tree, problem, threads))
            for name, tree in (("now", ROOT), ("before", earlier))
        }
        results: dict[str, object] = {"before": revision}
        for request, name in REQUESTS.items():
            seconds = _take_turns(fitters, request, turns)
            results[f"{name}_time_over_before"] = float(
                np.median(np.array(seconds["now"]) / np.array(seconds["before"]))
            )
        bodies = {name: _bodies(fitter, Path(folder) / name) for name, fitter in fitters.items()}
        for request, name in REQUESTS.items():
            for measure, number in measures.items():
                now, before = (number(bodies[tree][request]) for tree in ("now", "before"))
                results[f"{name}_{measure}_over_before"] = now / before
        return results


def _take_turns(fitters: Mapping[str, _Fitter], request: str, turns: int) -> dict[str, list[float]]:
    """Seconds of each turn of both, after one that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in fitters}
    for turn in range(turns + 1):
        for name, fitter in fitters.items():
            spent = float(fitter.ask(request))
            if turn:
                seconds[name].append(spent)
    return seconds


def _write(problem: Path, people: People, prior: PosePrior) -> None:
    np.savez(
        problem,
        positions_crop_px=people.keypoints.positions_crop_px,
        confidence=people.keypoints.confidence,
        pose_axis_angle=people.start.to_axis_angle(),
        betas=people.start.betas,
        camera_translation=people.start.camera_translation,
        means=prior.means,
        covariances=prior.covariances,
        weights=prior.weights,
        mean_pose=prior.mean_pose,
    )


def _bodies(fitter: _Fitter, place: Path) -> dict[str, BodyEstimate]:
    """The last bodies of each request."""
    path = place.with_suffix(".npz")
    fitter.ask(f"save {path}")
    with np.load(path) as arrays:
        return {
            request: BodyEstimate.from_axis_angle(
                *(
                    torch.from_numpy(arrays[f"{request}_{part}"])
                    for part in ("pose", "betas", "translation")
                )
            )
            for request in REQUESTS
        }
