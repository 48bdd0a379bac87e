"""The trainings among a project's runs, as they are listed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.runs.run_folder import RunFolder
from core.types.runs import Run, RunStatus
from spin_gui.session.wording import local_time


@dataclass(frozen=True)
class ListedRun:
    """A training of the project. place: of the list, counted from the oldest, for its colour."""

    run: Run
    place: int
    iterations: int
    resumable: bool

    @property
    def id(self) -> int:
        """The run's number."""
        return self.run.id

    def text(self, done: int, *, running: bool) -> str:
        """Two lines: what, and how far."""
        profile = self.run.configuration.get("profile", "")
        state = "running" if running else state_words(self.run, done, self.iterations)
        return (
            f"Run {self.id} · {profile}\n{local_time(self.run.started_at)} · "
            f"{done} of {self.iterations} · {state}"
        )


def length_text(run: ListedRun) -> str:
    """How long a run was; of one that did not finish, what was planned, and called so."""
    planned = "" if run.run.status is RunStatus.FINISHED else " planned"
    return f"{run.iterations} iterations{planned}"


def state_words(run: Run, done: int, iterations: int) -> str:
    """How a run that does not run here stands."""
    if run.status is RunStatus.FAILED:
        return "failed"
    if iterations and done >= iterations and run.status is not RunStatus.RUNNING:
        return "finished"
    words = {RunStatus.INTERRUPTED: "interrupted", RunStatus.RUNNING: "runs in another process"}
    return words.get(run.status, "stopped")


def trainings(project: Path, runs: list[Run]) -> list[ListedRun]:
    """The trainings among a project's runs, newest first."""
    mine = [run for run in runs if run.is_training]
    listed = []
    for place, run in enumerate(reversed(mine)):
        folder = RunFolder.of(project, run.id)
        iterations = run.configuration.get("iterations", 0)
        listed.append(
            ListedRun(
                run,
                place,
                int(iterations) if isinstance(iterations, int) else 0,
                resumable=folder.resumable and run.status is not RunStatus.RUNNING,
            )
        )
    return listed[::-1]
