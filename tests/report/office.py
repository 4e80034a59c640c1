"""A real LibreOffice: it opens files, and saves them in another form."""

from __future__ import annotations

import csv
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest


def saved(path: Path, form: str, folder: Path) -> Path:
    """Open a file in LibreOffice and save it into `folder` as xlsx, or as csv: a file for each of its sheets."""
    if not shutil.which("soffice"):
        pytest.skip("no LibreOffice given: install libreoffice-calc")
    folder.mkdir(parents=True, exist_ok=True)
    kind = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1" if form == "csv" else form
    with tempfile.TemporaryDirectory() as profile:
        command = ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", kind]
        subprocess.run([*command, "--outdir", folder, path], check=True, capture_output=True, timeout=180)
    return folder / f"{path.stem}.{form}"


def shown(path: Path, folder: Path) -> dict[str, list[list[str]]]:
    """What LibreOffice shows of a workbook or CSV file: sheet -> rows of cells."""
    saved(path, "csv", folder)
    sheets = {}
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as stream:
            sheets[file.stem.removeprefix(f"{path.stem}-")] = list(csv.reader(stream))
    return sheets
