"""Training the regressor, and what it predicts."""

from __future__ import annotations

from spin_gui.commands.records.record import ActionRecord, Menu, When

_RUN_ACTIONS = (
    ActionRecord(
        id="training.list_run",
        title="List the fits of the chosen run",
        menu=Menu.TRAINING,
        section=2,
        when=When.RUN,
        help="Review the samples whose current fit this run made.",
    ),
    ActionRecord(
        id="training.continue_run",
        title="Continue the chosen run",
        menu=Menu.TRAINING,
        section=2,
        when=When.IDLE_RUN,
        help="Go on with the run from its last checkpoint.",
    ),
    ActionRecord(
        id="training.predict_run",
        title="Predict with the chosen run",
        menu=Menu.TRAINING,
        section=2,
        when=When.IDLE_RUN,
        help="Let this run's regressor say of every sample what it sees; kept as a set of its own.",
    ),
)

TRAINING_ACTIONS = (
    ActionRecord(
        id="training.train",
        title="Train…",
        menu=Menu.TRAINING,
        keys=("Ctrl+T",),
        when=When.IDLE_PROJECT,
        help="Train the regressor on this project's fits, and improve them from its predictions.",
    ),
    ActionRecord(
        id="training.predict",
        title="Predict samples",
        menu=Menu.TRAINING,
        keys=("Ctrl+Shift+R",),
        when=When.IDLE_PROJECT,
        help="Show what the newest run's regressor, or the shipped one, says of every sample.",
    ),
    ActionRecord(
        id="training.prediction_sets",
        title="Prediction sets…",
        menu=Menu.TRAINING,
        when=When.PROJECT,
        help="Keep the latest predictions under a name, to compare; rename or delete such sets.",
    ),
    ActionRecord(
        id="training.import_predictions",
        title="Import predictions…",
        menu=Menu.TRAINING,
        when=When.IDLE_PROJECT,
        help="Another method's predictions from a file (npz, EFT's json), to compare with ours.",
    ),
    ActionRecord(
        id="training.pause",
        title="Pause or go on",
        menu=Menu.TRAINING,
        section=1,
        keys=("Ctrl+Shift+Space",),
        when=When.TRAINING,
        help="Hold the training after its iteration, or let it go on.",
    ),
    ActionRecord(
        id="training.stop",
        title="Stop and keep",
        menu=Menu.TRAINING,
        section=1,
        keys=("Ctrl+Shift+.",),
        when=When.TRAINING,
        help="End the training after its iteration; everything is kept and it can go on later.",
    ),
    ActionRecord(
        id="training.discard",
        title="Cancel and discard…",
        menu=Menu.TRAINING,
        section=1,
        when=When.TRAINING,
        help="End the training and take back every fit it made. Asks first.",
    ),
    ActionRecord(
        id="training.continue",
        title="Continue the last training",
        menu=Menu.TRAINING,
        section=1,
        keys=("Ctrl+Shift+T",),
        when=When.IDLE_PROJECT,
        help="Go on with the newest run that was stopped; the list of runs has the others.",
    ),
    *_RUN_ACTIONS,
)
