"""An organisation's own exact figures, for its own staff. They never pass the gate."""

from federated.site.report.writing import ReportPaths, write_site_report

__all__ = ["ReportPaths", "write_site_report"]
