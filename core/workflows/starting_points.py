"""Where fits can start, by name; the dialogs list it without loading PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from core.types.fits import Origin
from core.workflows.choices import FIT_STARTS

STARTING_POINTS: Mapping[str, Origin] = {name: Origin(name) for name in FIT_STARTS}
"""What ``init`` of a fitting may be, and the origin of the fits that begin there."""
