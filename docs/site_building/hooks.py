"""What mkdocs calls while it builds the site; mkdocs.yml names this file."""

from __future__ import annotations

import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
# mkdocs loads this file by its path, from whatever folder it is called in.
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

from core.cli.parser import build_parser  # noqa: E402 - once the path is known
from main import WINDOW_SUBCOMMANDS  # noqa: E402
from site_building.command_line import command_line_sections  # noqa: E402
from site_building.inserts import with_inserts  # noqa: E402
from site_building.nav import expanded  # noqa: E402
from site_building.offline import fetched_from_elsewhere  # noqa: E402


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Name every page of a folder where the list of pages says ``FOLDER/*``."""
    config.nav = expanded(config.nav or [], Path(config.docs_dir))
    return config


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Show what a page takes from elsewhere, and lead its links to pages of the site."""
    del files
    if page.is_homepage:
        page.meta["hide"] = ["navigation"]  # a column with nothing but its own name
    docs = Path(config.docs_dir)
    return with_inserts(
        markdown,
        page=docs / page.file.src_uri,
        docs=docs,
        command_line=lambda: command_line_sections(build_parser(WINDOW_SUBCOMMANDS)),
    )


def on_post_build(*, config: MkDocsConfig) -> None:
    """Refuse a site that would fetch something when it is read."""
    found = list(fetched_from_elsewhere(Path(config.site_dir)))
    if found:
        raise PluginError("The site must work offline, but it fetches:\n" + "\n".join(found))
