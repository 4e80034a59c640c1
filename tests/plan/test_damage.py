"""A plan whose files were cut, emptied, deleted or changed: each command names the file, and writes nothing."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st

from etl.errors import CleanupError, PlanError, StalePlan
from etl.pipeline.apply import apply
from etl.pipeline.approve import approve
from etl.pipeline.diff import diff
from etl.pipeline.find import find
from etl.pipeline.purge import losses
from etl.pipeline.retire import retire
from etl.pipeline.status import raise_for_damage, status
from etl.pipeline.undo import undo
from etl.pipeline.verify import verify
from etl.plan import Bundle
from etl.plan.digest import plan_digest
from etl.plan.seal import CHECKSUM, checksum_of
from tests.cutover.world import World
from tests.profiles import ONE_FIXTURE, examples

Fresh = Callable[[], Path]


def look(folder: Path) -> None:
    """Ask where a plan stands, as the command does."""
    bundle = Bundle.open(folder)
    raise_for_damage(bundle, status(bundle))


VERBS: dict[str, Callable[[Path], object]] = {
    "apply": lambda folder: apply(Bundle.open(folder), threads=1),
    "apply --limit": lambda folder: apply(Bundle.open(folder), limit=1, threads=1),
    "verify": lambda folder: verify(Bundle.open(folder), threads=1),
    "retire": lambda folder: retire(Bundle.open(folder), threads=1),
    "undo": lambda folder: undo(Bundle.open(folder)),
    "approve": lambda folder: approve(Bundle.open(folder), by="Maria"),
    "find": lambda folder: find("Firma", [folder]),
    "status": look,
    "diff": lambda folder: diff(Bundle.open(folder), Bundle.open(folder)),
}
DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "deleted": lambda _: None,
    "emptied": lambda _: b"",
    "cut": lambda whole: whole[: len(whole) // 2],
    "overwritten": lambda whole: whole[:40] + bytes(b ^ 255 for b in whole[40:60]) + whole[60:],
}
FILES = ["leads.parquet", "decisions.parquet", "snapshot/accounts.parquet", "manifest.json"]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", FILES)
def test_each_command_names_the_damaged_file(small: World, plan: Fresh, name: str, damage: str) -> None:
    """It says what helps, with the right exit code, and neither source, target nor plan is changed."""
    folder = plan()
    changed = DAMAGES[damage]((folder / name).read_bytes())
    (folder / name).unlink()
    if changed is not None:
        (folder / name).write_bytes(changed)
    files, source = sorted(folder.rglob("*")), small.dump(small.source)

    for verb, run in VERBS.items():
        if verb == "diff" and name.startswith("snapshot/"):
            continue  # which compares decisions and leads alone
        with pytest.raises((PlanError, StalePlan)) as raised:
            run(folder)
        if name != "manifest.json" or damage != "deleted":
            assert Path(name).name in raised.value.message, verb
            assert raised.value.where == str(folder / name)
            assert "restore the plan's folder from a backup" in str(raised.value.next)
    assert sorted(folder.rglob("*")) == files
    assert not (small.folder / "out.db").exists()
    assert small.dump(small.source) == source


def test_a_purge_of_a_damaged_plan_says_so_before_it_asks(plan: Fresh) -> None:
    """What is left of its personal data can still be removed."""
    folder = plan()
    (folder / "leads.parquet").write_bytes(b"")

    assert any("leads.parquet" in loss for loss in losses(Bundle.open(folder, purged=True)))


def test_a_table_outside_the_digest_is_held_against_its_bytes(plan: Fresh) -> None:
    """The findings are in no part of the digest; the reports that somebody signs show them."""
    folder = plan()
    path = folder / "findings.parquet"
    shutil.copyfile(folder / "orphans.parquet", path)

    with pytest.raises(StalePlan, match=r"findings\.parquet differs"):
        approve(Bundle.open(folder), by="Maria")


def edited(folder: Path, edit: Callable[[dict[str, Any]], object], *, sealed: bool) -> Path:
    """Change a manifest; `sealed`: with a checksum that fits, else made one of format 3, which had none."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    if not sealed:
        manifest["format"] = 3
        manifest["digest"] = plan_digest(manifest["as_of"], manifest["config"], manifest["digests"], 3)
    edit(manifest)
    del manifest[CHECKSUM]
    if sealed:
        manifest[CHECKSUM] = checksum_of(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def test_a_plan_from_before_there_were_checksums_still_opens(plan: Fresh) -> None:
    """It is applied, verified and undone as any other."""
    folder = edited(plan(), lambda _: None, sealed=False)

    assert apply(Bundle.open(folder), threads=1).leads == 7
    assert verify(Bundle.open(folder), threads=1).holds
    assert undo(Bundle.open(folder)).leads == 7


def put(*at: str | int) -> Callable[[Any], Callable[[dict[str, Any]], None]]:
    """Set one value of a manifest."""

    def to(value: Any) -> Callable[[dict[str, Any]], None]:
        def edit(manifest: dict[str, Any]) -> None:
            part: Any = manifest
            for key in at[:-1]:
                part = part[key]
            part[at[-1]] = value

        return edit

    return to


@pytest.mark.parametrize("edit", [put("broken_gates")(["review"]), put("created")("2020-01-01T00:00:00+00:00")])
def test_the_checksum_sees_what_nothing_else_is_held_against(plan: Fresh, edit: Any) -> None:
    """A gate's result and the day of the plan cannot be changed in the manifest unseen."""
    path = plan() / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    edit(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")

    with pytest.raises(StalePlan, match="checksum"):
        Bundle.open(path.parent)


def test_a_plan_cannot_pass_for_one_of_before_there_were_checksums(plan: Fresh) -> None:
    """Without its checksum, and also with the older format's number beside it, it is refused."""
    for version in (4, 3):
        path = plan() / "manifest.json"
        manifest = json.loads(path.read_text(encoding="utf-8"))
        del manifest[CHECKSUM]
        path.write_text(json.dumps({**manifest, "format": version, "broken_gates": []}), encoding="utf-8")

        with pytest.raises(StalePlan, match="checksum" if version == 4 else "digest"):
            Bundle.open(path.parent)


STEERING: dict[str, Callable[[dict[str, Any]], object]] = {
    "another row group": put("chunks", 0, "accounts.parquet")(1),
    "a row group that is not there": put("chunks", 0, "accounts.parquet")(99),
    "a chunk without a file": lambda manifest: manifest["chunks"][1].pop("activities.parquet"),
    "an unknown file": put("chunks", 0, "other.parquet")(0),
    "a chunk less": lambda manifest: manifest["chunks"].pop(),
    "chunks in another order": lambda manifest: manifest["chunks"].reverse(),
    "the number of leads": put("leads")(6),
    "the ledger's name of the source": put("system")("another"),
    "the name": put("name")("another"),
    "the digest": put("digest")("0" * 64),
    "the kind of a dataset": put("figures", "datasets", 2, "kind")("evidence"),
    "the file of a dataset": put("figures", "datasets", 2, "file")("contacts.parquet"),
    "the columns of a dataset": put("figures", "datasets", 0, "columns")(["id"]),
    "the source's columns": put("columns", "accounts")(["id"]),
    "no hash of a table": lambda manifest: manifest["files"].pop("leads.parquet"),
    "no hash of the snapshot": lambda manifest: manifest["files"].pop("snapshot/accounts.parquet"),
}


@pytest.mark.parametrize("edit", STEERING.values(), ids=STEERING)
def test_what_the_digest_does_not_cover_does_not_steer(small: World, plan: Fresh, edit: Any) -> None:
    """In a plan without a checksum it is held against what the digest covers; nothing is written."""
    folder = edited(plan(), edit, sealed=False)

    with pytest.raises((PlanError, StalePlan), match=r"manifest\.json"):
        apply(Bundle.open(folder), threads=1)
    assert not (small.folder / "out.db").exists()


MISTYPED: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no chunks": (lambda manifest: manifest.pop("chunks"), "'chunks' is missing"),
    "no leads": (lambda manifest: manifest.pop("leads"), "'leads' is missing"),
    "one key more": (put("more")(1), "'more' is unknown"),
    "leads as text": (put("leads")("7"), "'leads'"),
    "a chunk as a list": (put("chunks", 0)([]), "'chunks.0'"),
    "a day that is none": (put("as_of")("2026-13-01"), "'as_of'"),
    "figures that are none": (put("figures")({}), "'figures.as_of'"),
    "no format": (lambda manifest: manifest.pop("format"), "does not name its format"),
}


@pytest.mark.parametrize(("edit", "said"), MISTYPED.values(), ids=MISTYPED)
@pytest.mark.parametrize("sealed", [True, False])
def test_a_manifest_of_another_shape_is_named(plan: Fresh, edit: Any, said: str, sealed: bool) -> None:
    """The key that is missing, unknown or of another type is said, never its value."""
    folder = edited(plan(), edit, sealed=sealed)

    with pytest.raises(PlanError, match=re.escape(said)) as raised:
        Bundle.open(folder)
    assert raised.value.where == str(folder / "manifest.json")


BYTES = st.one_of(
    st.tuples(st.just("flip"), st.floats(0, 1, exclude_max=True), st.integers(1, 255)),
    st.tuples(st.just("digit"), st.floats(0, 1, exclude_max=True), st.integers(1, 9)),
    st.tuples(st.just("drop"), st.floats(0, 1, exclude_max=True), st.just(0)),
    st.tuples(st.just("cut"), st.floats(0, 1, exclude_max=True), st.just(0)),
)


def hurt(whole: bytes, kind: str, place: float, by: int) -> bytes:
    """Change a byte, a digit or a key of a manifest, or cut it; `place`: how far through it."""
    if kind == "cut":
        return whole[: int(place * len(whole))]
    if kind == "drop":
        manifest = json.loads(whole)
        manifest.pop(list(manifest)[int(place * len(manifest))])
        return json.dumps(manifest).encode()
    digits = [at for at, byte in enumerate(whole) if chr(byte).isdigit()]
    at = digits[int(place * len(digits))] if kind == "digit" else int(place * len(whole))
    byte = ord(str((int(chr(whole[at])) + by) % 10)) if kind == "digit" else whole[at] ^ by
    return whole[:at] + bytes([byte]) + whole[at + 1 :]


def refusal(run: Callable[[Path], object], folder: Path) -> CleanupError | None:
    """What a command says of a plan instead of doing it."""
    try:
        run(folder)
    except CleanupError as error:
        return error
    return None


@pytest.mark.parametrize("approved", [False, True], ids=["waived", "approved"])
@given(how=BYTES)
@example(how=("cut", 0.0, 0))
@settings(max_examples=examples(40), suppress_health_check=ONE_FIXTURE)
def test_no_change_of_a_manifest_steers(small: World, plan: Fresh, approved: bool, how: tuple[str, float, int]) -> None:
    """Each command ends with an error that names the file, or does exactly what it does with the whole plan."""
    folder = plan()
    if approved:
        approve(Bundle.open(folder), by="Maria")
    path = folder / "manifest.json"
    path.write_bytes(hurt(path.read_bytes(), *how))
    refused = refusal(VERBS["apply"], folder)
    if refused is None:
        assert len(small.ask("SELECT DISTINCT lead_id FROM crm_cleanup_ledger")) == 7
        assert verify(Bundle.open(folder), threads=1).holds
        return
    others = [refusal(VERBS[verb], folder) for verb in ("status", "find", "undo", "verify", "diff")]
    codes = {error.exit_code for error in (refused, *others) if error}
    assert refused.next
    assert codes <= {1, 2, 4}
    assert approved or None not in others
    assert not (small.folder / "out.db").exists()
