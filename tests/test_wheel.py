"""What is installed from a wheel is whole: it runs away from the checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from marelle import __version__
from requirements.release import built, differing, installed, run, told
from tests.database import made
from tests.definitions.example import VILLAGE
from tests.test_serving import answer, served
from tests.test_settings import PRODUCTION

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("dist"))[0]


def test_it_holds_each_file_of_the_package_and_no_other(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "marelle"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    own = {name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()}
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = archive.read(f"marelle-{__version__}.dist-info/METADATA").decode()
    assert {name for name in names if ".dist-info/" not in name} == own
    assert {".html", ".css", ".js", ".typ", ".txt", ".yaml"} <= {Path(name).suffix for name in own}
    required = re.findall(r"^Requires-Dist: ([\w-]+)(.*)", metadata, re.MULTILINE)
    for lock, extra in (("base", ""), ("s3", "extra == 's3'")):
        wanted = {name for name, more in required if (extra in more if extra else "extra" not in more)}
        locked = re.findall(r"^([\w-]+)==", (ROOT / f"requirements/{lock}.txt").read_text(), re.MULTILINE)
        assert wanted
        assert wanted <= set(locked)


@pytest.fixture
def site(wheel: Path, tmp_path: Path) -> Path:
    """What the wheel holds, beside the libraries of these tests."""
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    return tmp_path / "site"


def marelle(site: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    own = {"PATH": os.environ["PATH"], "PYTHONPATH": str(site)}
    return subprocess.run(
        [sys.executable, "-m", "marelle", *arguments],
        cwd=site.parent, env={**own, **PRODUCTION, **more}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_where_it_is_installed_it_asks_where_to_keep_things(site: Path) -> None:
    said = marelle(site, "migrate")
    assert said.returncode == 1
    assert said.stderr.startswith("Marelle cannot start: DATA_DIR is missing.")
    assert marelle(site, "version").stdout == f"{__version__}\n"


def test_it_serves_its_pages_and_their_styles(django_db_setup: None, site: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copyfile(made(), data / "marelle.sqlite3")
    collected = marelle(site, "collectstatic", "--no-input", DATA_DIR=str(data))
    assert collected.returncode == 0, collected.stderr
    with served(data, 1, site.parent, PYTHONPATH=str(site), DEBUG="0") as (port, said):
        status, page = answer(port, "/connexion/")
        assert status == 200, said.read_text()
        assert "Identifiant" in page
        (style, *_others) = re.findall(r'href="(/static/[^"]+\.css)"', page)
        assert answer(port, style)[0] == 200


@pytest.mark.prove
def test_it_is_installed_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    command = installed(wheel, tmp_path / "venv")
    own = {"MARELLE_DEMO": "1", "DATA_DIR": str(tmp_path)}
    (tmp_path / "village.yaml").write_text(VILLAGE)
    run(str(command), "init", "village.yaml", "--yes", folder=tmp_path, environment=own)
    run(str(command), "export", "definitions", "again.yaml", folder=tmp_path, environment=own)
    assert "nom: Mairie de Fontaine-aux-Bois\n" in (tmp_path / "again.yaml").read_text()
    run(str(command), "check", folder=tmp_path, environment=own)


@pytest.mark.prove
def test_a_wheel_made_of_the_archive_of_the_sources_is_the_same(tmp_path: Path) -> None:
    assert differing(*built(tmp_path)) == set()


CHANGELOG = """# Changelog

## Not released yet

More.

## 1.2.0 (2026-12-31)

### For families

- **A thing**.

## 1.1.0 (2026-11-30)
"""


@pytest.mark.parametrize(
    ("number", "said"),
    [("1.2.0", "### For families\n\n- **A thing**."), ("1.1.0", None), ("1.3.0", None), ("1.2", None)],
)
def test_a_version_is_released_once_the_changelog_tells_of_it(number: str, said: str | None) -> None:
    assert told(CHANGELOG, number) == said
