"""`${NAME}` in texts of a config, by which passwords stand in the environment and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from etl.errors import ConfigError

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
SECRET = re.compile(r"://[^:/]*:([^@]*)@|[?&][^=&]*passw[^=&]*=([^&]*)", re.IGNORECASE)
"""Where a URL has a password, as SQLAlchemy reads it: before the `@`, or among the options."""


def with_variables(text: str, environ: Mapping[str, str], where: Callable[[], str]) -> str:
    """A text with the value of each variable in the place of its name. where: the text stands.

    Raises ConfigError where a variable is not set.
    """
    for name in VARIABLE.findall(text):
        if name not in environ:
            raise ConfigError(
                f"${{{name}}} is used, and the environment variable {name} is not set.",
                where=where(),
                next=f"export {name}=… and run the command again",
            )
    return VARIABLE.sub(lambda match: environ[match[1]], text)


def has_secret(url: str) -> bool:
    """Whether a password stands in a URL itself."""
    return any(VARIABLE.sub("", password) for passwords in SECRET.findall(url) for password in passwords)


def without_secrets(url: str, variable: str) -> str:
    """A URL as a config may have it: the name of an environment variable stands in place of each password."""

    def named(match: re.Match[str]) -> str:
        group = 1 if match[1] is not None else 2
        start, end = (at - match.start() for at in match.span(group))
        return f"{match[0][:start]}${{{variable}}}{match[0][end:]}" if VARIABLE.sub("", match[group]) else match[0]

    return SECRET.sub(named, url)
