"""Arguments of subcommands whose work can be shared out among machines."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import counting_number

LAUNCHERS = ("slurm", "local")


def add_shard_arguments(parser: argparse.ArgumentParser) -> None:
    """``--shard``, ``--snapshot`` and ``--out`` of one shard; ``--launcher`` starts all of them."""
    group = parser.add_argument_group(
        "one shard of many",
        "Reads a snapshot and writes a part of the results, for main.py merge to take in "
        "(docs/shards.md).",
    )
    group.add_argument(
        "--shard",
        metavar="i/n",
        help="which shard of how many, from 0; without it what torchrun (RANK, WORLD_SIZE) or a "
        "Slurm array (SLURM_ARRAY_TASK_ID) says",
    )
    group.add_argument("--snapshot", type=Path, metavar="FILE", help="what main.py snapshot wrote")
    group.add_argument(
        "--out", type=Path, metavar="FOLDER", help="folder for the parts of all shards"
    )
    group.add_argument(
        "--launcher",
        choices=LAUNCHERS,
        help="start all shards, wait for them and merge them: as a Slurm array, or as processes of "
        "this machine (needs the package submitit)",
    )
    group.add_argument(
        "--shards", type=counting_number, metavar="N", help="how many shards the launcher starts"
    )
    group.add_argument(
        "--minutes",
        type=counting_number,
        default=1440,
        metavar="N",
        help="after how many minutes the launcher ends a shard (1440)",
    )
    group.add_argument(
        "--slurm",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an option of sbatch for the launcher, such as partition=cpu, cpus_per_task=4 or "
        "mem=4G; may be repeated",
    )
