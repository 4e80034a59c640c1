"""The note as HTML: headings, lists and bold labels, that come back as the same text after a sanitizer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser

from etl.note.blocks import State, blocks
from etl.note.escape import CLOSE, OPEN
from etl.note.vocabulary import (
    BREAK,
    DEEPER,
    HISTORY_DEEPER,
    HISTORY_LINE,
    HISTORY_ROW,
    ROW,
    WORDS,
)

NODE = 100_000
"""How many characters one text node holds at most; sanitizers cut those of more than 1 MB."""

EMPTY = f"{OPEN}x{CLOSE}"
"""An empty line at the end of a list item, where a `<br>` alone would be dropped."""

_BLANK = "\u00a0"
_NO_CHARACTERS = "\ufdd0-\ufdef" + "".join(
    chr(0x10000 * plane + last) for plane in range(17) for last in (0xFFFE, 0xFFFF)
)
"""What is no character in Unicode: as an entity, a parser may drop it."""
_ODD = re.compile(
    f"{OPEN}(?=x)|[\x00-\x1f\x7f-\x9f{_BLANK}\u2028\u2029{_NO_CHARACTERS}]|%(?=[0-9A-Fa-f]{{2}}|>)|(?<=<)%"
)
_WRITTEN = re.compile(f"{OPEN}x([0-9A-F]{{4,6}})?{CLOSE}")
_BLANKS = re.compile(r"^ +| +\Z| {2,}")
_SPACE = re.compile(r"[ \t\n\r\f]+")


def to_html(note: str) -> str:
    """Draw a note as HTML. Legacy values stand in it as text, never as markup.

    What a sanitizer would rewrite, drop or decode (tabs, `%41`, no-break spaces, what else is no plain text) is escaped
    as `⟦x0009⟧`, and blanks that a browser would merge are no-break spaces. `from_html` is the exact inverse. Blocks
    that are intact become headings and lists, everything else a paragraph a line.
    """
    drawn, done = [], 0
    candidates = sorted(
        (block for words in WORDS.values() for block in blocks(note, words)),
        key=lambda block: block.start,
    )
    for block in candidates:
        whole = note[block.start : block.end] == block.text and note[block.end : block.end + 1] in ("", "\n")
        if block.state is State.INTACT and whole and block.start >= done:
            drawn += _paragraphs(note[done : block.start])
            drawn += _block(block.text)
            done = block.end + 1
    if done <= len(note):
        drawn += map(_paragraph, note[done:].split("\n"))
    return "\n".join(drawn)


def from_html(html: str) -> str:
    """Give back the text of a note that was HTML, also after a sanitizer, and of what people wrote around it."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_line()
    return "\n".join(reader.lines)


_BEGIN, _END = re.compile(r"<h3\b"), re.compile(r"</h6\s*>")


def replaced_in_html(html: str, before: str, after: str) -> str | None:
    """A note that was HTML with another block in the place of one; all around it stays as people have formatted it.

    before, after: the blocks as text. None where the block does not stand there as it was drawn.
    """
    for begin in _BEGIN.finditer(html):
        for end in _END.finditer(html, begin.end()):
            if from_html(html[begin.start() : end.end()]) == before:
                return html[: begin.start()] + to_html(after) + html[end.end() :]
    return None


def _paragraphs(text: str) -> list[str]:
    """The lines above a block; each ends with a line break."""
    return [_paragraph(line) for line in text.split("\n")[:-1]]


def _paragraph(line: str) -> str:
    return f"<p>{_inline(line) or '<br>'}</p>"


def _block(text: str) -> Iterator[str]:
    """The tags of an intact block: its sections are what stands between empty lines."""
    first, *sections, last = text.split("\n\n")
    yield _tag("h3", first)
    for section in sections:
        head = section.partition("\n")[0]
        if head.endswith("]"):
            yield _tag("h4", head)
            rows = section.replace(f"\n{DEEPER}", BREAK).split(ROW)[1:]
            yield from _list("ul", [[row] for row in rows])
        else:
            yield _tag("h5", head)
            rows = section.replace(f"\n{HISTORY_DEEPER}", BREAK).split(HISTORY_ROW)[1:]
            yield from _list("ol", [row.split(HISTORY_LINE) for row in rows])
    yield _tag("h6", last)


