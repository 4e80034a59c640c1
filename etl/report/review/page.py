"""Put the page together: the cases as compressed data, one template, one style, one script, and nothing loaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from etl.config import Config
from etl.plan.bundle import Manifest
from etl.report.html.compiled import Compiled
from etl.report.html.words import Language
from etl.report.policy import policy
from etl.report.read import Tables
from etl.report.review.cases import Cases
from etl.report.review.forms import Form, forms
from etl.report.review.pack import Pack, packed
from etl.report.review.words import words
from etl.report.text import shown
from etl.texts import speaking

MOST = 10_000
"""So many cases are on one page; a plan with more says so."""
SCRIPT = ("data", "kept", "decided", "table", "case", "list", "files", "page")
"""The parts of the script, in their order."""


@dataclass(frozen=True)
class Drawn:
    """A page. owner: whose it is, empty of all cases or of those of nobody; cases: how many are that one's."""

    owner: str
    cases: int
    text: str


def draw_review(plan: Tables, config: Config, manifest: Manifest, most: int = MOST) -> Drawn:
    """Draw the page of all open cases of a plan. Raises PlanError where a table is missing or damaged."""
    with speaking(config.language):
        tables, asked = forms(plan.folder, config, manifest.figures.datasets), _asked(plan)
        pack = Pack(most)
        for case in Cases(plan, config, tables, most):
            pack.add(case)
        pack.left = asked - len(pack.rows)
        return Drawn("", asked, _page(pack, tables, config, manifest))


def draw_by_owner(plan: Tables, config: Config, manifest: Manifest, most: int = MOST) -> Iterator[Drawn]:
    """Draw a page for each owner of open cases."""
    with speaking(config.language):
        tables = forms(plan.folder, config, manifest.figures.datasets)
        packs: dict[str, Pack] = {}
        for case in Cases(plan, config, tables, _asked(plan)):
            packs.setdefault(case.owner, Pack(most)).add(case)
        for owner, pack in sorted(packs.items()):
            yield Drawn(owner, len(pack.rows) + pack.left, _page(pack, tables, config, manifest, owner))


def _asked(plan: Tables) -> int:
    count: int = plan.row("SELECT count(*) FROM cases")[0]
    return count


def _page(pack: Pack, tables: tuple[Form, ...], config: Config, manifest: Manifest, owner: str = "") -> str:
    pack.end()
    language = Language(config.language)
    style, script = _style(), _script()
    return (
        _environment(language)
        .get_template("page.html.j2")
        .render(
            name=shown(manifest.name, 200),
            owner=shown(owner, 100),
            as_of=manifest.as_of.isoformat(),
            digest=manifest.digest,
            cases=len(pack.rows),
            left=pack.left,
            data=packed(_data(pack, tables, config, manifest, language)),
            parts=pack.parts,
            style=style,
            script=script,
            policy=policy(script, style),
        )
    )


def _data(
    pack: Pack, tables: tuple[Form, ...], config: Config, manifest: Manifest, language: Language
) -> dict[str, Any]:
    """What the script reads at once: the list of cases, and the words."""
    excel = config.report.csv == "excel"
    return {
        "name": manifest.name,
        "digest": manifest.digest,
        "duplicates": config.leads.duplicates is not None,
        "csv": {"delimiter": ";" if excel else ",", "bom": excel},
        "forms": [form.as_data() for form in tables],
        "words": words(language.texts),
        "rows": pack.rows,
    }


def _style() -> Markup:
    colors = files("etl.report.html") / "colors.css"
    text = colors.read_text(encoding="utf-8") + (files("etl.report.review") / "style.css").read_text(encoding="utf-8")
    return Markup("\n" + text)  # noqa: S704  the page's own style


@cache
def _script() -> Markup:
    folder = files("etl.report.review") / "script"
    parts = [(folder / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPT]
    return Markup('\n"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n")  # noqa: S704  the page's own script


@cache
def _environment(language: Language) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("etl.report.review", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=Compiled(),
    )
    environment.globals |= {"l": language, "t": language.text, "n": language.plural, "number": language.number}
    return environment
