"""How this process was started: alone, or by torchrun with others."""

from __future__ import annotations

import os
from collections.abc import Mapping


def launched_with_torchrun(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this process is one of several."""
    return int(environment.get("WORLD_SIZE", "1")) > 1


def is_first_process(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this process speaks for all; a lonely one does."""
    return int(environment.get("RANK", "0")) == 0
