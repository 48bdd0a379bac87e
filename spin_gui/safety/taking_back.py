"""Removing people, pictures and imports, and putting them back: each one step of undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.dictionary.samples.taking_back.removals import PICTURES
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.types.imports import HangingOn, Removal
from spin_gui.session.listing import SampleIds
from spin_gui.session.session import ProjectSession
from spin_gui.session.undo_commands import EditCommand
from spin_gui.session.wording import count_text
from spin_gui.widgets.waiting import wait_for

AT_ONCE = 5_000
"""This many people go in a moment; with more, a thread works, and the window says so."""

Remove = Callable[[Dictionary], Removal]


@dataclass(frozen=True)
class _Removing:
    """What goes, and how: it may be done again and again, each time as a new removal.

    people: ids of everybody who goes. text: for the undo stack.
    """

    people: SampleIds
    remove: Remove
    text: str


def remove_people(session: ProjectSession) -> None:
    """The selected people go, or the one shown; their pictures stay."""
    chosen = _chosen(session)
    if chosen:
        hanging = session.dictionary.removals.hanging_on_people(chosen)
        _push(session, _of_people(chosen), hanging)


def remove_pictures(session: ProjectSession) -> None:
    """The pictures of the selected people, or of the one shown, go with everybody in them."""
    chosen = _chosen(session)
    if chosen:
        removals = session.dictionary.removals
        removing = _of_pictures(removals.people_of_pictures(chosen))
        _push(session, removing, removals.hanging_on_pictures(chosen))


def undo_import(session: ProjectSession, import_id: int) -> None:
    """Everybody whom an import brought goes."""
    dictionary = session.dictionary
    people = dictionary.removals.people_of_import(import_id)
    removing = _of_import(people, import_id, dictionary.imports.get(import_id).title)
    _push(session, removing, dictionary.removals.hanging_on_import(import_id))


def put_back(session: ProjectSession, removal_id: int) -> None:
    """What was removed comes back, perhaps in another session; one step of undo, too."""
    dictionary = session.dictionary
    removal = dictionary.removals.get(removal_id)
    people = dictionary.removals.people_away(removal_id)
    if removal.import_id is not None:
        title = dictionary.imports.get(removal.import_id).title
        removing = _of_import(people, removal.import_id, title)
    else:
        removing = (_of_pictures if removal.kind == PICTURES else _of_people)(people)
    text = f"Put back {_people(len(people))}"
    step = _TakingBack(session, removing, removal)
    step.put_back(text)
    session.undo_stack.push(EditCommand(text, undo=step.remove, redo=step.put_back))


def _of_people(people: list[int]) -> _Removing:
    ids = np.array(people, np.int64)
    return _Removing(
        ids, lambda to: to.removals.people(ids.tolist()), f"Remove {_people(len(ids))}"
    )


def _of_pictures(people: list[int]) -> _Removing:
    ids = np.array(people, np.int64)
    text = f"Remove whole pictures with {_people(len(ids))}"
    return _Removing(ids, lambda to: to.removals.pictures(ids.tolist()), text)


def _of_import(people: list[int], import_id: int, title: str) -> _Removing:
    ids = np.array(people, np.int64)
    text = f"Undo the import {title}: {_people(len(ids))}"
    return _Removing(ids, lambda to: to.removals.undo_import(import_id), text)


def _push(session: ProjectSession, removing: _Removing, hanging: HangingOn) -> None:
    step = _TakingBack(session, removing)
    with_them = "no fits"
    if hanging.fits:
        with_them = "1 fit" if hanging.fits == 1 else f"{count_text(hanging.fits)} fits"
    if hanging.judged:
        with_them += f" ({count_text(hanging.judged)} judged)"
    step.remove(f"{removing.text} with {with_them}")
    session.undo_stack.push(EditCommand(removing.text, undo=step.put_back, redo=step.remove))


class _TakingBack:
    """One removal of a session, there and back.

    removal: where it is away already.
    """

    def __init__(
        self, session: ProjectSession, removing: _Removing, removal: Removal | None = None
    ) -> None:
        self._session, self._removing, self._removal = session, removing, removal
        self._shown: int | None = None

    def remove(self, done: str) -> None:
        """Remove, and show the neighbour of who is gone.

        The neighbour first: while many are removed, the window goes on painting.
        """
        session, people = self._session, self._removing.people
        self._shown, selected = session.current_id, session.selected_ids
        session.leave(people)
        try:
            self._removal = self._work(self._removing.remove)
        except StudioError:
            session.select(self._shown)
            session.set_selected(selected)
            raise
        session.after_removal(people, f"{done} – saved")

    def put_back(self, done: str) -> None:
        """Put back, and show whom it was done on."""
        removal, people = self._removal, self._removing.people
        if removal is None:
            return
        self._work(lambda to: to.removals.put_back(removal.id))
        self._session.after_putting_back(people, f"{done} – saved")
        if self._shown is not None and self._shown in people:
            self._session.select(self._shown)

    def _work(self, do: Remove) -> Removal:
        if len(self._removing.people) <= AT_ONCE:
            return do(self._session.dictionary)
        project = self._session.project

        def on_a_thread() -> Removal:
            with Dictionary.open(project) as dictionary:
                return do(dictionary)

        return wait_for("Moving many people; nothing else can be done meanwhile…", on_a_thread)


def _chosen(session: ProjectSession) -> list[int]:
    chosen = [int(sample_id) for sample_id in session.selected_ids]
    current = session.current_id
    return chosen or ([] if current is None else [current])


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count_text(count)} people"
