"""Reports say "1 person" of one and "2 people" of two."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.workflows.check_project import CheckReport
from core.workflows.export_corrections import CorrectionsExport
from core.workflows.export_fits import ExportReport
from core.workflows.fit_project import FitReport
from core.workflows.predict_project import PredictReport
from core.workflows.refit_project import RefitReport

OUT = Path("out")


def reports_of(count):
    problems = ("a.jpg cannot be read",) * count
    return {
        "fit": FitReport(people=count, fitted=count),
        "refit": RefitReport(refitted=count),
        "predict": PredictReport(predicted=count, picture_problems=problems),
        "corrections": CorrectionsExport(out=OUT, changes=count, authors=count),
        "fits": ExportReport(
            out=OUT, samples=count, valid=count, rejected=0, without_fit=0, not_believed=0
        ),
        "check": CheckReport(samples=count, problems=(), notes=()),
    }


@pytest.mark.parametrize(
    ("report", "of_one", "of_two"),
    [
        ("fit", "Fitted 1 person in", "Fitted 2 people in"),
        ("refit", "Refitted 1 person in", "Refitted 2 people in"),
        ("predict", "Predicted 1 person in", "Predicted 2 people in"),
        ("predict", "1 picture could not", "2 pictures could not"),
        ("corrections", "1 change by 1 person", "2 changes by 2 people"),
        ("fits", "1 sample: 1 valid fit,", "2 samples: 2 valid fits,"),
        (
            "check",
            "1 sample and all that belongs to it.",
            "2 samples and all that belongs to them.",
        ),
    ],
)
def test_a_noun_agrees_with_its_count(report, of_one, of_two):
    assert of_one in reports_of(1)[report].summary()
    assert of_two in reports_of(2)[report].summary()
