"""Whether bodies, verdicts or keypoints changed since someone looked, in a few reads of indices."""

from __future__ import annotations

from core.dictionary.storage.connection import Connection

ContentStamp = tuple[object, ...]

_LAST_IDS = """
SELECT (SELECT max(id) FROM events), (SELECT max(id) FROM fits), (SELECT max(id) FROM samples),
    (SELECT count(*) FROM samples), (SELECT max(id) FROM runs)"""

# A regressor predicts sample after sample: the first or the last of them tells of every new time.
_PREDICTIONS = """
SELECT sample_id, run_id, created_at FROM predictions WHERE sample_id IN (
    (SELECT min(sample_id) FROM predictions), (SELECT max(sample_id) FROM predictions))"""

_SETS = """
SELECT id, name, (SELECT count(*) FROM set_predictions WHERE set_id = prediction_sets.id)
FROM prediction_sets ORDER BY id"""


def content_stamp(connection: Connection) -> ContentStamp:
    """Equal as long as samples, fits, verdicts, predictions and prediction sets are what they were.

    Flags and assessments do not count: they follow from the rest. A prediction of a single sample
    in the middle is not noticed; regressors predict all of a list.
    """
    with connection.reading():
        return tuple(tuple(connection.execute(one)) for one in (_LAST_IDS, _PREDICTIONS, _SETS))
