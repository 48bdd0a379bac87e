"""The paper's four figures of a project's people, as contact sheets."""

from core.workflows.reports.write_reports import (
    ReportReport,
    report_comparison,
    report_failures,
    report_successes,
)

__all__ = ["ReportReport", "report_comparison", "report_failures", "report_successes"]
