"""A small network that is shown the labels of a person alone and says which of them are wrong.

Three hidden layers of rectified units, evaluated with NumPy; ``resources/label_checks/build``
trains it on recorded poses whose labels were made wrong (docs/labels.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.body.label_checks.places import NUM_PLACES, PAIRS
from core.body.safe_npz import load_restricted_npz
from core.errors import ShapeError, UserFileError
from core.resource_files import resource_path
from core.types.arrays import FloatArray

INPUTS = 3 * NUM_PLACES
HEADS = {
    "sides": 1,
    "pair": len(PAIRS),
    "mixed": NUM_PLACES,
    "moved": NUM_PLACES,
    "missing": NUM_PLACES,
}
"""What the outputs say, and of how many things: the whole person, pairs, or places."""

_SHIPPED = "label_checks/critic.npz"
_LAYERS = 4


@dataclass(frozen=True, eq=False)
class CriticLogits:
    """Logits of N sets of labels.

    sides: (N,) left and right of everything are exchanged. pair: (N, P) those of one of ``PAIRS``.
    mixed, moved: (N, 25) the label belongs to another person; it is off its place. missing: (N, 25)
    an absent place could be seen. Where a place, or one of a pair, has no label, or has one where
    ``missing`` is asked, the logit is −∞.
    """

    sides: NDArray[np.float64]
    pair: NDArray[np.float64]
    mixed: NDArray[np.float64]
    moved: NDArray[np.float64]
    missing: NDArray[np.float64]


def critic_input(labels: FloatArray) -> NDArray[np.float32]:
    """Labels ``(N, 25, 3)`` for the network, ``(N, 75)``: places about their mean, and presence.

    Lengths are shares of the root mean square distance from the mean, so that neither where a
    person stands nor how large they are counts.
    """
    if labels.shape[1:] != (NUM_PLACES, 3):
        raise ShapeError("labels", actual=labels.shape, expected=f"(N, {NUM_PLACES}, 3)")
    present = (labels[..., 2:] > 0).astype(np.float64)
    count = np.maximum(present.sum(axis=1, keepdims=True), 1)
    points = labels[..., :2].astype(np.float64)
    away = (points - (points * present).sum(axis=1, keepdims=True) / count) * present
    spread = np.sqrt((away**2).sum(axis=(1, 2), keepdims=True) / count)
    # One label, or several on one spot, have no spread.
    shares = away / np.maximum(spread, 1e-3)
    return np.concatenate([shares, present], axis=-1).reshape(-1, INPUTS).astype(np.float32)


class LabelCritic:
    """The network, loaded."""

    def __init__(self, arrays: dict[str, NDArray[np.floating]]) -> None:
        self._layers = [
            (arrays[f"weight_{number}"].T.astype(np.float32), arrays[f"bias_{number}"])
            for number in range(_LAYERS)
        ]

    @classmethod
    def load(cls, path: Path | None = None) -> LabelCritic:
        """The shipped network, or another file.

        Raises:
            UserFileError: the file cannot be read.
        """
        chosen = resource_path(_SHIPPED) if path is None else path
        arrays = load_restricted_npz(chosen, kind=UserFileError)
        return cls({name: array.astype(np.float32) for name, array in arrays.items()})

    def logits(self, labels: FloatArray) -> CriticLogits:
        """What is wrong with labels ``(N, 25, 3)``."""
        values = critic_input(labels)
        for number, (weight, bias) in enumerate(self._layers):
            values = values @ weight + bias
            if number < _LAYERS - 1:
                values = np.maximum(values, 0)
        ends = np.cumsum(list(HEADS.values()))[:-1]
        parts = dict(zip(HEADS, np.split(values.astype(np.float64), ends, axis=1), strict=True))
        present = labels[..., 2] > 0
        pairs = present[:, np.array(PAIRS)].all(axis=2)
        return CriticLogits(
            parts["sides"][:, 0],
            np.where(pairs, parts["pair"], -np.inf),
            np.where(present, parts["mixed"], -np.inf),
            np.where(present, parts["moved"], -np.inf),
            np.where(present, -np.inf, parts["missing"]),
        )
