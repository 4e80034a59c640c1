"""crm-cleanup find: hits for people and machines, and a page in which no legacy value is markup or script."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import stat
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from etl.errors import ConfigError
from etl.pipeline import find_page
from etl.report.review.lookup import Line, draw_lookup
from etl.report.text import escaped
from tests.pipeline import small
from tests.report.html.cases import unpacked
from tests.running import run

HOSTILE = "</script><img src=x onerror=alert(1)><!--\u2028&lt;"


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small CRM, one hostile name in it, planned and applied."""
    folder = tmp_path_factory.mktemp("find")
    hostile: small.Table = [["666", None, HOSTILE, None, "\x1b[31mRot", *[None] * 5]]
    tables = {**small.TABLES, "accounts": [*small.TABLES["accounts"], *hostile]}
    config = small.write_config(folder, small.write_csv(folder / "in", tables))
    assert run("plan", config, "--out", "plans/one", folder=folder).returncode == 0
    assert run("apply", "plans/one", folder=folder).returncode == 0
    return folder


class Page(HTMLParser):
    """What a browser makes of a page: its elements, and what its scripts and styles hold."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))
        if tag in self.inside:
            self.inside[tag].append("")

    def handle_data(self, data: str) -> None:
        """Note what a script or style holds."""
        if self.found and self.lasttag in self.inside and self.cdata_elem == self.lasttag:
            self.inside[self.lasttag][-1] += data


def page(folder: Path) -> str:
    """Write the page and read it."""
    found = run("find", "--page", "find.html", folder=folder)
    assert found.returncode == 0, found
    return (folder / "find.html").read_text(encoding="utf-8")


def test_hits_are_shown_with_what_people_ask_for(crm: Path) -> None:
    """Name, city, source key, where it is, why, and some lines of its note; all plans of ./plans are searched."""
    found = run("find", "baeckerei köln", folder=crm)

    assert found.returncode == 0, found
    assert "1. Bäckerei Öztürk e.K., Köln [accounts:003]" in found.stdout
    assert "2. Ömer Öztürk, Bäckerei Öztürk e.K. [contacts:2]" in run("find", "öztürk", folder=crm).stdout
    assert re.search(r"in the lead pipeline, lead \d+\n", found.stdout)
    assert "decision: lead, by the rule: no evidence" in found.stdout
    assert "| Firma: Bäckerei Öztürk e.K. [accounts:003]" in found.stdout
    assert found.stderr == ""


def test_words_need_no_quotes_and_machines_get_json(crm: Path) -> None:
    """With the same fields for each hit."""
    found = run("find", "Kraszewski", "Montage", "--plan", "plans/one", "--json", folder=crm)
    [hit] = json.loads(found.stdout)["hits"]

    assert hit["state"] == "stays in the CRM: customer"
    assert hit["source_key"] == "accounts:002"
    assert json.loads(found.stdout)["count"] == 1


def test_what_is_cut_off_and_what_is_not_found_is_said(crm: Path) -> None:
    """How many there are in all, and what to try."""
    assert "2 records found, the best 1 shown" in run("find", "kraszewski gmbh", "--limit", "1", folder=crm).stdout
    assert "Nothing found in 19 legacy records." in run("find", "xyzxyzxyz", folder=crm).stdout


def test_no_value_is_an_order_to_the_terminal(crm: Path) -> None:
    """Control characters are shown escaped."""
    found = run("find", "666", folder=crm)

    assert "accounts:666" in found.stdout
    assert "\x1b" not in found.stdout
    assert r"\x1b[31mRot" in found.stdout


@pytest.mark.parametrize("arguments", [(), ("Zahn", "--page", "x.html")])
def test_a_call_that_asks_for_nothing_or_both_is_wrong(crm: Path, arguments: tuple[str, ...]) -> None:
    """Exit code 2, and no page."""
    found = run("find", *arguments, folder=crm)

    assert found.returncode == 2
    assert "Give either a text" in found.stderr
    assert not (crm / "x.html").exists()


def test_without_a_plan_the_error_names_the_option(tmp_path: Path) -> None:
    """And what was typed is in no message."""
    found = run("find", "Geheimname", folder=tmp_path)

    assert found.returncode == 1
    assert "--plan PLAN" in found.stderr
    assert "Geheimname" not in found.stderr


def test_a_target_that_is_away_is_one_line_on_standard_error(crm: Path, tmp_path: Path) -> None:
    """The hits come all the same, and standard output is clean."""
    small.write_config(tmp_path, f"files:{crm / 'in'}")
    assert run("plan", "small.yaml", "--out", "plan", folder=tmp_path).returncode == 0
    (tmp_path / "pipeline.db").mkdir()
    found = run("find", "Zahn", "--plan", "plan", "--json", folder=tmp_path)

    assert found.returncode == 0, found
    assert len(found.stderr.splitlines()) == 1
    assert "lead ids are missing" in found.stderr
    assert json.loads(found.stdout)["hits"][0]["source_key"] == "contacts:3"


def test_no_legacy_value_is_markup_or_script_in_the_page(crm: Path) -> None:
    """A hostile name is data: it comes back from the JSON as it was, and makes no element."""
    text = page(crm)
    found = Page(text)
    data, *parts, script = found.inside["script"]

    assert escaped(HOSTILE) in [row["name"] for row in unpacked(data)["rows"]]
    assert all(re.fullmatch("[A-Za-z0-9+/=]+", packed) for packed in (data, *parts))
    assert [of for tag, of in found.found if tag in ("img", "a", "link", "iframe") and of.get("id") != "skip"] == []
    assert len(found.inside["script"]) == 3
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function\(", script)


def test_the_page_lets_nothing_run_or_load_but_what_is_in_it(crm: Path) -> None:
    """A policy by hashes, no address of anything, no handler and no style in an element."""
    text = page(crm)
    found = Page(text)
    [policy] = [str(of["content"]) for tag, of in found.found if of.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(one.strip().split(" ", 1) for one in policy.split(";"))
    hashes = {kind: [hashed(one) for one in found.inside[kind]] for kind in ("script", "style")}

    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["script-src"] == f"'{hashes['script'][-1]}'"
    assert rules["style-src"] == f"'{hashes['style'][0]}'"
    assert not [of for _, of in found.found if {"src", "href", "style", "action"} & {*of} and of.get("id") != "skip"]
    assert not [name for _, of in found.found for name in of if name.startswith("on")]
    assert "http://" not in text
    assert "https://" not in text


def hashed(text: str) -> str:
    """The name of a script or style in a policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def test_the_page_holds_what_people_ask_for_alone(crm: Path) -> None:
    """Name, city, company, decision, lead id and numbers, the reason and a few lines of the lead's note; no phone or
    address of a record that stays. The file is its owner's."""
    data, *parts, _ = Page(page(crm)).inside["script"]
    rows, details = unpacked(data)["rows"], [detail for part in parts for detail in unpacked(part)]
    by_name = {row["name"]: {**row, **detail} for row, detail in zip(rows, details, strict=True)}

    assert len(rows) == 18  # of two rows that share a key, one
    montage = by_name["Kraszewski Montage GmbH"]
    assert {name: montage[name] for name in ("city", "company", "decision", "lead", "keys", "rule", "note")} == {
        "city": "Leipzig",
        "company": "",
        "decision": "customer",
        "lead": None,
        "keys": "accounts:002",
        "rule": montage["rule"],
        "note": [],
    }
    bakery = by_name["Bäckerei Öztürk e.K."]
    assert (bakery["decision"], bakery["lead"]) == ("lead", by_name["Ömer Öztürk"]["lead"])
    assert bakery["note"][0] == "Firma: Bäckerei Öztürk e.K. [accounts:003]"
    assert len(bakery["note"]) <= 6
    assert by_name["Ömer Öztürk"]["company"] == "Bäckerei Öztürk e.K."
    assert not re.search(r"kraszewski\.example|1234567|zurück", json.dumps([rows, details], ensure_ascii=False))
    assert stat.S_IMODE((crm / "find.html").stat().st_mode) == 0o600
    assert not list(crm.glob(".find*"))


