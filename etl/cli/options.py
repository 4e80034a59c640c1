"""What several verbs share: the plan argument, --json, --quiet, --threads, and progress on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from etl.errors import printable
from etl.model import Progress, no_progress

if TYPE_CHECKING:
    from etl.config import Config

config_argument = click.argument("config", type=click.Path(path_type=Path))
plan_argument = click.argument("plan", type=click.Path(path_type=Path))
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, for machines.")
threads_option = click.option(
    "--threads",
    type=click.IntRange(1, 256),
    help="How many worker processes to use. Default: one for each processor core.",
)
quiet_option = click.Option(
    ["-q", "--quiet"],
    is_flag=True,
    help="Print nothing unless the command fails. With --json, the result is still printed.",
)


def from_option(help: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The option --from PLAN of a verb that plans on records which were read before. help: what the verb does there."""
    plan = click.Path(path_type=Path, file_okay=False)
    return click.option("--from", "from_plan", type=plan, metavar="PLAN", help=help)


def with_quiet(verb: click.Command) -> click.Command:
    """Give a verb the option --quiet: no result for people, no progress and no notice; the exit codes stay."""
    if verb.callback is not None:
        verb.callback = partial(_hushed, verb.callback)
        verb.params.append(quiet_option)
    return verb


def _hushed(run: Any, *, quiet: bool, **arguments: Any) -> None:
    """Run a verb, with --quiet in silence: what it says on standard error is printed only if it fails."""
    if not quiet:
        run(**arguments)
        return
    messages = StringIO()
    out = sys.stdout if arguments.get("as_json") else StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(messages):
            run(**arguments)
    except BaseException:
        click.echo(messages.getvalue(), err=True, nl=False)
        raise


def is_quiet() -> bool:
    """Whether the verb that runs was called with --quiet: then nobody can be asked anything."""
    return bool(click.get_current_context().params.get("quiet"))


def in_a_folder(_call: click.Context, _option: click.Parameter, path: Path | None) -> Path | None:
    """Refuse a file whose folder is not there before anything is done, not when it is to be written."""
    if path is not None and not path.absolute().parent.is_dir():
        raise click.BadParameter(f"the folder {path.parent} does not exist")
    return path


def warn_of_plain_text(config: Config) -> None:
    """Say on standard error which databases on other hosts are reached without TLS, each once."""
    from etl.connect.registry import warning_about

    urls = [config.source.url, *(master.url for master in config.masters.values()), config.target.url]
    for words in dict.fromkeys(filter(None, map(warning_about, urls))):
        click.echo(f"Warning: {words}", err=True)


STAGES = {
    "snapshot": "taking the records from the earlier plan",
    "match": "comparing records",
    "decide": "deciding",
    "leads": "making the leads",
    "report": "writing the reports",
}
"""What the stages of `plan` do that are no table."""


def stage_lines() -> Progress:
    """Say each stage of `plan` on a line of standard error when it begins; any other is a table that is read."""
    begun = set[str]()

    def show(stage: str, _done: int, _total: int | None) -> None:
        if stage not in begun:
            begun.add(stage)
            click.echo(printable(STAGES.get(stage, f"reading {stage}")), err=True)

    return show


@contextmanager
def progress_bar(otherwise: Progress = no_progress) -> Iterator[Progress]:
    """Show what is being done on standard error, where that is a terminal. otherwise: how it is told elsewhere."""
    if not sys.stderr.isatty():
        yield otherwise
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress as Bar,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    class Rate(ProgressColumn):
        """How many a second."""

        def render(self, task: Task) -> str:
            """Nothing until it is known."""
            speed = task.finished_speed or task.speed
            return f"{speed:,.0f}/s" if speed else ""

    columns = [
        TextColumn("{task.description:<16}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    ]
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks = {}

        def show(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done, total=total)

        yield show
