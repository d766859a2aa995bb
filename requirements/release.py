"""`make release`: what a version is given as, a wheel and an archive of the sources, made in `dist/`, tried.

Nothing is tagged nor sent: that is for who releases, by the line that is printed in the end.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess  # nosec B404
import sys
import tarfile
import venv
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parents[1]


def version() -> str:
    """The one of `marelle/__init__.py`."""
    found = re.search(r'^__version__ = "(.+)"$', (ROOT / "marelle/__init__.py").read_text(), re.MULTILINE)
    if found is None:
        raise LookupError("marelle/__init__.py has no __version__.")
    return found[1]


def told(changelog: str, number: str) -> str | None:
    """What the changelog says of a version, None where it has no dated heading: `## 1.2.0 (2026-12-31)`."""
    heading = rf"^## {re.escape(number)} \(\d{{4}}-\d\d-\d\d\)$(.*?)(?=^## |\Z)"
    found = re.search(heading, changelog, re.MULTILINE | re.DOTALL)
    return found[1].strip() or None if found else None


def lacking(number: str) -> list[str]:
    """What keeps the version from being released."""
    unsaved = output("git", "status", "--porcelain").strip()
    tag = output("git", "tag", "--list", f"v{number}").strip()
    is_told = told((ROOT / "CHANGELOG.md").read_text(), number)
    return [
        *(["The tree has changes that are not committed."] if unsaved else []),
        *([f"There is a tag v{number}: another number goes in marelle/__init__.py."] if tag else []),
        *([] if is_told else [f'CHANGELOG.md has no "## {number} (year-month-day)" with what changed.']),
    ]


def built(folder: Path, source: Path = ROOT) -> tuple[Path, Path]:
    """The wheel and the archive of the sources, made in `folder` of what is in `source`."""
    run(sys.executable, "-m", "hatchling", "build", "--directory", str(folder), folder=source)
    (wheel,), (archive,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, archive


def differing(wheel: Path, archive: Path) -> set[str]:
    """The files of the wheel that are others in one made of the archive of the sources."""
    with TemporaryDirectory() as scratch:
        with tarfile.open(archive) as sources:
            sources.extractall(scratch, filter="data")
        (source,) = Path(scratch).iterdir()
        again, _archive = built(Path(scratch) / "dist", source)
        with ZipFile(wheel) as one, ZipFile(again) as other:
            return {
                name
                for name in {*one.namelist(), *other.namelist()}
                if name not in one.namelist()
                or name not in other.namelist()
                or one.read(name) != other.read(name)
            }


def installed(wheel: Path, folder: Path) -> Path:
    """The command of the wheel, in an environment of its own with the locked libraries."""
    venv.create(folder, with_pip=True, clear=True)
    python = str(folder / "bin" / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
    locked = str(ROOT / "requirements/base.txt")
    run(*pip, "--only-binary", ":all:", "--require-hashes", "--requirement", locked, folder=folder)
    run(*pip, str(wheel), folder=folder)
    run(python, "-m", "pip", "--disable-pip-version-check", "check", folder=folder)
    return folder / "bin" / "marelle"


def example() -> str:
    """The village of the documentation, as a file."""
    return (ROOT / "docs" / "definitions.md").read_text().split("```yaml\n")[1].split("```")[0]


def run(*command: str, folder: Path = ROOT, environment: Mapping[str, str] | None = None) -> None:
    """Raises CalledProcessError where it fails; what it says is shown."""
    own = None if environment is None else {"PATH": os.environ["PATH"], **environment}
    subprocess.run(command, cwd=folder, env=own, check=True)  # nosec B603 - programs of ours


def output(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # nosec B603


def main() -> int:
    number = version()
    reasons = lacking(number)
    if reasons:
        print("\n".join(reasons))
        return 1
    folder = ROOT / "dist"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    wheel, archive = built(folder)
    others = differing(wheel, archive)
    if others:
        print(f"A wheel made of the sources has other files: {', '.join(sorted(others))}")
        return 1
    with TemporaryDirectory() as scratch:
        command = installed(wheel, Path(scratch) / "venv")
        run(str(command), "version")
        data = {"MARELLE_DEMO": "1", "DATA_DIR": scratch}
        (Path(scratch) / "village.yaml").write_text(example())
        run(str(command), "init", "village.yaml", "--yes", folder=Path(scratch), environment=data)
        run(str(command), "collectstatic", "--no-input", folder=Path(scratch), environment=data)
    locked = folder / f"marelle-{number}-requirements.txt"
    shutil.copy(ROOT / "requirements/base.txt", locked)
    print(f"{wheel.name}, {locked.name} and {archive.name} are in dist/.")
    print(f"Then: git tag --sign v{number} && git push --tags")
    return 0


if __name__ == "__main__":
    sys.exit(main())
