"""The blocks of a page of documentation: what who installs copies, in its order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
INSTALLATION, UPGRADING = DOCS / "installation.md", DOCS / "upgrading.md"
BLOCK = re.compile(r"^```sh ?(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
WRITTEN = re.compile(r"^cat > (\S+) <<'?END'?\n(.*?)^END$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """`needs`: "network" where it asks somebody of the Internet other than a registry of packages."""

    heading: str
    text: str
    needs: str


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text()
    titles = [(one.start(), one[1]) for one in HEADING.finditer(text)]

    def heading(at: int) -> str:
        return next((title for start, title in reversed(titles) if start < at), "")

    return [Block(heading(one.start()), one[2], one[1]) for one in BLOCK.finditer(text)]


def files_written(page: Path) -> dict[str, str]:
    """By path, what a page has written by `cat`."""
    return {one[1]: one[2] for block in blocks_of(page) for one in WRITTEN.finditer(block.text)}
