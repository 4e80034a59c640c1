"""The HTML flavour comes back as the text that it was drawn from, also after sanitizers."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser

import nh3
from hypothesis import given, settings, strategies as st

from etl.note import from_html, parse, replaced_in_html, to_html
from tests.note.crm import Crm
from tests.note.strategies import crms, values
from tests.profiles import examples

BRIEF = settings(max_examples=examples(30))
NODE_LIMIT = 1_000_000


class Harsh(HTMLParser):
    """A sanitizer made for these tests, that does what real ones were seen to do.

    It drops attributes, control characters, carriage returns and form feeds, turns NUL into a blank, cuts text nodes of
    more than 1 MB, writes `<strong>` for `<b>`, indents the tags, and writes every character beyond ASCII as an entity.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 (html.parser's)
        """Write a tag without attributes, on a line of its own if it begins a block."""
        inline = tag in ("b", "br", "span")
        self.out.append(f"<{'strong' if tag == 'b' else tag}>" if inline else f"\n  <{tag}>\n")

    def handle_endtag(self, tag: str) -> None:
        """End it the same way."""
        if tag != "br":
            self.out.append(f"</{'strong' if tag == 'b' else tag}>")

    def handle_data(self, data: str) -> None:
        """Damage a text node as far as such sanitizers damage it."""
        data = data.replace("\x00", " ")
        data = re.sub("[\x01-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]", "", data)
        data = data.encode()[:NODE_LIMIT].decode(errors="ignore")
        self.out.append("".join(c if c < "\x7f" else f"&#{ord(c)};" for c in escape(data)))


def harsh(html: str) -> str:
    """Sanitize, and decode what looks as if it were quoted for a URL."""
    cleaner = Harsh()
    cleaner.feed(html)
    cleaner.close()
    decoded = re.sub("%([0-9A-Fa-f]{2})", lambda found: chr(int(found[1], 16)), "".join(cleaner.out))
    return decoded.replace("&lt;%", "<%").replace("%&gt;", "%>")


SANITIZERS: dict[str, Callable[[str], str]] = {
    "none": str,
    "nh3": nh3.clean,
    "harsh": harsh,
    "both": lambda html: nh3.clean(harsh(html)),
}


def survivors(note: str) -> dict[str, str]:
    """What comes back of a note, by sanitizer."""
    html = to_html(note)
    return {name: from_html(sanitize(html)) for name, sanitize in SANITIZERS.items()}


@BRIEF
@given(crm=crms(), above=values, below=values)
def test_a_note_survives_sanitizers(crm: Crm, above: str, below: str) -> None:
    """The very text of a note, and of what stands around it, is read back from its HTML."""
    for note in crm.notes:
        assert survivors(note) == dict.fromkeys(SANITIZERS, note)
    around = f"{above}\n{crm.notes.iloc[0]}\n{below}"
    assert survivors(around) == dict.fromkeys(SANITIZERS, around)


@given(st.text() | values)
def test_any_text_comes_back(text: str) -> None:
    """Also a text without any block is read back from its HTML."""
    assert from_html(nh3.clean(to_html(text))) == text


@BRIEF
@given(crm=crms())
def test_values_are_never_markup(crm: Crm) -> None:
    """The HTML has the tags of the note alone, whatever the values look like."""
    tags = set(re.findall("<[^>]*>", to_html(crm.notes.iloc[0])))

    assert tags <= {
        f"<{end}{tag}>" for end in ("", "/") for tag in ("h3", "h4", "h5", "h6", "ul", "ol", "li", "b", "br")
    }


def test_a_text_node_stays_below_a_megabyte(crm: Crm) -> None:
    """A value of more than 1 MB, of characters that need most room, is not cut."""
    crm.record("accounts", "2", name="💶" * 260_000 + " & " * 20_000)
    note = crm.notes["accounts:2"]

    assert max(len(node.encode()) for node in re.split("<[^>]*>", to_html(note))) < NODE_LIMIT
    assert survivors(note) == dict.fromkeys(SANITIZERS, note)


def test_a_note_is_headings_lists_and_bold_labels(crm: Crm) -> None:
    """People read headings, a list of the values, and a numbered history."""
    crm.history("activities", "accounts:1", happened_at="2024-03-01", text="Ruft an,\nsagt er.")
    html = to_html(crm.notes.iloc[0])

    assert "<h4>Company [accounts:1]</h4>\n<ul>\n<li><b>name:</b> Musterbau GmbH</li>" in html
    assert "<li><b>text:</b> Ruft an,<br>immer.</li>" in html
    assert (
        "<h5>activities (1)</h5>\n<ol>\n<li><b>happened_at:</b> 2024-03-01<br><b>text:</b> Ruft an,<br>sagt er.</li>"
        in html
    )


def test_what_an_editor_does_to_html(crm: Crm) -> None:
    """Paragraphs in list items, other tags for bold, divs, and text without any tag do not hide a block."""
    crm.history("activities", "accounts:1", happened_at="2024-03-01", text="Ruft an.")
    html = to_html(crm.notes.iloc[0]).replace("<li>", "<li><p>").replace("</li>", "</p></li>")
    html = f"Bitte <i>anrufen</i>!<div>Eilt.<br></div>{html.replace('<b>', '<strong>')}<p>Erledigt<br>am Montag</p>"
    parsed = parse(from_html(html), crm.labels)

    assert parsed.state == "intact"
    assert (parsed.before, parsed.after) == ("Bitte anrufen!\nEilt.\n", "\nErledigt\nam Montag")


@BRIEF
@given(crm=crms(), above=values, below=values)
def test_a_block_gives_way_and_what_people_formatted_around_it_stays(crm: Crm, above: str, below: str) -> None:
    """Whatever a sanitizer made of it; and where the block is not there, nothing is replaced."""
    before, after = crm.notes.iloc[0], crm.notes.iloc[-1]
    around = f"<div><em>{escape(above)}</em>", f"<h3>{escape(below)}</h3></div>"
    for sanitize in SANITIZERS.values():
        html = f"{around[0]}{sanitize(to_html(before))}{around[1]}"
        new = replaced_in_html(html, before, after)
        assert new is not None
        assert (new.startswith(around[0]), new.endswith(around[1])) == (True, True)
        assert from_html(new[len(around[0]) : -len(around[1])]) == after
    assert replaced_in_html(f"{around[0]}{to_html(before[:-1])}{around[1]}", before, after) is None
