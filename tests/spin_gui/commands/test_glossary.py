"""Words and symbols: one table, shown in a dialog and written as a page."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.types.fits import ORIGIN_MEANINGS, ORIGIN_TITLES, Origin
from core.types.flags import FlagName, flag_words
from spin_gui.commands.glossary_dialog import GlossaryDialog
from spin_gui.commands.glossary_page import glossary_markdown
from spin_gui.session.glossary import GLOSSARY

ROOT = Path(__file__).resolve().parents[3]
TERMS = [term for section in GLOSSARY for term in section.terms]


def test_the_page_of_words_is_up_to_date() -> None:
    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    remedy = "run: python -m spin_gui.commands.glossary_page > docs/glossary.md"
    assert page == glossary_markdown(), remedy


def test_every_badge_of_a_flag_is_in_the_legend_with_its_title() -> None:
    legend = {(term.word, term.meaning.partition(":")[0]) for term in TERMS}
    for flag in FlagName:
        assert (flag_words(flag).badge, flag_words(flag).title) in legend


def test_every_origin_is_explained_with_the_word_that_filters_take() -> None:
    assert set(ORIGIN_MEANINGS) == set(ORIGIN_TITLES) == set(Origin)
    words = " ".join(term.word for term in TERMS)
    assert "training (origin:in-loop)" in words
    assert "ground truth (origin:'ground truth')" in words


def test_no_term_of_a_section_is_explained_twice_and_meanings_are_sentences() -> None:
    for section in GLOSSARY:
        words = [term.word for term in section.terms]
        assert len(set(words)) == len(words)
        assert [term for term in section.terms if not term.meaning.endswith(".")] == []


def test_the_dialog_shows_every_term_with_its_meaning(qtbot: QtBot) -> None:
    dialog = GlossaryDialog()
    qtbot.addWidget(dialog)
    texts = {label.text() for label in dialog.findChildren(QLabel)}
    assert {term.word for term in TERMS} | {term.meaning for term in TERMS} <= texts
