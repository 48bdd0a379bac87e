"""``export PROJECT FORMAT OUT``: fits for other programs."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.commands.console import Console
from core.dictionary.store import Dictionary
from core.pipeline.exporting import export_spin_fits


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``export PROJECT spin-fits OUT.npz [--overwrite]``."""
    parser.add_argument("project", type=Path)
    parser.add_argument("format", choices=("spin-fits",), help="SPIN's npz of final fits")
    parser.add_argument("out", type=Path)
    parser.add_argument("--overwrite", action="store_true", help="replace an existing file")


def run(options: argparse.Namespace, console: Console) -> int:
    """Write the file whole, or not at all."""
    with Dictionary.open(options.project) as dictionary:
        report = export_spin_fits(dictionary, options.out, overwrite=options.overwrite)
    console.result(report.summary())
    return 0
