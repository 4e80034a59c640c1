"""Lead fields and Odoo's: what `crm.lead` calls them, and which records their texts mean."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from etl.connect.odoo.client import Odoo
from etl.connect.target import FieldLimit, Kind, nearest
from etl.errors import ConfigError

LEAD = "crm.lead"
NOTE = "description"
FLAGS = frozenset(("tags", "do_not_contact"))
"""The lead fields that stand in a lead's tags."""

DO_NOT_CONTACT = "Do not contact"
"""The tag of leads that must not be contacted; their addresses are on Odoo's mail blacklist, too."""

NAMES: Mapping[str, str] = {
    "name": "name",
    "partner_name": "partner_name",
    "contact_name": "contact_name",
    "title": "title",
    "email": "email_from",
    "phone": "phone",
    "mobile": "mobile",
    "website": "website",
    "street": "street",
    "street2": "street2",
    "postcode": "zip",
    "city": "city",
    "state": "state_id",
    "country": "country_id",
    "language": "lang_id",
    "salesperson": "user_id",
    "team": "team_id",
    "source": "source_id",
    "tags": "tag_ids",
}
"""Lead field -> the field of crm.lead."""

MADE = ("crm.tag", "crm.lead.tag", "utm.source", "utm.medium", "utm.campaign")
"""Models of which a record is made where no record has the name."""

SPELLED = {"res.country": ("code",), "res.lang": ("code", "iso_code"), "res.users": ("login", "email")}
"""Model -> fields by which a record can be named beside its name."""

SET = ("type", "partner_id", "user_id")
"""What every lead is given in any case: Odoo would set it otherwise, the salesperson to the tool's own user."""

SYSTEM = ("id", "create_uid", "create_date", "write_uid", "write_date", "type", "active")


@dataclass(frozen=True)
class NamedRecords:
    """The records of one model. ids: text -> id, in the words that are stored; spellings: casefolded -> that text."""

    ids: Mapping[str, int]
    spellings: Mapping[str, str]


