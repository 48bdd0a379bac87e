"""``snapshot PROJECT OUT``: the database as one file, for shards on other machines to read."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from core.cli.console import Console
from core.dictionary.shards.snapshots import make_snapshot
from core.types.counted_nouns import counted


def run(options: argparse.Namespace, console: Console) -> int:
    """Write the snapshot, and say what it holds and its hash."""
    facts = make_snapshot(options.project, options.out)
    if options.json:
        console.json({"snapshot": str(options.out), **asdict(facts)})
        return 0
    console.result(
        f"{options.out}: {counted(facts.people, 'person', 'people')}, schema "
        f"{facts.schema_version}, sha256 {facts.sha256[:16]}…"
    )
    return 0