def test_the_page_has_a_label_a_live_count_and_its_language(crm: Path) -> None:
    """As screen readers need it; it speaks as the notes do."""
    elements = Page(page(crm)).found

    assert ("html", {"lang": "de"}) in elements
    assert ("label", {"for": "query"}) in elements
    assert any(of.get("role") == "status" and of.get("id") == "count" for _, of in elements)
    assert 'lang="en"' in draw_lookup([], "fr")


def rows_of(text: str) -> list[list[str | None]]:
    """The list of a page, its records as their cells."""
    rows: list[dict[str, str | None]] = unpacked(Page(text).inside["script"][0])["rows"]
    return [[row[name] for name in ("name", "city", "company", "decision", "lead", "keys")] for row in rows]


def test_what_is_no_valid_unicode_or_missing_does_not_break_the_page() -> None:
    """Every line is shown; half a character is escaped."""
    text = draw_lookup([Line("\ud800x", "", "", "lead", None, ""), Line("", "Köln", "", "keep", None, "")], "en")

    assert rows_of(text) == [["\\ud800x", "", "", "lead", None, ""], ["", "Köln", "", "keep", None, ""]]


def test_too_many_records_are_an_error_that_says_what_to_do(crm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written."""
    monkeypatch.setattr(find_page, "MOST", 10)
    with pytest.raises(ConfigError, match="A page can hold at most 10 records, but these plans have 19") as caught:
        find_page.write_page(crm / "many.html", [crm / "plans" / "one"])

    assert "crm-cleanup find" in str(caught.value.next)
    assert not (crm / "many.html").exists()


@given(name=st.text(max_size=20), city=st.text(max_size=20))
@settings(max_examples=50, deadline=None)
def test_what_cannot_be_seen_is_shown_escaped_on_the_page(name: str, city: str) -> None:
    """A mark that turns the direction of a line, or a control character, stands there as in report.html."""
    text = draw_lookup(
        [Line(f"a\u202eb{name}\x1b", f"\u2066{city}", f"{name}\u2067", "lead", "7\u200f", f"{city}\u202d")]
    )
    [cells] = rows_of(text)

    assert "".join(filter(None, cells)).isprintable()
    assert str(cells[0]).startswith("a\\u202eb")
    assert cells[4] == "7\\u200f"
