"""The menus under the pointer: which commands each holds, section by section."""

from __future__ import annotations

Sections = tuple[tuple[str, ...], ...]
"""Ids of commands; between two tuples stands a line."""

_VERDICTS = (
    "review.accept",
    "review.reject",
    "review.reject_reason",
    "review.unsure",
    "review.clear",
)

SAMPLE_MENU: Sections = (
    _VERDICTS,
    ("go.correct", "correct.detect", "fitting.refit", "fitting.take_over", "correct.camera"),
    ("correct.next_person", "edit.remove_people", "edit.remove_pictures"),
    (
        "groups.same_moment",
        "groups.same_person",
        "groups.leave_out",
        "groups.ungroup",
        "groups.next_picture",
    ),
    ("edit.more_like_this", "edit.more_like_this_mirrored", "edit.near_copies"),
    ("edit.select_all", "file.export_people", "file.export_sheet"),
    ("edit.undo",),
)
"""Of a sample in the list or the grid; of all that are selected, where a command is for several."""

GALLERY_MENU: Sections = (
    _VERDICTS,
    ("go.review", "go.correct", "fitting.refit"),
    ("file.export_people", "file.export_sheet"),
    ("edit.undo",),
)
"""Of a row of the gallery; verdicts are for the selected rows."""

VIEW_MENU: Sections = (
    _VERDICTS,
    ("correct.edit", "correct.drag", "correct.refit", "correct.turn_round", "correct.body_tools"),
    ("view.style", "view.keypoints", "view.whole_picture", "view.everyone", "view.wipe"),
    ("view.compare", "view.only_view", "view.reset"),
    ("file.export_people",),
    ("edit.undo",),
)
"""Of the fit that the views show."""

FIT_MENU: Sections = (("fits.make_current", "fits.compare"), ("edit.undo",))
"""Of a fit in a sample's history."""

RUN_MENU: Sections = (
    ("training.list_run", "training.continue_run", "training.predict_run"),
    ("training.train", "view.evaluation"),
)
"""Of a run on the tab Train."""
