"""What people and machines read about a plan: one object, drawn as terminal text, Markdown, JSON and JUnit XML."""

from etl.report.build import build
from etl.report.junit import to_junit
from etl.report.machine import to_dict, to_json
from etl.report.markdown import to_markdown
from etl.report.model import GateResult, Report
from etl.report.terminal import show

__all__ = ["GateResult", "Report", "build", "show", "to_dict", "to_json", "to_junit", "to_markdown"]
