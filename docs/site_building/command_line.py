"""What the page on the command line shows, made from the parser that the program uses."""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress


def command_line_sections(parser: argparse.ArgumentParser) -> str:
    """Markdown of every subcommand: a table of them, then usage, arguments and options of each."""
    choices = _subparsers(parser)
    helps = _helps(choices)
    overview = ["| command | what it does |", "|---|---|"]
    overview += [f"| [`{name}`](#{name}) | {_plain(helps[name])} |" for name in choices.choices]
    sections = [
        "\n".join(_section(name, helps[name], subparser, level=2))
        for name, subparser in choices.choices.items()
    ]
    return "\n".join([*overview, "", *sections])


def _helps(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> dict[str, str]:
    """The line of help of each subcommand."""
    return {listed.dest: listed.help or "" for listed in subparsers._choices_actions}  # noqa: SLF001


def _section(
    name: str, help_text: str, parser: argparse.ArgumentParser, *, level: int
) -> Iterator[str]:
    _fill(parser)
    yield f"{'#' * level} {name} {{ #{name.replace(' ', '-')} }}\n"
    yield f"{help_text[:1].upper()}{help_text[1:]}.\n"
    yield f"```text\n{_usage(parser)}\n```\n"
    yield from _table(parser)
    if parser.epilog:
        yield f"{parser.epilog}\n"
    below = [action for action in parser._actions if _has_subcommands(action)]  # noqa: SLF001
    for action in below:
        helps = _helps(action)
        for word, subparser in action.choices.items():
            yield from _section(f"{name} {word}", helps.get(word, ""), subparser, level=level + 1)


def _fill(parser: argparse.ArgumentParser) -> None:
    """Have a subcommand's parser learn its arguments, which it does when it is used first."""
    with redirect_stdout(io.StringIO()), suppress(SystemExit):
        parser.parse_args(["--help"])


def _usage(parser: argparse.ArgumentParser) -> str:
    formatter = argparse.HelpFormatter(f"python {parser.prog}", width=96)
    formatter.add_usage(parser.usage, parser._actions, parser._mutually_exclusive_groups, "")  # noqa: SLF001
    return formatter.format_help().strip()


def _table(parser: argparse.ArgumentParser) -> Iterator[str]:
    shown = [action for action in parser._actions if _is_shown(action)]  # noqa: SLF001
    if not shown:
        return
    yield "| argument | meaning |\n|---|---|"
    # Within code a bar still ends the cell.
    typed = (_words(action).replace("|", "\\|") for action in shown)
    yield from (
        f"| {words} | {_meaning(action)} |" for words, action in zip(typed, shown, strict=True)
    )
    yield ""


def _is_shown(action: argparse.Action) -> bool:
    plain = not isinstance(action, argparse._HelpAction) and not _has_subcommands(action)  # noqa: SLF001
    return plain and action.help is not argparse.SUPPRESS


def _words(action: argparse.Action) -> str:
    """How the argument is typed; its choices are told with its meaning."""
    name = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    if not action.option_strings:
        return f"`{action.metavar or action.dest}`"
    value = "" if action.nargs == 0 else f" {name}"
    return ", ".join(f"`{option}{value}`" for option in action.option_strings)


def _meaning(action: argparse.Action) -> str:
    """Its help, its choices, and its default where the help does not tell it."""
    words = [_plain(action.help or "")]
    if action.choices is not None:
        words.append(f"one of {', '.join(f'`{choice}`' for choice in action.choices)}")
    default = _default(action)
    told = any(f"{mark}{default}" in words[0] for mark in ("(", "default: "))
    if default and not told:
        words.append(f"default `{default}`")
    return "; ".join(word for word in words if word)


def _default(action: argparse.Action) -> str:
    value = action.default
    if not action.option_strings or value is argparse.SUPPRESS or value in (None, False, "", []):
        return ""
    return ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _plain(text: str) -> str:
    """Help as the text of a table's cell: one line, in which Markdown sees no marks."""
    line = " ".join(text.replace("%%", "%").split())
    for mark in "|<*_":
        line = line.replace(mark, f"\\{mark}")
    return line


def _has_subcommands(action: argparse.Action) -> bool:
    return isinstance(action, argparse._SubParsersAction)  # noqa: SLF001


def _subparsers(
    parser: argparse.ArgumentParser,
) -> argparse._SubParsersAction[argparse.ArgumentParser]:
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            return action
    raise ValueError("The parser has no subcommands.")
