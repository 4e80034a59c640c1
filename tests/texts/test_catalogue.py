from __future__ import annotations

import string

import pytest

from etl.texts import Texts, mark, speaking, spoken, t, texts, tn
from etl.texts.po import read_po
from tests.texts.messages import GERMAN, Message, messages, renewed

HEADER = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
ALL = list(messages())


def places(sentence: str) -> set[str]:
    """The `{name}`s of a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_german_has_every_sentence() -> None:
    """Whatever code and templates say is translated; `python -m tests.texts.messages` adds what is new to de.po."""
    assert {one.english for one in ALL} - set(texts("de").messages) == set()


def test_german_has_no_sentence_that_nobody_says() -> None:
    """What is not said any more is not translated any more."""
    assert set(texts("de").messages) - {one.english for one in ALL} == set()


def test_a_plural_is_one_everywhere() -> None:
    """A sentence has one plural, and a translation of both or of neither."""
    forms: dict[str, set[str]] = {}
    for one in ALL:
        if one.many is not None:
            forms.setdefault(one.english, set()).add(one.many)

    assert [english for english, some in forms.items() if len(some) > 1] == []
    assert {english for english, some in texts("de").messages.items() if len(some) == 2} == set(forms)


def test_a_translation_has_the_places_of_its_sentence() -> None:
    """A value that is filled into a sentence is in every language of it; a singular may leave out its number."""
    assert [one.english for one in ALL if not same_places(one)] == []


def same_places(message: Message) -> bool:
    """Whether German has the places of a sentence, and of its plural."""
    english = [message.english, *([message.many] if message.many is not None else [])]
    german = texts("de").messages[message.english]
    singular = places(german[0]) | {"n"} == places(english[0]) | {"n"}
    return singular and places(german[-1]) == places(english[-1])


def test_the_catalogue_is_as_the_tool_writes_it() -> None:
    """In the order of the code, with the places of each sentence: a change shows what it changes."""
    text = GERMAN.read_text(encoding="utf-8")

    assert text == renewed(text)


def test_english_is_what_the_code_says() -> None:
    """Without a catalogue a sentence is its own translation, as it is for a language that nobody translated."""
    assert texts("en").text("{n} rows of {table}", n=2, table="{x}") == "2 rows of {x}"
    assert texts("xx") == texts("en")
    assert t("No such sentence {in} German") == "No such sentence {in} German"


def test_the_language_is_spoken_until_its_block_ends() -> None:
    """`t` and `tn` speak the language of the block that they are called in, and English outside of one."""
    with speaking("de"):
        assert t(mark("customer")) == "Kunde"
        with speaking("en"):
            assert t("customer") == "customer"
        assert spoken().code == "de"

    assert t("customer") == "customer"


def test_counts_are_written_as_readers_write_them() -> None:
    """1,204 in English and 1.204 in German; 1 has a form of its own."""
    german = Texts("de", {"{n} row": ("{n} Zeile", "{n} Zeilen")})

    assert tn(1204, "{n} row", "{n} rows") == "1,204 rows"
    assert german.plural(1204, "{n} row", "{n} rows") == "1.204 Zeilen"
    assert german.plural(1, "{n} row", "{n} rows") == "1 Zeile"
    assert german.plural(0, "{n} column", "{n} columns") == "0 columns"


def test_a_po_file_is_read_as_translators_tools_write_it() -> None:
    """Long texts go over several lines; what is fuzzy or empty is not translated yet."""
    text = (
        HEADER
        + '\n#: etl/a.py\nmsgid "a \\"b\\" "\n"\\n c"\nmsgstr ""\n"x"\n"y"\n'
        + '\n#, fuzzy\nmsgid "guessed"\nmsgstr "geraten"\n\nmsgid "empty"\nmsgstr ""\n'
        + '\n#~ msgid "old"\n#~ msgstr "alt"\n'
    )

    assert read_po(text) == {'a "b" \n c': ("xy",)}


@pytest.mark.parametrize("text", ["", 'msgid ""\nmsgstr "Language: pl\\n"\n', HEADER + '\nmsgid "a\nmsgstr "b"\n'])
def test_another_file_is_refused(text: str) -> None:
    """A file with other plurals, or that is no catalogue, is not read in part."""
    with pytest.raises(ValueError):  # noqa: PT011  json's and ours
        read_po(text)
