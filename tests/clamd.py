"""A real clamd that knows two signatures of our own, on a socket of its own, over all tests of a process.

Without it (`clamav-daemon` of Debian), its tests are skipped, which is said loudly; with
MARELLE_REQUIRE_CLAMD=1, as in .ci/run, that is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

import pytest

from marelle.core.environment import Scanner
from marelle.files.clamd import answers
from marelle.files.scanning import away

MISSING: Final = "no clamd: `apt-get install --no-install-recommends clamav-daemon` brings it"
WORD: Final = b"MARELLE-TEST-SIGNATURE-7f3a"
"""What it takes for a virus, anywhere in a file."""

CONFIGURATION: Final = """\
Foreground yes
LocalSocket {folder}/clamd
DatabaseDirectory {folder}
TemporaryDirectory {folder}
LogFile {folder}/log
StreamMaxLength 1M
MaxThreads 4
"""
PATIENCE: Final = 20


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if any(MISSING in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(f"!!! CLAMD DID NOT RUN: {MISSING}.", red=True)


@pytest.fixture(autouse=True)
def _nobody_away() -> None:
    away.forget()


@pytest.fixture(scope="session")
def clamd_address() -> Iterator[Scanner]:
    program = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        if os.environ.get("MARELLE_REQUIRE_CLAMD") == "1":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    # Not the folder of a test: the path of a socket has a hundred signs.
    with tempfile.TemporaryDirectory(prefix="clamd-") as name:
        folder = Path(name)
        (folder / "ours.ndb").write_text(f"Marelle.Test:0:*:{WORD.hex()}\n")
        (folder / "conf").write_text(CONFIGURATION.format(folder=folder))
        running = subprocess.Popen(
            [program, "--config-file", str(folder / "conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            scanner, until = Scanner(path=str(folder / "clamd")), monotonic() + PATIENCE
            while not answers(scanner, seconds=1):
                assert running.poll() is None, (folder / "log").read_text()
                assert monotonic() < until, "clamd does not answer"
                sleep(0.05)
            yield scanner
        finally:
            running.terminate()
            running.wait(PATIENCE)


@pytest.fixture
def clamd(clamd_address: Scanner, settings: Any) -> Scanner:
    """It is the one that CLAMD names."""
    settings.CLAMD = clamd_address
    return clamd_address
