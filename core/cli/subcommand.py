"""What a subcommand is; light to import, unlike the subcommands themselves."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from core.cli.console import Console


@dataclass(frozen=True)
class Subcommand:
    """Name, one line of help, what describes its arguments, and what does its work."""

    name: str
    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Console], int]


def subcommand_of_module(name: str, help_text: str, module: str) -> Subcommand:
    """A subcommand of ``core.cli``, in two modules that are imported when they are needed.

    ``core.cli.arguments.MODULE`` is asked for help, too, and must not load PyTorch.
    ``core.cli.MODULE`` does the work.
    """

    def add_arguments(parser: argparse.ArgumentParser) -> None:
        import_module(f"core.cli.arguments.{module}").add_arguments(parser)

    def run(options: argparse.Namespace, console: Console) -> int:
        return int(import_module(f"core.cli.{module}").run(options, console))

    return Subcommand(name, help_text, add_arguments, run)


class SubcommandParser(argparse.ArgumentParser):
    """Knows its arguments only once it is used: the other subcommands' modules stay unloaded."""

    def __init__(self, *args: Any, subcommand: Subcommand | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting = subcommand

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse, after the subcommand has named its arguments."""
        self._fill()
        return super().parse_known_args(args, namespace)

    def _fill(self) -> None:
        subcommand, self._waiting = self._waiting, None
        if subcommand is not None:
            subcommand.add_arguments(self)
            self.set_defaults(run=subcommand.run)
