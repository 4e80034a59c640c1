"""The config: what it says is what is read, and each mistake is named with file, line and what would be right."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, given, strategies as st

from etl.config import ColumnCondition, Config, Exists, Gate, Within, load
from etl.config.load import parse
from etl.errors import ConfigError

DEMO = Path("configs/demo.yaml")
SMALL = """\
name: small
source:
  url: files:in
  records:
    accounts: {key: id, type: company}
classify:
  - {as: customer, name: invoiced, when: {exists: invoices, of: {accounts: account}}}
  - {as: lead, name: rest}
leads: {fields: {name: "{name}"}}
target: {url: "sqlite:///out.db"}
"""


def loads(text: str, folder: Path, **environ: str) -> Config:
    """Load a config from a text."""
    path = folder / "c.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ)


def test_the_demo_says_what_the_design_says() -> None:
    """The shipped example is read into types."""
    config = load(DEMO)

    assert config.as_of == dt.date(2026, 11, 1)
    assert isinstance(config.classify[1].when, Exists)
    assert isinstance(config.leads.fields["do_not_contact"], ColumnCondition)
    assert config.gates.customers == Gate(low=5, high=60, share=True)
    assert config.system == "demo"


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("key: id", "kee: id", 5, "unknown key; did you mean 'key'?"),
        ("type: company", "type: firm", 5, "records.accounts.type"),
        ("type: company", "type: company, csv: {delimeter: x}", 5, "did you mean 'delimiter'?"),
        ("type: company", "type: company, csv: {header: [id, id]}", 5, "has no name of its own, but 'id'"),
        ("type: company", "type: company, csv: {escape: '\"'}", 5, "escape cannot be"),
        ("  records:", "  csv: {header: [id]}\n  records:", 4, "write it under the csv of that entry or table"),
        (
            "type: company}",
            "type: company, csv: {quote: x}}\n    b: {from: accounts, key: id, type: company}",
            6,
            "'accounts' is read twice",
        ),
        ("{exists: invoices,", "{exists: invoices, csv: {header: []},", 7, "at least 1 item"),
        (
            "classify:",
            "classify:\n  - {as: keep, name: k, when: {exists: invoices, csv: {skip_rows: 1}, of: {accounts: b}}}\n"
            "  - {as: keep, name: l, when: {exists: invoices, csv: {quote: x}, of: {accounts: b}}}",
            8,
            "csv is said of 'invoices' twice",
        ),
        ("  records:", "  remaining: in\n  records:", 4, "whose files stay as they are; name another"),
        ("key: id,", "key: {column: id, columns: [id, no]},", 5, "write one of them"),
        ("account}}}", "{column: a, columns: [b]}}}}", 7, "write one of them"),
        (
            "{accounts: account}",
            "{accounts: {through: {table: t, from: a, to: b, descending: true}}}",
            7,
            "name its column under order_by",
        ),
        (
            "type: company}",
            "type: company, join: {u: {from: users, key: id}}, labels_of: {u: {from: names, key: id, show: n}}}",
            5,
            "join and labels_of both make the column u.n",
        ),
        ("  records:", "  ignore: {accounts: old}\n  records:", 4, "'accounts' is read as 'accounts'"),
        ('{name: "{name}"}', "{name: {column: name, fold: false}}", 9, "there is no map"),
        ("name: small", "name: ]", 1, "not valid YAML"),
        ("name: small", "name: small\nnmae: x", 2, "unknown key; did you mean 'name'?"),
        ("account}}}", "account}, where: {n: 007}}}", 7, "put it in quotes"),
        ("account}}}", "account}, within: {column: d, last: 3 yrs}}}", 7, "3 years"),
        ("account}}}", "firm}, of: x}}", 7, "not valid YAML"),
        (
            "{exists: invoices, of: {accounts: account}}",
            "{exist: invoices}",
            7,
            "begins with one of column, flag, exists",
        ),
        ("{exists: invoices, of: {accounts: account}}", "{column: a}", 7, "one of equals, in, matches or empty"),
        ("{exists: invoices, of: {accounts: account}}", "{column: a, matches: '('}", 7, "not a regular expression"),
        ("{accounts: account}", "{firms: account}", 7, "no entry 'firms'"),
        (", when: {exists: invoices, of: {accounts: account}}", "", 8, "can never be reached"),
        ("  - {as: lead, name: rest}\n", "", 6, "must hold for every record"),
        (
            "  - {as: lead",
            "  - {as: keep, name: again, when: {exists: invoices, of: {accounts: account}}}\n  - {as: lead",
            8,
            "can never be reached, because 'invoiced' above it has the same condition",
        ),
        ("name: rest", "name: invoiced", 8, "two rules are called"),
        ("as: lead", "as: reject", 8, "'customer', 'keep', 'review' or 'lead'"),
        ('{name: "{name}"}', "{nmae: x, name: x}", 9, "did you mean 'name'?"),
        ('{name: "{name}"}', "{email: x}", 9, "a lead needs a name"),
        ("target: {", "target: {table: t, ", 10, "columns must say which column"),
        ("target: {", "gates: {review: lots}\ntarget: {", 10, "is not a limit"),
        ("target: {", "gates: {customers: 60%..5%}\ntarget: {", 10, "'60%..5%' allows nothing, as its lower end is"),
        ("target: {", "gates: {customers: 9..5}\ntarget: {", 10, "write 5..9"),
        ("sqlite:///out.db", "${DB}", 10, "${DB} is used, and the environment variable DB is not set"),
        (
            "target: {",
            "target: {values: {a: b}, ",
            10,
            "values apply to an Odoo, to import files and to an existing lead table",
        ),
        ('"sqlite:///out.db"', "'odoo+https://x/y', table: t", 10, "do not apply to an Odoo"),
        (
            "{exists: invoices, of: {accounts: account}}",
            "{odoo: confirmed order}",
            7,
            "did you mean 'confirmed orders'?",
        ),
        ("target: {", "masters: {erp: {url: x, from: y, key: k, identity: {}}}\ntarget: {", 10, "at least 1 item"),
        ("{exists: invoices, of: {accounts: account}}", "{matches: erp, at_least: 0.9}", 7, "no master 'erp'"),
        ("{exists: invoices, of: {accounts: account}}", "{matches: erp}", 7, "one of at_least (a probability"),
        ("{exists: invoices, of: {accounts: account}}", "{matches: erp, at_least: 95}", 7, "less than or equal to 1"),
        ("{exists: invoices, of: {accounts: account}}", "{matches: erp, same: name}", 7, "'vat', 'company_number' or"),
        ("leads: {", "leads: {duplicates: {merge_at: 1, review_at: 0.9}, ", 9, "company, last_name or official number"),
        (
            "leads: {",
            "leads: {duplicates: {merge_at: 0.8, review_at: 0.9}, ",
            9,
            "review_at (0.9) is greater than merge_at (0.8)",
        ),
        (
            "leads: {",
            "leads: {one_per: contact, duplicates: {merge_at: 1, review_at: 1}, ",
            9,
            "it needs one_per: company",
        ),
        ('{name: "{name}"}', '{name: "{name"}', 9, "a single brace; write {column}"),
        ("target: {", "retire: {accounts: {table: crm, key: id}}\ntarget: {", 10, "says nothing to set; for example"),
        ("target: {", "retire: {accounts: {set: {a: 1}, kee: id}}\ntarget: {", 10, "unknown key; did you mean 'key'?"),
        ("target: {", "retire: {accounts: {key: no, set: {no: 1}}}\ntarget: {", 10, "'no' identifies the record"),
        ("target: {", "target: {table: t, columns: {name: a, note: b, citty: c}, ", 10, "did you mean 'city'?"),
        ('"sqlite:///out.db"', "'files:in', system: zoho", 10, "would stand among the files of source"),
        ('"sqlite:///out.db"', "'files:./in/out', system: zoho", 10, "would stand among the files of source"),
        ('"sqlite:///out.db"', "'files:.', system: zoho", 10, "would stand among the files of source"),
        (
            'target: {url: "sqlite:///out.db"',
            "masters: {erp: {url: 'files:erp', from: y, key: k, identity: {company: n}}}\n"
            "target: {url: 'files:out/../erp/', system: csv",
            11,
            "would stand among the files of masters.erp",
        ),
        ("target: {", "target: {table: t, columns: {name: a, note: b, lead: c}, ", 10, "cannot be the name of a field"),
        ("accounts: {key: id, type: company}", '"a:b": {key: id, type: company}', 4, "is not a valid name"),
        ("accounts: {key: id, type", "accounts: {parent: {column: p, of: x}, key: id, type", 5, "no entry 'x'"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    """File, line, what was found, what would be right."""
    assert old in SMALL
    with pytest.raises(ConfigError) as caught:
        loads(SMALL.replace(old, new, 1), tmp_path)

    assert said in caught.value.message
    assert caught.value.where == f"{tmp_path / 'c.yaml'}:{line}"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("{accounts: account}", "{accounts: {column: account, aliased: true}}", 7),
        ("{accounts: account}", "{accounts: {column: account, under_row: orders}}", 7),
        ("{accounts: account}", "{accounts: {column: account, _crm_cleanup_under_row: orders}}", 7),
        ("of: {accounts: account}", "links: {accounts: account}", 7),
        ("type: company", "type: company, from_: firms", 5),
        ("key: id", "key_columns: id", 5),
        ("name: small", "name: small\nraw: {}", 2),
    ],
)
def test_a_name_that_only_the_code_has_is_no_key(tmp_path: Path, old: str, new: str, line: int) -> None:
    """What is filled in when a config is read, and what a key is called within: nobody writes that by mistake."""
    with pytest.raises(ConfigError, match=r"unknown key|is missing") as raised:
        loads(SMALL.replace(old, new, 1), tmp_path)

    assert str(raised.value.where).endswith(f"c.yaml:{line}")


@pytest.mark.parametrize("part", ["key: id, type: company", "exists: invoices"])
def test_csv_of_a_database_is_refused(tmp_path: Path, part: str) -> None:
    """It would mean nothing, wherever it stands."""
    text = SMALL.replace("files:in", "sqlite:///in.db").replace(part, f"{part}, csv: {{}}", 1)

    with pytest.raises(ConfigError, match="the source is a database; remove it"):
        loads(text, tmp_path)


def test_a_rule_that_says_how_a_file_is_written_says_it_for_all_rules(tmp_path: Path) -> None:
    """Other rules that look into the same file need not."""
    again = "{as: keep, name: again, when: {exists: invoices, csv: {delimiter: '|'}, of: {accounts: other}}}"
    formats = loads(SMALL.replace("classify:", f"classify:\n  - {again}"), tmp_path).source.formats

    assert {table: form.delimiter for table, form in formats.items()} == {"invoices": "|"}


def test_a_config_that_says_nothing_asks_for_an_approval(tmp_path: Path) -> None:
    """An approval is left out only where the config says so."""
    said = ("", "approvals: waived\n", "approvals: 2\n")

    assert [loads(SMALL + more, tmp_path).approvals for more in said] == [1, 0, 2]


def test_several_mistakes_are_all_named(tmp_path: Path) -> None:
    """One run of check is enough."""
    with pytest.raises(ConfigError, match="2 mistakes") as caught:
        loads(SMALL.replace("key: id", "kee: id"), tmp_path)

    assert "accounts.key: is missing" in caught.value.message


def test_secrets_come_from_the_environment_and_stay_out_of_what_is_kept(tmp_path: Path) -> None:
    """What the plan keeps of a config is the text before `${}` is filled in."""
    config = loads(SMALL.replace("sqlite:///out.db", "postgresql://u:${PW}@h/d"), tmp_path, PW="s3cret")

    assert config.target.url == "postgresql://u:s3cret@h/d"
    assert "s3cret" not in repr(config.raw)


@pytest.mark.parametrize(
    "url",
    ["postgresql://u:s3cret@h/d", "mariadb+pymysql://u:${A}s3cret@h/d", "postgresql://h/d?user=u&password=s3cret"],
)
@pytest.mark.parametrize(("old", "kind"), [('"sqlite:///out.db"', "target"), ("files:in", "source")])
def test_a_password_in_the_config_is_refused(tmp_path: Path, url: str, old: str, kind: str) -> None:
    """A plan keeps the config as it stands, and so would keep the password; the error does not repeat it."""
    text = SMALL.replace(f'"{old}"', old).replace(old, f'"{url}"')
    with pytest.raises(ConfigError) as caught:
        loads(text, tmp_path)

    line = next(number for number, one in enumerate(text.splitlines(), 1) if "s3cret" in one)
    assert f"{kind}.url" in caught.value.message
    assert "s3cret" not in str(caught.value.as_dict())
    assert caught.value.where == f"{tmp_path / 'c.yaml'}:{line}"
    assert (
        caught.value.next
        == "write ${NAME} in place of the password, and set the environment variable with export NAME=…"
    )


def test_a_config_that_a_plan_has_kept_is_the_same_config() -> None:
    """Round trip: file, config, kept values, config."""
    config = load(DEMO)

    assert parse(config.raw, DEMO, as_of=config.as_of) == config


QUOTABLE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Zl", "Zp"]), min_size=1, max_size=8)


@given(st.dictionaries(QUOTABLE, QUOTABLE, max_size=4))
def test_any_labels_and_columns_survive_the_file(labels: dict[str, str]) -> None:
    """Whatever text stands in quotes in the YAML is what the config has."""
    note = json.dumps({"labels": labels}, ensure_ascii=False)
    text = SMALL.replace("leads: {", f"leads: {{note: {note}, ")
    assume("${" not in text)
    with tempfile.TemporaryDirectory() as folder:
        config = loads(text, Path(folder))

    assert config.leads.note.labels == labels


@pytest.mark.parametrize(
    ("last", "since"),
    [
        ("3 years", "2021-02-28"),
        ("1 month", "2024-01-29"),
        ("30 days", "2024-01-30"),
        ("2 weeks", "2024-02-15"),
        ("9999 years", "0001-01-01"),
    ],
)
def test_a_span_counts_back_in_the_calendar(last: str, since: str) -> None:
    """A day that its month does not have is the month's last; before the calendar there is no limit."""
    assert Within(column="d", last=last).since(dt.date(2024, 2, 29)) == dt.date.fromisoformat(since)


def test_the_tables_of_an_odoo_that_facts_ask_may_be_empty(tmp_path: Path) -> None:
    """Nobody uses each app of an Odoo; unless the config says that one has rows, or names a limit for all others."""
    odoo = SMALL.replace("url: files:in", "url: odoo+https://anna@crm.example/firm").replace(
        "accounts: {key: id,", "partners: {from: res.partner, key: id,"
    )
    odoo = odoo.replace("{exists: invoices, of: {accounts: account}}", "{any: [{odoo: payments}, {odoo: employees}]}")
    limits = [
        loads(odoo + said, tmp_path).gates.empty_tables
        for said in ("", "gates: {empty_tables: {odoo.payments: 0}}\n", "gates: {empty_tables: 2}\n")
    ]

    assert [limit.of("odoo.payments").high for limit in limits] == [1, 0, 1]
    assert [limit.of("odoo.employees").high for limit in limits] == [1, 1, 1]
    assert [limit.of("partners").high for limit in limits] == [0, 0, 2]
