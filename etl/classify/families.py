"""Families: a company, its subsidiaries and its contacts, any depth, across entries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from etl.classify.records import COMPANY, NONE, PERSON, Numbers, Records
from etl.config import Entry

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Families:
    """Who belongs together, by record number.

    root: the number of the family's root. company: the nearest company on the way up, itself for a company, NONE
    without one. circle: whether the record's parents lead back to itself.
    """

    root: Numbers
    company: Numbers
    circle: Mask


def find_families(parent: Numbers, type: npt.NDArray[np.int8]) -> Families:
    """Follow the parents up, all records at once, by doubling the length of each step (pointer jumping).

    parent: a record's number by number, negative where there is none. Takes O(n log n) for chains of any depth; a
    circle has the lowest number in it as the root of all that hangs on it.
    """
    own = np.arange(len(parent), dtype=np.int32)
    up = np.where(parent >= 0, parent, own).astype(np.int32)
    root = _jump(up)
    lost = up[root] != root
    circle = parent == own
    if lost.any():
        circle = circle | _circles(up, lost)
        up = _open_circles(up, circle)
        root = _jump(up)
    stop = np.where(type == COMPANY, own, up)
    company = _jump(stop)
    company = np.where(type[company] == COMPANY, company, NONE).astype(np.int32)
    return Families(root, company, circle)


def without_cut_circles(records: Records, entries: Mapping[str, Entry]) -> tuple[Records, Families]:
    """The families, where the config opens circles of parents: each at its lowest number, so that it is one family."""
    families = find_families(records.parent, records.type)
    cut_entry = [p is not None and p.circle == "cut" for p in (entries[name].parent for name in records.entries)]
    cut = (
        families.circle
        & (families.root == np.arange(len(records)))
        & np.array(cut_entry, dtype=np.bool_)[records.entry]
    )
    if not cut.any():
        return records, families
    records = replace(records, parent=np.where(cut, np.int32(NONE), records.parent))
    return records, find_families(records.parent, records.type)


def _jump(up: Numbers) -> Numbers:
    """Where each record ends by following `up`; those that never end are in, or below, a circle."""
    for _ in range(max(1, len(up)).bit_length() + 1):
        further = up[up]
        if np.array_equal(further, up):
            break
        up = further
    return up


def _circles(up: Numbers, lost: Mask) -> Mask:
    """Tell the members of circles from what hangs below them: after n steps one is in a circle, and stays in it."""
    inside = np.zeros(len(up), dtype=np.bool_)
    inside[_steps(up, len(up))[lost]] = True  # a circle's members only change places, so each of them is reached
    return inside


def _steps(up: Numbers, count: int) -> Numbers:
    """Where each record is after `count` steps."""
    place = np.arange(len(up), dtype=np.int32)
    while count:
        if count & 1:
            place = up[place]
        up, count = up[up], count >> 1
    return place


def _open_circles(up: Numbers, circle: Mask) -> Numbers:
    """Hang all members of a circle on its lowest number."""
    up = up.copy()
    done = np.zeros(len(up), dtype=np.bool_)
    for start in np.flatnonzero(circle):  # ascending, so that the first of a circle is its lowest
        if done[start]:
            continue
        member, members = start, []
        while not done[member]:
            done[member] = True
            members.append(member)
            member = up[member]
        up[members] = start
    return up


def leads_of(one_per: str, families: Families, type: npt.NDArray[np.int8], moving: Mask) -> Numbers:
    """The record whose lead holds each moving record's values, by number; NONE for those that stay.

    one_per company: a company's own; a contact's company's, if that moves. one_per contact: a contact's own; a
    company's values stand in its first contact's lead, or in one of its own if it has none.
    """
    own = np.arange(len(type), dtype=np.int32)
    company = np.where((families.company >= 0) & moving[families.company], families.company, NONE)
    if one_per == "company":
        lead = np.where(company >= 0, company, own)
    else:
        first = np.full(len(type), len(type), dtype=np.int32)
        contacts = np.flatnonzero(moving & (type == PERSON) & (company >= 0))
        np.minimum.at(first, company[contacts], own[contacts])
        lead = np.where((type == COMPANY) & (first < len(type)), first, own)
    return np.where(moving, lead, NONE).astype(np.int32)
