"""``info PROJECT``: what a project holds."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from core.commands.console import Console
from core.dictionary.store import Dictionary


def run(options: argparse.Namespace, console: Console) -> int:
    """Counts of samples, fits, origins, verdicts and flags."""
    with Dictionary.open(options.project) as dictionary:
        facts = dictionary.info()
    if options.json:
        console.json(facts)
        return 0
    for name, value in facts.items():
        console.result(f"{name.replace('_', ' '):18s} {_readable(value)}")
    return 0


def _readable(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {count}" for key, count in value.items()) or "none"
    return str(value)
