"""Bodies that a person is working on: shown next to the current fit until kept or discarded.

A proposal lives in memory, one a sample, and goes through the undo stack like every other edit.
Keeping it writes it to the dictionary and makes it current, whatever its loss; that is undone by
making the former fit current again and holding the proposal as before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from core.dictionary.samples.corrections import KeptFit
from core.types.bodies import BodyParameters
from core.types.fits import NewFit, Origin
from core.types.samples import Sample
from spin_gui.correcting.background_corrector import BackgroundCorrector
from spin_gui.correcting.sample_edits import CorrectorSource
from spin_gui.session.removed_people import following_removals
from spin_gui.session.session import ProjectSession
from spin_gui.session.undo_commands import EditCommand
from spin_gui.session.verdict_edits import is_found_by_correcting

if TYPE_CHECKING:
    from core.workflows.correct_sample import Corrector, HandMadeBody

REFITTING = "Refitting… Esc stops it."

Change = Callable[[BodyParameters, "Corrector"], BodyParameters]


@dataclass(frozen=True, eq=False)
class Proposal:
    """A body that is not kept yet.

    made_from_fit_id: the fit that was current when the work on it began; None where there was none.
    steps: what was done to it, newest last.
    """

    sample_id: int
    body: HandMadeBody
    made_from_fit_id: int | None
    steps: tuple[str, ...]

    @property
    def is_refit(self) -> bool:
        """Whether SMPLify made it, not a hand."""
        return self.body.origin is Origin.REFIT


@dataclass(frozen=True, eq=False)
class _PostponedEdit:
    """What was asked for before anything could measure bodies; see ``Proposals.edit``."""

    sample_id: int
    text: str
    change: Change
    merge_key: str


@dataclass(frozen=True, eq=False)
class _Start:
    """What work on a sample goes on from; parameters: None where it has no body at all."""

    sample: Sample
    parameters: BodyParameters | None
    made_from_fit_id: int | None = None
    steps: tuple[str, ...] = ()

    def proposal(self, body: HandMadeBody, steps: tuple[str, ...]) -> Proposal:
        """What the work made."""
        return Proposal(self.sample.id, body, self.made_from_fit_id, steps)


class Proposals(QObject):
    """The proposals of one session."""

    changed = Signal(int)
    """A sample whose proposal came, changed or went."""
    busy_changed = Signal(bool)
    """Whether a refit is running."""
    prepared = Signal()
    """The corrector is ready: asking it costs next to nothing."""
    passing = Signal(str)
    """What holds for a while, for the status bar; an empty text where it does no longer."""
    failed = Signal(object)
    """An ``ErrorReport``: a refit broke."""

    def __init__(self, session: ProjectSession, correctors: CorrectorSource) -> None:
        super().__init__(session)
        self._session, self._correctors = session, correctors
        self._by_sample: dict[int, Proposal] = {}
        self._refitting: _Start | None = None
        self._postponed: list[_PostponedEdit] = []
        self._refit_postponed = False
        background = self._background = BackgroundCorrector(correctors, self)
        background.phase_changed.connect(self.passing)
        background.failed.connect(self.failed)
        background.refitted.connect(self._on_refitted)
        background.prepared.connect(self._on_prepared)
        session.current_changed.connect(self._on_current)
        session.closing.connect(self.close)

    # What there is

    def of(self, sample_id: int | None) -> Proposal | None:
        """The proposal of a sample, or None."""
        return None if sample_id is None else self._by_sample.get(sample_id)

    @property
    def current(self) -> Proposal | None:
        """That of the current sample."""
        return self.of(self._session.current_id)

    @property
    def busy(self) -> bool:
        """Whether a refit is running."""
        return self._background.refitting

    @property
    def preparing(self) -> bool:
        """Whether the tools for bodies are being loaded."""
        return self._background.preparing

    @property
    def pending(self) -> list[int]:
        """The samples with a proposal that is not kept yet, but for people who were removed.

        Theirs come back with them.
        """
        return [row.id for row in self._session.records.rows(list(self._by_sample))]

    # Working on one

    def edit(
        self,
        text: str,
        change: Change,
        *,
        merge_key: str = "",
    ) -> None:
        """Change the proposal of the current sample, or begin one from its current fit.

        Where nothing was changed before, the tools for it are loaded first, on a thread.

        merge_key: see ``EditCommand``.

        Raises:
            StudioError: the change is impossible, or nothing can measure the body.
        """
        start = _start_of(self._session, self.current)
        if start is None or start.parameters is None:
            if start is not None:
                self._session.noticed.emit("There is no body to change yet: refit (F5) makes one.")
            return
        if not self._background.is_ready:
            self._postpone(_PostponedEdit(start.sample.id, text, change, merge_key))
            return
        corrector = self._correctors.get()
        body = corrector.measured(start.sample, change(start.parameters, corrector))
        steps = start.steps if start.steps[-1:] == (text,) else (*start.steps, text)
        self._propose(start.proposal(body, steps), text, merge_key)

    def refit(self) -> None:
        """Have SMPLify fit from the proposal, the current fit, or without any from the mean pose.

        Works on a thread of its own; the result becomes the proposal.
        """
        start = _start_of(self._session, self.current)
        if start is None or self.busy:
            return
        if self._postponed:
            self._refit_postponed = True  # it goes on from the change that waits
            return
        proposal, fit = self.current, self._session.records.current_fit(start.sample.id)
        by_hand = proposal is not None and not proposal.is_refit
        by_hand |= proposal is None and fit is not None and fit.origin is Origin.CORRECTED
        self._refitting = start
        sample = start.sample
        detections = self._session.dictionary.detections
        detection = detections.get_many([sample.id], with_features=True).get(sample.id)
        self._background.refit(sample, start.parameters, stay_near=by_hand, detection=detection)
        self.passing.emit(REFITTING)
        self.busy_changed.emit(True)  # noqa: FBT003 - a signal takes no keywords

    def keep(self) -> None:
        """Make the current sample's proposal its current fit."""
        if self.current is not None:
            with following_removals(self._session):
                self._keep(self.current)

    def keep_all(self) -> None:
        """The same for every sample with a proposal, each a step of undo.

        Raises:
            StudioError: one cannot be kept; it and those after it wait on.
        """
        for sample_id in self.pending:
            self._keep(self._by_sample[sample_id])

    def starting_body(self) -> tuple[Sample, BodyParameters] | None:
        """The current sample and the body that work on it begins with; None without a body.

        A changed body that waits to be kept, the current fit, or the prediction.
        """
        start = _start_of(self._session, self.current)
        if start is None or start.parameters is None:
            return None
        return start.sample, start.parameters

    def keep_at_once(self, sample_id: int, parameters: BodyParameters, text: str) -> None:
        """Make a body that was made by hand the current fit, as one step of undo.

        What waited to be kept becomes part of it and comes back with undo.

        Raises:
            StudioError: the sample has no keypoint that the body could be measured by.
        """
        records = self._session.records
        sample, proposal, fit = (
            records.sample(sample_id),
            self.of(sample_id),
            records.current_fit(sample_id),
        )
        made_from = proposal.made_from_fit_id if proposal else None if fit is None else fit.id
        measured = self._correctors.get().measured(sample, parameters)
        self._store(measured.as_fit(sample), made_from, f"{text}: {sample.name}")

    def discard(self) -> None:
        """Stop a running refit; otherwise let the current sample's proposal go."""
        if self.busy:
            self._background.cancel_refit()
            return
        if self.current is not None:
            with following_removals(self._session):
                self._discard(self.current)

    def discard_all(self) -> None:
        """Let every proposal go, each a step of undo: the project may stay open after all."""
        for sample_id in self.pending:
            self._discard(self._by_sample[sample_id])

    def forget(self) -> None:
        """Drop them all, for good: the project closes, and there is no time to ask."""
        self._by_sample.clear()

    def prepare(self) -> None:
        """Make the corrector ready on a thread of its own, before the first edit asks for it."""
        self._background.prepare()

    @Slot()
    def close(self) -> None:
        """End the threads; nothing is told any more."""
        self._background.close()

    # Inside

    def _keep(self, proposal: Proposal) -> None:
        sample = self._session.records.sample(proposal.sample_id)
        # Keypoints may have been corrected since: the losses are those of now.
        corrector = self._correctors.get()
        measured = corrector.measured(sample, proposal.body.parameters, proposal.body.origin)
        text = f"Keep the {_name(proposal)} of {sample.name}"
        self._store(measured.as_fit(sample), proposal.made_from_fit_id, text)

    def _discard(self, proposal: Proposal) -> None:
        name = self._session.records.row(proposal.sample_id).name
        self._push(proposal, None, f"Discard the {_name(proposal)} of {name}")

    def _store(self, fit: NewFit, made_from_fit_id: int | None, text: str) -> None:
        """Write a body, make it current, and let go what waited; undo brings both back."""
        session, sample_id = self._session, fit.sample_id
        proposal = self.of(sample_id)
        kept = session.dictionary.corrections.keep_fit(
            fit,
            made_from_fit_id=made_from_fit_id,
            body_name=self._correctors.get().body_name,
        )
        self._set(sample_id, None)
        session.after_edit({sample_id}, f"{text} – saved")
        session.undo_stack.push(
            EditCommand(
                text,
                undo=lambda done: self._make_current(kept, kept.previous_fit_id, proposal, done),
                redo=lambda done: self._make_current(kept, kept.fit_id, None, done),
            )
        )

    def _postpone(self, edit: _PostponedEdit) -> None:
        """Do it when the tools are there; of steps that merge only the last one counts."""
        if edit.merge_key and self._postponed and self._postponed[-1].merge_key == edit.merge_key:
            self._postponed.pop()
        self._postponed.append(edit)
        self.passing.emit("Loading the tools for bodies…")
        self.prepare()

    def _propose(self, proposal: Proposal, text: str, merge_key: str = "") -> None:
        rows = self._session.records.rows([proposal.sample_id])
        if not rows:
            self._session.follow_removals()  # its person went while the body was made
            return
        name = rows[0].name
        self._push(self.of(proposal.sample_id), proposal, f"{text}: {name}", merge_key)

    def _push(
        self, before: Proposal | None, after: Proposal | None, text: str, merge_key: str = ""
    ) -> None:
        shown = after or before
        if shown is None:
            return  # nothing was changed, and nothing is
        sample_id = shown.sample_id
        self._set(sample_id, after)
        if after is None:
            self._session.noticed.emit(text)
        else:
            self.passing.emit(f"{text} – not kept yet")
        self._session.undo_stack.push(
            EditCommand(
                text,
                undo=lambda done: self._show(sample_id, before, done),
                redo=lambda done: self._show(sample_id, after, done),
                merge_key=merge_key and f"{merge_key} {sample_id}",
            )
        )

    def _show(self, sample_id: int, proposal: Proposal | None, done: str) -> None:
        self._session.select(sample_id)
        self._set(sample_id, proposal)
        self._session.noticed.emit(done)

    def _make_current(
        self, kept: KeptFit, fit_id: int | None, proposal: Proposal | None, done: str
    ) -> None:
        self._session.dictionary.fits.make_current(kept.sample_id, fit_id)
        self._session.select(kept.sample_id)
        self._set(kept.sample_id, proposal)
        self._session.after_edit({kept.sample_id}, f"{done} – saved")

    def _set(self, sample_id: int, proposal: Proposal | None) -> None:
        if proposal is None:
            self._by_sample.pop(sample_id, None)
        else:
            self._by_sample[sample_id] = proposal
        self.passing.emit("")
        self.changed.emit(sample_id)

    @Slot()
    def _on_current(self) -> None:
        """What was said of the sample before is not true of this one; a refit goes on."""
        self.passing.emit(REFITTING if self.busy else "")

    @Slot(object)
    def _on_refitted(self, body: HandMadeBody | None) -> None:
        start, self._refitting = self._refitting, None
        self.passing.emit("")
        self.busy_changed.emit(False)  # noqa: FBT003
        if body is not None and start is not None:
            self._propose(start.proposal(body, (*start.steps, "Refit")), "Refit")

    @Slot()
    def _on_prepared(self) -> None:
        self.passing.emit("")
        self.prepared.emit()
        postponed, self._postponed = self._postponed, []
        refit, self._refit_postponed = self._refit_postponed, False
        if not self._background.is_ready:
            return  # why, was told
        here = [edit for edit in postponed if edit.sample_id == self._session.current_id]
        for edit in here:
            self.edit(edit.text, edit.change, merge_key=edit.merge_key)
        if len(here) < len(postponed):
            self._session.noticed.emit("Not changed: another sample was chosen meanwhile.")
        if refit and here:
            self.refit()


def _start_of(session: ProjectSession, proposal: Proposal | None) -> _Start | None:
    """Where the work on the current sample begins, given its proposal.

    None without a sample, and where beginning was all that was asked: the body is a made error.
    """
    sample_id = session.current_id
    if sample_id is None or is_found_by_correcting(session, sample_id):
        return None
    sample = session.records.sample(sample_id)
    if proposal is not None:
        made_from = proposal.made_from_fit_id
        return _Start(sample, proposal.body.parameters, made_from, proposal.steps)
    fit = session.records.current_fit(sample_id)
    if fit is not None:
        return _Start(sample, fit.parameters, fit.id)
    prediction = session.records.prediction(sample_id)
    return _Start(sample, None if prediction is None else prediction.parameters)


def _name(proposal: Proposal) -> str:
    return "refit" if proposal.is_refit else "changed body"
