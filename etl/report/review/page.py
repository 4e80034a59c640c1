"""Put the page together: the cases as compressed data, one template, one style, one script, and nothing loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
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
from etl.texts import speaking, texts

MOST = 10_000
"""So many cases are on one page; a plan with more says so."""
SCRIPT = ("data", "kept", "decided", "list", "table", "case", "files", "deciding", "lookup", "page")
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


@dataclass(frozen=True)
class Sheet:
    """What one page is made of.

    title: its heading; language: its code; data: what the script reads beside the rows of the pack; about: what stands
    above the heading; lookup: whether it is only read, and nothing is decided on it.
    """

    title: str
    language: str
    pack: Pack
    data: Mapping[str, Any]
    about: Mapping[str, str] = field(default_factory=dict)
    lookup: bool = False


def drawn(sheet: Sheet) -> str:
    """Draw a page, of open cases or in reading mode: one template, one style, one script."""
    sheet.pack.end()
    style, script = _style(), _script()
    return (
        _environment(Language("de" if sheet.language == "de" else "en"))
        .get_template("page.html.j2")
        .render(
            title=sheet.title,
            about=sheet.about,
            lookup=sheet.lookup,
            cases=len(sheet.pack.rows),
            left=sheet.pack.left,
            data=packed({**sheet.data, "rows": sheet.pack.rows}),
            parts=sheet.pack.parts,
            style=style,
            script=script,
            policy=policy(script, style),
        )
    )


def _page(pack: Pack, tables: tuple[Form, ...], config: Config, manifest: Manifest, owner: str = "") -> str:
    about = {"as_of": manifest.as_of.isoformat(), "digest": manifest.digest[:16], "owner": shown(owner, 100)}
    data = _data(tables, config, manifest)
    return drawn(Sheet(shown(manifest.name, 200), config.language, pack, data, about))


def _data(tables: tuple[Form, ...], config: Config, manifest: Manifest) -> dict[str, Any]:
    """What the script reads at once: the list of cases, and the words."""
    excel = config.report.csv == "excel"
    return {
        "name": manifest.name,
        "digest": manifest.digest,
        "duplicates": config.leads.duplicates is not None,
        "csv": {"delimiter": ";" if excel else ",", "bom": excel},
        "forms": [form.as_data() for form in tables],
        "mode": "decide",
        "words": words(texts(config.language)),
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
