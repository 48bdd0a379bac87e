"""Where fits can start, by name; the dialogs list it without loading PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from core.records import Origin

STARTING_POINTS: Mapping[str, Origin] = {"mean": Origin.MEAN, "lifter": Origin.LIFTER}
"""What ``init`` of a fitting may be, and the origin of the fits that begin there."""