def _tag(tag: str, line: str) -> str:
    return f"<{tag}>{_inline(line)}</{tag}>"


def _list(tag: str, items: list[list[str]]) -> Iterator[str]:
    """A list; each item is one or several `label: value`, whose further lines stand behind a BREAK."""
    if items:
        yield f"<{tag}>"
        for cells in items:
            lines = [line for cell in cells for line in _cell(*cell.split(BREAK))]
            yield f"<li>{'<br>'.join(lines)}{'' if lines[-1] else EMPTY}</li>"
        yield f"</{tag}>"


def _cell(row: str, *further: str) -> list[str]:
    label, colon, value = row.partition(": ")
    if not colon:
        return [_inline(row)]
    return [
        f"<b>{_inline(f'{label}:')}</b>{' ' if value else _BLANK}{_inline(value)}",
        *map(_inline, further),
    ]


def _inline(line: str) -> str:
    """One line, or a part of one, as text nodes that come back exactly."""
    marked = _ODD.sub(lambda match: f"{OPEN}x{ord(match[0]):04X}{CLOSE}", line)
    if len(marked) <= NODE:
        return _node(marked)
    return "".join(f"<span>{_node(marked[at : at + NODE])}</span>" for at in range(0, len(marked), NODE))


def _node(text: str) -> str:
    return escape(_BLANKS.sub(lambda match: _BLANK * len(match[0]), text), quote=False)


def _unmarked(text: str) -> str:
    """The line that a run of text nodes was made of."""
    line = _SPACE.sub(" ", text).strip(" ").replace(_BLANK, " ")
    return _WRITTEN.sub(lambda match: chr(int(match[1], 16)) if match[1] else "", line)


_LISTS = ("ul", "ol")
_HEADINGS = ("h4", "h5", "h6")
_BLOCKS = (
    "p",
    "div",
    "h1",
    "h2",
    "h3",
    "blockquote",
    "pre",
    "table",
    "tr",
    "hr",
    "section",
    "article",
)
_FIRST = {"ul": ROW[1:], "ol": HISTORY_ROW[1:]}
_FURTHER = {"ul": DEEPER, "ol": HISTORY_DEEPER}


class _Reader(HTMLParser):
    """Collects the lines of a note. What stands before a line is told by the list it is in."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self._text: list[str] = []
        self._lists: list[str] = []
        self._item = False
        self._before = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 (html.parser's)
        """Begin a line where the tag does; a bold label in a history begins a line of its own kind."""
        if tag == "br":
            self._break()
        elif tag in ("b", "strong"):
            if self._before == HISTORY_DEEPER and not self._written():
                self._before = HISTORY_LINE[1:]
        elif tag in _LISTS:
            self.end_line()
            self._lists.append(tag)
        elif tag == "li":
            self.end_line()
            self._item = True
            self._before = _FIRST[self._list()]
        elif tag in _HEADINGS:
            self.end_line()
            self._before = "\n"
        elif tag in _BLOCKS:
            self._begin_block()

    def handle_endtag(self, tag: str) -> None:
        """End the line where the tag does."""
        if tag in _LISTS or tag == "li":
            self.end_line()
            self._item = False
            if tag in _LISTS and self._lists:
                self._lists.pop()
        elif tag in _HEADINGS or (tag in _BLOCKS and not self._item):
            self.end_line()

    def handle_data(self, data: str) -> None:
        """Keep the text until its line ends."""
        self._text.append(data)

    def end_line(self) -> None:
        """Take the line down, if there is one."""
        if self._written():
            self._take()
        self._text.clear()
        self._before = ""

    def _written(self) -> bool:
        return any(text.strip(" \t\n\r\f") for text in self._text)

    def _list(self) -> str:
        return self._lists[-1] if self._lists else "ul"

    def _take(self) -> None:
        self.lines.append(self._before + _unmarked("".join(self._text)))
        self._text.clear()

    def _break(self) -> None:
        self._take()
        self._before = _FURTHER[self._list()] if self._item else ""

    def _begin_block(self) -> None:
        """In a list item, a paragraph that an editor put around its text is the item; a second one is a line."""
        if not self._item:
            self.end_line()
        elif self._written():
            self._break()
