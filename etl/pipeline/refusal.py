"""Why decisions are not taken, all at once: rows that are wrong, records that changed since, and contradictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from etl.errors import WrongRows, excerpt, plural
from etl.pipeline.answers import Answers
from etl.pipeline.opinions import Opinion, moment_of

Stale = Mapping[Opinion, Sequence[str]]
"""Decisions on records that changed since, each with what changed, in words."""
REASON = 100
"""So many characters of a reason are shown beside another one."""


def refusal(
    files: Sequence[Path], answered: Answers, stale: Stale, contradictions: Sequence[Sequence[Opinion]]
) -> WrongRows | None:
    """The error that names all that is in the way; None where nothing is."""
    parts, advice, several = list[str](), list[str](), len(files) > 1
    if answered.wrong:
        rows = len({place for place, _, _ in answered.wrong})
        parts.append(f"{plural(rows, 'row')} of {answered.rows:,} cannot be used, so nothing was taken over:")
        named = [(f"{place}, {excerpt(key)}" if key else place, what) for place, key, what in answered.wrong]
        parts += [f"  {row}: {what}" for row, what in named]
        advice.append("correct these rows, and run the command again")
    if stale:
        what = "1 decision is" if len(stale) == 1 else f"{len(stale):,} decisions are"
        parts += [f"{what} about records that changed since, so nothing was taken over:", *told_stale(stale, several)]
        advice.append("--without-stale takes the others, and leaves these cases open")
    if contradictions:
        what = "1 case is" if len(contradictions) == 1 else f"{len(contradictions):,} cases are"
        parts.append(f"{what} decided in different ways, so nothing was taken over:")
        parts += [line for group in contradictions for line in _side_by_side(group)]
        advice.append(
            "ask those who decided, and choose with --prefer NAME, of a person or of a FILE; a further FILE, with what "
            "they agreed upon, can be preferred, too"
        )
    if not parts:
        return None
    return WrongRows(
        "\n".join(parts),
        answered.wrong,
        where=", ".join(map(str, files)),
        next="; ".join(advice),
        stale=[(_place(o, several), o.decision.source_key, "; ".join(changes)) for o, changes in stale.items()],
        contradictions=[[_texts(opinion) for opinion in group] for group in contradictions],
    )


def told_stale(stale: Stale, several: bool) -> list[str]:
    """Each decision on records that changed since, and below it what changed."""
    lines = []
    for opinion, changes in stale.items():
        lines.append(f"  {_place(opinion, several)}, {_about(opinion)}: {_word(opinion)}, {_who(opinion)}")
        lines += [f"    {change}" for change in changes]
    return lines


def _side_by_side(group: Sequence[Opinion]) -> list[str]:
    """The decisions that contradict each other, a line each, the first one first."""
    group = sorted(group, key=lambda opinion: (opinion.times[0], opinion.file, opinion.row))
    about, word = (max(len(told(opinion)) for opinion in group) for told in (_about, _word))
    return ["", *(f"  {_about(o):<{about}}  {_word(o):<{word}}  {_who(o)}  ({o.file}, {o.row})" for o in group)]


def _place(opinion: Opinion, several: bool) -> str:
    return f"{opinion.file}, {opinion.row}" if several else opinion.row


def _about(opinion: Opinion) -> str:
    return " and ".join(excerpt(key) for key in (opinion.decision.source_key, opinion.decision.other) if key)


def _word(opinion: Opinion) -> str:
    return excerpt(opinion.decision.word)


def _who(opinion: Opinion) -> str:
    """Who decided, when and why."""
    decision = opinion.decision
    words = ", ".join([excerpt(decision.who), *([_time(decision.when)] if opinion.dated else [])])
    return words + (f": {excerpt(decision.why, REASON)}" if decision.why else "")


def _time(when: str) -> str:
    """A day or a moment as people read it: 2026-11-03 10:31."""
    moment = moment_of(when) if "T" in when else None
    return f"{moment.astimezone():%Y-%m-%d %H:%M}" if moment else when


def _texts(opinion: Opinion) -> dict[str, str]:
    decision = opinion.decision
    return {
        "source_key": decision.source_key,
        "other": decision.other,
        "decision": decision.word,
        "who": decision.who,
        "when": decision.when if opinion.dated else "",
        "why": decision.why,
        "file": opinion.file,
        "row": opinion.row,
    }
