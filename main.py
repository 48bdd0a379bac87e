"""SPIN Studio: opens the window, or runs one subcommand of the same engine without it."""

from __future__ import annotations

import argparse
import os
import sys
from difflib import get_close_matches
from pathlib import Path

from core.cli.console import Console
from core.cli.parser import BACKED_UP, HEADLESS_SUBCOMMANDS, build_parser
from core.cli.subcommand import Subcommand
from core.errors import Cancelled, StudioError, printable
from core.rendering.triton_guard import keep_triton_out
from core.system.idle_threads import let_waiting_threads_sleep

WRONG_USE = 2
"""What argparse ends with, too."""
INTERRUPTED = 130
"""What a shell expects of a program ended by Ctrl+C."""
PIPE_CLOSED = 141
"""What a shell expects of a program whose reader has gone (``info | head -1``)."""


def main(arguments: list[str]) -> int:
    """Run the subcommand; returns the exit status."""
    # Both before PyTorch; subcommands draw, too.
    keep_triton_out()
    let_waiting_threads_sleep()
    console = Console(sys.stdout, sys.stderr)
    if _is_neither_command_nor_folder(arguments):
        console.note(_no_such(arguments[0]))
        return WRONG_USE
    parser = build_parser(WINDOW_SUBCOMMANDS)
    options = parser.parse_args(_with_subcommand(arguments, _subcommand_names()))
    try:
        return _run(options, console)
    except Cancelled as stopped:
        console.note(str(stopped))
        return INTERRUPTED
    except KeyboardInterrupt:
        console.note("Interrupted. What was finished before is kept.")
        return INTERRUPTED
    except StudioError as error:
        console.note(f"{error.message}\n{error.remedy}".rstrip())
        return 1
    except BrokenPipeError:
        _forget_results()
        return PIPE_CLOSED
    except OSError as error:
        console.note(f"{error}\nCheck the path, and that you may read and write there.")
        return 1


def _with_subcommand(arguments: list[str], names: frozenset[str]) -> list[str]:
    """``main.py`` and ``main.py FOLDER`` open the window; a subcommand's name is never a folder."""
    # os.path answers "no" for paths that cannot be looked into, where Path raises.
    if not arguments or (arguments[0] not in names and os.path.isdir(arguments[0])):  # noqa: PTH112
        return ["open", *arguments]
    return arguments


def _is_neither_command_nor_folder(arguments: list[str]) -> bool:
    if not arguments or arguments[0].startswith("-") or arguments[0] in _subcommand_names():
        return False
    return not os.path.isdir(arguments[0])  # noqa: PTH112 - as above


def _no_such(word: str) -> str:
    """What is said of a word that is neither a subcommand nor a folder, with what is near it."""
    word = printable(word)
    if os.path.isfile(word):  # noqa: PTH113 - as above
        return f"{word} is a file; a project is a folder.\nCommands: main.py --help"
    said = f"There is no folder and no command '{word}'."
    near = get_close_matches(word, [*_subcommand_names(), *_folders_beside(Path(word))])
    near_by = f"Near it: {', '.join(near)}.\n" if near else ""
    return f"{said}\n{near_by}To open a project name its folder. Commands: main.py --help"


def _folders_beside(path: Path) -> list[str]:
    """Folders in the same place, as one would write them."""
    try:
        return [
            str(path.with_name(entry.name)) for entry in os.scandir(path.parent) if entry.is_dir()
        ]
    except (OSError, ValueError):
        return []


def _subcommand_names() -> frozenset[str]:
    return frozenset(each.name for each in (*WINDOW_SUBCOMMANDS, *HEADLESS_SUBCOMMANDS))


def _run(options: argparse.Namespace, console: Console) -> int:
    """Do the work, and back up the project that it was done on."""
    status = int(options.run(options, console))
    if status == 0 and options.subcommand in BACKED_UP:
        from core.cli.backup import after_work  # noqa: PLC0415 - help does without a database

        after_work(options.project, console)
    return status


def _forget_results() -> None:
    """Send what is still to be written nowhere: Python writes it out at its end, and would fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, nargs="?", help="project folder")
    parser.add_argument("--reviewer", default="", metavar="NAME", help="who reviews from now on")


def _open(options: argparse.Namespace, _console: Console) -> int:
    if sys.platform == "linux":
        from spin_gui.window.screen_check import check_screen  # noqa: PLC0415 - for the window only

        check_screen()
    # Qt is loaded only where a window is wanted.
    from spin_gui.window.plain_imports import collecting_later, keep_imports_plain  # noqa: PLC0415

    keep_imports_plain()
    with collecting_later():
        from spin_gui.window.app import run  # noqa: PLC0415

    return run(options.project, reviewer=options.reviewer)


def _screenshot_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, help="project folder")
    parser.add_argument("out", type=Path, help="PNG to write")
    parser.add_argument("--sample", type=int, help="id of the sample to show (default: the first)")
    parser.add_argument("--width", type=int, default=1600, help="of the window, in px")
    parser.add_argument("--height", type=int, default=1000, help="of the window, in px")
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="colours")
    parser.add_argument(
        "--do",
        dest="actions",
        default="",
        metavar="COMMAND,…",
        help="commands of the window to run first, by id, such as correct.edit",
    )


def _screenshot(options: argparse.Namespace, console: Console) -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from spin_gui.window.plain_imports import keep_imports_plain  # noqa: PLC0415 - as above

    keep_imports_plain()
    from spin_gui.screenshots.screenshot import screenshot  # noqa: PLC0415

    screenshot(
        options.project,
        options.out,
        size=(options.width, options.height),
        sample_id=options.sample,
        theme=options.theme,
        actions=[action.strip() for action in options.actions.split(",") if action.strip()],
    )
    console.result(f"Wrote {options.out}.")
    return 0


WINDOW_SUBCOMMANDS = (
    Subcommand("open", "open the window on a project", _open_arguments, _open),
    Subcommand("screenshot", "write a picture of the window", _screenshot_arguments, _screenshot),
)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
