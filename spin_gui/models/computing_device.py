"""What PyTorch would compute on, told without loading it, which takes seconds and 500 MB."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

NVIDIA_CARDS = Path("/proc/driver/nvidia/gpus")
CPU = "CPU"


def computing_device(cards: Path = NVIDIA_CARDS) -> str:
    """The name of the graphics card that PyTorch would use, or ``CPU``.

    Once PyTorch is loaded it is asked; before, the driver's own list is read (Linux), and a card
    elsewhere is not known of until the first job.
    """
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "cuda"):
        return str(torch.cuda.get_device_name()) if torch.cuda.is_available() else CPU
    if "+cpu" in torch_version():
        return CPU
    for information in sorted(cards.glob("*/information")):
        try:
            lines = information.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        for line in lines:
            title, _, name = line.partition(":")
            if title.strip() == "Model" and name.strip():
                return name.strip()
    return CPU


def torch_version() -> str:
    """As installed."""
    return metadata.version("torch")
