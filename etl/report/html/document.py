"""Put the page together: one file, nothing loaded, nothing run but the script in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from etl.config import Config
from etl.matching.calibration import Calibration
from etl.model import Decision
from etl.plan.approvals import Approval
from etl.plan.bundle import Manifest
from etl.report import advice, calibration, join_advice, wording
from etl.report.alarms import alarms
from etl.report.case_places import place_of
from etl.report.consent import consent
from etl.report.html.charts import distributions, flows
from etl.report.html.compiled import Compiled
from etl.report.html.examples import VALUE, examples
from etl.report.html.links import GATES, Links
from etl.report.html.rows import WIDE, rows
from etl.report.html.words import Language
from etl.report.model import Report
from etl.report.names import namings
from etl.report.policy import policy
from etl.report.read import Tables
from etl.report.text import escaped, shown
from etl.texts import mark, speaking

PAGE = "report.html"


def draw(plan: Tables, report: Report, config: Config, manifest: Manifest, approvals: Sequence[Approval] = ()) -> str:
    """Draw a plan's page.

    plan: its tables, with `lists/` beside them; manifest: with its figures and chunks; approvals: those that it has.
    Numbers are the report's; only rows that stand as examples are read. Raises PlanError where a table is missing or
    damaged.
    """
    with speaking(config.language):
        return _page(plan, report, config, manifest, approvals)


def _page(plan: Tables, report: Report, config: Config, manifest: Manifest, approvals: Sequence[Approval]) -> str:
    language = Language(config.language)
    first_rows = rows(plan, namings(plan.folder, config, manifest.figures.datasets))
    omitted = {(column.dataset, column.column) for column in report.coverage if column.omitted is not None}
    shown_whole = examples(plan, manifest.figures.datasets, manifest.chunks, omitted)
    style, script = _part("colors.css") + _part("style.css"), _script(language)
    return (
        _environment(language)
        .get_template("page.html.j2")
        .render(
            report=report,
            rows=first_rows,
            examples=shown_whole,
            flows=flows(report),
            charts=distributions(report),
            stay=_stay(report),
            command=report.next.removeprefix(wording.MEND),
            links=Links.of(plan.folder, manifest),
            fingerprints=list(_fingerprints(manifest, language)),
            hints=_hints(report),
            alarms=alarms(report),
            left_out=wording.left_out(report),
            nearness={kind: t_nearness(kind, language) for kind in advice.NEARNESS},
            overrides=wording.overrides(report),
            calibration=report.calibration and _calibration(report.calibration),
            rule_numbers={rule: number for number, rule in enumerate(report.rules, 1)},
            sections=list(_sections(report, language, bool(shown_whole))),
            decision_head=[(part, "n") for part in wording.parts_of_the_sum(report)],
            undecided=lambda entry: wording.divided(report, entry)[len(Decision) :],
            given=approvals,
            style=style,
            script=script,
            policy=policy(script, style),
        )
    )


def t_nearness(kind: str, language: Language) -> str:
    """By what a value nearly meets, in the page's language."""
    return language.text(advice.NEARNESS[kind])


def _stay(report: Report) -> int:
    """The records that stay in the CRM, and for which nobody waits."""
    return report.read - sum(
        report.decided(decision) for decision in (Decision.LEAD, Decision.REVIEW, Decision.MOVED_BEFORE)
    )


def _calibration(told: Calibration) -> dict[str, list[Any]]:
    return {"rows": list(calibration.rows(told)), "sentences": calibration.sentences(told)}


def _sections(report: Report, language: Language, examples: bool) -> Iterator[tuple[str, str]]:
    t = language.text
    yield "overview", t("Overview")
    yield "records", t("How the legacy records divide")
    yield "gates", t("Gates")
    yield "config-and-data", t("Where config and data do not meet")
    yield "decisions", t("Decisions by rule")
    if report.masters:
        yield "matches", t("Known customers")
    if report.duplicates:
        yield "duplicates", t("Duplicates")
    yield "review", t("People must decide")
    yield "values", t("Leads and values")
    yield "quality", t("Quality findings")
    yield "left-behind", t("What stays behind")
    if examples:
        yield "examples", t("Examples")
    yield "plan", t("Plan")


def _hints(report: Report) -> list[tuple[str, str]]:
    hints = join_advice.hints_of_joins(report.joins)
    hints += [(table.table, join_advice.unnamed(table)) for table in report.unnamed]
    hints += [(master.name, hint) for master in report.masters for hint in advice.master_hints(master)]
    return hints + [(remark.dataset, advice.remark(remark.remark)) for remark in report.remarks]


def _fingerprints(manifest: Manifest, language: Language) -> Iterator[tuple[str, str]]:
    """Each fingerprint on a line: who and where, and counts."""
    for name, fingerprint in manifest.fingerprints.items():
        for what, value in fingerprint.items():
            if isinstance(value, dict):
                value = ", ".join(f"{key} {language.number(count)}" for key, count in value.items())
            yield f"{language.word(name)}: {language.word(what)}", str(value)


def _script(language: Language) -> Markup:
    names = (mark("Search this table"), mark("{shown} of {all} rows"), mark("Sorted by {column}"))
    words = {name: language.text(name) for name in names}
    return Markup(str(_part("script.js")).replace("{/* words */}", json.dumps(words, ensure_ascii=False)))


@cache
def _environment(language: Language) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("etl.report", "html"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=Compiled(),
    )
    environment.filters |= {
        "value": _value,
        "lines": _lines,
        "css": lambda name: re.sub(r"[^a-z0-9]+", "-", name.lower()),
    }
    environment.globals |= {
        "l": language,
        "t": language.text,
        "n": language.plural,
        "number": language.number,
        "percent": language.percent,
        "chance": language.chance,
        "blocked": wording.blocked,
        "consent": consent,
        "decisions": list(Decision),
        "s": language.sentence,
        "gate_links": GATES,
        "case_place": place_of,
        "WIDE": WIDE,
        "VALUE": VALUE,
    }
    return environment


def _value(text: Any, length: int = 60) -> str:
    """A legacy value on one line: what cannot be seen, and what turns the direction of a line, is shown escaped."""
    return shown(str(text), length)


def _lines(text: str) -> str:
    """A text of several lines; what cannot be seen is shown escaped, all else stays as it is."""
    return "\n".join(map(escaped, text.split("\n")))


@cache
def _part(name: str) -> Markup:
    return Markup("\n" + (files("etl.report.html") / name).read_text(encoding="utf-8"))
