"""The report as one HTML page that needs no network: what people read before they sign."""

from etl.report.html.document import PAGE, draw

__all__ = ["PAGE", "draw"]
