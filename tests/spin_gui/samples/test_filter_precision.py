"""The filter says next to each flag how often it was right."""

from core.dictionary.assessment.verdict_agreement import VerdictShares
from core.dictionary.search.query import SampleQuery, SortKey, ValueRange
from core.types.flags import FlagName
from spin_gui.samples.filter import FilterDialog


def test_flags_that_were_judged_say_how_often_they_were_right(qtbot):
    dialog = FilterDialog(
        SampleQuery(),
        lambda query: 0,
        verdicts_by_flag={FlagName.BETAS: VerdictShares(accepted=2, rejected=8)},
    )
    qtbot.addWidget(dialog)
    assert dialog.flags[FlagName.BETAS].text() == "Extreme shape · 8/10 right"
    assert "8 of 10 wrong, 49 to 94 %" in dialog.flags[FlagName.BETAS].toolTip()
    assert "right" not in dialog.flags[FlagName.POSE].text()


def test_samples_that_are_like_one_are_fields_too(qtbot):
    dialog = FilterDialog(SampleQuery(), lambda query: 0)
    qtbot.addWidget(dialog)
    dialog.members["like"].setText("12, mirrored")
    query = dialog.choice()
    assert query is not None
    assert query.like is not None
    assert (query.like.sample_id, query.like.mirrored) == (12, True)
    again = FilterDialog(query, lambda query: 0)
    qtbot.addWidget(again)
    assert again.members["like"].text() == "12, mirrored"


def test_the_error_is_filtered_in_the_px_that_the_whole_window_shows(qtbot):
    dialog = FilterDialog(
        SampleQuery().with_range(SortKey.LOSS, ValueRange(12.25, 25.0)), lambda query: 0
    )
    qtbot.addWidget(dialog)
    low, high = dialog.ranges[SortKey.LOSS]
    assert (low.text(), high.text()) == ("3.5", "5")
    low.setText("2.1")
    assert dialog.choice() == SampleQuery().with_range(SortKey.LOSS, ValueRange(4.41, 25.0))
    low.setText("two")
    assert dialog.choice() is None
    assert "two" in dialog.state.text()
