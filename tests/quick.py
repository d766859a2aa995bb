"""`make quick PKG=bookings`: the tests of a package on SQLite, without browser and without the `once` marks.

`make quick` alone: of the packages that the working tree touches, and each file of tests that it changes.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.run import ROOT, run

FAST = ("-m", "not browser and not once and not prove")
ALWAYS = ("tests/test_floors.py", "tests/test_docs.py", "tests/test_typography.py", "tests/test_writers.py")


def touched() -> list[str]:
    """The files that are not as they were committed, and those that git does not know yet."""
    asked = (["diff", "--name-only", "HEAD"], ["ls-files", "--others", "--exclude-standard"])
    answers = (subprocess.run(["git", *one], cwd=ROOT, check=True, capture_output=True) for one in asked)
    return [line for answer in answers for line in answer.stdout.decode().splitlines()]


def concerned(paths: Iterable[str]) -> list[str]:
    """The tests of what these files belong to; what all tests share is for `make test`."""
    found = set(ALWAYS)
    for path in map(Path, paths):
        if path.parts[0] == "tests" and path.name.startswith("test_"):
            found.add(str(path))
        elif path.parts[0] in {"marelle", "tests"} and len(path.parts) > 2:
            found.add(f"tests/{path.parts[1]}")
    return sorted(path for path in found if (ROOT / path).exists())


def main(package: str) -> int:
    if package and not (ROOT / "tests" / package).is_dir():
        sys.exit(f"tests/{package} is not there: PKG is a folder of tests, bookings for instance.")
    return run("SQLite", None, *FAST, *concerned([f"marelle/{package}/any"] if package else touched()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
