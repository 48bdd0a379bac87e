"""The numbers of the crop camera (facts of SPIN, 1.5); without PyTorch, which boxes do not need."""

from __future__ import annotations

FOCAL_LENGTH_PX = 5000.0
CROP_SIZE_PX = 224
CROP_CENTER_PX = CROP_SIZE_PX / 2
