"""Two processes train one regressor: one dictionary, the same weights, no offer lost or doubled."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import distributed

from core.dictionary.store import Dictionary
from core.engine.smplify.pose_prior import PosePrior
from core.engine.training.distribution import World
from core.engine.training.train import _learner
from core.runs.run_folder import RunFolder, read_metrics
from core.runs.training_configuration import profile_configuration
from core.types.fits import Origin

_PROCESS = """
import json, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from core.engine.training import loop, step, train
from core.runs.training_configuration import TrainingConfiguration
from core.engine.training.fitting_in_loop import InLoopFitting

project, text, out = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
told = {"visited": [], "offered": []}
original_step = step.SpinStep.__call__
original_fit = InLoopFitting.__call__

def visiting(self, batch, iteration):
    told["visited"].append(batch.sample_ids.tolist())
    result = original_step(self, batch, iteration)
    told["weights"] = [p.detach().double().sum().item() for p in self.learner.network.parameters()]
    return result

def fitting(self, ids, *rest, iteration, **more):
    offered, after = original_fit(self, ids, *rest, iteration=iteration, **more)
    if offered is not None:
        kept = offered.rows[torch.from_numpy(offered.kept)].tolist()
        told["offered"] += [[ids[row], iteration] for row in kept]
    return offered, after

step.SpinStep.__call__ = visiting
InLoopFitting.__call__ = fitting
report = train.train(project, TrainingConfiguration.from_json(text))
told["iterations"], told["run"] = report.iterations, report.run_id
import os
(out / (os.environ["RANK"] + ".json")).write_text(json.dumps(told))
"""


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def two_processes(project, quick, tmp_path):
    """What each of two processes saw in two epochs, and the project."""
    configuration = replace(quick, iterations=6, batch_size=2)
    port = str(_free_port())
    root = Path(__file__).parents[4]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _PROCESS, str(project), configuration.to_json(), str(tmp_path)],
            cwd=root,
            env={
                **os.environ,
                "PYTHONPATH": str(root),
                "RANK": str(rank),
                "LOCAL_RANK": str(rank),
                "WORLD_SIZE": "2",
                "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": port,
                "OMP_NUM_THREADS": "1",
            },
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    for process in processes:
        _, errors = process.communicate(timeout=180)
        assert process.returncode == 0, errors
    return [json.loads((tmp_path / f"{rank}.json").read_text()) for rank in range(2)], project


def test_two_processes_train_as_one(two_processes):
    (first, second), project = two_processes
    assert first["iterations"] == second["iterations"] == 6
    assert first["run"] == second["run"]
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        histories = {sample_id: dictionary.fits.history(sample_id) for sample_id in ids}
        assert dictionary.problems() == []
    # Every sample once an epoch of three iterations.
    for epoch in (slice(0, 3), slice(3, 6)):
        visited = [
            item for told in (first, second) for batch in told["visited"][epoch] for item in batch
        ]
        assert sorted(visited) == ids
    # Every offer that was said to be kept is in the dictionary, once, and nothing else is.
    offered = sorted(map(tuple, first["offered"] + second["offered"]))
    stored = sorted(
        (fit.sample_id, fit.iteration)
        for history in histories.values()
        for fit in history
        if fit.origin is Origin.IN_LOOP
    )
    assert offered
    assert stored == offered
    assert first["weights"] == second["weights"]
    metrics = read_metrics(RunFolder.of(project, first["run"]).metrics)
    assert [metric.iteration for metric in metrics] == [1, 2, 3, 4, 5, 6]


def test_the_head_behind_the_detector_learns_in_several_processes(open_body, tmp_path):
    """Its own doubt is in no loss of bodies, and the others' gradients must not wait for it."""
    meeting = f"file://{tmp_path / 'meeting'}"
    distributed.init_process_group("gloo", init_method=meeting, rank=0, world_size=1)
    try:
        configuration = replace(profile_configuration("cpu"), replayed_people=4)
        learner, _ = _learner(
            configuration,
            None,
            open_body,
            PosePrior.load(),
            device=torch.device("cpu"),
            world=World(size=2),
            frozen=False,
        )
        assert isinstance(learner.network, torch.nn.parallel.DistributedDataParallel)
        for iteration in (1, 2):
            # As in a step: people of the batch and rehearsed ones, and one descent for both.
            losses = [learner.rehearsal(configuration, 2 * iteration + half) for half in (0, 1)]
            assert None not in losses
            torch.autograd.backward(sum(losses))
    finally:
        distributed.destroy_process_group()
