"""An Odoo whose customers get back what its conversion of leads dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from etl import config
from etl.connect.odoo.address import Address
from etl.connect.odoo.client import Odoo, OdooError, explained
from etl.connect.odoo.restore_proposals import ConvertedCustomers
from etl.connect.odoo.restored_customers import RestoredCustomers
from etl.connect.odoo.tables import PARTNER
from etl.connect.restoration import PlannedLead, Proposal
from etl.errors import TargetError


class OdooRestoration:
    """The customers of one Odoo. What the methods promise, `Restoration` says. plan: a plan's digest, cut short."""

    partner_table = PARTNER
    bank_table = "odoo.bank_accounts"

    def __init__(self, source: config.Source, target: config.Target, folder: Path, plan: str) -> None:
        self._odoo, self._folder, self._plan = Odoo(target.url), folder, plan
        self._same = _database(source.url) == _database(target.url)

    def converted(self, ids: Sequence[int]) -> dict[int, int]:
        """Lead id -> the customer of those leads that are converted and have one."""
        with self._translated():
            return self._converted.converted(ids)

    def proposals(self, lead: PlannedLead, partner: int) -> list[Proposal]:
        """What the customer of a lead, its contact and further contacts are to get."""
        with self._translated():
            return self._converted.proposals(lead, partner, self._made.get(lead.id))

    def write(self, proposal: Proposal) -> dict[str, str]:
        """Give one customer what it lacks."""
        with self._translated():
            return self._restored.write(proposal)

    def all_written(self) -> list[tuple[int, str, dict[str, Any]]]:
        """What this plan has given to customers, the last first."""
        with self._translated():
            return self._restored.all()

    def take_back(self, kept: Mapping[str, Any]) -> str | None:
        """Take back what one customer was given."""
        with self._translated():
            return self._restored.take_back(kept)

    def forget(self, entries: Iterable[int]) -> None:
        """Delete the attachments that tell of what was given."""
        with self._translated():
            self._restored.forget(entries)

    def close(self) -> None:
        """Give the connections back."""
        self._odoo.close()

    @cached_property
    def _converted(self) -> ConvertedCustomers:
        return ConvertedCustomers(self._odoo, self._folder, same=self._same)

    @cached_property
    def _restored(self) -> RestoredCustomers:
        return RestoredCustomers(self._odoo, self._plan)

    @cached_property
    def _made(self) -> dict[int, dict[str, int]]:
        """The contacts that this plan had made before this run."""
        return self._restored.made()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OdooError as error:
            raise explained(error, self._odoo, TargetError, "restored") from None


def _database(url: str) -> tuple[str, str]:
    address = Address.parse(url)
    return address.base, address.database
