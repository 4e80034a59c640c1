"""The command: one verb a file; each parses, calls the pipeline and prints. Errors are caught here, in one place."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections import UserDict
from collections.abc import Iterator

import click

from etl import __version__
from etl.errors import CleanupError, printable

VERBS = (
    "init", "check", "plan", "review", "decide", "diff", "approve", "apply", "verify", "retire", "undo", "restore",
    "status", "why", "find", "forget", "purge", "match",
)  # fmt: skip
"""Each is the command of that name in the file of that name."""


class Verbs(UserDict[str, click.Command]):
    """The verbs by name; the file of one is imported when it is asked for, so that no verb waits for the others."""

    def __getitem__(self, name: str) -> click.Command:
        """One verb, with the option --quiet."""
        if name in VERBS and name not in self.data:
            from etl.cli.options import with_quiet

            self.data[name] = with_quiet(getattr(importlib.import_module(f"etl.cli.{name}"), name))
        return self.data[name]

    def __contains__(self, name: object) -> bool:
        return name in VERBS

    def __iter__(self) -> Iterator[str]:
        return iter(VERBS)

    def __len__(self) -> int:
        return len(VERBS)


@click.group(commands=Verbs(), context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="crm-cleanup")
def cli() -> None:
    """Move every CRM record that never bought anything into the lead pipeline, and prove that nothing is gone.

    \b
    One YAML file, the config, describes a clean-up. Run these commands in this order:
      crm-cleanup init SOURCE --out my.yaml            makes a first config of a source
      crm-cleanup check configs/demo.yaml              checks the config against the source and the target
      crm-cleanup plan configs/demo.yaml --out PLAN    the dry run: writes the plan and its reports, nothing else
      crm-cleanup diff PLAN PLAN                       shows what changed between two dry runs
      crm-cleanup review PLAN --by owner --out FOLDER  writes a page for each owner, to decide the open cases on
      crm-cleanup decide configs/demo.yaml review.xlsx takes over what people decided; plan again then
      crm-cleanup approve PLAN --by NAME               records that NAME approves the plan
      crm-cleanup apply PLAN                           writes the planned leads into the target
      crm-cleanup verify PLAN                          reads the leads back and compares every value
      crm-cleanup retire PLAN                          archives the moved records in the CRM
      crm-cleanup undo PLAN                            removes the leads again and reactivates the records
      crm-cleanup status PLAN                          says how far the plan has come, and which command is next

    \b
    While you work on the config:
      crm-cleanup plan CONFIG --from PLAN              decides again on the records of PLAN, without reading the source
      crm-cleanup why PLAN accounts:1000               says why a record was decided as it was, and what would change it

    \b
    At any time afterwards:
      crm-cleanup find "müller 4711"                   finds where a record is now
      crm-cleanup restore PLAN                         fills in what Odoo dropped when it made leads into customers
      crm-cleanup forget PLAN KEY --by NAME            takes one person out of a plan and its leads
      crm-cleanup purge PLAN                           deletes the personal data of a finished plan

    \b
    Without a clean-up:
      crm-cleanup match fair.yaml --out pairs.csv      finds the same companies or persons in two lists

    Exit codes: 0 done; 1 failed; 2 the command line or the config is wrong; 3 the plan exceeds a limit that the
    config sets (a gate); 4 the plan is not approved, out of date or locked; 5 verify found a lost or different value.
    """


def main() -> None:
    """Run the command; an error of this tool ends with its exit code and says what to do."""
    as_json = "--json" in sys.argv[1:]
    try:
        sys.exit(cli.main(prog_name="crm-cleanup", standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        _tell(
            CleanupError(
                "The command was interrupted.",
                written="check, plan and verify wrote nothing; apply wrote whole batches, each recorded in the ledger",
                next="run the same command again; apply continues where it stopped",
            ),
            as_json,
        )
        sys.exit(1)
    except CleanupError as error:
        _tell(error, as_json)
        sys.exit(error.exit_code)
    except OSError as error:  # a full disk, a folder that is not to be written
        _tell(CleanupError(f"{error.strerror or error}.", where=error.filename, written="unknown"), as_json)
        sys.exit(1)
    except Exception as error:  # noqa: BLE001  a mistake of this tool: its values and URLs are nobody's business
        if os.environ.get("CRM_CLEANUP_TRACEBACK"):
            click.echo(_way_to(error), err=True, nl=False)
        _tell(_mistake(error), as_json)
        sys.exit(1)


def _mistake(error: Exception) -> CleanupError:
    """Say where this tool went wrong, without a value: neither the message nor the traceback's lines."""
    import traceback

    places = traceback.extract_tb(error.__traceback__)
    own = [place for place in places if f"{os.sep}etl{os.sep}" in place.filename] or list(places)
    where = f"{own[-1].filename.rpartition(f'{os.sep}etl{os.sep}')[2]}:{own[-1].lineno}" if own else None
    return CleanupError(
        f"This is a bug in crm-cleanup {__version__}: {type(error).__name__}.",
        where=where,
        written="unknown",
        next="see with crm-cleanup status PLAN what was done, and report the bug; set CRM_CLEANUP_TRACEBACK=1 and run "
        "the command again for a traceback without any values",
    )


def _way_to(error: BaseException) -> str:
    """The traceback of an error, and of those before it, by places and classes: messages may hold values and URLs."""
    import traceback

    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    lines = [_way_to(before), "\nAnd then:\n"] if before else []
    lines += ["Traceback (most recent call last):\n", *traceback.format_tb(error.__traceback__)]
    return "".join([*lines, f"{type(error).__module__}.{type(error).__qualname__}\n"])


def _tell(error: CleanupError, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(error.as_dict()), err=True)
        return
    lines = [
        f"Error: {error.message}",
        f"  where:   {error.where}" if error.where else "",
        f"  written: {error.written}",
    ]
    lines += [f"  next:    {error.next}"] if error.next else []
    for line in filter(None, lines):
        click.echo(printable(line), err=True)
