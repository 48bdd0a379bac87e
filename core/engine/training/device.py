"""What a training runs on: chosen by itself or by name, and said."""

from __future__ import annotations

import torch

from core.errors import StudioError


def choose_device(name: str, *, local_rank: int = 0) -> torch.device:
    """The device called ``name``; ``auto`` is a CUDA device where there is one.

    Args:
        name: auto, cpu, cuda, cuda:1, mps …
        local_rank: which of a machine's GPUs belongs to this process.

    Raises:
        StudioError: torch knows no such device, or this machine has none.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise StudioError(
            f"There is no device {name!r}.", remedy="Choose auto, cpu or cuda."
        ) from error
    if device.type == "cuda":
        if not torch.cuda.is_available():
            raise StudioError(
                f"The device {name!r} was asked for, but torch finds no CUDA device.",
                remedy="Choose auto or cpu, or install a torch build for this GPU's driver.",
            )
        device = device if device.index is not None else torch.device("cuda", local_rank)
        torch.cuda.set_device(device)
    return device


def describe_device(device: torch.device) -> str:
    """``cpu, 2 threads, single precision``, or the GPU with its name."""
    if device.type == "cuda":
        name = torch.cuda.get_device_name(device)
        return f"{device} {name}, mixed precision (bfloat16), channels last"
    threads = torch.get_num_threads()
    return f"{device}, {threads} thread{'s' if threads != 1 else ''}, single precision"
