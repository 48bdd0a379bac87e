"""Fitting bodies to keypoints."""

from __future__ import annotations

from spin_gui.commands.records.record import ActionRecord, Menu, When

FITTING_ACTIONS = (
    ActionRecord(
        id="fitting.fit",
        title="Fit samples…",
        menu=Menu.FITTING,
        keys=("Ctrl+Shift+F",),
        when=When.IDLE_PROJECT,
        help="Fit a body to every sample that has none of this origin yet, in the background.",
    ),
    ActionRecord(
        id="fitting.refit",
        title="Refit…",
        menu=Menu.FITTING,
        keys=("Ctrl+R",),
        when=When.IDLE_PROJECT,
        help="Fit this sample, or those of the list, again from several starts; offer the best.",
    ),
    ActionRecord(
        id="fitting.take_over",
        title="Take over as fits…",
        menu=Menu.FITTING,
        keys=("Ctrl+Shift+B",),
        when=When.IDLE_PROJECT,
        help="Make bodies of a prediction set, such as another method's, fits: to judge, correct, "
        "refit and export. Says in numbers what will happen.",
    ),
    ActionRecord(
        id="fitting.detect",
        title="Measure people in their pictures",
        menu=Menu.FITTING,
        when=When.IDLE_PROJECT,
        help="Let the detector look at everybody whom it has not measured. Keypoints stay; "
        "fits made afterwards follow the directions of limbs that it saw.",
    ),
    ActionRecord(
        id="fitting.stop",
        title="Stop the running job",
        menu=Menu.FITTING,
        keys=("Ctrl+.",),
        when=When.JOB,
        help="Ask the running work to stop; what it has done is kept.",
    ),
)
