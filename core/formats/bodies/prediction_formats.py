"""Which files of another method's predictions are read, in words; light, unlike the readers."""

from __future__ import annotations

FORMAT_HELP = (
    "an npz with imgname, pose or rotmat, betas or shape, cam, center and scale (SPIN, VIBE, "
    "PyMAF, 4D-Humans, BEDLAM and others), this program's own spin-fits export or evaluation "
    "results, or EFT's json"
)
