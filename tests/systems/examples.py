"""The example configs of known systems, made from what is known of each: `python -m tests.systems.examples`."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from textwrap import dedent

from ruamel.yaml import YAML

from etl.profile.known import systems

CONFIGS = Path(__file__).parents[2] / "configs"
CONFIG = "\nconfig:\n"


def example_of(system: str) -> str:
    """The example config of a known system: all that is known of it, with a URL and a target."""
    text = files("etl.profile.systems").joinpath(f"{system}.yaml").read_text(encoding="utf-8")
    said = YAML(typ="safe").load(text)["example"]
    heading = "".join(f"# {line}".rstrip() + "\n" for line in said["heading"].splitlines())
    config = dedent(text.partition(CONFIG)[2]).strip() + "\n"
    if "\ntarget:" not in config:
        config += '\ntarget: {url: "${TARGET_URL}"}\n'
    config = re.sub(r"^((?:source|target):(?: +#.*)?\n)", rf"\1  url: {said['url']}\n", config, flags=re.MULTILINE)
    gates = f"\ngates: {said['gates']}\n" if "gates" in said else ""
    return f"{heading}\nname: {system}\nas_of: {said['as_of']}\n{config}{gates}"


if __name__ == "__main__":
    for known in systems():
        (CONFIGS / f"{known.name}.yaml").write_text(example_of(known.name), encoding="utf-8")
