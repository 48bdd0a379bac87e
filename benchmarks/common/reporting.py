"""What every benchmark shares: ``--quick``, ``--json``, and the machine it ran on."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Mapping
from importlib import metadata


def benchmark_arguments(description: str) -> argparse.ArgumentParser:
    """A parser with the two options that every benchmark takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="smaller batch, fewer repeats")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    return parser


def machine() -> dict[str, str | int]:
    """What the numbers were measured on."""
    torch = sys.modules.get("torch")  # what is measured may do without it
    threads = torch.get_num_threads() if torch is not None else os.cpu_count() or 0
    return {
        "python": platform.python_version(),
        "torch": metadata.version("torch"),
        "cores": os.cpu_count() or 0,
        "threads": threads,
        "processor": platform.machine(),
    }


def report(results: Mapping[str, object], *, as_json: bool) -> None:
    """Print the results for a reader and, where asked for, as one JSON object on the last line."""
    for name, value in results.items():
        print(f"{name:36s} {value:.5g}" if isinstance(value, float) else f"{name:36s} {value}")
    if as_json:
        print(json.dumps({**results, "machine": machine()}))
    sys.stdout.flush()
