from __future__ import annotations

import re
from pathlib import Path

from etl.profile.page import page_of
from tests.profile.profiles import files_in, profiled

HOSTILE = "<img src=x onerror=alert(1)>"
PEOPLE = "id,first_name,last_name,email,state\n" + "".join(
    f"{n},Annegret,Mustermann,annegret{n}@muster.example,{'new' if n % 3 else 'open'}\n" for n in range(30)
)


def page(tmp_path: Path, tables: dict[str, str]) -> str:
    """The page of a folder of files."""
    with profiled(f"files:{files_in(tmp_path / 'crm', tables)}", tmp_path / "copies") as profile:
        return page_of(profile)


def test_values_and_names_are_text_and_nothing_can_be_loaded(tmp_path: Path) -> None:
    """Neither a value nor the name of a column or table becomes markup; the policy allows the page's style alone."""
    html = page(tmp_path, {"things <b>": f"id,{HOSTILE},kind\n1,a,{HOSTILE}\n2,b,c\n"})
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)

    assert "<img" not in html
    assert "<b>" not in html
    assert "&lt;img src=x" in html
    assert "<script" not in html
    assert policy.startswith("default-src &#39;none&#39;; style-src &#39;sha256-")


def test_of_a_persons_values_only_the_beginning_is_shown(tmp_path: Path) -> None:
    """The page may be handed on; words that are no person's stand as they are, with how often."""
    html = page(tmp_path, {"people": PEOPLE})

    assert "Annegret" not in html
    assert "Mustermann" not in html
    assert "muster.example" not in html
    assert "A…" in html
    assert re.search(r'new <span class="count">20</span>', html)


def test_each_table_and_column_stands_with_what_it_is(tmp_path: Path) -> None:
    """A damaged table as well, with why it could not be read."""
    html = page(tmp_path, {"people": PEOPLE, "broken": ""})

    assert "Persons, 30 rows. Key: id." in html
    assert all(f'<th scope="row">{name}</th>' in html for name in ("first_name", "last_name", "email", "state"))
    assert "could not be read" in html
