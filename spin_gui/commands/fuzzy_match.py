"""Finding a command by a few letters of its name, as the command palette does."""

from __future__ import annotations

from collections.abc import Sequence

from spin_gui.commands.records import ActionRecord

_START_OF_WORD = 3.0
_IN_A_ROW = 2.0
_EARLY = 0.01


def match_score(query: str, text: str) -> float | None:
    """How well ``query``'s letters are found in ``text`` in their order; None when they are not.

    Letters at the start of a word and letters in a row count more, and early ones a little more.
    """
    wanted = [letter for letter in query.lower() if not letter.isspace()]
    text = text.lower()
    score, position = 0.0, -1
    for letter in wanted:
        found = _best_position(text, letter, position + 1)
        if found is None:
            return None
        score += 1.0 - _EARLY * found
        score += _IN_A_ROW if found == position + 1 else 0.0
        score += _START_OF_WORD if _starts_word(text, found) else 0.0
        position = found
    return score


def find_actions(query: str, records: Sequence[ActionRecord]) -> list[ActionRecord]:
    """The records that match, best first; all of them, in their order, for an empty query."""
    scored = [(match_score(query, _searched(record)), record) for record in records]
    found = [(score, record) for score, record in scored if score is not None]
    return [record for _score, record in sorted(found, key=lambda pair: -pair[0])]


def _searched(record: ActionRecord) -> str:
    return f"{record.title} {record.menu.value}"


def _starts_word(text: str, position: int) -> bool:
    return position == 0 or not text[position - 1].isalnum()


def _best_position(text: str, letter: str, start: int) -> int | None:
    """The next letter in a row if it fits, else the next start of a word, else the next at all."""
    if start < len(text) and text[start] == letter:
        return start
    places = [place for place in range(start, len(text)) if text[place] == letter]
    word_starts = [place for place in places if _starts_word(text, place)]
    return next(iter(word_starts or places), None)
