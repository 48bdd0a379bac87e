"""Which of the selected people are one person, at one moment or at any; one step of undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.errors import DictionaryError
from core.types.view_groups import GroupChange, Memberships
from spin_gui.session.session import ProjectSession
from spin_gui.session.undo_commands import EditCommand
from spin_gui.session.wording import count_text

SELECT_SEVERAL = "Select several people in the list first, one of each picture."
NOTHING_CHANGED = "Nothing changed: they belong together already."
NOT_GROUPED = "None of these people belongs to a group."


def same_moment(session: ProjectSession) -> None:
    """The selected samples show one person at one time: one pose and one shape."""
    _group(session, session.dictionary.groups.same_moment, "Same moment")


def same_person(session: ProjectSession) -> None:
    """The selected samples show one person: one shape."""
    _group(session, session.dictionary.groups.same_person, "Same person")


def ungroup(session: ProjectSession) -> None:
    """The selected samples, or the current one, belong to nothing any more."""
    chosen = _chosen(session)
    grouped = sorted(session.dictionary.groups.of(chosen))
    if not grouped:
        session.noticed.emit(NOT_GROUPED)
        return
    _push(session, session.dictionary.groups.ungroup(grouped), f"Ungroup {_people(len(grouped))}")


def leave_out(session: ProjectSession) -> None:
    """The pictures of the selected samples, or of the current one, stay out of their moments."""
    chosen = _chosen(session)
    members = session.dictionary.groups.of(chosen)
    in_moment = sorted(each for each, member in members.items() if member.moment is not None)
    if not in_moment:
        session.noticed.emit(NOT_GROUPED)
        return
    change = session.dictionary.groups.leave_out(in_moment)
    _push(session, change, f"Leave {_people(len(in_moment))} out of the moment")


def members_with_one_body(session: ProjectSession, sample_id: int) -> list[int]:
    """The samples of a moment that have one body with a sample, itself included.

    Only itself where its current fit was not made of the whole moment.
    """
    fit = session.records.current_fit(sample_id)
    if fit is None or fit.group_id is None:
        return [sample_id]
    groups = session.dictionary.groups
    members = groups.in_moment(sample_id)
    fits = session.dictionary.fits.current(members)
    return [
        member
        for member in members
        if member == sample_id or (member in fits and fits[member].group_id == fit.group_id)
    ]


def show_next_picture(session: ProjectSession) -> None:
    """Show the next picture of the current sample's moment; after the last, the first."""
    current = session.current_id
    if current is None:
        return
    members = session.dictionary.groups.in_moment(current)
    if len(members) < 2:
        session.noticed.emit("This person belongs to no moment with other pictures.")
        return
    session.select(members[(members.index(current) + 1) % len(members)])


def _group(
    session: ProjectSession, assign: Callable[[Sequence[int]], GroupChange], title: str
) -> None:
    chosen = _chosen(session)
    if len(chosen) < 2:
        session.noticed.emit(SELECT_SEVERAL)
        return
    try:
        change = assign(chosen)
    except DictionaryError as error:
        session.noticed.emit(f"{error.message} {error.remedy}")
        return
    _push(session, change, f"{title} for {_people(len(chosen))}")


def _chosen(session: ProjectSession) -> list[int]:
    chosen = [int(sample_id) for sample_id in session.selected_ids]
    current = session.current_id
    return chosen or ([] if current is None else [current])


def _push(session: ProjectSession, change: GroupChange, text: str) -> None:
    changed = set(change.changed_ids)
    if not changed:
        session.noticed.emit(NOTHING_CHANGED)
        return

    def restore(memberships: Memberships, done: str) -> None:
        session.dictionary.groups.restore(memberships)
        session.after_edit(changed, f"{done} – saved")

    session.undo_stack.push(
        EditCommand(
            text,
            undo=lambda done: restore(change.before, done),
            redo=lambda done: restore(change.after, done),
        )
    )
    session.after_edit(changed, f"{text} – saved")


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count_text(count)} people"
