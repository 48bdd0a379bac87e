"""What stands below a person of the newest batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.engine.smplify.inputs import BodyEstimate
from core.runs.observers import BatchPreview
from spin_gui.training.batch_preview import caption


def test_captions_say_what_became_of_each_person():
    empty = BodyEstimate.at_rest(4)
    bodies = empty.to_parameters()
    preview = BatchPreview(
        iteration=1,
        pictures=np.zeros((4, 8, 8, 3), np.uint8),
        prediction=bodies,
        fit=bodies,
        sample_ids=np.arange(4),
        kept=np.array([True, False, False, False]),
        loss_before=np.array([85.2, 20.0, 30.0, np.nan]),
        loss_after=np.array([12.3, 25.0, np.nan, np.nan]),
    )
    told = [caption(preview, index) for index in range(4)]
    assert told[0].startswith("✓ kept\n9.23 → 3.51")
    assert told[1].startswith("– not kept")
    assert told[2].startswith("not tried now\ncurrent fit 5.48")
    assert told[3] == "not fitted"
    assert caption(replace(preview, fit=None), 2) == "not fitted"
