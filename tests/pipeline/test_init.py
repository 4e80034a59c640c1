from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML

from etl.config import load
from etl.errors import ConfigError, SourceError
from etl.pipeline.check import check
from etl.pipeline.init import Answers, init
from etl.pipeline.plan import plan
from etl.profile.questions import Questions
from tests.profile.profiles import files_in

ROOT = Path(__file__).parents[2]
AS_OF = dt.date(2026, 11, 1)


def first_config(source: str, tmp_path: Path, *masters: str) -> Path:
    """The config of a source, as `init --yes` makes it."""
    out = tmp_path / "first.yaml"
    init(source, out, target=f"sqlite:///{tmp_path / 'leads.db'}", masters=masters, as_of=AS_OF)
    text = out.read_text(encoding="utf-8").replace("\nsource:", f"\nas_of: {AS_OF}\nsource:", 1)
    out.write_text(text, encoding="utf-8")
    return out


def decisions(config: Path, folder: Path) -> pd.Series[str]:
    """The decision of each record, by source key."""
    plan(config, folder)
    table = pd.read_parquet(folder / "decisions.parquet", columns=["source_key", "decision"])
    return table.set_index("source_key")["decision"]


def test_the_demos_first_config_decides_as_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of at least 97 in 100 records, and no customer of the demo's own config is a lead by it."""
    monkeypatch.chdir(ROOT)
    own = (ROOT / "configs" / "demo.yaml").read_text(encoding="utf-8")
    demo = tmp_path / "demo.yaml"
    demo.write_text(own.replace("build/demo/pipeline.db", str(tmp_path / "own.db")), encoding="utf-8")
    first = decisions(first_config("files:data/legacy", tmp_path, "files:data/erp"), tmp_path / "first")
    both = pd.DataFrame({"own": decisions(demo, tmp_path / "own"), "first": first})

    assert (both["own"] == both["first"]).mean() >= 0.97
    assert not ((both["own"] == "customer") & (both["first"] == "lead")).any()
    assert not ((both["own"] == "customer") & both["first"].isna()).any()


def test_the_docs_say_what_init_says_of_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line of the example's blocks: what is printed, and the questions on top of the file."""
    monkeypatch.chdir(ROOT)
    made = init("data/legacy", tmp_path / "first.yaml", masters=["files:data/erp"], as_of=AS_OF)
    printed = [f"  {entry:<28} {rows:>12,} records" for entry, rows in made.entries.items()]
    printed += [f"Please look at: {line}" for line in made.unsure]
    lines = [*printed, *(tmp_path / "first.yaml").read_text(encoding="utf-8").splitlines()]
    page = (ROOT / "docs" / "first-config.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```text\n(.*?)```", page, re.DOTALL)

    assert len(blocks) == 2
    assert [line for block in blocks for line in block.splitlines() if line and line not in lines] == []


def test_a_first_config_says_how_files_are_written_and_what_links_them(tmp_path: Path) -> None:
    """`check` takes it as it stands; semicolons and code page 1252 are declared, questions stand on top."""
    folder = files_in(tmp_path / "crm", {})
    companies = "nr;firma;ort\n" + "".join(f"{n};Müller {n} GmbH;Köln\n" for n in range(1, 30))
    bills = "nr;kunde;datum;status\n" + "".join(f"R{n};{n};0{1 + n % 9}.02.2026;bezahlt\n" for n in range(1, 20))
    (folder / "Kunden.csv").write_bytes(companies.encode("cp1252"))
    (folder / "Rechnungen.csv").write_bytes(bills.encode("cp1252"))
    config = first_config(f"files:{folder}", tmp_path)
    said = YAML(typ="safe").load(config.read_text(encoding="utf-8"))

    assert said["source"]["csv"] == {"delimiter": ";", "encoding": "cp1252"}
    assert said["source"]["records"]["Kunden"]["key"] == "nr"
    assert said["source"]["related"]["Rechnungen"]["of"] == {"Kunden": "kunde"}
    assert said["source"]["related"]["Rechnungen"]["order_by"] == {"column": "datum", "format": "%d.%m.%Y"}
    assert said["classify"][0]["when"]["where"] == {"status": "bezahlt"}
    assert "Rechnungen: 19 within 1" in config.read_text(encoding="utf-8")
    assert check(config).datasets["Kunden"] == (29, 0)


def test_a_config_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    """Unless somebody says so."""
    out = tmp_path / "first.yaml"
    out.write_text("mine", encoding="utf-8")
    folder = files_in(tmp_path / "crm", {"accounts": "id,name,city,email\n1,Alpha GmbH,Köln,a@alpha.example\n"})

    with pytest.raises(ConfigError, match="is there already"):
        init(f"files:{folder}", out)
    assert out.read_text(encoding="utf-8") == "mine"
    init(f"files:{folder}", out, replace=True, as_of=AS_OF)
    assert load(out).source.records.keys() == {"accounts"}


@pytest.mark.parametrize(
    "tables",
    [{}, {"things": "a,b\n1,2\n"}, {"empty": "id,name\n"}, {"broken": ""}],
    ids=["no tables", "nobody", "no rows", "damaged"],
)
def test_a_source_without_anybody_is_told_in_a_sentence(tmp_path: Path, tables: dict[str, str]) -> None:
    """With what was seen, and what to do."""
    folder = files_in(tmp_path / "crm", tables)

    with pytest.raises(SourceError, match="No table of this source seems to hold companies or persons"):
        init(f"files:{folder}", tmp_path / "first.yaml")
    assert not (tmp_path / "first.yaml").exists()


