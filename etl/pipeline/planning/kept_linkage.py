"""What of an earlier plan's matching still goes: where the same was compared in the same way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl import __version__
from etl.config import Config, matches_of
from etl.matching.model import Model
from etl.pipeline.planning import duplicates, existing_leads
from etl.pipeline.planning.duplicates import DuplicatePairs
from etl.pipeline.planning.existing_leads import ExistingLeads
from etl.pipeline.planning.inputs import Inputs
from etl.pipeline.planning.masters import LEAST
from etl.plan import Bundle
from etl.plan.figures import ComparedFigures, MasterFigures

MATCHES, DUPLICATES, EXISTING = "matches.parquet", "duplicates.parquet", "existing.parquet"
MODELS = "models.json"


@dataclass(frozen=True)
class KeptLinkage:
    """What matching need not do again.

    folder: the earlier plan's, None where nothing is kept. masters: by name, the figures of those whose matches go on;
    duplicates: those of the records among themselves, existing: whether the leads in the pipeline are compared alike.
    """

    folder: Path | None = None
    masters: Mapping[str, MasterFigures] = field(default_factory=dict)
    compared: ComparedFigures | None = None
    existing: bool = False

    def matches(self, master: str) -> tuple[Model, MasterFigures, list[pa.Table]] | None:
        """What `match_with` gave for a master; None where it must be asked again."""
        if self.folder is None or master not in self.masters:
            return None
        table = pq.read_table(self.folder / MATCHES)
        return self._model(master), self.masters[master], [table.filter(pc.equal(table["master"], master))]

    def pairs(self) -> DuplicatePairs | None:
        """What `find_duplicates` gave; None where it must be asked again."""
        if self.folder is None or self.compared is None:
            return None
        names = (duplicates.COMPANIES, duplicates.PERSONS, duplicates.CONTACTS)
        compared, pairs = self.compared, pq.read_table(self.folder / DUPLICATES)
        return DuplicatePairs(pairs, self._models(names), compared.records, compared.compared, compared.cut)

    def leads(self) -> ExistingLeads | None:
        """What `find_existing` gave; None where it must be asked again."""
        if self.folder is None or self.compared is None or not self.existing:
            return None
        models = self._models((existing_leads.COMPANIES, existing_leads.PERSONS))
        return ExistingLeads(pq.read_table(self.folder / EXISTING), models, self.compared.leads)

    def _model(self, name: str) -> Model:
        return self._models((name,))[name]

    def _models(self, names: tuple[str, ...]) -> dict[str, Model]:
        assert self.folder is not None
        saved = json.loads((self.folder / MODELS).read_text(encoding="utf-8"))
        return {name: Model.of(saved[name]) for name in names if name in saved}


def kept_linkage(config: Config, inputs: Inputs) -> KeptLinkage:
    """What of the matching of the plan whose snapshot is decided on again still goes: nothing of another version's."""
    earlier = inputs.earlier
    if earlier is None or earlier.manifest.version != __version__:
        return KeptLinkage()
    if _compared_by(config) != _compared_by(earlier.config):
        return KeptLinkage()
    before, figures = earlier.config, earlier.manifest.figures
    of_masters = {each.name: each for each in figures.masters}
    masters = {name: of_masters[name] for name in config.masters if _asked(config, name) == _asked(before, name)}
    own, old = config.leads.duplicates, before.leads.duplicates
    same = own and old and (own.review_at, own.model, old.model) == (old.review_at, None, None)
    compared = figures.duplicates.compared if same and figures.duplicates else None
    return KeptLinkage(earlier.path, masters, compared, _same_leads(inputs, earlier))


def _same_leads(inputs: Inputs, earlier: Bundle) -> bool:
    reading = earlier.manifest.reading
    return reading is not None and reading.existing == inputs.existing


def _compared_by(config: Config) -> object:
    """What the records are compared by."""
    return [(name, entry.identity, entry.type) for name, entry in config.source.records.items()]


def _asked(config: Config, name: str) -> object:
    """How a master is compared, and what rules ask of its matches; never the same where a model is pinned."""
    master = config.masters.get(name)
    if master is None or master.model is not None:
        return object()
    conditions = [c for rule in config.classify for c in matches_of(rule.when) if c.matches == name]
    least = min([LEAST, *(c.at_least for c in conditions if c.at_least is not None)])
    return master, least, list(dict.fromkeys(kind for c in conditions for kind in c.same or ()))
