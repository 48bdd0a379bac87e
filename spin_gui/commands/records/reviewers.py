"""Several reviewers of one project."""

from __future__ import annotations

from spin_gui.commands.records.record import ActionRecord, Menu, When

REVIEWER_ACTIONS = (
    ActionRecord(
        id="reviewers.comment",
        title="Comment…",
        menu=Menu.REVIEW,
        section=4,
        keys=("Shift+C",),
        when=When.SAMPLE,
        help="Read and write comments on the person shown. The filter comment: finds their words.",
    ),
    ActionRecord(
        id="reviewers.mine",
        title="Waiting for me",
        menu=Menu.REVIEW,
        section=4,
        keys=("Shift+Q",),
        when=When.PROJECT,
        help="List what has no verdict and is yours, where the project was divided among "
        "reviewers, and what a second opinion of yours is asked for; the first one is not shown.",
    ),
    ActionRecord(
        id="reviewers.share",
        title="Share the work…",
        menu=Menu.REVIEW,
        section=4,
        when=When.PROJECT,
        help="Divide people among reviewers, ask for second opinions on a share of the judged "
        "fits, and mix in hidden cases of which the right answer is known: errors made in accepted "
        "fits, or an expert's verdicts. Says first what it will do, in numbers.",
    ),
    ActionRecord(
        id="reviewers.agreement",
        title="Reviewers and agreement…",
        menu=Menu.REVIEW,
        section=4,
        when=When.PROJECT,
        help="Who judged how many fits, and how far every two reviewers agree on fits that both "
        "judged without a look at the other's verdict (Cohen's κ).",
    ),
    ActionRecord(
        id="reviewers.merge",
        title="Merge verdicts of a copy…",
        menu=Menu.REVIEW,
        section=4,
        when=When.PROJECT,
        help="Take over the verdicts that were given in another copy of this project. Where two "
        "people disagree the fit becomes unsure. Says first what would be done; one step of undo.",
    ),
    ActionRecord(
        id="reviewers.name",
        title="Reviewer's name…",
        menu=Menu.REVIEW,
        section=4,
        when=When.PROJECT,
        help="Under whose name verdicts, comments and corrections are kept, from now on and in "
        "every project.",
    ),
)
