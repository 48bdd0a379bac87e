"""No module of the program needs itself, however late its imports are made."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PACKAGES = ("core", "spin_gui")


def module_files(root: Path, packages: tuple[str, ...]) -> dict[str, Path]:
    """Every module of the packages, by its dotted name."""
    files: dict[str, Path] = {}
    for package in packages:
        for path in (root / package).rglob("*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return files


def imported_names(module: str, path: Path) -> Iterator[str]:
    """Dotted names of all imports of a file: at its top, in functions, and for types only."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = node.module or "" if not node.level else ".".join([*above, node.module or ""])
            yield from (f"{base.rstrip('.')}.{alias.name}" for alias in node.names)


def import_graph(files: Mapping[str, Path]) -> dict[str, set[str]]:
    """By module the modules it imports, each by the longest name that is a module."""
    graph: dict[str, set[str]] = {}
    for module, path in files.items():
        names = imported_names(module, path)
        targets = (name if name in files else name.rpartition(".")[0] for name in names)
        graph[module] = {name for name in targets if name in files and name != module}
    return graph


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """The strongly connected sets of more than one module, by Tarjan's algorithm."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        order[module] = lowest[module] = len(order)
        stack.append(module)
        for target in sorted(graph[module]):
            if target not in order:
                visit(target)
                lowest[module] = min(lowest[module], lowest[target])
            elif target in stack:
                lowest[module] = min(lowest[module], order[target])
        if lowest[module] == order[module]:
            members = stack[stack.index(module) :]
            del stack[stack.index(module) :]
            if len(members) > 1:
                found.append(sorted(members))

    for module in sorted(graph):
        if module not in order:
            visit(module)
    return found


def test_no_modules_import_each_other_in_a_circle() -> None:
    found = circles(import_graph(module_files(REPOSITORY, PACKAGES)))
    told = "\n".join(" <-> ".join(circle) for circle in found)
    assert not found, f"These modules need each other:\n{told}"


@pytest.mark.parametrize(
    "late_import",
    [
        "import demo.first",
        "def load():\n    from demo.first import VALUE\n    return VALUE",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from demo import first",
        "from . import first",
        "from .first import VALUE",
    ],
)
def test_a_circle_is_found_wherever_its_import_stands(tmp_path: Path, late_import: str) -> None:
    package = tmp_path / "demo"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "first.py").write_text("from demo.second import VALUE\n")
    (package / "second.py").write_text(f"{late_import}\nVALUE = 1\n")

    assert circles(import_graph(module_files(tmp_path, ("demo",)))) == [
        ["demo.first", "demo.second"]
    ]


def test_a_package_that_hands_names_on_makes_no_circle_of_its_own(tmp_path: Path) -> None:
    package = tmp_path / "demo"
    package.mkdir()
    (package / "__init__.py").write_text("from demo.first import VALUE\n")
    (package / "first.py").write_text("VALUE = 1\n")

    assert circles(import_graph(module_files(tmp_path, ("demo",)))) == []
