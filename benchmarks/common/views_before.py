"""The nine views of a sample, drawn by this tree and by an earlier commit, in turns.

Each draws in a process of its own, with the same number of threads. A ratio is the median over the
turns.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.common.earlier_commit import ROOT, environment_of, worktree_of
from core.engine.body.smpl_body import BodyModel

PROGRAM = Path(__file__).with_name("views_on_request.py")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "LP_NUM_THREADS": "1"}
"""The last one is software OpenGL's."""
SIZE_PX = 280


def compared_with_before(
    body: BodyModel, bodies: NDArray[np.float32], *, revision: str, turns: int
) -> dict[str, object]:
    """Processor and wall time of this tree over those of a commit, and the times themselves.

    Args:
        body: whose faces and weights are drawn.
        bodies: ``(N, V, 3)``, N a multiple of three.
        revision: the commit; where the history lacks it, that is all that is said.
        turns: of either, each with other bodies.
    """
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        earlier = stack.enter_context(worktree_of(revision, Path(folder)))
        if earlier is None:
            return {"before": f"{revision} is not in this history"}
        problem = Path(folder) / "bodies.npz"
        np.savez(problem, bodies=bodies, faces=body.faces, weights=body.arrays.weights)
        before, now = (stack.enter_context(_drawer(tree, problem)) for tree in (earlier, ROOT))
        times = np.array(
            [
                [_ask(drawer, turn, len(bodies)) for drawer in (before, now)]
                for turn in range(turns + 1)
            ]
        )[1:]  # the first one starts the context
    was, is_now = (np.median(times[:, which], axis=0) for which in (0, 1))
    return {
        "before": revision,
        "nine_views_before_processor_ms": float(was[0]),
        "nine_views_processor_ms": float(is_now[0]),
        "nine_views_over_before": float(np.median(times[:, 1, 0] / times[:, 0, 0])),
        "nine_views_elapsed_over_before": float(np.median(times[:, 1, 1] / times[:, 0, 1])),
    }


@contextmanager
def _drawer(tree: Path, problem: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, str(PROGRAM), str(problem)],
        cwd=tree,
        env={"QT_QPA_PLATFORM": "offscreen", **environment_of(tree), **ONE_THREAD},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def _ask(drawer: subprocess.Popen[str], turn: int, count: int) -> list[float]:
    """Milliseconds of processor time and by the wall."""
    assert drawer.stdin is not None
    assert drawer.stdout is not None
    drawer.stdin.write(f"{3 * turn % count} {1e-3 * turn} {SIZE_PX}\n")
    drawer.stdin.flush()
    answer = drawer.stdout.readline().split()
    if not answer:
        raise RuntimeError(f"Nothing was drawn: status {drawer.wait()}.")
    return [float(number) for number in answer]
