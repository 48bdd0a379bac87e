"""Writes a reproduction down: four tables as Markdown, CSV and plots, and what holds."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from core.engine.evaluation.plots import Bar, bar_plot
from core.engine.evaluation.tables import Spread, Table
from core.engine.project_models import program_versions
from core.errors import UserFileError
from core.paper.benchmark import ReproductionResults
from core.paper.statements import Statement, statements
from core.paper.tables import tables

REPORT_FILE = "report.md"
_MEASURE = "reconstruction, mm"
_LINE = "always the mean body"
"""Drawn as a line, not as a bar."""


@dataclass(frozen=True)
class ReproductionReport:
    """What was written: the main file, all others, and the statements in it."""

    path: Path
    files: tuple[Path, ...]
    statements: tuple[Statement, ...]


def write_report(out: Path, results: ReproductionResults) -> ReproductionReport:
    """Write ``report.md``, and for each table ``.md``, ``.csv`` and ``.png``, into ``out``.

    Raises:
        UserFileError: a file cannot be written.
    """
    found = tables(results)
    files: list[Path] = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for table in found:
            for suffix, text in ((".md", table.markdown()), (".csv", table.csv())):
                files.append(out / f"{table.key}{suffix}")
                files[-1].write_text(text, encoding="utf-8")
        for table in found[:-1]:
            files.append(out / f"{table.key}.png")
            _plot(files[-1], table, results)
        path = out / REPORT_FILE
        path.write_text(_text(results, found), encoding="utf-8")
    except OSError as error:
        raise UserFileError(f"the report cannot be written ({error}).", path=out) from error
    return ReproductionReport(path, tuple(files), tuple(statements(results)))


def _plot(path: Path, table: Table, results: ReproductionResults) -> None:
    """The reconstruction errors of a table, a bar a row."""
    at = table.columns.index(_MEASURE)
    bars = [
        Bar(label=" · ".join(_words(row[:at])), group=_group(table, str(row[2])), value=value)
        for row in table.rows
        if isinstance(value := row[at], Spread)
    ]
    has_line = table.key in ("table_1", "table_4")
    bar_plot(
        path,
        [bar for bar in bars if _LINE not in bar.label],
        title=table.title,
        unit="reconstruction error (PA-MPJPE), mm; lower is better",
        reference=("mean body", results.mean_body.reconstruction_mm) if has_line else None,
    )


def _group(table: Table, third_column: str) -> str:
    """What a bar's colour stands for; in table 2, whether SMPLify came after the regressor."""
    if table.key == "table_2":
        return "alone" if third_column.startswith("none") else "fitted"
    return third_column


def _words(values: Sequence[Spread | str]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def _text(results: ReproductionResults, found: Sequence[Table]) -> str:
    *numbered, verdicts = found
    parts = [
        "# The four tables on rendered people\n",
        verdicts.markdown(),
        *(f"{table.markdown()}\n![{table.title}]({table.key}.png)\n" for table in numbered),
        "## How it was made\n",
        f"`python main.py reproduce --out DIR{_option(results.settings.name)}`\n",
        _list(_conditions(results)),
    ]
    return "\n".join(parts)


def _option(name: str) -> str:
    return " --quick" if name == "quick" else ""


def _conditions(results: ReproductionResults) -> dict[str, str]:
    settings = asdict(results.settings)
    trainings = Spread(tuple(cell.seconds for cell in results.cells.values()))
    return {
        "machine": f"{_processor()}, {os.cpu_count()} cores, {platform.platform(terse=True)}",
        "threads": str(torch.get_num_threads()),
        "time": f"{results.seconds / 60:.0f} minutes in all, "
        f"{trainings.mean / 60:.1f} minutes a training in the mean",
        "versions": ", ".join(f"{name} {one}" for name, one in program_versions().items()),
        **{name.replace("_", " "): str(value) for name, value in settings.items()},
    }


def _processor() -> str:
    """The processor's own name where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _list(values: Mapping[str, str]) -> str:
    return "\n".join(f"- {name}: {value}" for name, value in values.items()) + "\n"
