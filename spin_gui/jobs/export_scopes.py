"""Of whom one can export from where one stands: the person shown, the selected, the list, all."""

from __future__ import annotations

from core.dictionary.search.fit_fates import FitFates
from spin_gui.jobs.export import ExportScope
from spin_gui.session.session import ProjectSession
from spin_gui.session.wording import samples_text


def export_scopes(
    session: ProjectSession, *, only_selected: bool
) -> tuple[tuple[ExportScope, ...], int]:
    """The scopes, the smallest first, and which of them is proposed.

    only_selected: see ``JobController.ask_export``.
    """
    counts = session.counts()
    selected = tuple(int(sample_id) for sample_id in session.selected_ids)
    if not selected and session.current_id is not None:
        selected = (session.current_id,)
    scopes = []
    if selected:
        scopes.append(_named(session, selected))
    if counts.listed != counts.total:
        scopes.append(_listed(session, counts.listed))
    scopes.append(
        ExportScope(
            title=f"Everybody in the project ({samples_text(counts.total)})",
            fates=session.dictionary.search.fit_fates,
        )
    )
    chooses_selected = selected and (only_selected or len(selected) > 1)
    return tuple(scopes), 0 if chooses_selected else len(scopes) - 1


def _named(session: ProjectSession, ids: tuple[int, ...]) -> ExportScope:
    def fates() -> FitFates:
        return session.dictionary.search.fit_fates(ids)

    if len(ids) > 1:
        return ExportScope(title=f"{samples_text(len(ids))} selected", fates=fates, sample_ids=ids)
    name = session.records.row(ids[0]).name
    return ExportScope(title=f"The person shown ({name})", fates=fates, sample_ids=ids)


def _listed(session: ProjectSession, listed: int) -> ExportScope:
    ids = session.sample_ids

    def fates() -> FitFates:
        return session.dictionary.search.fit_fates(ids.tolist())

    return ExportScope(
        title=f"What the list shows ({samples_text(listed)})", fates=fates, query=session.query
    )
