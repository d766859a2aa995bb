"""Landed migrations, each with its fingerprint: what others have applied is never edited.

`python -m tests.migrations` adds those that are new to the list; it never changes a line that is there.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = Path(__file__).with_suffix(".txt")


def fingerprints() -> dict[str, str]:
    """Of the files that are there, by path."""
    paths = sorted((ROOT / "marelle").glob("*/migrations/0*.py"))
    return {
        str(path.relative_to(ROOT / "marelle")): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }


def landed() -> dict[str, str]:
    """Of the list."""
    lines = LIST.read_text().splitlines() if LIST.exists() else []
    return dict(line.split(maxsplit=1) for line in lines)


if __name__ == "__main__":
    known = {**fingerprints(), **landed()}
    LIST.write_text("".join(f"{path} {digest}\n" for path, digest in sorted(known.items())))
