"""Which files of another method's predictions are read, in words; light, unlike the readers."""

from __future__ import annotations

FORMAT_HELP = (
    "an npz with imgname, pose or rotmat, betas or shape, cam, center and scale (SPIN, PyMAF, "
    "4D-Humans, BEDLAM, CameraHMR and others), this program's own spin-fits export or evaluation "
    "results, SPIN's fits (npz, or npy N×82) beside their data set, EFT's json, HumanData, a "
    "pickle of VIBE, PHALP or 3DPW, npz of ROMP or BEV, SMPLify-X's results, AMASS's npz, or .smpl"
)
"""What ``read_foreign_predictions`` reads; docs/formats.md has all of it."""