def test_persons_alone_are_records_of_their_own(tmp_path: Path) -> None:
    """A list of persons without a company makes a config that runs."""
    rows = "".join(f"{n},Anna,Muster{chr(97 + n % 26)},a{n}@x.example\n" for n in range(30))
    folder = files_in(tmp_path / "crm", {"people": "id,first_name,last_name,email\n" + rows})
    config = first_config(f"files:{folder}", tmp_path)

    assert load(config).source.records["people"].type == "person"
    assert set(decisions(config, tmp_path / "plan")) == {"lead"}


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("postgresql+psycopg://me:s3cret@localhost/crm", "me:${TARGET_PASSWORD}@localhost"),
        ("mysql+pymysql://localhost/crm?user=me&password=s3cret", "password=${TARGET_PASSWORD}"),
        ("postgresql+psycopg://me:${MINE}@localhost/crm", "me:${MINE}@localhost"),
    ],
)
def test_each_password_has_a_variable_of_its_own(tmp_path: Path, given: str, written: str) -> None:
    """Also among the options of a URL; who named a variable keeps it."""
    out = tmp_path / "first.yaml"
    folder = files_in(tmp_path / "crm", {"accounts": "id,name,city,email\n1,Alpha GmbH,Köln,a@alpha.example\n"})
    init(f"files:{folder}", out, target=given, as_of=AS_OF)

    assert "s3cret" not in out.read_text(encoding="utf-8")
    assert written in out.read_text(encoding="utf-8")


def test_what_people_answer_stands_in_the_config(tmp_path: Path) -> None:
    """Five years, and duplicates stay apart; the questions name the numbers of each answer."""
    asked: list[Questions] = []

    def ask(questions: Questions, usual: Answers) -> Answers:
        asked.append(questions)
        assert usual == Answers(years=3, merge=True)
        return Answers(years=5, merge=False)

    companies = "id,name,city\n" + "".join(f"{n},Muster {n} GmbH,Köln\n" for n in range(1, 30))
    bills = "id,account_id,date,state\n" + "".join(f"R{n},{n},2023-02-0{1 + n % 9},paid\n" for n in range(1, 20))
    folder = files_in(tmp_path / "crm", {"accounts": companies, "invoices": bills})
    out = tmp_path / "first.yaml"
    init(f"files:{folder}", out, ask=ask, as_of=AS_OF)
    said = YAML(typ="safe").load(out.read_text(encoding="utf-8"))

    assert asked[0].years == (
        "invoices: 0 within 1, 0 within 2, 0 within 3, 19 within 5, 19 within 10 years, 19 ever (accounts)",
    )
    assert said["classify"][0]["when"]["within"] == {"column": "date", "last": "5 years"}
    assert "duplicates" not in said["leads"]


def test_every_table_that_a_config_leaves_out_is_listed_with_why(tmp_path: Path) -> None:
    """One of the program, and one that cannot be read."""
    companies = "id,name,city\n" + "".join(f"{n},Muster {n} GmbH,Köln\n" for n in range(1, 30))
    folder = files_in(tmp_path / "crm", {"accounts": companies, "sessions": "token,x\nabc,1\n", "broken": ""})
    text = first_config(f"files:{folder}", tmp_path).read_text(encoding="utf-8")

    assert "# Tables that are left out:" in text
    assert re.search(r"#   sessions: 1 row; .*of the program", text)
    assert "#   broken: The file is empty" in text
    assert "#   accounts" not in text


def test_import_files_are_for_any_crm_until_somebody_says_for_which(tmp_path: Path) -> None:
    """`check` takes the config as it stands, and the system is a question."""
    folder = files_in(tmp_path / "crm", {"accounts": "id,name,city,email\n1,Alpha GmbH,Köln,a@alpha.example\n"})
    made = init(f"files:{folder}", tmp_path / "first.yaml", target=f"files:{tmp_path / 'import'}", as_of=AS_OF)

    assert any(line.startswith("target.system: Which CRM imports the files? salesforce") for line in made.unsure)
    assert check(made.path).datasets["accounts"] == (1, 0)


def test_a_file_is_no_source_but_its_folder_is(tmp_path: Path) -> None:
    """Also as a master; the folder to name is said."""
    folder = files_in(tmp_path / "crm", {"accounts": "id,name,city,email\n1,Alpha GmbH,Köln,a@alpha.example\n"})
    for source, masters in ((folder / "accounts.csv", ()), (folder, (f"files:{folder / 'accounts.csv'}",))):
        with pytest.raises(ConfigError, match="is a file, and a source is a folder of files"):
            init(str(source), tmp_path / "first.yaml", masters=masters)


def test_a_master_says_what_is_not_known_of_it(tmp_path: Path) -> None:
    """Which of its rows are customers, how long ago they bought, and that it has no names."""
    companies = "id,name,city,phone\n" + "".join(f"{n},Muster {n} GmbH,Köln,0221 2312{n}\n" for n in range(10, 40))
    known = "Konto;Ort;Telefon;Letzte Rechnung;Status\n" + "".join(
        f"K{n};Köln;0221 2312{n};{n % 28 + 1:02}.03.2020;{'A' if n % 3 else 'C'}\n" for n in range(10, 40)
    )
    crm, erp = (
        files_in(tmp_path / "crm", {"accounts": companies}),
        files_in(tmp_path / "erp", {"Kunden": known}),
    )
    made = init(f"files:{crm}", tmp_path / "first.yaml", masters=[f"files:{erp}"], as_of=AS_OF)
    told = "\n".join(line for line in made.unsure if line.startswith("masters.erp"))

    assert "No column seems to hold names" in told
    assert "Status: A (20), C (10). Are all of them customers?" in told
    assert "Letzte Rechnung may say when each bought last" in told
