"""What colour each kind of body is drawn in: told apart by any kind of colour vision.

Blue, amber, light grey and green differ in lightness as well as in hue, stand out from skin and
most clothes, and do not follow the window's theme.
"""

from __future__ import annotations

MeshColor = tuple[float, float, float]
"""Red, green, blue in 0..1."""

PREDICTION_COLOR: MeshColor = (0.42, 0.66, 0.93)
CURRENT_FIT_COLOR: MeshColor = (0.96, 0.72, 0.42)
FIRST_FIT_COLOR: MeshColor = (0.84, 0.84, 0.88)
OTHER_PERSON_COLOR: MeshColor = (0.60, 0.60, 0.64)
"""Of the people beside the one that is looked at."""
LIFTER_COLOR: MeshColor = (0.52, 0.78, 0.62)
