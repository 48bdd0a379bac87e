"""Sizes of what MoveNet's trunk has of a person (docs/method.md, "The detector's head")."""

from __future__ import annotations

import math

TRUNK_CHANNELS = 1280
"""The mean of the deepest channels over the person's crop."""

TRUNK_MAP = (4, 4, 64)
"""The channels that those are brought down to, on a grid of rows and columns."""

TRUNK_SIZE = TRUNK_CHANNELS + math.prod(TRUNK_MAP)
"""2304 numbers for a person, and as many for the mirrored person."""
