"""The actions that store something in a project: they rest where it can only be looked at."""

from __future__ import annotations

from spin_gui.commands.records.correct import CORRECT_ACTIONS
from spin_gui.commands.records.fitting import FITTING_ACTIONS
from spin_gui.commands.records.review import REASON_ACTIONS
from spin_gui.commands.records.training import TRAINING_ACTIONS

READ_ONLY = "The project is read-only: it can be looked at and exported, but nothing stored in it."

_ONLY_LOOK = frozenset({"training.list_run", "training.prediction_sets"})

WRITING_ACTIONS = (
    frozenset(
        {
            "edit.undo",
            "edit.redo",
            "edit.save_view",
            "edit.remove_people",
            "edit.remove_pictures",
            "file.find_pictures",
            "file.restore",
            "fits.make_current",
            "review.accept",
            "review.reject",
            "review.unsure",
            "review.clear",
            "review.reject_reason",
            *REASON_ACTIONS,
        }
    )
    | {record.id for record in (*CORRECT_ACTIONS, *FITTING_ACTIONS, *TRAINING_ACTIONS)}
) - _ONLY_LOOK
