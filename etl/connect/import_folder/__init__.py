"""A folder of files that a CRM imports itself: Salesforce, HubSpot, Pipedrive, Dynamics 365, Zoho, or plain CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from etl import config
    from etl.connect.archive import Archive
    from etl.connect.target import Target


def open_target(target: config.Target) -> Target:
    """The lead pipeline of the CRM, as far as files can tell it."""
    from etl.connect.import_folder.target import ImportFolder

    return ImportFolder(target)


def with_mass_update(archive: Archive, clean_up: config.Config) -> Archive:
    """An archive of files that also writes the mass update by which the CRM archives the records itself."""
    from etl.connect.import_folder.mass_update import MassUpdate

    return MassUpdate(archive, clean_up)