class LeadFields:
    """The fields of crm.lead, with what its relations can be."""

    def __init__(self, odoo: Odoo, values: Mapping[str, str]) -> None:
        self._odoo, self.values = odoo, values
        self._known: dict[str, NamedRecords] = {}
        self._made: dict[tuple[str, str], int] = {}
        self._making = threading.Lock()

    @cached_property
    def fields(self) -> dict[str, Any]:
        """Those of crm.lead. Raises ConfigError where Odoo has no CRM."""
        fields = self._odoo.fields(LEAD)
        if not fields:
            raise ConfigError(
                "The module CRM is not installed in this Odoo, so it has no leads.",
                where=self._odoo.where,
                next="install CRM in Odoo (Apps), and run the command again",
            )
        return fields

    @property
    def html(self) -> bool:
        """Whether notes are HTML."""
        return bool(self.fields[NOTE]["type"] == "html")

    @property
    def tag_model(self) -> str:
        """The model of a lead's tags."""
        return str(self.fields["tag_ids"]["relation"])

    def limits(self) -> dict[str, FieldLimit]:
        """What each lead field can hold."""
        limits = {}
        for name, own in NAMES.items():
            if own in self.fields:
                limits[name] = self._limit(own)
        limits["do_not_contact"] = FieldLimit(kind="boolean")
        limits["note"] = FieldLimit(without="\x00")
        return limits

    def _limit(self, own: str) -> FieldLimit:
        field = self.fields[own]
        required = bool(field.get("required"))
        if own == "tag_ids":
            return FieldLimit(kind="json", without="\x00")
        if field["type"] == "many2one" and field["relation"] not in MADE:
            return FieldLimit(required=required, choices=self.known(field["relation"]).spellings)
        kind: Kind = "website" if own == "website" else "text"
        return FieldLimit(field.get("size") or None, required=required, kind=kind, without="\x00")

    def schema(self) -> list[str]:
        """The fields that leads are written into, and those that Odoo requires, as text."""
        own = [*NAMES.values(), NOTE, *self.values]
        needed = [name for name, field in self.fields.items() if field.get("required") and field.get("store")]
        return [
            f"{LEAD}.{name}: {field['type']} {field.get('relation') or ''} {field.get('size') or ''} "
            f"{'required' if field.get('required') else ''}".rstrip()
            for name in sorted({*own, *needed})
            if (field := self.fields.get(name))
        ]

    def refuse_unfilled(self) -> None:
        """Raise ConfigError for values of fields that are not there, and for required fields that nothing fills."""
        for name in self.values:
            if name not in self.fields:
                raise ConfigError(
                    f"target.values: crm.lead has no field {name!r}; it has {nearest(name, self.fields)}.",
                    where=self._odoo.where,
                )
            if self.fields[name].get("relation") not in MADE:  # those are made when leads are written, not before
                self.value(name)
        filled = {*NAMES.values(), *self.values, *SYSTEM}
        defaults = self._odoo.call(LEAD, "default_get", {"fields": list(self.fields)})
        for name, field in self.fields.items():
            if field.get("required") and field.get("store") and name not in filled and not defaults.get(name):
                raise ConfigError(
                    f"crm.lead requires the field {name!r} ({field.get('string')}), but nothing fills it.",
                    where=self._odoo.where,
                    next=f"add it to the config: target.values: {{{name}: …}}",
                )

    def value(self, name: str) -> str:
        """What stands in target.values for one field, as `load` takes it. Raises ConfigError for an unknown name."""
        field, text = self.fields[name], self.values[name]
        if field["type"] != "many2one":
            return text
        return str(self.id_of(field["relation"], text, name))

    def id_of(self, model: str, text: str, name: str) -> int:
        """The record that a text means; made where it is a tag or the like. Raises ConfigError for one not known."""
        known = self.known(model)
        stored = text if text in known.ids else known.spellings.get(text.casefold().strip())
        if stored is not None:
            return known.ids[stored]
        if model not in MADE:
            raise ConfigError(
                f"Odoo has no {model} called {text!r}; it has {nearest(text, known.ids)}.",
                where=f"{self._odoo.where}, {name}",
            )
        with self._making:
            if (model, text) not in self._made:
                existing = self._read(model).ids.get(text)  # another thread, or another person, may have made it
                made = existing or self._odoo.call(model, "create", {"vals_list": [{"name": text}]})[0]
                self._made[model, text] = int(made)
            return self._made[model, text]

    def known(self, model: str) -> NamedRecords:
        """All records of a small model, by what they can be called."""
        if model not in self._known:
            self._known[model] = self._read(model)
        return self._known[model]

    def text_of(self, model: str) -> dict[int, str]:
        """Id -> the words that are stored."""
        if model not in self._known:
            self.known(model)
        return {key: text for text, key in self._known[model].ids.items()}

    def _read(self, model: str) -> NamedRecords:
        fields = self._odoo.fields(model)
        further = [name for name in SPELLED.get(model, ()) if name in fields]
        named = ["display_name", *(["name"] if "name" in fields else [])]
        rows = self._rows(model, [*named, *further])
        ids: dict[str, int] = {}
        spelled: dict[str, set[str]] = {}
        for row in rows:
            text = str(row["login"] if model == "res.users" else row["name" if model in MADE else "display_name"])
            if text in ids:
                text = f"{text} ({row['id']})"
            ids[text] = row["id"]
            for name in (*named, *further):
                if row.get(name):
                    spelled.setdefault(str(row[name]).casefold().strip(), set()).add(text)
            spelled.setdefault(text.casefold().strip(), set()).add(text)
        for lang in self._languages() if model not in MADE and fields.get("name", {}).get("translate") else ():
            texts = {key: text for text, key in ids.items()}
            for row in self._rows(model, ["display_name"], lang):
                spelled.setdefault(str(row["display_name"]).casefold().strip(), set()).add(texts[row["id"]])
        own = {text.casefold().strip(): text for text in ids}
        single = {spelling: next(iter(texts)) for spelling, texts in spelled.items() if len(texts) == 1}
        return NamedRecords(ids, {**single, **own})

    def _rows(self, model: str, fields: Sequence[str], lang: str | None = None) -> list[dict[str, Any]]:
        context = {"lang": lang} if lang else {}
        arguments = {"domain": [], "fields": list(fields), "order": "id"}
        if model == "res.lang":
            context["active_test"] = True  # type: ignore[assignment]
        rows: list[dict[str, Any]] = self._odoo.call(model, "search_read", arguments, context=context)
        return rows

    def _languages(self) -> list[str]:
        if not hasattr(self, "_installed"):
            rows = self._odoo.call("res.lang", "search_read", {"domain": [["active", "=", True]], "fields": ["code"]})
            self._installed = [str(row["code"]) for row in rows if row["code"] != self._odoo.address.lang]
        return self._installed

    def columns(self, leads: pd.DataFrame) -> list[str]:
        """The columns of `load` for leads with these fields; related records by their database ids."""
        names = [NAMES[name] for name in leads.columns if name in NAMES]
        if "do_not_contact" in leads and "tag_ids" not in names:
            names.append("tag_ids")
        further = [name for name in ("user_id", *self.values) if name not in names]
        return ["id", "type", "partner_id/.id", *map(self._column, (*names, *further)), NOTE]

    def _column(self, name: str) -> str:
        return f"{name}/.id" if self.fields[name]["type"] in ("many2one", "many2many") else name

    def rows(self, leads: pd.DataFrame, ids: Iterable[str], notes: Iterable[str]) -> list[list[str]]:
        """The rows of `load`. ids: the external id of each lead; notes: as they are stored."""
        sent: list[Sequence[str]] = [list(ids), ["lead"] * len(leads), [""] * len(leads)]
        names = [name for name in leads.columns if name in NAMES]
        for name in names:
            texts = leads[name].fillna("").tolist()
            if name == "tags":
                texts = self._tags(texts, leads)
            elif self.fields[NAMES[name]]["type"] == "many2one":
                model = self.fields[NAMES[name]]["relation"]
                distinct = {text: str(self.id_of(model, text, name)) for text in set(texts) if text}
                texts = [distinct.get(text, "") for text in texts]
            sent.append(texts)
        if "do_not_contact" in leads and "tags" not in leads:
            sent.append(self._tags([""] * len(leads), leads))
        own = [NAMES[name] for name in names]
        for name in ("user_id", *self.values):
            if name not in own:
                sent.append([self.value(name) if name in self.values else ""] * len(leads))
        sent.append(list(notes))
        return [list(row) for row in zip(*sent, strict=True)]

    def amended(self, before: pd.DataFrame, after: pd.DataFrame, names: Collection[str]) -> dict[str, Any]:
        """What `write` takes to give one lead the new values of some lead fields. before, after: one row each.

        Tags are added and removed one by one, so that those of people stay.
        """
        wanted = {NAMES[name] for name in names if name in NAMES} | ({"tag_ids"} if FLAGS & set(names) else set())
        leads = (before, after)
        old, new = (dict(zip(self.columns(lead), self.rows(lead, [""], [""])[0], strict=True)) for lead in leads)
        values: dict[str, Any] = {}
        for column in new:
            name, _, by_id = column.partition("/")
            if name not in wanted:
                continue
            if self.fields[name]["type"] == "many2many":
                gone, come = (set(filter(None, texts[column].split(","))) for texts in (old, new))
                removed, added = sorted(gone - come), sorted(come - gone)
                values[name] = [*([3, int(tag)] for tag in removed), *([4, int(tag)] for tag in added)]
            else:
                values[name] = (int(new[column]) if by_id and new[column] else new[column]) or False
        return values

    def _tags(self, texts: Sequence[str], leads: pd.DataFrame) -> list[str]:
        flags = leads["do_not_contact"].tolist() if "do_not_contact" in leads else [False] * len(leads)
        listed = [
            [*(json.loads(text) if text else ()), *([DO_NOT_CONTACT] if flag else ())]
            for text, flag in zip(texts, flags, strict=True)
        ]
        ids = {tag: str(self.id_of(self.tag_model, tag, "tags")) for tag in {tag for tags in listed for tag in tags}}
        return [",".join(ids[tag] for tag in tags) for tags in listed]

    def read_fields(self, wanted: Iterable[str]) -> list[str]:
        """The fields of crm.lead that say what some lead fields are."""
        names = [NAMES[name] for name in wanted if name in NAMES and NAMES[name] in self.fields]
        if "do_not_contact" in wanted:
            names.append("tag_ids")
        return list(dict.fromkeys(names))

    def stored(self, rows: Sequence[Mapping[str, Any]], wanted: Sequence[str]) -> dict[str, list[Any]]:
        """What lead fields are in rows of crm.lead: text, None where empty; the flag as a boolean."""
        values: dict[str, list[Any]] = {}
        tags = self._tag_names(rows) if {"tags", "do_not_contact"} & set(wanted) else {}
        for name in wanted:
            if name == "do_not_contact":
                values[name] = [DO_NOT_CONTACT in {tags.get(key) for key in row["tag_ids"]} for row in rows]
            elif name == "tags":
                values[name] = [_tag_list([tags[key] for key in row["tag_ids"] if key in tags]) for row in rows]
            elif name in NAMES:
                field = self.fields[NAMES[name]]
                texts = self.text_of(field["relation"]) if field["type"] == "many2one" else {}
                values[name] = [_text(row[NAMES[name]], texts) for row in rows]
        return values

    def _tag_names(self, rows: Sequence[Mapping[str, Any]]) -> dict[int, str]:
        ids = {key for row in rows for key in row["tag_ids"]}
        texts = self.text_of(self.tag_model)
        if not ids <= texts.keys():
            self._known.pop(self.tag_model, None)
            texts = self.text_of(self.tag_model)
        return texts


def _tag_list(tags: list[str]) -> str | None:
    shown = sorted(tag for tag in tags if tag != DO_NOT_CONTACT)
    return json.dumps(shown, ensure_ascii=False) if shown else None


def _text(value: Any, texts: Mapping[int, str]) -> str | None:
    if value is False or value is None or value == "":
        return None
    if isinstance(value, list):
        return texts.get(value[0], str(value[1]))
    return str(value)
