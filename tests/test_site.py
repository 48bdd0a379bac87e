"""The documentation site's sources are sound; ``make docs`` builds it, which takes longer."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from site_building.command_line import command_line_sections
from site_building.decisions import decisions_table
from site_building.field_lists import with_choices, with_field_list
from site_building.inserts import with_inserts
from site_building.links import ROOT_FILES, relinked
from site_building.nav import expanded, page_paths
from site_building.offline import fetched_from_elsewhere

from core.cli.parser import HEADLESS_SUBCOMMANDS, build_parser
from main import WINDOW_SUBCOMMANDS

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"

REFERRED_TO = re.compile(r"^::: ([\w.]+)$", re.MULTILINE)
"""An object that a page of the reference shows."""


def _configuration() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))


def _left_out() -> list[Path]:
    patterns = _configuration()["exclude_docs"].split()
    return [page for pattern in patterns for page in DOCS.glob(pattern.strip("/"))]


def test_every_page_is_listed_once_and_every_listed_page_exists() -> None:
    listed = list(page_paths(expanded(_configuration()["nav"], DOCS)))
    pages = {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")}
    left_out = {page.relative_to(DOCS).as_posix() for page in _left_out()}
    assert sorted(listed) == sorted(pages - left_out)


def test_every_page_begins_with_its_title() -> None:
    for page in page_paths(expanded(_configuration()["nav"], DOCS)):
        first = (DOCS / page).read_text(encoding="utf-8").partition("\n")[0]
        assert first.startswith(("# ", "<!-- site: file ")), page


def test_everything_that_the_reference_shows_is_defined_where_it_says() -> None:
    shown = [
        name
        for page in (DOCS / "reference").glob("*.md")
        for name in REFERRED_TO.findall(page.read_text(encoding="utf-8"))
    ]
    assert len(shown) > 50
    assert [name for name in shown if not _is_defined(name)] == []


def _is_defined(name: str) -> bool:
    """Whether a module, or a class or function of one, is where its full name says."""
    module = ROOT / f"{name.replace('.', '/')}.py"
    if module.exists():
        return True
    folder, _, last = name.rpartition(".")
    module = ROOT / f"{folder.replace('.', '/')}.py"
    if not module.exists():
        return False
    body = ast.parse(module.read_text(encoding="utf-8")).body
    definitions = (ast.ClassDef, ast.FunctionDef)
    return any(isinstance(node, definitions) and node.name == last for node in body)


def test_nothing_of_the_site_is_fetched_from_elsewhere() -> None:
    """The theme's fonts, and the offline plugin's script, would be."""
    configuration = _configuration()
    assert configuration["theme"]["font"] is False
    scripts = [*configuration["extra"]["polyfills"], *configuration["extra_css"]]
    assert "javascripts/iframe-worker.js" in scripts
    assert all((DOCS / script).exists() for script in scripts)


def test_what_a_built_page_would_fetch_is_found(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        '<a href="https://example.org">a link</a> <link href="styles.css" rel="stylesheet">'
        '<link href="https://a.example/font.css" rel="stylesheet">'
        '<img alt="" src="//b.example/picture.png"> <script src="local.js"></script>'
        '<link rel="canonical" href="https://c.example/page.html">'
    )
    (tmp_path / "styles.css").write_text("a { background: url(https://d.example/d.png) }")
    found = list(fetched_from_elsewhere(tmp_path))
    assert [re.findall(r"\w\.example", line) for line in found] == [
        ["a.example"],
        ["b.example"],
        ["d.example"],
    ]


def test_warnings_of_the_build_are_errors() -> None:
    configuration = _configuration()
    assert configuration["strict"] is True
    assert set(configuration["validation"].values()) == {"warn"}


@pytest.fixture(scope="module")
def command_line() -> str:
    return command_line_sections(build_parser(WINDOW_SUBCOMMANDS))


def test_the_page_on_the_command_line_has_every_subcommand(command_line: str) -> None:
    for subcommand in (*WINDOW_SUBCOMMANDS, *HEADLESS_SUBCOMMANDS):
        assert f"\n## {subcommand.name} {{" in command_line
        assert f"[`{subcommand.name}`](#{subcommand.name})" in command_line


def test_the_page_on_the_command_line_tells_options_choices_and_defaults(command_line: str) -> None:
    fit = command_line.partition("\n## fit ")[2].partition("\n## ")[0]
    assert re.search(r"\| `--profile PROFILE` \| .*`studio`, `paper`.*default `studio`", fit)
    assert "\n### evaluate 3dpw {" in command_line


def test_tables_on_the_command_line_have_two_columns(command_line: str) -> None:
    rows = [line for line in command_line.splitlines() if line.startswith("|")]
    assert len(rows) > 100
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 3 for row in rows)


def test_the_table_of_decisions_has_every_note() -> None:
    folder = DOCS / "decisions"
    notes = [note for note in folder.glob("*.md") if note.name != "index.md"]
    rows = decisions_table(folder).splitlines()[2:]
    assert len(rows) == len(notes)
    assert all(re.fullmatch(r"\| \d+ \| \[[^\]]+\]\([\w-]+\.md\) \|", row) for row in rows)


def test_a_link_out_of_the_docs_leads_to_the_page_that_shows_the_file() -> None:
    def linked(text: str) -> str:
        return relinked(text, written_for=DOCS / "a.md", page=DOCS / "a.md", docs=DOCS)

    assert linked("[a](../ARCHITECTURE.md#layers)") == "[a](project/architecture.md#layers)"
    assert linked("[a](decisions/)") == "[a](decisions/index.md)"
    assert linked("[`m`](../core/errors.py)") == "`m`"
    assert linked("[a](https://example.org) [b](#b) [c](keys.md)") == (
        "[a](https://example.org) [b](#b) [c](keys.md)"
    )
    assert linked("```text\n[a](../main.py)\n```") == "```text\n[a](../main.py)\n```"


def test_links_of_a_shown_file_start_from_its_page() -> None:
    shown = relinked(
        "[a](docs/keys.md) [b](docs/decisions/) [c](main.py)",
        written_for=ROOT / "README.md",
        page=DOCS / "project" / "p.md",
        docs=DOCS,
    )
    assert shown == "[a](../keys.md) [b](../decisions/index.md) c"


def test_files_of_the_root_that_pages_show_exist() -> None:
    for file, page in ROOT_FILES.items():
        assert (ROOT / file).exists()
        assert (DOCS / page).exists()


def test_every_mark_of_every_page_is_filled_in() -> None:
    for page in page_paths(expanded(_configuration()["nav"], DOCS)):
        text = (DOCS / page).read_text(encoding="utf-8")
        shown = with_inserts(text, page=DOCS / page, docs=DOCS, command_line=lambda: "commands")
        assert "<!-- site:" not in shown


def test_a_mark_that_means_nothing_is_refused() -> None:
    for text in ("<!-- site: nothing -->", "<!-- site: file README.md, No such section -->"):
        with pytest.raises(ValueError, match=r"nothing|No such section"):
            with_inserts(text, page=DOCS / "a.md", docs=DOCS, command_line=str)


def test_fields_of_a_docstring_become_a_list() -> None:
    text = "A body.\n\nbetas, pose: (10,) and\n    (72,).\nscale: 1.\n\nNote: no field."
    assert with_field_list(text, frozenset(("betas", "pose", "scale"))) == (
        "A body.\n\n\n- `betas`, `pose`: (10,) and\n  (72,).\n- `scale`: 1.\n\nNote: no field."
    )


def test_choices_of_an_enumeration_become_a_list() -> None:
    assert with_choices("A verdict.", {"NONE": "'none'"}) == "A verdict.\n\n- `NONE` = `'none'`"
    assert with_choices("A verdict.", {}) == "A verdict."
