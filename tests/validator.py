"""The HTML validator of the W3C (vnu), over many pages in one run of Java. `make validator` fetches it.

Without it, or without Java, its test is skipped, which is said loudly; with MARELLE_REQUIRE_VALIDATOR=1, as
in .ci/run, that is a failure.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

VERSION = "26.9.27"
DIGEST = "5970d3ffca91a627cf0965e5d91bb2e4242307c29292998de0b419d6a901b2b7"
JAR = Path(__file__).parents[1] / "var" / f"vnu-{VERSION}.jar"
MISSING = "no HTML validator: `make validator` fetches it, with npm; it runs on Java 17"

JAVA = ("java", "-Xss4m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""A stack that its schemas need, and a virtual machine that starts quickly and keeps to one core."""

NOT_OURS = {
    r"^Section lacks heading": "a card whose subject is the page's own has the heading of the page",
}
"""What it says that is no fault here, and why."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if any(MISSING in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(f"!!! THE VALIDATOR DID NOT RUN: {MISSING}.", red=True)


def validated(pages: Mapping[str, str], folder: Path) -> list[str]:
    """Errors and warnings in the HTML of the pages, by the name of each."""
    if shutil.which("java") is None or not JAR.exists():
        if os.environ.get("MARELLE_REQUIRE_VALIDATOR") == "1":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    names = dict(enumerate(pages))
    for number, name in names.items():
        (folder / f"{number}.html").write_text(pages[name])
    options = ("--format", "json", "--stdout", "--exit-zero-always")
    done = subprocess.run(
        [*JAVA, "-jar", str(JAR), *options, str(folder)], capture_output=True, text=True, check=True
    )
    return [
        f"{names[int(Path(one['url']).stem)]}: {one['message']} {one.get('extract', '')}"
        for one in json.loads(done.stdout)["messages"]
        if not any(re.search(said, one["message"]) for said in NOT_OURS)
    ]


def fetch() -> None:
    """Puts the validator of that very version beside what the demo keeps, out of the repository."""
    if JAR.exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", f"vnu-jar@{VERSION}"], cwd=folder, check=True)
        (archive,) = Path(folder).glob("*.tgz")
        if hashlib.sha256(archive.read_bytes()).hexdigest() != DIGEST:
            sys.exit(f"vnu-jar {VERSION} is not what it was when its digest was taken")
        JAR.parent.mkdir(exist_ok=True)
        with tarfile.open(archive) as opened:
            jar = opened.extractfile("package/build/dist/vnu.jar")
            assert jar is not None
            part = JAR.with_suffix(".part")
            part.write_bytes(jar.read())
            part.rename(JAR)


if __name__ == "__main__":
    fetch()
