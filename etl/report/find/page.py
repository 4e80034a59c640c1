"""The page on which people without this tool look up where a record is: one file, no network, nothing to install.

Values are data: they stand in a block of JSON in which no `<` is left, and the script shows them by textContent alone.
The policy in the page's head lets nothing run or load but the script and the style that are in it, by their hashes.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from string import Template

from etl.report.policy import policy
from etl.report.text import escaped
from etl.texts import mark, texts

MOST = 100_000
"""So many records can be searched in a browser without a wait."""
HARMLESS = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Line:
    """One record on the page.

    company: of a person; lead_id: None where no lead of it is known; keys: its source key and the numbers that identify
    it.
    """

    name: str
    city: str
    company: str
    decision: str
    lead_id: str | None
    keys: str


WORDS = {
    "title": mark("Where did a record go?"),
    "label": mark("Name, city or number"),
    "hint": mark("Umlauts, accents and capitals do not matter. If you type several words, all of them must occur."),
    "none": mark("Nothing found. Try fewer words."),
    "count": mark("{found} found"),
    "some": mark("{found} found, the first {shown} shown"),
    "start": mark("{total} records. Type to search."),
    "loading": mark("Getting ready …"),
    "script": mark("This page needs JavaScript."),
    "nameless": mark("without a name"),
    "lead": mark("Lead {id}"),
    "lead+": mark("becomes a lead"),
    "moved before": mark("moved before"),
    "customer": mark("customer, stays in the CRM"),
    "keep": mark("stays in the CRM"),
    "review": mark("stays in the CRM until it is decided"),
    "reject": mark("stays in the CRM, cannot be processed"),
}
"""What the page says; `lead+`: a lead whose id is not known."""

PAGE = Template("""\
<!DOCTYPE html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex, nofollow">
<meta name="color-scheme" content="light dark">
<title>$title</title>
<style>$style</style>
</head>
<body>
<main>
<h1>$title</h1>
<form role="search" id="form">
<label for="query">$label</label>
<input id="query" type="search" autocomplete="off" autocapitalize="off" spellcheck="false" aria-describedby="hint"
 aria-controls="hits" autofocus>
<p id="hint">$hint</p>
</form>
<p id="count" role="status" aria-live="polite"></p>
<ol id="hits"></ol>
<noscript><p>$script_needed</p></noscript>
</main>
<script type="application/json" id="data">$data</script>
<script>$script</script>
</body>
</html>
""")


def page_of(lines: Iterable[Line], language: str = "en") -> str:
    """Draw the page. language: of what it says; English for one that has no catalogue."""
    spoken = texts(language)
    words = {name: spoken.text(english) for name, english in WORDS.items()}
    style, script = (_part(f"page.{kind}") for kind in ("css", "js"))
    shown = {name: html.escape(words[name]) for name in ("title", "label", "hint")}
    return PAGE.substitute(
        shown,
        language=spoken.code,
        script_needed=html.escape(words["script"]),
        policy=policy(script, style),
        style=style,
        script=script,
        data=_data(lines, words),
    )


def _data(lines: Iterable[Line], words: dict[str, str]) -> str:
    """The records as JSON that stands in HTML without a sign that means anything there.

    What cannot be seen, and what turns the direction of a line, is escaped as in `report.html`.
    """
    rows = [
        [
            *map(escaped, (line.name, line.city, line.company)),
            line.decision,
            line.lead_id and escaped(line.lead_id),
            escaped(line.keys),
        ]
        for line in lines
    ]
    text = json.dumps({"words": words, "rows": rows}, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode("utf-8").translate(HARMLESS)


def _part(name: str) -> str:
    return "\n" + (files("etl.report.find") / name).read_text(encoding="utf-8")
