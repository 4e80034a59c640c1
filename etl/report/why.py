"""Why one record was decided as it was, in words: the lines that people read."""

from __future__ import annotations

from collections.abc import Iterator

from etl.plan.explanation import Why
from etl.report.text import shown
from etl.report.wording import reason
from etl.texts import t, tn, told

MOST = 10
"""So many members, rules and pairs are listed."""


def lines(why: Why) -> Iterator[str]:
    """All that is known, a line each, in the language that is spoken; nothing of a value is more than shown text."""
    record = why.record
    yield f"{shown(record['source_key'])}: {t(record['decision'])}"
    yield f"  {t('by the rule {rule}', rule=shown(reason(record['rule'] or '')))}" + _by(why)
    if record["evidence"]:
        yield f"  {shown(told(record['evidence']), 300)}"
    yield from _part(t("What it holds"), [f"{shown(name)}: {shown(value)}" for name, value in why.values.items()])
    yield from _part(
        t("History that stands with it"),
        [f"{shown(name)}: {tn(count, '{n} row', '{n} rows')}" for name, count in why.history.items()],
    )
    yield from _family(why)
    yield from _rules(why)
    yield from _likeness(why)
    yield from _part(t("What is wrong with its values"), [shown(told(row["message"]), 300) for row in why.findings])
    yield from _lead(why)
    yield from _part(t("What would have to change"), list(changes(why)))


def _by(why: Why) -> str:
    by = why.record["decided_by"]
    return "" if by == why.record["source_key"] else f", {t('for {record} of its family', record=shown(by))}"


def _part(heading: str, rows: list[str]) -> Iterator[str]:
    if rows:
        yield ""
        yield f"{heading}:"
        yield from (f"  {row}" for row in rows)


def _family(why: Why) -> Iterator[str]:
    others = [row for row in why.family if row["source_key"] != why.record["source_key"]]
    rows = [
        f"{shown(row['source_key'])}: {t(row['decision'])}, {shown(reason(row['rule'] or ''))}" for row in others[:MOST]
    ]
    if len(others) > MOST:
        rows.append(t("and {n} more", n=len(others) - MOST))
    yield from _part(t("Its family, which has one decision"), rows)


def _rules(why: Why) -> Iterator[str]:
    if why.rules is None:
        return
    rows = []
    for rule in why.rules.rules:
        head = f"{t(rule.decision)}, {shown(rule.name)}"
        if not rule.said:
            rows.append(f"- {head}: {t('does not hold')}")
        for said in rule.said[:MOST]:
            answer = t("holds") if said.answer == "holds" else t("is open: a value nearly meets it")
            words = f", {shown(told(said.words), 300)}" if said.words else ""
            rows.append(f"{'+' if said.answer == 'holds' else '?'} {head}: {answer}, {shown(said.source_key)}{words}")
    yield from _part(t("What the rules say to its family, in their order"), rows)


def _likeness(why: Why) -> Iterator[str]:
    yield from _part(
        t("Customers of the masters that it is like"),
        [
            f"{shown(row['master'])} {shown(row['customer'])}: {row['probability']:.1%}"
            + (f", {t('not certain')}" if row["doubt"] else "")
            + (f", {shown(told(row['words']), 300)}" if row["words"] else "")
            for row in why.matches
        ],
    )
    key = why.record["source_key"]
    yield from _part(
        t("Records that it may be the same as"),
        [
            f"{shown(row['right'] if row['left'] == key else row['left'])}: {row['probability']:.1%}"
            + (f", {shown(told(row['words']), 300)}" if row["words"] else "")
            for row in why.duplicates
        ],
    )
    yield from _part(
        t("Leads in the pipeline that it may be"),
        [f"{shown(row['lead_id'])} {shown(row['title'] or '')}: {row['probability']:.1%}" for row in why.existing],
    )


def _lead(why: Why) -> Iterator[str]:
    if why.lead is None:
        return
    yield from _part(t("The lead that it becomes"), [f"{name}: {_text(v)}" for name, v in why.lead.items()])
    rows = [shown(line, 200).replace("\\x20", " ") for line in (why.note or "").splitlines()]
    yield from _part(t("Its note"), [f"| {row}" for row in rows])


def _text(value: object) -> str:
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    return shown(str(value))


def changes(why: Why) -> Iterator[str]:
    """What would make another decision, a sentence each."""
    decision = why.record["decision"]
    if decision == "reject":
        yield t("Correct the record in the source; it cannot be processed as it stands.")
    if decision == "moved before":
        yield t("Nothing: an earlier plan has moved it.")
    if decision == "review":
        yield t("Decide the family in review.html or review.xlsx, and take that over with crm-cleanup decide.")
    if decision in ("customer", "keep") and not (why.rules and why.rules.without):
        yield t("Its decision comes from another record, which the line below the rule names: look at that one.")
    if decision in ("customer", "keep", "lead"):
        yield t("A line in decisions.csv decides its family, whatever the rules say.")
    for step in why.rules.without if why.rules else ():
        yield t(
            "If {rule} did not hold for {record}: {decision}.",
            rule=shown(step.rule),
            record=shown(step.by),
            decision=t(step.then),
        )
    if decision == "lead" and why.rules:
        staying = [rule for rule in why.rules.rules if rule.decision != "lead" and not rule.said]
        names = "; ".join(f"{shown(rule.name)} ({t(rule.decision)})" for rule in staying)
        if names:
            yield t("It would stay if one of these held for a member of its family: {rules}.", rules=names)
    for row in why.flips:
        yield t(
            "With a threshold of {least} in the rule {rule}: {decision}.",
            least=f"{row['at_least']:g}",
            rule=shown(row["rule"]),
            decision=t(row["would_be"]),
        )
