"""What says which version this is, and what must be there for a release, agree."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
MOST_PICTURE_BYTES = 300_000


def _citation() -> dict[str, object]:
    return yaml.safe_load((ROOT / "CITATION.cff").read_text())


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$", _changelog(), re.M)
    assert released[0] == VERSION


def test_the_changelog_sorts_changes_as_keep_a_changelog_does() -> None:
    kinds = set(re.findall(r"^### (.+)$", _changelog(), re.M))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert "## [Unreleased]" in _changelog()


def test_the_citation_names_this_version_and_the_day_of_its_release() -> None:
    citation = _citation()
    assert citation["version"] == VERSION
    assert f"## [{VERSION}] - {citation['date-released']}" in _changelog()


def test_the_readme_cites_this_version() -> None:
    assert f"version = {{{VERSION}}}" in _readme()


def test_the_readme_names_the_licences_that_bind_more_than_ours() -> None:
    for part in ("smplx", "SMPL model files", "gmm_08.pkl", "NVIDIA", "LGPL"):
        assert re.search(rf"^\|.*{re.escape(part)}.*\|$", _readme(), re.M), part


def test_every_link_of_the_front_pages_leads_to_a_file() -> None:
    for page in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "ARCHITECTURE.md"):
        text = (ROOT / page).read_text()
        links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
        assert not [link for link in links if not (ROOT / link).exists()], page


def test_the_picture_of_the_readme_is_small() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", _readme())
    assert len(pictures) == 1
    assert (ROOT / pictures[0]).stat().st_size < MOST_PICTURE_BYTES


@pytest.mark.parametrize("form", sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")))
def test_forms_for_issues_ask_for_something(form: Path) -> None:
    read = yaml.safe_load(form.read_text())
    if form.name == "config.yml":
        assert read == {"blank_issues_enabled": False}
        return
    fields = [field for field in read["body"] if field["type"] != "markdown"]
    assert len({field["id"] for field in fields}) == len(fields)
    assert any(field.get("validations", {}).get("required") for field in fields)


def _readme() -> str:
    return (ROOT / "README.md").read_text()


def _changelog() -> str:
    return (ROOT / "CHANGELOG.md").read_text()
