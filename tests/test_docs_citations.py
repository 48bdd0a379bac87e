"""Whatever the documentation and the code cite can be opened: pages, headings, names, addresses."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("benchmarks", "core", "docs", "findings", "resources", "spin_gui", "tests")
METHOD = ROOT / "docs" / "method.md"

FENCED = re.compile(r"^```.*?^```$", re.M | re.S)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PAGE = re.compile(r'\b(docs/[\w./-]*\w)(?:, "([^"]+)")?')

CODE_PATH = re.compile(r"`((?:benchmarks|core|findings|resources|spin_gui|tests)/[\w/.*-]+)`")
FAULT = re.compile(r'"Faults of the published code", (\d+)|\bfault (\d+)')

NOWHERE = {
    "notes outside the repository": re.compile(
        r"facts of SPIN|\bof the facts\b|\bfacts \d|design page|\b(?:DESIGN|house|moves)\.md\b"
    ),
    "a section of no named document": re.compile(r"\w \([1-9]\.\d(?:(?:,| and) \d\.\d)*\)"),
    "a rule of no named page": re.compile(r"\(rules? \d"),
    "an issue without its address": re.compile(r"\b[Ii]ssue #?\d"),
}
"""What a reader of the repository alone could not follow, by what it is."""

OUTSIDE = re.compile(r"\.\./shared\b|\bshared/")
"""Pictures and motion capture outside the repository: named only where they are looked for."""


def files(*suffixes: str) -> list[Path]:
    """Files of the project with one of the suffixes, those of the top level included."""
    found = [path for path in ROOT.iterdir() if path.is_file()]
    found += [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    return sorted(path for path in found if path.suffix in suffixes)


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def prose_of(path: Path) -> str:
    """What a file says, with line ends taken out, so that wrapped citations are whole.

    Of Python its strings and comments.
    """
    text = text_of(path)
    if path.suffix == ".py":
        nodes = ast.walk(ast.parse(text))
        strings = [node.value for node in nodes if isinstance(node, ast.Constant)]
        strings += re.findall(r"(?:^\s*#.*\n)+|#.*$", text, flags=re.M)
        text = "\n\n".join(string for string in strings if isinstance(string, str))
        text = re.sub(r"\n\s*# ?", "\n", text)
    return re.sub(r"\s+", " ", text)


@cache
def headings(page: Path) -> frozenset[str]:
    found = re.findall(r"^#+ (.+?)\s*$", FENCED.sub("", text_of(page)), flags=re.M)
    return frozenset(heading.replace("`", "") for heading in found)


@cache
def anchors(page: Path) -> frozenset[str]:
    """What links to the headings of a page end in, as GitHub makes them."""
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings(page))
    return frozenset(heading.replace(" ", "-") for heading in plain)


def links(page: Path) -> Iterator[str]:
    for target in LINK.findall(FENCED.sub("", text_of(page))):
        if not re.match(r"(?:https?|mailto):", target):
            yield target


def resolves(target: str, *, base: Path) -> bool:
    """Whether a relative link leads to a file, and to a heading where it names one."""
    path, _, anchor = target.partition("#")
    page = (base.parent / path).resolve() if path else base
    if not page.exists():
        return False
    return not anchor or anchor in anchors(page)


def is_cited_page(path: str) -> bool:
    """Whether ``docs/…`` exists; decisions may be cited by their number."""
    return (ROOT / path).exists() or any(ROOT.glob(f"{path}-*.md"))


@pytest.mark.parametrize("page", files(".md"), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_of_a_page_resolves(page):
    assert [target for target in links(page) if not resolves(target, base=page)] == []


def test_every_page_that_code_or_prose_names_exists_with_its_heading():
    lost = []
    for path in files(".py", ".md", ".toml", ".sh"):
        for cited in PAGE.finditer(prose_of(path)):
            name, heading = cited.groups()
            if not is_cited_page(name):
                lost.append((str(path.relative_to(ROOT)), name))
            elif heading is not None and heading not in headings(ROOT / name):
                lost.append((str(path.relative_to(ROOT)), name, heading))
    assert lost == []


def test_the_patterns_find_what_leads_nowhere(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A heading\n\n[a](#a-heading) [b](#none) [c](none.md)\n", encoding="utf-8")
    assert [target for target in links(page) if not resolves(target, base=page)] == [
        "#none",
        "none.md",
    ]
    code = tmp_path / "code.py"
    page_name = str(METHOD.relative_to(ROOT))
    code.write_text(f'"""See {page_name},\n    "No such\n    heading"."""\n', encoding="utf-8")
    cited = PAGE.search(prose_of(code))
    assert cited is not None
    assert cited.groups() == (page_name, "No such heading")


def words_of_the_code() -> set[str]:
    return {word for path in files(".py") for word in re.findall(r"\w+", text_of(path))}


def test_every_name_that_the_method_mentions_is_in_the_code():
    page = text_of(METHOD)
    prose, fenced = FENCED.sub("", page), "".join(FENCED.findall(page))
    named = set(re.findall(r"`([A-Za-z_][\w.]*)`", prose))
    named |= set(re.findall(r"\b[A-Z]\w+\.\w+", fenced))
    named |= set(re.findall(r"\((\w+_\w+)\)$", fenced, flags=re.M))
    named |= set(re.findall(r"── (\w+_\w+) ", fenced))
    code = words_of_the_code()
    assert len(named) > 100
    assert sorted(name for name in named if not set(name.split(".")) <= code) == []


def rows_of_the_code_table() -> list[tuple[str, list[str]]]:
    section = text_of(METHOD).split("## Where it is in the code")[1].split("\n## ")[0]
    rows = re.findall(r"^\| [^|]+ \| `([\w.]+)` \| (.+) \|$", section, flags=re.M)
    return [(module, re.findall(r"`(\w+)`", names)) for module, names in rows]


def test_the_table_of_the_method_says_where_each_name_is_defined():
    rows = rows_of_the_code_table()
    assert len(rows) > 30
    lost = []
    for module, names in rows:
        path = ROOT / (module.replace(".", "/") + ".py")
        source = text_of(path) if path.is_file() else ""
        lost += [
            f"{module}.{name}"
            for name in names
            if not re.search(rf"^(?:class |def )?{name}\b", source, flags=re.M)
        ]
    assert lost == []


def found_in_prose(pattern: re.Pattern[str], *, without: tuple[str, ...] = ()) -> list[str]:
    """Where and what the pattern finds, in all files but this one and those of some folders."""
    paths = files(".py", ".md", ".toml", ".sh", ".txt", ".yaml")
    named = {path: path.relative_to(ROOT) for path in paths if path != Path(__file__).resolve()}
    return [
        f"{name}: {found[0]}"
        for path, name in named.items()
        if name.parts[0] not in without
        for found in pattern.finditer(prose_of(path))
    ]


@pytest.mark.parametrize("kind", NOWHERE)
def test_no_citation_leads_nowhere(kind):
    assert found_in_prose(NOWHERE[kind]) == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("notes outside the repository", "as in facts 4.2, or section 1.5 of the facts"),
        ("notes outside the repository", "(DESIGN.md, rule 4)"),
        ("a section of no named document", "in the least-squares sense (3.6)"),
        ("a section of no named document", "counted as zeros (3.5, 3.6)"),
        ("a rule of no named page", "that a person rejected (rules 2)"),
        ("an issue without its address", "on 3DPW (SPIN issue 99)"),
    ],
)
def test_the_pattern_knows_such_a_citation(kind, text):
    assert NOWHERE[kind].search(text)


def test_folders_outside_the_repository_are_named_only_where_they_are_looked_for():
    assert found_in_prose(OUTSIDE, without=("benchmarks", "tests")) == []


def test_every_fault_that_the_code_names_is_in_the_list():
    section = text_of(METHOD).split("## Faults of the published code")[1].split("\n## ")[0]
    numbers = re.findall(r"^(\d+)\. ", section, flags=re.M)
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
    named = {
        number
        for path in files(".py", ".md")
        for found in FAULT.findall(prose_of(path))
        for number in found
        if number
    }
    assert {"1", "2", "7", "13"} <= named <= set(numbers)


def test_every_path_of_the_code_that_a_page_names_exists():
    lost = [
        (str(page.relative_to(ROOT)), named)
        for page in files(".md")
        for named in CODE_PATH.findall(text_of(page))
        if "NAME" not in named and not any(ROOT.glob(named))
    ]
    assert lost == []
