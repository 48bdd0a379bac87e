"""What PyTorch would compute on, told without loading it, which takes seconds and 500 MB."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from core.system.installed_versions import installed_version

NVIDIA_CARDS = Path("/proc/driver/nvidia/gpus")
CPU = "CPU"


def computing_device(cards: Path = NVIDIA_CARDS) -> str:
    """The name of the graphics card that PyTorch would use, or ``CPU``.

    Once PyTorch is loaded it is asked; before, the driver's own list is read (Linux), and a card
    elsewhere is not known of until then.
    """
    if is_torch_loaded():
        cuda = sys.modules["torch"].cuda
        return str(cuda.get_device_name()) if cuda.is_available() else CPU
    if "+cpu" in torch_version() or os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
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


def is_torch_loaded() -> bool:
    """Whether PyTorch is there to be asked; not while another thread is still importing it."""
    torch = sys.modules.get("torch")
    return torch is not None and not getattr(torch.__spec__, "_initializing", False)


def torch_version() -> str:
    """As installed."""
    return installed_version("torch") or ""
