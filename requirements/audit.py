"""`make audit`: whether locked packages have known weaknesses, by pip-audit, and whether anybody answered.

pip-audit says that there are none where its source knows none of the packages, as behind a mirror that has
the files alone: that is told as what it is, and fails nothing.
"""

from __future__ import annotations

import json
import subprocess  # nosec B404
import sys
from typing import Any, Final

TOOL: Final = "pip-audit==2.10.1"
LOCKED: Final = ("requirements/base.txt", "requirements/s3.txt", "requirements/dev.txt")
LONGEST: Final = 300
"""Seconds: a source that never answers holds nobody up."""


def verdict(answer: str) -> tuple[int, list[str]]:
    """What pip-audit wrote as JSON: 1 where there is a weakness, else 0, and what to say."""
    try:
        packages: list[dict[str, Any]] = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return 0, ["NOT AUDITED: pip-audit reached no source."]
    asked = [one for one in packages if "skip_reason" not in one]
    weak = [
        f"{one['name']} {one['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or None}"
        for one in asked
        for found in one["vulns"]
    ]
    if weak:
        return 1, weak
    unknown = [one["name"] for one in packages if "skip_reason" in one]
    if not asked:
        return 0, [f"NOT AUDITED: the source knows none of the {len(packages)} packages."]
    left = [f"NOT AUDITED: {', '.join(unknown)}."] if unknown else []
    return 0, [*left, f"No known weakness in {len(asked)} packages."]


def main() -> int:
    files = [part for file in LOCKED for part in ("--requirement", file)]
    asking = [sys.executable, "-m", "uv", "tool", "run", "--quiet", TOOL, *files]
    asking += ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    try:
        answer = subprocess.run(  # nosec B603 - a program of ours
            asking, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False, timeout=LONGEST
        ).stdout
    except subprocess.TimeoutExpired:
        answer = ""
    code, said = verdict(answer)
    print("\n".join(said))
    return code


if __name__ == "__main__":
    sys.exit(main())
