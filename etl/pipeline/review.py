"""Write the page on which people decide: of all open cases, or one for each owner."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from etl.plan import Bundle
from etl.plan.bundle import private
from etl.plan.intact import refuse_changed
from etl.plan.journal import replace_file
from etl.report.case_places import REVIEW_PAGE
from etl.report.read import tables
from etl.report.review.page import Drawn, draw_by_owner, draw_review

NOBODY = "nobody"
LONGEST = 60
"""So many characters of an owner stand in the name of a file."""


@dataclass(frozen=True)
class OwnersPage:
    """One page: its file, whose it is (empty of all, or of nobody), and how many open cases are that one's."""

    path: str
    owner: str
    cases: int


@dataclass(frozen=True)
class Pages:
    """The pages that were written."""

    pages: tuple[OwnersPage, ...]


def write_pages(bundle: Bundle, folder: Path, *, by_owner: bool) -> Pages:
    """Write the pages of a plan's open cases into a folder, each readable by its owner only.

    Raises StalePlan or PlanError where the plan was changed or is damaged, and PlanError where a file cannot be
    written.
    """
    refuse_changed(bundle)
    config, manifest = bundle.config, bundle.manifest
    with private(), tables(bundle.path) as plan:
        folder.mkdir(parents=True, exist_ok=True)
        drawn = draw_by_owner(plan, config, manifest) if by_owner else iter([draw_review(plan, config, manifest)])
        return Pages(tuple(_written(folder, drawn, by_owner=by_owner)))


def _written(folder: Path, drawn: Iterable[Drawn], *, by_owner: bool) -> Iterator[OwnersPage]:
    names: set[str] = set()
    for page in drawn:
        name = _name(page.owner, names) if by_owner else REVIEW_PAGE
        replace_file(folder / name, page.text)
        yield OwnersPage(str(folder / name), page.owner, page.cases)


def _name(owner: str, names: set[str]) -> str:
    """A file's name for an owner, which no other one has, also where capitals do not count."""
    plain = re.sub(r"\W+", "-", owner.casefold()).strip("-")[:LONGEST] or NOBODY
    number = 1
    while (name := plain if number == 1 else f"{plain}-{number}") in names:
        number += 1
    names.add(name)
    return REVIEW_PAGE.replace(".", f"-{name}.")
