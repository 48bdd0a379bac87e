"""What a run is resumed from: weights, optimiser, regressor error, its samples, the iteration.

No state of random generators is stored: all that is drawn follows from seed, epoch, iteration and
sample. So a resumed run is the same to the last bit, and so is one that a crash threw back, once
the dictionary was put back to the same iteration (``core.dictionary.fits.runs``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from core.engine.regression.checkpoints import save_checkpoint
from core.engine.regression.detector_head import DetectorHead
from core.engine.regression.head_checkpoints import trained_from_state, trained_state
from core.engine.regression.regressor import Regressor
from core.engine.regression.weight_files import read_weight_file
from core.engine.training.anchored_adam import weights_between
from core.engine.training.gradient_guards import refuse_lost_weights
from core.engine.training.regressor_error import RegressorErrorEstimate
from core.errors import UserFileError
from core.files.foreign_files import foreign_file

_TRAINING = "training"
_WEIGHTS = "weights"
_REMEDY = "It is damaged, or of another network. Start a new run from it (--start-from)."


def save_run(
    path: Path,
    *,
    network: torch.nn.Module,
    optimiser: torch.optim.Optimizer,
    regressor_error: RegressorErrorEstimate,
    iteration: int,
    sample_ids: Sequence[int],
    share_in_use: float = 1.0,
) -> None:
    """Write a checkpoint, whole or not at all; ``load_regressor`` reads it, too.

    Below a ``share_in_use`` of 1 its weights lie this share of the way from the first ones to those
    of now, with which a resumed run goes on.

    ``sample_ids`` are what the run trains on, in the order that its visits are dealt out by: fits
    and verdicts of the meantime must not make a resumed run select others.

    Raises:
        UserFileError: it cannot be written.
        StudioError: a weight is not finite; what the file held before, it still holds.
    """
    refuse_lost_weights(network, iteration=iteration)
    training = {
        "iteration": iteration,
        "optimiser": optimiser.state_dict(),
        "trust": regressor_error.to_state(),
        "sample_ids": torch.tensor(list(sample_ids), dtype=torch.int64),
    }
    state = trained_state(network)
    if share_in_use < 1:
        training[_WEIGHTS] = state["model"]
        bare = getattr(network, "module", network)
        in_use = weights_between(bare, optimiser, share_in_use)
        state["model"] = {**state["model"], **{name: value.cpu() for name, value in in_use.items()}}
    save_checkpoint(path, {**state, _TRAINING: training})


def trained_iterations(state: Mapping[str, Any]) -> int | None:
    """After which iteration of its run a checkpoint was written; None where it does not say."""
    training = state.get(_TRAINING)
    iteration = training.get("iteration") if isinstance(training, Mapping) else None
    return iteration if isinstance(iteration, int) else None


class StoredRun:
    """A checkpoint of a training, read and checked."""

    def __init__(self, path: Path) -> None:
        """Raises ``UserFileError`` where the file is no checkpoint of a training."""
        state = read_weight_file(path)
        trained_from_state(state, path)
        iteration = trained_iterations(state)
        if iteration is None:
            raise UserFileError(
                "holds a regressor, but not where its training stood.",
                path=path,
                remedy="Start a new run from it (--start-from) instead of resuming it.",
            )
        training = state[_TRAINING]
        self._state, self._training, self._path = state, training, path
        self.iteration = iteration
        with foreign_file(path, expected="this run's checkpoint", remedy=_REMEDY):
            self.regressor_error = RegressorErrorEstimate.from_state(training.get("trust", {}))

    @property
    def sample_ids(self) -> list[int] | None:
        """What the run trains on; None where an older program wrote the checkpoint.

        Raises:
            UserFileError: the file holds something else in its place.
        """
        stored = self._training.get("sample_ids")
        if stored is None:
            return None
        if not isinstance(stored, torch.Tensor) or stored.dtype != torch.int64 or stored.ndim != 1:
            raise UserFileError("holds no list of samples where it should.", path=self._path)
        ids: list[int] = stored.tolist()
        return ids

    def regressor(self) -> Regressor | DetectorHead:
        """What was trained, as it was."""
        weights = self._training.get(_WEIGHTS)
        state = self._state if weights is None else {**self._state, "model": weights}
        return trained_from_state(state, self._path)

    def restore(self, optimiser: torch.optim.Optimizer) -> None:
        """Put the optimiser's moments back; raises ``UserFileError`` where they do not fit."""
        stored: Any = self._training.get("optimiser", {})
        with foreign_file(self._path, expected="this run's checkpoint", remedy=_REMEDY):
            optimiser.load_state_dict(stored)
