"""What the origins of fits are called, the same in the window and on paper."""

from __future__ import annotations

from core.types.fits import Origin

ORIGIN_TITLES = {
    Origin.MEAN: "mean pose",
    Origin.LIFTER: "lifter",
    Origin.NETWORK: "network",
    Origin.IN_LOOP: "in the loop",
    Origin.REFIT: "refit",
    Origin.CORRECTED: "corrected",
    Origin.IMPORTED: "imported",
    Origin.GROUND_TRUTH: "ground truth",
}
