"""Accuracy and F1 of silhouettes and part maps, counted over a whole set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.errors import ShapeError

IGNORED_LABEL = 255
"""Marks pixels of a true part map that no one could label."""


@dataclass(frozen=True)
class MaskScores:
    """accuracy: share of equal pixels. f1: mean over classes of 2TP / (2TP + FP + FN).

    f1_by_class: the same by label; NaN for a class that neither side has anywhere.
    """

    accuracy: float
    f1: float
    f1_by_class: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class MaskCounts:
    """Pixels of a set, added up picture by picture; every class is a row.

    true_positives, false_positives, false_negatives: (C,). equal, pixels: of all.
    """

    true_positives: NDArray[np.int64]
    false_positives: NDArray[np.int64]
    false_negatives: NDArray[np.int64]
    equal: int = 0
    pixels: int = 0

    @property
    def classes(self) -> int:
        """C, the background included."""
        return len(self.true_positives)

    @classmethod
    def none(cls, classes: int) -> Self:
        """Nothing counted yet; labels are 0 (background) to ``classes`` − 1."""
        nothing = np.zeros(classes, dtype=np.int64)
        return cls(nothing, nothing, nothing)

    @classmethod
    def of(cls, predicted: NDArray[np.integer], true: NDArray[np.integer], *, classes: int) -> Self:
        """Of one picture: label maps ``(H, W)``.

        Pixels whose true label is 255 count for no class; for the accuracy, both sides count as
        background there, as in SPIN's evaluation.

        Raises:
            ShapeError: the maps differ in size.
        """
        if predicted.shape != true.shape or true.ndim != 2:
            raise ShapeError("predicted", actual=predicted.shape, expected=f"{true.shape} (H, W)")
        labelled = true != IGNORED_LABEL
        predicted_labels = np.where(labelled, predicted, 0)
        true_labels = np.where(labelled, true, 0)
        labels = np.arange(classes)[:, None]
        is_predicted = np.where(labelled, predicted_labels, -1).ravel() == labels
        is_true = np.where(labelled, true_labels, -1).ravel() == labels
        return cls(
            true_positives=(is_predicted & is_true).sum(1),
            false_positives=(is_predicted & ~is_true).sum(1),
            false_negatives=(~is_predicted & is_true).sum(1),
            equal=int((predicted_labels == true_labels).sum()),
            pixels=true.size,
        )

    def __add__(self, other: MaskCounts) -> MaskCounts:
        """Both sets together; raises ``ShapeError`` where they count other classes."""
        if other.classes != self.classes:
            raise ShapeError("classes", actual=(other.classes,), expected=f"({self.classes},)")
        return MaskCounts(
            self.true_positives + other.true_positives,
            self.false_positives + other.false_positives,
            self.false_negatives + other.false_negatives,
            self.equal + other.equal,
            self.pixels + other.pixels,
        )

    def scores(self) -> MaskScores:
        """Over all pixels counted; NaN where there are none."""
        counted = 2 * self.true_positives + self.false_positives + self.false_negatives
        with np.errstate(invalid="ignore"):
            f1 = np.where(counted > 0, 2 * self.true_positives / counted, np.nan)
        present = f1[counted > 0]
        return MaskScores(
            accuracy=self.equal / self.pixels if self.pixels else float("nan"),
            f1=float(present.mean()) if len(present) else float("nan"),
            f1_by_class=tuple(f1.tolist()),
        )
