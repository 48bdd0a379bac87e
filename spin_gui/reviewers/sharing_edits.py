"""Dividing the work, second opinions, hidden cases: each one step of undo."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from core.dictionary.reviewers.questions import TakenOut
from core.types.counted_nouns import counted
from spin_gui.session.session import ProjectSession
from spin_gui.session.undo_commands import EditCommand


def divide(session: ProjectSession, assigned: Mapping[int, str | None]) -> None:
    """Say whose samples are; None makes them everyone's."""
    split = session.dictionary.shares.assign(assigned)
    people = counted(len(assigned), "person", "people")
    names = ", ".join(f"{name} {count}" for name, count in split.counts().items())
    text = f"Divide {people}: {names}" if names else f"Make {people} everyone's"
    shares = session.dictionary.shares
    _push(
        session,
        text,
        undo=lambda: shares.assign(split.before),
        redo=lambda: shares.assign(split.after),
    )


def ask_second_opinions(
    session: ProjectSession, sample_ids: Collection[int], share: float, reviewer: str | None
) -> None:
    """Draw a share of the judged ones among some samples."""
    shares = session.dictionary.shares
    drawn = shares.ask_second_opinions(sample_ids, share, reviewer=reviewer)
    if not drawn:
        session.noticed.emit("No judged fit of which a second opinion could be asked.")
        return
    people = counted(len(drawn), "person", "people")
    _push(
        session,
        f"Ask for second opinions on {people}",
        undo=lambda: shares.forget_second_opinions(drawn),
        redo=lambda: shares.ask_second_opinions(drawn, 1.0, reviewer=reviewer),
    )


def draw_known_cases(
    session: ProjectSession, sample_ids: Collection[int], count: int, expert: str
) -> None:
    """Mix fits that an expert judged into what the others judge."""
    cases = session.dictionary.known_cases
    drawn = cases.draw(sample_ids, count, expert=expert)
    if not drawn:
        session.noticed.emit(f"{expert} judged no fit that could be a hidden case.")
        return
    _push(
        session,
        f"Mix in {counted(len(drawn), 'known case', 'known cases')}",
        undo=lambda: cases.forget(drawn),
        redo=lambda: cases.draw(drawn, len(drawn), expert=expert),
    )


def note_planted(session: ProjectSession, sample_ids: Sequence[int]) -> None:
    """After a job has made errors: they are one step of undo, too."""
    text = f"Mix in {counted(len(sample_ids), 'made error', 'made errors')}"
    _push_taking_out(session, text, sample_ids, are_out=False)


def end_questions(session: ProjectSession) -> None:
    """Ask about no hidden case and for no second opinion any more; answers stay."""
    _push_taking_out(session, "Ask for nothing any more", None, are_out=True)


def _push_taking_out(
    session: ProjectSession, text: str, sample_ids: Sequence[int] | None, *, are_out: bool
) -> None:
    """One step that puts in, or takes out; what is out is held for the way back."""
    questions = session.dictionary.questions
    out: list[TakenOut] = []

    def take_out() -> None:
        out.append(questions.take_out(sample_ids))

    def put_in() -> None:
        questions.put_in_again(out.pop())

    if are_out:
        take_out()
        _push(session, text, undo=put_in, redo=take_out)
    else:
        _push(session, text, undo=take_out, redo=put_in)


def _push(
    session: ProjectSession, text: str, *, undo: Callable[[], object], redo: Callable[[], object]
) -> None:
    def do(step: Callable[[], object], done: str) -> None:
        step()
        session.take_in_changes()
        session.saved.emit(f"{done} – saved")

    session.undo_stack.push(
        EditCommand(text, undo=lambda done: do(undo, done), redo=lambda done: do(redo, done))
    )
    session.take_in_changes()
    session.saved.emit(f"{text} – saved")
