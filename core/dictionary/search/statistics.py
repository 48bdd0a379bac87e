"""What a project holds, in numbers: the answer to ``info --json``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from core.dictionary.fits.verdicts import reject_reasons
from core.dictionary.search.sql_queries import Search
from core.dictionary.storage.body_ownership import BODY_NAME
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.migrations import stored_version
from core.dictionary.storage.settings import Settings
from core.types.runs import Run


def info(connection: Connection, *, search: Search, runs: Sequence[Run]) -> dict[str, object]:
    """Counts of a dictionary, ready for JSON, all from one moment.

    ``fits`` and ``by_origin`` count every fit of the history; ``by_verdict`` and
    ``by_reject_reason`` the current fits;
    ``flags`` and ``by_dataset`` samples.
    """
    with connection.reading():
        facts = search.work_facts()
        samples = connection.scalar("SELECT count(*) FROM samples")
        with_fit = connection.scalar(
            "SELECT count(*) FROM samples WHERE current_fit_id IS NOT NULL"
        )
        return {
            "samples": samples,
            "samples_with_fit": with_fit,
            "samples_without_fit": samples - with_fit,
            "samples_unusable": search.count_unusable(),
            "samples_exportable": facts.exportable,
            "fits": connection.scalar("SELECT count(*) FROM fits"),
            "runner_ups": connection.scalar("SELECT count(*) FROM fits WHERE runner_up"),
            "by_origin": dict(
                connection.execute("SELECT origin, count(*) FROM fits GROUP BY origin")
            ),
            "by_verdict": {
                str(verdict): number for verdict, number in search.verdict_counts().items()
            },
            "by_reject_reason": {
                str(reason): number for reason, number in reject_reasons(connection).items()
            },
            "by_dataset": dict(
                connection.execute("SELECT dataset, count(*) FROM samples GROUP BY dataset")
            ),
            "flags": dict(connection.execute("SELECT name, count(*) FROM flags GROUP BY name")),
            "pictures_by_camera": dict(facts.by_camera),
            "predictions": connection.scalar("SELECT count(*) FROM predictions"),
            "runs": len(runs),
            "runs_by_status": dict(Counter(str(run.status) for run in runs)),
            "body": Settings(connection).get(BODY_NAME),
            "schema_version": stored_version(connection),
        }
