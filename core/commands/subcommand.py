"""What a subcommand is; light to import, unlike the subcommands themselves."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from core.commands.console import Console


@dataclass(frozen=True)
class Subcommand:
    """Name, one line of help, and the two functions of its module."""

    name: str
    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Console], int]
